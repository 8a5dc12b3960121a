//! Options of the lasting server and of what is done beside it.

use crate::web::role::{self, Role};
use clap::{Args, Subcommand};
use realmward_store::Retention;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// Folder in which the server keeps everything; made if need be, closed to other accounts.
    #[arg(long, value_name = "DIR", env = "REALMWARD_DATA")]
    pub(crate) data: PathBuf,

    /// Address and port to listen on. Sensors on other machines need one that they can reach.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,

    /// Name or address by which browsers and sensors reach the server; repeatable [default: the
    /// name of this machine, localhost and the address listened on].
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,

    /// Certificate of the server with its chain, in PEM [default: one of its own authority].
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) certificate: Option<PathBuf>,

    /// Key of that certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub(crate) key: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) keep: KeepOptions,
}

/// How long what was seen is kept.
#[derive(Debug, Default, Args)]
pub(crate) struct KeepOptions {
    /// Days to keep activities [default: 90].
    #[arg(long, value_name = "DAYS", value_parser = days())]
    pub(crate) keep_activities: Option<u64>,

    /// Days to keep packets that no alert holds [default: 30].
    #[arg(long, value_name = "DAYS", value_parser = days())]
    pub(crate) keep_evidence: Option<u64>,

    /// Days to keep alerts that were closed, with their packets [default: 400].
    #[arg(long, value_name = "DAYS", value_parser = days())]
    pub(crate) keep_alerts: Option<u64>,

    /// Size in GiB over which the oldest activities and packets go before their time [default: 50].
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub(crate) size_max: Option<u64>,
}

fn days() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=36_500)
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Folder in which the demonstration is kept [default: a folder in the user's cache].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,

    /// Port to listen on, on this machine only.
    #[arg(long, default_value_t = 8443)]
    pub(crate) port: u16,

    /// Do not open a browser.
    #[arg(long)]
    pub(crate) no_browser: bool,

    /// Say what the intruder of the story does, and end: to compare with what was found.
    #[arg(long)]
    pub(crate) reveal: bool,
}

impl ServeOptions {
    /// The options as they are if only the folder is named.
    pub(crate) fn of(data: PathBuf) -> Self {
        Self {
            data,
            listen: ([127, 0, 0, 1], 8443).into(),
            name: Vec::new(),
            certificate: None,
            key: None,
            keep: KeepOptions::default(),
        }
    }

    /// By what names the server is reached when it listens on this address.
    pub(crate) fn names(&self, address: IpAddr) -> Vec<String> {
        let mut names = self.name.clone();
        names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        if !address.is_unspecified() {
            names.push(address.to_string());
        }
        names.push(host_name());
        names.sort();
        names.dedup();
        names
    }
}

impl ServeOptions {
    /// How long what was seen is kept.
    pub(crate) fn retention(&self) -> Retention {
        let days = |days: Option<u64>, default| {
            days.map_or(default, |it| Duration::from_secs(it * 86_400))
        };
        let default = Retention::default();
        Retention {
            activities: days(self.keep.keep_activities, default.activities),
            evidence: days(self.keep.keep_evidence, default.evidence),
            alerts: days(self.keep.keep_alerts, default.alerts),
            octets_max: self.keep.size_max.map_or(default.octets_max, |it| it << 30),
            ..default
        }
    }

    /// By what a machine in the network reaches the server.
    pub(crate) fn reached_at(&self, address: SocketAddr) -> String {
        let port = address.port();
        match self.name.first() {
            Some(name) => format!("{name}:{port}"),
            None if address.ip().is_unspecified() => format!("{}:{port}", host_name()),
            None => address.to_string(),
        }
    }
}

/// Name of this machine, as far as it can be part of a certificate.
pub(crate) fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    let fits = |it: u8| it.is_ascii_alphanumeric() || b".-".contains(&it);
    if name.is_empty() || !name.bytes().all(fits) {
        return "localhost".into();
    }
    name.to_owned()
}

/// What to do about sensors.
#[derive(Debug, Subcommand)]
pub(crate) enum SensorCommand {
    /// Print the command with which a new sensor joins. It works once, for a day.
    Add(SensorOptions),
}

/// Options of `sensor add`.
#[derive(Debug, Args)]
pub(crate) struct SensorOptions {
    /// What to call the sensor: 1 to 64 letters, digits, dots, hyphens and underscores.
    pub(crate) name: String,

    /// Folder of the server.
    #[arg(long, value_name = "DIR", env = "REALMWARD_DATA")]
    pub(crate) data: PathBuf,

    /// Where the sensor reaches the server [default: where the server last listened].
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
}

/// What to do about metrics.
#[derive(Debug, Subcommand)]
pub(crate) enum MetricsCommand {
    /// Print a token with which a program reads /metrics. The one before works no more.
    Token(MetricsOptions),

    /// End the token.
    Revoke(MetricsOptions),
}

/// Options of `metrics`.
#[derive(Debug, Args)]
pub(crate) struct MetricsOptions {
    /// Folder of the server.
    #[arg(long, value_name = "DIR", env = "REALMWARD_DATA")]
    pub(crate) data: PathBuf,
}

/// What to do about people.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Print an address at which somebody chooses a password. It works once, for an hour.
    ///
    /// For a name that has an account already, the password is replaced and the role stays.
    Add(UserOptions),
}

/// Options of `user add`.
#[derive(Debug, Args)]
pub(crate) struct UserOptions {
    /// Name of the account: 1 to 64 letters, digits, dots, hyphens, underscores and @.
    pub(crate) name: String,

    /// What the person may: viewer, analyst or administrator.
    #[arg(long, value_name = "ROLE", value_parser = role::read, default_value = "viewer")]
    pub(crate) role: Role,

    /// Folder of the server.
    #[arg(long, value_name = "DIR", env = "REALMWARD_DATA")]
    pub(crate) data: PathBuf,

    /// Where browsers reach the server [default: where the server last listened].
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
}
