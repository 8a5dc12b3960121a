//! Where what the sources tell goes: nowhere, to lines, or to the spool and the server.

use super::delivery::{Delivery, WhenFull};
use super::health::{Health, memory_peak_octets};
use super::run::{ENDLESS, Run};
use super::summary::Summary;
use super::totals::Totals;
use super::watch::{Seen, Told};
use crate::guard::{Guard, Look};
use crate::lines::Lines;
use crate::memory::Ceiling;
use crate::spool::Spool;
use crate::uplink::{Address, Identity, SharedSpool, Uplink, locked};
use anyhow::{Context as _, Result};
use realmward_vocab::Order;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Stdout, stdout};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nowhere: they are counted.
    None,
    /// Standard output, one JSON object a line.
    Lines,
    /// The server that was joined, perhaps at another address.
    Server(Option<Address>),
}

/// How a sensor works.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where events go.
    pub target: Target,
    /// The folder of identity and spool.
    pub state: PathBuf,
    /// Octets that the spool may take.
    pub spool_octets: u64,
    /// Octets of packets that all sources together hold as proof.
    pub evidence_octets: usize,
    /// The most memory that all may take.
    pub ceiling: Ceiling,
    /// The share of the processor that it keeps to.
    pub guard: Guard,
    /// How long the server is waited for at the end; what it has not then stays in the spool.
    pub patience: Duration,
    /// Set to end the work.
    pub stop: Arc<AtomicBool>,
    /// What was given up before the work, in words; empty if nothing was to be.
    pub confinement: String,
}

#[derive(Debug)]
enum Kind {
    None,
    Lines(Lines<Stdout>),
    Server(Box<Delivery>, Run),
}

/// Where what the sources tell goes.
#[derive(Debug)]
pub(crate) struct Output {
    kind: Kind,
    options: Options,
    health: Health,
    seen: Vec<Seen>,
    events: BTreeMap<&'static str, u64>,
    /// Up to which event all was told in a run before.
    told: Option<Order>,
    looked: Option<Look>,
    /// Why what was told could not be written.
    fault: Option<anyhow::Error>,
    begun: Instant,
}

impl Output {
    /// `input` names what is read; one that begins with [`ENDLESS`] cannot be read again.
    pub(crate) fn open(options: &Options, input: &str, sources: usize, files: u32) -> Result<Self> {
        let (kind, told) = match &options.target {
            Target::None => (Kind::None, None),
            Target::Lines => (Kind::Lines(Lines::new(stdout())), None),
            Target::Server(address) => {
                let (delivery, run, told) = server(options, address.as_ref(), input, files)?;
                (Kind::Server(Box::new(delivery), run), told)
            }
        };
        Ok(Self {
            kind,
            options: options.clone(),
            health: Health::new(input.to_owned(), options.confinement.clone()),
            seen: vec![Seen::default(); sources],
            events: BTreeMap::new(),
            told,
            looked: None,
            fault: None,
            begun: Instant::now(),
        })
    }

    /// The place before the first, and the number of the first file.
    pub(crate) const fn base(&self) -> (u64, u32) {
        match &self.kind {
            Kind::Server(_, run) => (run.order, run.file),
            Kind::None | Kind::Lines(_) => (0, 0),
        }
    }

    pub(crate) const fn is_server(&self) -> bool {
        matches!(self.kind, Kind::Server(..))
    }

    /// What the spool already had is not told again.
    pub(crate) fn tell_nothing_twice(&mut self) {
        if let Kind::Server(delivery, _) = &self.kind {
            self.told = Some(locked(&delivery.spool).mark());
        }
    }

    /// The last place of which something is in the spool.
    pub(crate) fn mark(&self) -> u64 {
        match &self.kind {
            Kind::Server(delivery, _) => locked(&delivery.spool).mark().packet,
            Kind::None | Kind::Lines(_) => 0,
        }
    }

    /// What was told is safe when this returns.
    pub(crate) fn flush(&mut self) -> Result<()> {
        match &mut self.kind {
            Kind::Server(delivery, _) => delivery.flush(None),
            Kind::None | Kind::Lines(_) => self.beat(),
        }
    }

    /// As [`Self::take`], amid packets; if that fails, [`Self::beat`] tells.
    pub(crate) fn accept(&mut self, source: usize, told: Told) {
        if self.fault.is_none() {
            self.fault = self.take(source, told).err();
        }
    }

    pub(crate) fn take(&mut self, source: usize, mut told: Told) -> Result<()> {
        if let (Some(seen), Some(slot)) = (told.seen, self.seen.get_mut(source)) {
            *slot = *seen;
        }
        if let Some(mark) = self.told {
            told.events.retain(|it| mark < it.order);
        }
        for event in &told.events {
            *self.events.entry(event.fact.kind()).or_default() += 1;
        }
        match &mut self.kind {
            Kind::None => Ok(()),
            Kind::Lines(out) => match told.events.iter().try_for_each(|it| out.write(it)) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                    self.options.stop.store(true, Ordering::Relaxed);
                    Ok(())
                }
                written => written.context("writing events"),
            },
            Kind::Server(delivery, _) => delivery.take(told.events, told.packets),
        }
    }

    /// To be called several times a second, whether anything was told or not.
    ///
    /// # Errors
    ///
    /// When the output cannot be written, now or since the last call.
    pub(crate) fn beat(&mut self) -> Result<()> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        self.options.guard.look(&mut self.looked);
        if self.is_server() && self.health.is_due() {
            self.report()?;
        }
        match &mut self.kind {
            Kind::None => Ok(()),
            Kind::Lines(out) => match out.flush() {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    Err(error).context("writing events")
                }
                _ => Ok(()),
            },
            Kind::Server(delivery, _) => delivery.beat(),
        }
    }

    /// Tells the server how the sensor is.
    fn report(&mut self) -> Result<()> {
        let totals = self.totals();
        let Kind::Server(delivery, _) = &mut self.kind else {
            return Ok(());
        };
        let report = self.health.report(totals, &locked(&delivery.spool));
        delivery.flush(Some(report))
    }

    fn totals(&self) -> Totals {
        let bounds: &[_] = match &self.kind {
            Kind::Server(delivery, _) if 0 < delivery.left_out => {
                &[("packets_of_proof", delivery.left_out)]
            }
            _ => &[],
        };
        Totals::of(&self.seen, &self.events, bounds)
    }

    /// Ends: `whole` if the input was read to its end, `input_faults` what was wrong with it.
    pub(crate) fn finish(mut self, whole: bool, input_faults: Vec<String>) -> Result<Summary> {
        self.beat()?;
        self.report()?;
        let mut summary = Summary::of(self.totals());
        summary.input_faults = input_faults;
        if let Kind::Server(delivery, run) = self.kind {
            summary.dropped_batches = delivery.dropped_batches;
            summary.waiting_batches = delivery.finish(self.options.patience)?;
            // Not before: whoever is killed while batches wait starts this run again, and must not
            // tell it twice.
            if whole {
                run.finish(&self.options.state)?;
            }
        }
        summary.seconds = self.begun.elapsed().as_secs_f64();
        summary.peak_memory_bytes = memory_peak_octets();
        Ok(summary)
    }
}

fn server(
    options: &Options,
    address: Option<&Address>,
    input: &str,
    files: u32,
) -> Result<(Delivery, Run, Option<Order>)> {
    let mut identity = Identity::load(&options.state)?;
    if let Some(address) = address {
        identity.joined.server = address.to_string();
    }
    let spool = Spool::open(&options.state.join("spool"), options.spool_octets)?;
    let damage = spool.damage();
    if 0 < damage.lost_batches + damage.torn_octets + damage.damaged_octets {
        tracing::warn!(?damage, "the spool was damaged");
    }
    let begun = Run::begin(&options.state, input, files, &spool)?;
    let spool: SharedSpool = Arc::new(Mutex::new(spool));
    let uplink = Uplink::start(Arc::clone(&spool), &identity)?;
    let when_full = if input.starts_with(ENDLESS) {
        WhenFull::Drop
    } else {
        WhenFull::Wait
    };
    let stop = Arc::clone(&options.stop);
    let ceiling = options.ceiling.clone();
    let delivery = Delivery::new(spool, Some(uplink), when_full, stop, ceiling);
    Ok((delivery, begun.run, begun.told))
}
