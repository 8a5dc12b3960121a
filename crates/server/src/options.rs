//! The command line.

mod service;

pub(crate) use service::{
    DemoOptions, MetricsCommand, SensorCommand, ServeOptions, UserCommand, host_name,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use realmward_detect::Severity;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;

/// Realmward watches Active Directory for stolen and abused identities.
///
/// `analyze` reads captures of network traffic, needs no network, no configuration and no privilege,
/// and says what happened, why it thinks so and whom to look at first. `serve` does the same for ever,
/// with what sensors send, and shows it in a browser.
#[derive(Debug, Parser)]
#[command(name = "realmward-server", version, max_term_width = 100, after_help = FIRST_STEPS)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read captures and report the attacks on identities in them, offline.
    #[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
    Analyze(Box<AnalyzeOptions>),

    /// Read the captures in this folder for the portal, which starts it.
    #[command(hide = true)]
    Dropped,

    /// Run the server: take what sensors send, watch, and show it at https://127.0.0.1:8443.
    Serve(ServeOptions),

    /// Run the server with a story in it, to see what it is like.
    Demo(DemoOptions),

    /// Sensors: a new one joins with what `sensor add` prints.
    #[command(subcommand)]
    Sensor(SensorCommand),

    /// People: a new one chooses a password at the address that `user add` prints.
    #[command(subcommand)]
    User(UserCommand),

    /// Metrics: a program reads them at /metrics with the token that `metrics token` prints.
    #[command(subcommand)]
    Metrics(MetricsCommand),
}

/// Options of `analyze`, as written.
#[derive(Debug, Args)]
pub(crate) struct AnalyzeOptions {
    /// Captures (pcap or pcapng; plain, gzip or zstd), folders of captures, or `-` for standard input.
    ///
    /// Several are merged by the time of their packets, as if they were one. In folders, files that
    /// are no captures are passed over.
    #[arg(required = true, value_name = "FILE|DIR|-")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Read options from this file, in TOML; what the command line says wins.
    ///
    /// Names are those of the options: `fail-on = "high"`, `domain-controller = ["10.0.0.5"]`. Lists
    /// of file and command line are joined.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) choices: Choices,
}

/// What both the command line and the configuration file can say.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Choices {
    /// Form of the report [default: text].
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) format: Option<Format>,

    /// Write the report to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Also write the packets that prove each alert, one capture an alert, to this folder.
    ///
    /// The folder is made if need be. Not possible with standard input, which cannot be read twice.
    #[arg(long, value_name = "DIR")]
    pub(crate) pcap: Option<PathBuf>,

    /// Address of a domain controller; repeatable [default: learned from traffic].
    ///
    /// Name those that the capture may not show as such; others are still learned. A host that is
    /// wrongly taken for an attacker because it is a domain controller is cured by this.
    #[arg(long, value_name = "ADDR")]
    pub(crate) domain_controller: Vec<IpAddr>,

    /// Account that is bait and that nobody uses; repeatable. No detection looks at it yet.
    #[arg(long, value_name = "NAME")]
    pub(crate) honeytoken: Vec<String>,

    /// Account whose loss hurts most, besides the built-in ones such as Administrator; repeatable.
    ///
    /// Signs that are weak for anyone count for more when it is this account that shows them.
    #[arg(long, value_name = "NAME")]
    pub(crate) sensitive: Vec<String>,

    /// Hide what matches: account=NAME, host=NAME, ip=ADDR, ip=NET/BITS or detector=ID; repeatable.
    ///
    /// Joined by commas, all must hold: `account=svc_scan,ip=10.0.9.0/24`. What is hidden is counted
    /// in the report. The ids of detectors are in docs/alerts/README.md and in the JSON lines.
    #[arg(long, value_name = "KIND=VALUE")]
    pub(crate) exclude: Vec<String>,

    /// The captures hold every Kerberos ticket ever issued [default: they may have begun too late].
    ///
    /// A ticket that was not issued in them is then evidence of a forged one at once. Use it only
    /// if all domain controllers were captured for longer than tickets live (ten hours, as a rule).
    #[arg(long)]
    pub(crate) assume_complete: bool,

    /// Lowest severity of an alert for which the exit status is 10 [default: low].
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,

    /// Threads to use; 0 is one a core [default: 0]. The report is the same with any number.
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,

    /// Write nothing but errors to standard error: no progress, no time taken.
    #[arg(long)]
    pub(crate) quiet: bool,

    /// When to colour the text [default: auto].
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<When>,

    /// Width of the text in columns, 40 to 160 [default: the terminal's, or 80].
    #[arg(long, value_name = "N")]
    pub(crate) width: Option<usize>,
}

/// Form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// A triage for a terminal.
    #[default]
    Text,
    /// One JSON object a line, for programs; docs/jsonl.md describes them.
    Jsonl,
    /// One page with a graph and sortable tables that needs no network; use with --out.
    Html,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    /// On a terminal; NO_COLOR, CLICOLOR and CLICOLOR_FORCE are obeyed.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A severity as people write it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FailOn {
    /// Any alert.
    #[default]
    Low,
    /// Medium or high.
    Medium,
    /// High.
    High,
}

impl From<FailOn> for Severity {
    fn from(it: FailOn) -> Self {
        match it {
            FailOn::Low => Self::Low,
            FailOn::Medium => Self::Medium,
            FailOn::High => Self::High,
        }
    }
}

impl Choices {
    /// These choices; where they say nothing, those of `file`. Lists are joined.
    pub(crate) fn over(self, file: Self) -> Self {
        let joined = |mut file: Vec<String>, mine: Vec<String>| {
            file.extend(mine);
            file
        };
        Self {
            format: self.format.or(file.format),
            out: self.out.or(file.out),
            pcap: self.pcap.or(file.pcap),
            domain_controller: [file.domain_controller, self.domain_controller].concat(),
            honeytoken: joined(file.honeytoken, self.honeytoken),
            sensitive: joined(file.sensitive, self.sensitive),
            exclude: joined(file.exclude, self.exclude),
            assume_complete: self.assume_complete || file.assume_complete,
            fail_on: self.fail_on.or(file.fail_on),
            threads: self.threads.or(file.threads),
            quiet: self.quiet || file.quiet,
            color: self.color.or(file.color),
            width: self.width.or(file.width),
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  realmward-server analyze incident.pcapng
  realmward-server analyze --format html --out report.html captures/
  realmward-server analyze --domain-controller 10.0.0.5 --pcap evidence/ dc1.pcap dc2.pcap
  realmward-server analyze --exclude account=svc_scan,ip=10.0.9.0/24 --fail-on high day.pcap.zst
  ssh gateway tcpdump -U -w - not port 22 | realmward-server analyze --format jsonl -

Exit status:
   0  read, and no alert at or above --fail-on
  10  at least one alert at or above --fail-on
   2  options wrong, nothing readable, or the report could not be written";

const FIRST_STEPS: &str = "\
Start with:
  realmward-server demo
  realmward-server analyze incident.pcapng
  realmward-server analyze --help";
