//! Captures that end too early, and packets that do.

use super::subject::{Packet, Subject, input, pcap, source};
use super::{Plan, Tally, Watch, chain};
use anyhow::{Result, ensure};
use realmward_event::Event;
use realmward_stream::{CaptureFault, CaptureReader};

/// Every cut through the capture reader: the packets before the cut are told unaltered, and a cut
/// within a record is told with its place.
pub(super) fn reader(subject: &Subject, plan: &Plan, tally: &mut Tally) -> Result<()> {
    for cut in 0..=plan.cut_octets.min(subject.octets.len()) {
        let what = format!("{} cut at {cut}", subject.name);
        let mut packets = subject.packets.iter();
        let mut offset = 0;
        let fault = match subject.reader(cut) {
            Err(fault) => Some(fault),
            Ok(mut reader) => loop {
                match reader.advance() {
                    Err(fault) => break Some(fault),
                    Ok(false) => break None,
                    Ok(true) => {
                        let (frame, whole) = (reader.frame(), packets.next());
                        offset = whole.map_or(0, |it| it.end);
                        ensure!(
                            whole.is_some_and(|it| it.data == frame.data && it.end <= cut),
                            "{what}: packet {} is another",
                            frame.packet
                        );
                    }
                }
            },
        };
        ensure!(
            packets.next().is_none_or(|it| cut < it.end),
            "{what}: a packet before it is missing"
        );
        check_fault(subject, cut, offset, fault.as_ref(), &what)?;
        tally.cuts += 1;
    }
    Ok(())
}

/// A fault there is, unless a record ends there; it names the file and the place.
fn check_fault(
    subject: &Subject,
    cut: usize,
    offset: usize,
    fault: Option<&CaptureFault>,
    what: &str,
) -> Result<()> {
    let at_edge = subject.edges.binary_search(&cut).is_ok();
    ensure!(
        fault.is_none() == at_edge,
        "{what}: {fault:?}, at an edge: {at_edge}"
    );
    if let Some(fault) = fault {
        let between = offset as u64..=cut as u64;
        ensure!(
            fault.file == subject.name && between.contains(&fault.offset),
            "{what}: the fault is said to be `{fault}`"
        );
    }
    Ok(())
}

/// Cuts through the whole chain. Within a record they give the same events as at its beginning.
pub(super) fn chain(
    subject: &Subject,
    plan: &Plan,
    watch: &Watch,
    tally: &mut Tally,
) -> Result<()> {
    let last = plan.cut_octets.min(subject.octets.len());
    let mut before: (u64, Vec<Event>) = Default::default();
    for cut in 0..=last {
        let at_edge = subject.edges.binary_search(&cut).is_ok();
        if !at_edge && !cut.is_multiple_of(plan.chain_stride) && cut != last {
            continue;
        }
        let what = format!("{} cut at {cut}", subject.name);
        let open = || input(&subject.name, &subject.octets, cut);
        let outcome = chain::run(open, 1, watch, &what)?;
        tally.chain_cuts += 1;
        tally.took(&outcome, &what);
        let told = (outcome.stats.packets, outcome.events);
        if told.0 == before.0 {
            ensure!(
                told.1 == before.1,
                "{what}: the same packets tell other events"
            );
        } else {
            before = told;
        }
    }
    tally.peak_mib = crate::run::peak_mib()?;
    Ok(())
}

/// The file as it is, cut: all that is told is true, and if packets are missing, so is a fault.
pub(super) fn packed(
    subject: &Subject,
    plan: &Plan,
    watch: &Watch,
    tally: &mut Tally,
) -> Result<()> {
    let whole = subject.packets.len() as u64;
    for cut in 0..=subject.packed.len().min(plan.cut_octets) {
        let what = format!("{} compressed and cut at {cut}", subject.name);
        let (packets, fault) = if cut.is_multiple_of(plan.packed_stride) {
            let open = || input(&subject.name, &subject.packed, cut);
            let outcome = chain::run(open, 1, watch, &what)?;
            tally.packed_chain_cuts += 1;
            tally.took(&outcome, &what);
            let file = outcome.stats.files.into_iter().next().unwrap_or_default();
            (file.packets, file.fault)
        } else {
            prefix(subject, cut, &what)?
        };
        tally.packed_cuts += 1;
        ensure!(packets <= whole, "{what}: more packets than there are");
        ensure!(
            packets == whole || fault.is_some_and(|it| it.file == subject.name),
            "{what}: packets are missing and no fault is told"
        );
    }
    Ok(())
}

/// How many packets the capture reader tells of a compressed file, all of them unaltered.
fn prefix(subject: &Subject, cut: usize, what: &str) -> Result<(u64, Option<CaptureFault>)> {
    let source = source(&subject.packed, cut);
    let mut reader = match CaptureReader::new(subject.name.clone(), source) {
        Ok(reader) => reader,
        Err(fault) => return Ok((0, Some(fault))),
    };
    for packet in &subject.packets {
        match reader.advance() {
            Err(fault) => return Ok((reader.packets(), Some(fault))),
            Ok(false) => return Ok((reader.packets(), None)),
            Ok(true) => ensure!(
                packet.data == reader.frame().data,
                "{what}: packet {} is another",
                reader.packets()
            ),
        }
    }
    Ok((reader.packets(), reader.advance().err()))
}

/// All packets cut at a length, as a snap length does.
pub(super) fn snaps(
    subject: &Subject,
    plan: &Plan,
    watch: &Watch,
    tally: &mut Tally,
) -> Result<()> {
    let longest = subject.packets.iter().map(|it| it.data.len()).max();
    // Past the longest frame of a network card's offloading there are few, and all alike.
    for snap in (0..longest.unwrap_or_default().min(SNAP_MAX)).step_by(plan.snap_stride) {
        let mut packets = subject.packets.clone();
        let keep = packets.len().min(SNAP_PACKETS_MAX);
        packets.truncate(keep);
        let octets = pcap(subject.link, &packets, |it: &Packet| {
            it.data.len().min(snap)
        });
        let what = format!("{} with a snap length of {snap}", subject.name);
        let open = || input(&subject.name, &octets, octets.len());
        let outcome = chain::run(open, 1, watch, &what)?;
        tally.snaps += 1;
        tally.took(&outcome, &what);
        ensure!(
            outcome.stats.packets == keep as u64,
            "{what}: packets are missing"
        );
    }
    Ok(())
}

/// As long as an Ethernet frame.
const SNAP_MAX: usize = 1600;

/// What every protocol of a fixture begins with lies in its first packets.
const SNAP_PACKETS_MAX: usize = 2000;
