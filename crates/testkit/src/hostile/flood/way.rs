//! How a flood comes to a sensor, and what came of it.

use super::Flood;
use anyhow::{Context as _, Result};
use realmward_sensor::service::{self, Options, Summary, Target, memory_peak_octets};
use realmward_sensor::uplink::Joined;
use realmward_sensor::{Ceiling, Guard, Sensor, SensorOptions};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How a flood comes to a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As a capture that one thread reads.
    Alone,
    /// As a capture that four threads share.
    Shared,
    /// Through a pipe, to a spool that is full soon because the server is away.
    Sent,
}

/// What came of a flood.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Flooded {
    /// Packets read.
    pub packets: u64,
    /// Facts told.
    pub facts: u64,
    /// How long it took.
    pub seconds: f64,
    /// Most memory that this process ever had.
    pub peak_octets: u64,
    /// What was given up, and bounds that were reached.
    pub bounds: BTreeMap<String, u64>,
}

impl Way {
    /// All.
    pub const ALL: [Self; 3] = [Self::Alone, Self::Shared, Self::Sent];

    /// Its name on command lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Shared => "shared",
            Self::Sent => "sent",
        }
    }

    /// The way of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

impl Flood {
    /// Lets so many packets of it through a sensor with this ceiling. For what it says of memory, it
    /// must be the first in its process.
    ///
    /// # Errors
    ///
    /// When the sensor cannot work: there is no room for its files.
    pub fn run(self, packets: u64, octets_max: u64, way: Way) -> Result<Flooded> {
        let ceiling = Ceiling::new(octets_max, 0);
        let begun = Instant::now();
        let flooded = match way {
            Way::Alone => self.read(packets, ceiling, 1),
            Way::Shared => self.read(packets, ceiling, 4),
            Way::Sent => self.send(packets, ceiling)?,
        };
        Ok(Flooded {
            seconds: begun.elapsed().as_secs_f64(),
            peak_octets: memory_peak_octets(),
            ..flooded
        })
    }

    fn read(self, packets: u64, ceiling: Ceiling, workers: usize) -> Flooded {
        let sensor = Sensor::new(SensorOptions { workers }).under(ceiling);
        let stats = sensor.run(vec![self.input(packets)], |_| {}, |_| {});
        let bounds = [stats.bounds(), stats.counters.limits.clone()].concat();
        let named = bounds.into_iter().map(|(name, it)| (name.to_owned(), it));
        Flooded {
            packets: stats.packets,
            facts: stats.events_total(),
            bounds: named.collect(),
            ..Flooded::default()
        }
    }

    fn send(self, packets: u64, ceiling: Ceiling) -> Result<Flooded> {
        let folder = tempfile::tempdir().context("a folder for the sensor")?;
        join(folder.path())?;
        let options = Options {
            target: Target::Server(None),
            state: folder.path().to_owned(),
            spool_octets: SPOOL_OCTETS,
            evidence_octets: EVIDENCE_OCTETS,
            patience: Duration::ZERO,
            stop: Arc::default(),
            confinement: String::new(),
            ceiling,
            guard: Guard::default(),
        };
        let summary = service::pipe(self.capture(packets), &options)?;
        Ok(sent(summary))
    }
}

fn sent(summary: Summary) -> Flooded {
    let mut bounds = summary.limits;
    if 0 < summary.dropped_batches {
        bounds.insert("batches".to_owned(), summary.dropped_batches);
    }
    Flooded {
        packets: summary.packets,
        facts: summary.facts.values().sum(),
        bounds,
        ..Flooded::default()
    }
}

/// Joins a server that is never there.
fn join(state: &Path) -> Result<()> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let joined = Joined {
        server: "https://127.0.0.1:1".to_owned(),
        sensor: 1,
        name: "flooded".to_owned(),
        renew_after: u64::MAX,
    };
    realmward_sensor::uplink::keep(state, &joined, (&certificate, &key), &certificate)
}

/// So little that a flood fills it.
const SPOOL_OCTETS: u64 = 16 << 20;

/// An eighth of the least ceiling that is promised.
const EVIDENCE_OCTETS: usize = 8 << 20;
