//! `realmward-sensor`: packets in; events to a server, or as JSON lines.

mod command;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use command::{Destination, StatsFormat};
use realmward_sensor::uplink::{Address, Fingerprint};
use std::path::PathBuf;
use std::process::ExitCode;

/// Watches packets and tells what happened in them, without a judgement.
///
/// For what it means, send it to a `realmward-server serve`, or run `realmward-server analyze` on
/// captures.
#[derive(Debug, Parser)]
#[command(name = "realmward-sensor", version, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read captures and write their events, one JSON object a line, or send them to the server.
    ///
    /// A run that sends and is broken off goes on where it was when it is started again.
    Read {
        /// Captures (pcap or pcapng; plain, gzip or zstd), or `-` for standard input.
        #[arg(required = true, value_name = "FILE|-")]
        files: Vec<PathBuf>,
        /// Threads among which conversations are split when nothing is sent. The events are the
        /// same with any number.
        #[arg(long, value_name = "N", default_value_t = 1)]
        workers: usize,
        /// Write no events; as `--to none`.
        #[arg(long)]
        quiet: bool,
        /// Where events go: `jsonl` (standard output), `none`, or the server that was joined.
        #[arg(
            long,
            value_name = "jsonl|none|https://SERVER",
            default_value = "jsonl"
        )]
        to: Destination,
        #[command(flatten)]
        work: Work,
    },
    /// Watch a network interface, captures that come over TCP, or a folder of them, until stopped.
    Live(command::Live),
    /// Watch a capture that comes on standard input, as `tcpdump -w -` writes it, until it ends.
    Pipe(Watch),
    /// Join a server: its one-time token becomes this sensor's certificate.
    Join {
        /// The server, as https://NAME or https://NAME:PORT.
        server: Address,
        /// The token from `realmward-server sensor add NAME`, or from the portal.
        token: String,
        /// SHA-256 of the certificate of the server's authority, if the token does not carry it.
        #[arg(long, value_name = "SHA256")]
        fingerprint: Option<Fingerprint>,
        /// Folder of this sensor's key, certificate and spool.
        #[arg(long, value_name = "DIR", default_value = STATE)]
        state: PathBuf,
    },
    /// Look whether all is right, and say what mends what is not.
    Doctor {
        /// The interface to look at, and to listen on for some seconds.
        #[arg(long, short, value_name = "NAME")]
        interface: Option<String>,
        /// Another address of the server.
        #[arg(long, value_name = "https://SERVER")]
        to: Option<Address>,
        /// How long to listen, in seconds.
        #[arg(long, value_name = "N", default_value_t = 5)]
        seconds: u64,
        /// Folder of this sensor's key, certificate and spool.
        #[arg(long, value_name = "DIR", default_value = STATE)]
        state: PathBuf,
    },
    /// Read captures, decode headers and count flows, and nothing else: what speed is measured against.
    Floor {
        /// Captures (pcap or pcapng; plain, gzip or zstd), or `-` for standard input.
        #[arg(required = true, value_name = "FILE|-")]
        files: Vec<PathBuf>,
    },
}

/// What all ways to watch have in common.
#[derive(Clone, Debug, Args)]
struct Watch {
    /// Where events go: the server that was joined (also `server`), `jsonl` or `none`.
    #[arg(
        long,
        value_name = "https://SERVER|jsonl|none",
        default_value = "server"
    )]
    to: Destination,
    #[command(flatten)]
    work: Work,
}

/// What all ways to work have in common.
#[derive(Clone, Debug, Args)]
struct Work {
    /// Write counters to standard error at the end.
    #[arg(long, value_name = "text|json", num_args = 0..=1, default_missing_value = "text")]
    stats: Option<StatsFormat>,
    /// Folder of this sensor's key, certificate and spool.
    #[arg(long, value_name = "DIR", default_value = STATE)]
    state: PathBuf,
    /// The most that batches may take on disk while the server is away, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    spool_mib: u64,
    /// Latest packets held in memory as proof, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 32)]
    evidence_mib: usize,
    /// The most memory to take, rings and proof included, in MiB; near it what is missed least is
    /// given up, and counted. 0: no ceiling.
    #[arg(long = "memory-max", value_name = "MIB", default_value_t = realmward_sensor::CEILING_MIB)]
    memory_mib: u64,
    /// Keep to this share of the machine, in cores, like 0.5: over it, first the content of file
    /// transfers and then packets of proof are given up, and counted. Logons never are.
    #[arg(long, value_name = "CORES")]
    cpu_share: Option<f64>,
}

/// The ceiling of memory needs to know what is allocated.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: realmward_capture::Counting = realmward_capture::Counting;

fn main() -> ExitCode {
    command::start_log();
    run(Arguments::parse().command).unwrap_or_else(|error| {
        command::complain(&format!("{error:#}"));
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Read {
            files,
            workers,
            quiet,
            to,
            work,
        } => match command::target(to) {
            _ if quiet => command::read(&files, workers, &work, true),
            target @ realmward_sensor::service::Target::Server(_) => {
                command::work(&work, target, command::Begun::default(), |options| {
                    realmward_sensor::service::read(&files, options)
                })
            }
            target => {
                let none = target == realmward_sensor::service::Target::None;
                command::read(&files, workers, &work, none)
            }
        },
        Command::Live(live) => command::live(&live),
        Command::Pipe(watch) => command::pipe(watch),
        Command::Join {
            server,
            token,
            fingerprint,
            state,
        } => command::join(&server, &token, fingerprint, &state),
        Command::Doctor {
            interface,
            to,
            seconds,
            state,
        } => command::doctor(interface, to, seconds, state),
        Command::Floor { files } => command::floor(&files),
    }
}

const STATE: &str = "/var/lib/realmward-sensor";

const EXAMPLES: &str = "\
Examples:
  realmward-sensor read dc1.pcapng > events.jsonl
  realmward-sensor read captures/*.pcap --quiet --stats json
  realmward-sensor join https://server.example:8443 TOKEN
  realmward-sensor live --interface eth1
  realmward-sensor live --pcap-listen 192.0.2.5:57012 --pcap-from 192.0.2.10
  realmward-sensor live --folder /srv/captures --delete
  ssh router tcpdump -w - | realmward-sensor pipe

Exit status: 0 all was read, 1 something could not be read, 2 options are unusable.";
