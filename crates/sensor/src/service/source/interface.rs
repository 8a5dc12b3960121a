//! A live interface: a ring and a thread for each worker.

use super::super::output::{Options, Output};
use super::super::run::ENDLESS;
use super::super::summary::Summary;
use super::super::watch::{Told, Watch};
use super::gather::{Tell, gather, queue};
use super::{Opened, PATIENCE, Source};
use anyhow::{Context as _, Result, bail};
use realmward_capture::{Interface, LinkKind, Ring};
use realmward_stream::{Frame, LinkType};
use realmward_vocab::FileId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What to watch and how.
#[derive(Clone, Debug)]
pub struct LiveOptions {
    /// Name of the interface.
    pub interface: String,
    /// Rings and threads.
    pub workers: usize,
    /// Octets of each ring.
    pub ring_octets: usize,
}

/// One ring and who follows it.
struct Line {
    ring: Ring,
    source: Source,
    file: FileId,
    link: LinkType,
    /// Whether this machine's own frames come twice.
    doubled: bool,
}

/// Opens an interface. Needs CAP_NET_RAW; what follows needs it no more.
///
/// # Errors
///
/// When there is no such interface, its frames are of a kind that is not read, or the system refuses.
pub fn interface(live: &LiveOptions) -> Result<Opened> {
    let interface = Interface::named(&live.interface)?;
    let (link, doubled) = match interface.kind {
        LinkKind::Ethernet => (LinkType::ETHERNET, false),
        LinkKind::Loopback => (LinkType::ETHERNET, true),
        LinkKind::Ip => (LinkType::RAW, false),
        LinkKind::Other(kind) => bail!(
            "{} has frames of kind {kind}, which are not read",
            interface.name
        ),
    };
    let rings = open(&interface, live)?;
    let ring_octets = live.ring_octets.saturating_mul(rings.len()) as u64;
    let mut opened =
        Opened::new(move |options| follow(&interface, rings, (link, doubled), options));
    opened.ring_octets = ring_octets;
    Ok(opened)
}

fn follow(
    interface: &Interface,
    rings: Vec<Ring>,
    (link, doubled): (LinkType, bool),
    options: &Options,
) -> Result<Summary> {
    let name = format!("{ENDLESS} {}", interface.name);
    let mut output = Output::open(options, &name, rings.len(), 1)?;
    let (order, file) = output.base();
    let orders = Arc::new(AtomicU64::new(order));
    let evidence_octets = options.evidence_octets / rings.len().max(1);
    let (tell, told) = queue(options);
    let mut threads = Vec::new();
    for (number, ring) in rings.into_iter().enumerate() {
        let (tell, stop) = (tell.of(number), Arc::clone(&options.stop));
        let (orders, ceiling) = (Arc::clone(&orders), options.ceiling.clone());
        let guard = options.guard.clone();
        threads.push(std::thread::spawn(move || {
            // Made here because what follows a conversation stays on its thread.
            let line = Line {
                ring,
                source: Source::new(Watch::new(orders, evidence_octets, ceiling).keeping_to(guard)),
                file: FileId(file),
                link,
                doubled,
            };
            line.follow(&tell, &stop);
        }));
    }
    drop(tell);
    tracing::info!(
        interface = interface.name,
        rings = threads.len(),
        "watching"
    );
    gather(&told, &mut output)?;
    output.finish(true, Vec::new())
}

fn open(interface: &Interface, live: &LiveOptions) -> Result<Vec<Ring>> {
    let group = u16::try_from(std::process::id() & 0xffff).unwrap_or_default();
    let options = realmward_capture::Options {
        octets: live.ring_octets,
        fanout: (1 < live.workers).then_some(group),
        promiscuous: true,
    };
    (0..live.workers.max(1))
        .map(|_| Ring::open(interface, options))
        .collect::<std::io::Result<_>>()
        .with_context(|| {
            format!(
                "opening {}: this needs CAP_NET_RAW (run as a service, as root, or: setcap cap_net_raw+ep)",
                interface.name
            )
        })
}

impl Line {
    fn follow(mut self, tell: &Tell, stop: &AtomicBool) {
        let mut down = false;
        while !stop.load(Ordering::Relaxed) {
            let mut gone = false;
            let mut hand_on = |told| gone |= !tell.send(told);
            let went = self.block(&mut hand_on);
            if let Err(error) = &went {
                if !down {
                    tracing::warn!(%error, "the interface does not deliver");
                }
                std::thread::sleep(PATIENCE);
            }
            down = went.is_err();
            self.source.time_passes(&mut hand_on);
            let told = self.take();
            if !told.events.is_empty() || told.seen.is_some() {
                hand_on(told);
            }
            if gone {
                return;
            }
        }
        self.count_drops();
        let mut hand_on = |told| {
            tell.send(told);
        };
        let told = self.source.finish(true, &mut hand_on);
        hand_on(told);
    }

    fn block(&mut self, tell: &mut impl FnMut(Told)) -> std::io::Result<()> {
        let Some(mut block) = self.ring.next_block(PATIENCE)? else {
            return Ok(());
        };
        while let Some(frame) = block.next_frame() {
            if self.doubled && frame.outgoing {
                continue;
            }
            let frame = Frame {
                time: frame.time,
                packet: 0,
                link: self.link,
                data: frame.octets,
                original_length: frame.wire_octets,
            };
            self.source.watch.frame(self.file, frame, tell);
        }
        Ok(())
    }

    fn take(&mut self) -> Told {
        let mut told = self.source.take();
        if told.seen.is_some() {
            self.count_drops();
            if let Some(seen) = &mut told.seen {
                seen.dropped = self.source.watch.seen.dropped;
            }
        }
        told
    }

    fn count_drops(&mut self) {
        if let Ok(statistics) = self.ring.statistics() {
            self.source.watch.seen.dropped = statistics.dropped;
        }
    }
}
