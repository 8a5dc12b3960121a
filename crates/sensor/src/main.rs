//! `realmward-sensor`: reads captures and writes events as JSON lines.

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use realmward_sensor::{Sensor, SensorOptions, SensorStats, input};
use std::io::{BufWriter, ErrorKind, Write, stderr, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// Reads captures and writes what happened in them, without a judgement.
///
/// For what it means, run `realmward-server analyze` on the same captures.
#[derive(Debug, Parser)]
#[command(name = "realmward-sensor", version, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read captures and write their events, one JSON object a line.
    Read {
        /// Captures (pcap or pcapng; plain, gzip or zstd), or `-` for standard input.
        #[arg(required = true, value_name = "FILE|-")]
        files: Vec<PathBuf>,
        /// Threads among which conversations are split. The events are the same with any number.
        #[arg(long, value_name = "N", default_value_t = 1)]
        workers: usize,
        /// Write counters to standard error at the end: packets, events, faults, limits.
        #[arg(long)]
        stats: bool,
        /// Write no events; with --stats, to count only.
        #[arg(long)]
        quiet: bool,
    },
    /// Read captures, decode headers and count flows, and nothing else: what speed is measured against.
    Floor {
        /// Captures (pcap or pcapng; plain, gzip or zstd), or `-` for standard input.
        #[arg(required = true, value_name = "FILE|-")]
        files: Vec<PathBuf>,
    },
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Read {
            files,
            workers,
            stats,
            quiet,
        } => read(&files, workers, stats, quiet),
        Command::Floor { files } => {
            let begun = std::time::Instant::now();
            let inputs = files.iter().map(|path| input(path)).collect();
            let count = realmward_stream::floor(inputs);
            writeln!(stdout(), "{count:?} in {:?}", begun.elapsed())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn read(files: &[PathBuf], workers: usize, stats: bool, quiet: bool) -> Result<ExitCode> {
    let mut out = BufWriter::new(stdout().lock());
    let mut written = Ok(());
    let sensor = Sensor::new(SensorOptions { workers });
    let inputs = files.iter().map(|path| input(path)).collect();
    let seen = sensor.run(
        inputs,
        |events| {
            for event in events {
                if written.is_ok() && !quiet {
                    written = serde_json::to_writer(&mut out, &event)
                        .map_err(Into::into)
                        .and_then(|()| out.write_all(b"\n"));
                }
            }
        },
        |_| {},
    );
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(error).context("writing events");
        }
        _ => {}
    }
    let mut failed = false;
    for fault in seen.files.iter().filter_map(|file| file.fault.as_ref()) {
        writeln!(stderr(), "realmward-sensor: {fault}")?;
        failed = true;
    }
    if stats {
        report(&seen)?;
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn report(stats: &SensorStats) -> Result<()> {
    let mut err = stderr().lock();
    writeln!(
        err,
        "packets {} octets {} tcp_flows {} udp_flows {} evicted {} in {:?}",
        stats.packets,
        stats.octets,
        stats.tcp_flows,
        stats.udp_flows,
        stats.flows_evicted,
        stats.duration
    )?;
    for (kind, count) in &stats.events {
        writeln!(err, "event {kind} {count}")?;
    }
    for (title, list) in [
        ("fault", &stats.counters.faults),
        ("limit", &stats.counters.limits),
        ("opaque", &stats.counters.opaque),
    ] {
        for (name, count) in list {
            writeln!(err, "{title} {name} {count}")?;
        }
    }
    writeln!(err, "{:?}", stats.tcp)?;
    writeln!(err, "{:?}", stats.decode)?;
    for file in &stats.files {
        writeln!(err, "file {} packets {}", file.name, file.packets)?;
    }
    Ok(())
}

const EXAMPLES: &str = "\
Examples:
  realmward-sensor read dc1.pcapng > events.jsonl
  realmward-sensor read --stats --quiet captures/*.pcap

Exit status: 0 all was read, 1 something could not be read.";
