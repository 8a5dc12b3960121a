//! Live inputs: what the command line says of them, and what is given up before they are followed.

use super::{Begun, complain, target};
use crate::Watch;
use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args};
use realmward_sandbox::{Confinement, Reach, confine};
use realmward_sensor::service::{
    self, FeedOptions, FolderOptions, LiveOptions, Opened, Target, Tls,
};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `live` takes.
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("input").required(true).multiple(true)
    .args(["interface", "pcap_over_ip", "pcap_listen", "folder"])))]
pub(crate) struct Live {
    /// An interface, like one at a mirror port.
    #[arg(long, short, value_name = "NAME", conflicts_with_all = ["pcap_over_ip", "pcap_listen", "folder"])]
    interface: Option<String>,
    /// Rings, each with a thread, among which connections of the interface are split.
    #[arg(long, value_name = "N", default_value_t = 1)]
    workers: usize,
    /// Memory of each ring, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    ring_mib: usize,
    /// A capture tool that listens, to connect to; may be given several times.
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "folder")]
    pcap_over_ip: Vec<String>,
    /// Where to listen for capture tools that connect; the usual port is 57012.
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "folder")]
    pcap_listen: Option<SocketAddr>,
    /// Let only this address connect; may be given several times.
    #[arg(long, value_name = "ADDRESS", requires = "pcap_listen")]
    pcap_from: Vec<IpAddr>,
    /// Speak TLS, and believe capture tools that prove themselves by a certificate of this authority.
    #[arg(long, value_name = "PEM")]
    tls_authority: Option<PathBuf>,
    /// Speak TLS, and show this certificate (with its key in the same file).
    #[arg(long, value_name = "PEM")]
    tls_identity: Option<PathBuf>,
    /// A folder into which a capture tool writes one file after another.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Delete files of the folder once all that they told is safe.
    #[arg(long, requires = "folder")]
    delete: bool,
    /// Become this user once the input is open.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    watch: Watch,
}

/// Opens the input, gives up what is not needed any more, and follows it.
pub(crate) fn live(live: &Live) -> Result<ExitCode> {
    let opened = live.open()?;
    let target = target(live.watch.to.clone());
    let reach = Reach {
        user: live.user.clone(),
        read: opened.read.clone(),
        write: [opened.write.clone(), vec![live.watch.work.state.clone()]].concat(),
        network: opened.network || matches!(target, Target::Server(_)),
        files_of_others: live.folder.is_some(),
    };
    let confinement = give_up(&reach)?;
    let begun = Begun {
        confinement,
        ring_octets: opened.ring_octets,
    };
    super::work(&live.watch.work, target, begun, |options| {
        opened.follow(options)
    })
}

/// Gives up all but this; in words, what could not be.
pub(crate) fn give_up(reach: &Reach) -> Result<String> {
    let confinement: Confinement = confine(reach).context("dropping privileges")?;
    if !confinement.is_whole() {
        complain(&format!("the sandbox is not whole: {confinement}"));
    }
    Ok(confinement.to_string())
}

impl Live {
    fn open(&self) -> Result<Opened> {
        if let Some(interface) = &self.interface {
            return service::interface(&LiveOptions {
                interface: interface.clone(),
                workers: self.workers,
                ring_octets: self.ring_mib << 20,
            });
        }
        if let Some(folder) = &self.folder {
            return service::folder(&FolderOptions {
                folder: folder.clone(),
                delete: self.delete,
            });
        }
        let tls = Tls {
            authority: self.tls_authority.clone(),
            identity: self.tls_identity.clone(),
        };
        let speaks_tls = tls.authority.is_some() || tls.identity.is_some();
        service::feeds(&FeedOptions {
            connect: self.pcap_over_ip.clone(),
            listen: self.pcap_listen,
            from: self.pcap_from.clone(),
            tls: speaks_tls.then_some(tls),
        })
    }
}
