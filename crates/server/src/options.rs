//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use realmward_detect::Severity;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;

/// Open defender of Active Directory identities.
#[derive(Debug, Parser)]
#[command(name = "realmward-server", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Analyze captures offline: from packets to a ranked user.
    #[command(after_help = EXIT_STATUS)]
    Analyze(Box<AnalyzeOptions>),
}

/// Options of `analyze`, as written.
#[derive(Debug, Args)]
pub(crate) struct AnalyzeOptions {
    /// Captures (pcap or pcapng, plain, gzip or zstd), folders of captures, or `-` for standard
    /// input. Several are merged on packet time.
    #[arg(required = true, value_name = "FILE|DIR|-")]
    pub(crate) inputs: Vec<PathBuf>,

    /// A file with the same options, in TOML; what the command line says wins.
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
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,

    /// Write the report to this file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Write the evidence packets of each alert to a file in this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) pcap: Option<PathBuf>,

    /// Address of a domain controller; repeatable. Others are learned from traffic.
    #[arg(long, value_name = "ADDR")]
    pub(crate) domain_controller: Vec<IpAddr>,

    /// Account that nobody uses, so that any use is an alert; repeatable.
    #[arg(long, value_name = "NAME")]
    pub(crate) honeytoken: Vec<String>,

    /// Account whose loss hurts most, besides the built-in ones; repeatable.
    #[arg(long, value_name = "NAME")]
    pub(crate) sensitive: Vec<String>,

    /// Hide findings: account=NAME, host=NAME, ip=ADDR or ip=NET/BITS, detector=ID; joined by
    /// commas, all must hold; repeatable.
    #[arg(long, value_name = "KIND=VALUE")]
    pub(crate) exclude: Vec<String>,

    /// The capture holds every ticket ever issued: one that was not issued in it is evidence at once.
    #[arg(long)]
    pub(crate) assume_complete: bool,

    /// Lowest severity for which the exit status is 10 [default: low].
    #[arg(long, value_enum)]
    pub(crate) fail_on: Option<FailOn>,

    /// Threads to use, 0 for one a core [default: 0].
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,

    /// Nothing on standard error but errors.
    #[arg(long)]
    pub(crate) quiet: bool,

    /// When to colour; `auto` is a terminal and no NO_COLOR [default: auto].
    #[arg(long, value_enum)]
    pub(crate) color: Option<When>,

    /// Width of the text in columns [default: the terminal's, or 80].
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
    /// One JSON object a line.
    Jsonl,
    /// One self-contained page.
    Html,
}

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set.
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

const EXIT_STATUS: &str = "Exit status: 0 nothing found, 10 alerts at or above --fail-on, 2 input \
                           or options unusable.";
