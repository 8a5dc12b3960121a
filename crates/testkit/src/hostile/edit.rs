//! Captures edited at random, most of them in what packets carry.
//!
//! An edit of a record's header loses the rest of the file and finds little; so packets are edited
//! and the capture is written anew around them. One in ten is edited as a file, headers and all.

use super::random::Random;
use super::subject::{Packet, Shared, Subject, input, pcap};
use super::{Plan, Tally, Watch, chain};
use anyhow::{Result, ensure};

/// All edits of a fixture.
pub(super) fn all(subject: &Subject, plan: &Plan, watch: &Watch, tally: &mut Tally) -> Result<()> {
    for number in 0..plan.edits {
        one(subject, plan.seed, number, watch, tally)?;
    }
    tally.peak_mib = crate::run::peak_mib()?;
    Ok(())
}

fn one(subject: &Subject, seed: u64, number: u64, watch: &Watch, tally: &mut Tally) -> Result<()> {
    let what = format!("{} seed {seed} edit {number}", subject.name);
    let octets = edited(subject, seed, number);
    let open = || input(&subject.name, &octets, octets.len());
    let outcome = chain::run(open, 1, watch, &what)?;
    tally.edits += 1;
    tally.events += outcome.events.len() as u64;
    tally.alerts += outcome.alerts as u64;
    tally.took(&outcome, &what);
    for file in &outcome.stats.files {
        if let Some(fault) = &file.fault {
            let named = fault.file == subject.name && fault.offset <= octets.len() as u64;
            ensure!(named, "{what}: the fault is said to be `{fault}`");
        }
    }
    if number.is_multiple_of(THREE_WORKERS_EVERY) {
        let by_three = chain::run(open, 3, watch, &what)?;
        ensure!(
            by_three.events == outcome.events,
            "{what}: three workers tell other events than one"
        );
    }
    Ok(())
}

/// The capture after an edit: its place in the sequence and the seed decide all of it.
fn edited(subject: &Subject, seed: u64, number: u64) -> Shared {
    let mut random = Random::new(seed ^ number.rotate_left(32));
    let times = random.pick(&[1, 1, 1, 2, 4, 16]);
    if number % FILES_EVERY == FILES_EVERY - 1 {
        let mut file = subject.octets.to_vec();
        for _ in 0..times {
            octets(&mut file, &mut random);
        }
        return file.into();
    }
    let mut packets = subject.packets.clone();
    for _ in 0..times {
        packet(&mut packets, &mut random);
    }
    pcap(subject.link, &packets, |it| it.data.len())
}

/// Edits one packet, or in one case of eight the sequence of packets.
fn packet(packets: &mut Vec<Packet>, random: &mut Random) {
    let place = random.below(packets.len());
    let other = random.below(packets.len());
    match random.below(32) {
        0 if 1 < packets.len() => drop(packets.remove(place)),
        1 => packets.swap(place, other),
        2 => {
            if let Some(packet) = packets.get(place).cloned() {
                packets.insert(other, packet);
            }
        }
        3 => {
            // Octets of another packet, of another protocol perhaps.
            let taken = (packets.get(other)).map(|it| range(&it.data, random).to_vec());
            if let (Some(taken), Some(packet)) = (taken, packets.get_mut(place)) {
                let at = random.below(packet.data.len());
                let rest = packet.data.iter_mut().skip(at);
                rest.zip(taken).for_each(|(octet, new)| *octet = new);
            }
        }
        _ => {
            if let Some(packet) = packets.get_mut(place) {
                octets(&mut packet.data, random);
            }
        }
    }
}

/// One edit of octets.
fn octets(octets: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(octets.len());
    match random.below(10) {
        0 | 1 => set(octets, at, |octet| octet ^ (1 << random.below(8))),
        2 => set(octets, at, |_| random.pick(&[0, 0xff])),
        3 => set(octets, at, |_| random.octet()),
        4 => {
            let new: Vec<u8> = (0..=random.below(16)).map(|_| random.octet()).collect();
            octets.splice(at..at, new);
        }
        5 => {
            let end = octets.len().min(at + 1 + random.below(16));
            octets.drain(at.min(end)..end);
        }
        6 => {
            let copied = range(octets, random).to_vec();
            octets.splice(at..at, copied);
        }
        7 => octets.truncate(at),
        _ => number(octets, at, random),
    }
}

/// Writes a number where perhaps a length stands, of one to four octets and either order.
fn number(octets: &mut [u8], at: usize, random: &mut Random) {
    let value = random.pick(&[
        0,
        1,
        2,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        u32::MAX,
        u32::try_from(octets.len()).unwrap_or(u32::MAX),
    ]);
    let width = random.pick(&[1, 2, 2, 4, 4]);
    let little = value.to_le_bytes();
    let mut field: Vec<u8> = little.into_iter().take(width).collect();
    if random.below(2) == 0 {
        field.reverse();
    }
    let place = octets.iter_mut().skip(at);
    place.zip(field).for_each(|(octet, new)| *octet = new);
}

fn set(octets: &mut [u8], at: usize, change: impl FnOnce(u8) -> u8) {
    if let Some(octet) = octets.get_mut(at) {
        *octet = change(*octet);
    }
}

/// Some octets, at most 256.
fn range<'a>(octets: &'a [u8], random: &mut Random) -> &'a [u8] {
    let start = random.below(octets.len());
    let end = octets.len().min(start + 1 + random.below(256));
    octets.get(start..end).unwrap_or_default()
}

/// One edit of so many is of the file, not of its packets.
const FILES_EVERY: u64 = 10;

/// One edited capture of so many is read a second time, by three workers.
const THREE_WORKERS_EVERY: u64 = 50;
