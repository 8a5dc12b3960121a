//! Floods: traffic that is made to fill memory, of every kind, each through a sensor in a process of its
//! own that keeps a ceiling. Fails if the process ever had more.

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use realmward_testkit::hostile::flood::{FLOODS, Flood, Flooded, Way};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

/// Which floods.
#[derive(Args)]
pub(crate) struct FloodOptions {
    /// Send floods instead of breaking captures, each through a sensor in a process of its own, with
    /// each ceiling of `--mib`.
    #[arg(long)]
    flood: bool,
    /// Only these kinds.
    #[arg(long, value_delimiter = ',')]
    kinds: Vec<String>,
    /// Packets of each flood.
    #[arg(long, default_value_t = 1_000_000)]
    packets: u64,
    /// Write the table into docs/hostile.md.
    #[arg(long)]
    write: bool,
    /// One flood and its way to the sensor, in this process.
    #[arg(long, hide = true)]
    flood_one: Option<String>,
}

impl FloodOptions {
    pub(crate) const fn is_asked(&self) -> bool {
        self.flood || self.flood_one.is_some()
    }
}

/// Sends floods.
///
/// # Errors
///
/// When one took more memory than the ceiling.
pub(crate) fn run(options: &FloodOptions, ceilings_mib: &[u64]) -> Result<()> {
    if let Some(name) = &options.flood_one {
        return one(name, options.packets, ceilings_mib);
    }
    let is_chosen = |flood: &&Flood| {
        options.kinds.is_empty() || options.kinds.iter().any(|it| it == flood.name)
    };
    let mut table = table_head(ceilings_mib);
    let mut faults = Vec::new();
    for flood in FLOODS.iter().filter(is_chosen) {
        let mut row = Row::default();
        for mib in ceilings_mib {
            for way in Way::ALL {
                let flooded = child(flood, way, options.packets, *mib)?;
                let peak = flooded.peak_octets >> 20;
                if *mib < peak {
                    faults.push(format!(
                        "{} {}: {peak} of {mib} MiB",
                        flood.name,
                        way.as_str()
                    ));
                }
                row.add(way, &flooded);
            }
        }
        let line = row.line(flood, options.packets);
        crate::tree::say(&line)?;
        table.push_str(&line);
    }
    if options.write {
        crate::tree::write_between("hostile.md", BEGIN, END, &table)?;
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// What CI does: few floods and short ones, of those that once broke the promise.
///
/// # Errors
///
/// When one took more memory than the ceiling.
pub(crate) fn smoke() -> Result<()> {
    for (name, way) in SMOKE {
        let flood = Flood::named(name).with_context(|| format!("{name} is no flood"))?;
        let flooded = child(&flood, way, SMOKE_PACKETS, SMOKE_MIB)?;
        let peak = flooded.peak_octets >> 20;
        ensure!(peak <= SMOKE_MIB, "{name}: {peak} of {SMOKE_MIB} MiB");
        ensure!(!flooded.bounds.is_empty(), "{name} reached no bound");
    }
    Ok(())
}

fn child(flood: &Flood, way: Way, packets: u64, mib: u64) -> Result<Flooded> {
    let out = Command::new(std::env::current_exe()?)
        .args(["hostile", "--as-built", "--flood-one"])
        .arg(format!("{} {}", flood.name, way.as_str()))
        .args(["--packets", &packets.to_string(), "--mib", &mib.to_string()])
        .env("REALMWARD_LOG", "off")
        .output()?;
    let name = format!("{} {} {mib} MiB", flood.name, way.as_str());
    ensure!(
        out.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).context(name)
}

fn one(name: &str, packets: u64, ceilings_mib: &[u64]) -> Result<()> {
    let (flood, way) = name.split_once(' ').context("a kind and a way")?;
    let flood = Flood::named(flood).with_context(|| format!("{flood} is no flood"))?;
    let way = Way::named(way).with_context(|| format!("{way} is no way"))?;
    let mib = ceilings_mib.first().copied().unwrap_or_default();
    let flooded = flood.run(packets, mib << 20, way)?;
    crate::tree::say(&serde_json::to_string(&flooded)?)
}

/// What came of one kind.
#[derive(Default)]
struct Row {
    cells: Vec<String>,
    given_up: BTreeMap<String, u64>,
}

impl Row {
    fn add(&mut self, way: Way, flooded: &Flooded) {
        let peak = flooded.peak_octets >> 20;
        self.cells.push(format!("{peak}, {:.1} s", flooded.seconds));
        if way == Way::Alone {
            for (name, count) in &flooded.bounds {
                let most = self.given_up.entry(name.clone()).or_default();
                *most = (*most).max(*count);
            }
        }
    }

    fn line(&self, flood: &Flood, packets: u64) -> String {
        let given_up: Vec<String> = (self.given_up.iter())
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        format!(
            "| {}: {} | {packets} | {} | {} |\n",
            flood.name,
            flood.sends,
            self.cells.join(" | "),
            given_up.join(", ")
        )
    }
}

fn table_head(ceilings_mib: &[u64]) -> String {
    let mut head = "| flood | packets |".to_owned();
    let mut rule = "| --- | ---: |".to_owned();
    for mib in ceilings_mib {
        for way in Way::ALL {
            let _ = write!(head, " {mib}, {} |", way.as_str());
            rule.push_str(" ---: |");
        }
    }
    format!("{head} given up (alone, the most) |\n{rule} --- |\n")
}

const BEGIN: &str = "<!-- written by `cargo xtask hostile --flood --mib 256,64 --write` -->";
const END: &str = "<!-- end -->";

/// Facts of many connections that end at once (told all at once, they take more than the ceiling),
/// many connections that hold octets, and facts on their way to a server that is away.
const SMOKE: [(&str, Way); 3] = [
    ("rpc", Way::Alone),
    ("holes", Way::Alone),
    ("ldap", Way::Sent),
];
const SMOKE_PACKETS: u64 = 120_000;
const SMOKE_MIB: u64 = 64;
