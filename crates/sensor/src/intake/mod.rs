//! From captures to batches of events in their one order.

mod alone;
mod sharded;
pub(crate) mod ticker;

use crate::memory::Ceiling;
use crate::stats::SensorStats;
use crate::worker::LANES;
use realmward_event::Event;
use realmward_stream::Input;
use realmward_vocab::EventTime;
use std::path::Path;
use std::time::Instant;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct SensorOptions {
    /// Threads that keep flows, from 1 to [`LANES`]; 1 does everything on the caller's thread.
    pub workers: usize,
}

impl Default for SensorOptions {
    fn default() -> Self {
        Self { workers: 1 }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Packets read.
    pub packets: u64,
    /// Octets of these packets.
    pub octets: u64,
    /// Time of the last packet.
    pub time: EventTime,
}

/// Reads captures and tells what happened in them.
#[derive(Clone, Debug, Default)]
pub struct Sensor {
    options: SensorOptions,
    ceiling: Ceiling,
}

impl Sensor {
    /// A sensor.
    #[must_use]
    pub fn new(options: SensorOptions) -> Self {
        Self {
            options,
            ceiling: Ceiling::default(),
        }
    }

    /// Keeps a ceiling of memory.
    #[must_use]
    pub fn under(self, ceiling: Ceiling) -> Self {
        Self { ceiling, ..self }
    }

    /// As [`Self::run_while`], to the end.
    pub fn run(
        &self,
        inputs: Vec<Input>,
        events: impl FnMut(Vec<Event>),
        mut progress: impl FnMut(Progress),
    ) -> SensorStats {
        self.run_while(inputs, events, |so_far| {
            progress(so_far);
            true
        })
    }

    /// Reads all captures, merged by time. `events` gets batches in total order while reading goes
    /// on, on the caller's thread; while it works, reading waits once its small queue is full.
    /// `progress` is called about every two thousand packets; once it says `false`, no more is read
    /// and what was read is finished as if the captures ended there.
    pub fn run_while(
        &self,
        inputs: Vec<Input>,
        mut events: impl FnMut(Vec<Event>),
        mut progress: impl FnMut(Progress) -> bool,
    ) -> SensorStats {
        let begun = Instant::now();
        let mut kinds = std::collections::BTreeMap::new();
        let mut counted = |batch: Vec<Event>| {
            if batch.is_empty() {
                return;
            }
            for event in &batch {
                *kinds.entry(event.fact.kind()).or_default() += 1;
            }
            events(batch);
        };
        let workers = self.options.workers.clamp(1, LANES);
        let mut stats = if workers == 1 {
            alone::run(inputs, &self.ceiling, &mut counted, &mut progress)
        } else {
            sharded::run(inputs, workers, &self.ceiling, &mut counted, &mut progress)
        };
        stats.events = kinds;
        stats.duration = begun.elapsed();
        stats
    }
}

/// The input a path on the command line names: `-` is standard input.
#[must_use]
pub fn input(path: &Path) -> Input {
    if path == Path::new("-") {
        Input::Stream("-".into(), Box::new(std::io::stdin()))
    } else {
        Input::Path(path.to_owned())
    }
}

/// Packets a batch: enough to make hand-over cheap, few enough to be prompt.
const BATCH_PACKETS: u64 = 2048;
