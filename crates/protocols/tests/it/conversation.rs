//! Conversations as data: read from files, cut anew, played to a dissector.

use realmward_protocols::{Dissector, Facts, Stamp};
use realmward_vocab::{Direction, EventTime, FileId, PacketRef};

/// One record of a conversation: who, in which packet, what.
pub(crate) type Record = (Direction, u64, Vec<u8>);

/// The records of a file: `direction(1) packet(4) length(4) octets`.
pub(crate) fn records(mut rest: &[u8]) -> Vec<Record> {
    let number = |octets: &[u8]| u32::from_be_bytes(octets.try_into().unwrap());
    let mut records = Vec::new();
    while let Some((head, after)) = rest.split_first_chunk::<9>() {
        let length = usize::try_from(number(&head[5..])).unwrap();
        let direction = match head[0] {
            0 => Direction::ToServer,
            _ => Direction::ToClient,
        };
        let packet = number(&head[1..5]).into();
        records.push((direction, packet, after[..length].to_vec()));
        rest = &after[length..];
    }
    records
}

/// The same octets in pieces of `size`; a record cut keeps its packet.
pub(crate) fn in_pieces_of(size: usize, records: &[Record]) -> Vec<Record> {
    records
        .iter()
        .flat_map(|(direction, packet, octets)| {
            octets
                .chunks(size)
                .map(|piece| (*direction, *packet, piece.to_vec()))
        })
        .collect()
}

/// What a conversation tells.
pub(crate) fn play(mut conversation: impl Dissector, records: &[Record]) -> Facts {
    let mut facts = Facts::default();
    for (direction, packet, octets) in records {
        conversation.feed(*direction, octets, stamp(*packet), &mut facts);
    }
    conversation.finish(&mut facts);
    facts
}

/// The stamp of a packet.
pub(crate) fn stamp(packet: u64) -> Stamp {
    Stamp {
        time: EventTime::from_unix_nanoseconds(i64::try_from(packet).unwrap()),
        packet: PacketRef {
            file: FileId(0),
            packet,
        },
    }
}

/// The count of a list of counters.
pub(crate) fn count(list: &[(&'static str, u64)], name: &str) -> u64 {
    let known = list.iter().find(|(known, _)| *known == name);
    known.map_or(0, |(_, count)| *count)
}

/// Plays every truncation, every poke at every octet, and random edits of a fixed seed; whatever they
/// tell, the dissector must come back.
pub(crate) fn abuse<D: Dissector>(begin: impl Fn() -> D, original: &[Record]) {
    for record in 0..original.len() {
        for length in 0..original[record].2.len() {
            let mut cut = original[..=record].to_vec();
            cut[record].2.truncate(length);
            play(begin(), &cut);
            for poke in [0x00, 0x7f, 0x80, 0xc0, 0xff] {
                let mut poked = original.to_vec();
                poked[record].2[length] = poke;
                play(begin(), &poked);
            }
        }
    }
    let mut random = Random(0x5eed);
    for _ in 0..2_000 {
        let mut edited = original.to_vec();
        for _ in 0..=random.below(8) {
            let record = random.below(edited.len());
            let octet = u8::try_from(random.below(256)).unwrap();
            let octets = &mut edited[record].2;
            let place = random.below(octets.len());
            match random.below(5) {
                0 => octets.truncate(place),
                1 => octets.insert(place.min(octets.len()), octet),
                2 => edited.swap(record, 0),
                3 => edited[record].0 = edited[record].0.reversed(),
                _ => {
                    if let Some(it) = octets.get_mut(place) {
                        *it = octet;
                    }
                }
            }
        }
        play(begin(), &edited);
    }
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}
