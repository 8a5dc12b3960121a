//! Cuts one direction of a stream into messages, copying only those that span segments.
//!
//! The length of a message is known from its first octets, so a message is copied at most once and
//! is looked at again only when it is whole: work stays linear however small the segments are.

use crate::dissector::Stamp;
use realmward_vocab::PacketRef;

/// What the first octets of a message say of its extent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// At least this many octets are needed to tell; must be more than were shown.
    Need(usize),
    /// The message has this many octets, at least one.
    Whole(usize),
    /// Of `total` octets only the first `head` matter: the rest is passed over without a copy.
    Head {
        /// Octets to deliver, at least one.
        head: usize,
        /// Octets of the whole message.
        total: usize,
    },
    /// These octets begin no message: drop this many (at least one) and look again.
    Drop(usize),
}

impl Framing {
    /// The place is lost for good: nothing that follows is looked at. One octet is delivered.
    pub const LOST: Self = Self::Head {
        head: 1,
        total: usize::MAX,
    };
}

/// A message, or the head of one, and the packets it came in.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The octets.
    pub octets: &'a [u8],
    /// Octets of the message that were passed over after `octets`.
    pub passed_over: usize,
    /// The packet in which it began.
    pub first: PacketRef,
    /// The packet that completed it.
    pub at: Stamp,
}

/// One direction of a stream.
#[derive(Clone, Debug, Default)]
pub struct Assembler {
    buffer: Vec<u8>,
    skip: usize,
    first: PacketRef,
}

impl Assembler {
    /// Takes the next octets; calls `deliver` for each message they complete.
    ///
    /// `frame` is asked at each message boundary. A message longer than `message_max` is passed over
    /// like the tail of a [`Framing::Head`]; the number of such messages is returned.
    pub fn feed(
        &mut self,
        mut octets: &[u8],
        at: Stamp,
        message_max: usize,
        frame: impl Fn(&[u8]) -> Framing,
        mut deliver: impl FnMut(Piece<'_>),
    ) -> u32 {
        let mut oversized = 0;
        loop {
            let skipped = self.skip.min(octets.len());
            self.skip -= skipped;
            octets = octets.get(skipped..).unwrap_or_default();
            if self.buffer.is_empty() {
                if octets.is_empty() {
                    return oversized;
                }
                self.first = at.packet;
                octets = self.direct(
                    octets,
                    at,
                    message_max,
                    &frame,
                    &mut deliver,
                    &mut oversized,
                );
            } else {
                // What was needed to tell the extent may already be the whole message, or more.
                let before = (octets.len(), self.buffer.len());
                octets = self.buffered(
                    octets,
                    at,
                    message_max,
                    &frame,
                    &mut deliver,
                    &mut oversized,
                );
                if octets.is_empty() && before == (0, self.buffer.len()) {
                    return oversized;
                }
            }
        }
    }

    /// Forgets a message begun: what comes next is at an unknown place.
    pub fn reset(&mut self) {
        self.buffer.clear();
        self.skip = 0;
    }

    /// Accounts for `lost` octets: if they all lie in a part to be passed over, nothing is lost.
    /// Returns whether the place in the stream is still known.
    pub fn lose(&mut self, lost: u64) -> bool {
        match usize::try_from(lost) {
            Ok(lost) if self.buffer.is_empty() && lost <= self.skip => {
                self.skip -= lost;
                true
            }
            _ => {
                self.reset();
                false
            }
        }
    }

    /// As [`Self::lose`], but if they all lie in the message begun, `deliver` gets what is there of
    /// it: where the next one begins is then known still, for `frame` told the extent of this one.
    /// `at` is the packet that brought the last octets.
    pub fn lose_message(
        &mut self,
        lost: u64,
        at: Stamp,
        frame: impl Fn(&[u8]) -> Framing,
        deliver: impl FnOnce(Piece<'_>),
    ) -> bool {
        let total = match frame(&self.buffer) {
            Framing::Whole(total) | Framing::Head { total, .. } => total,
            Framing::Need(_) | Framing::Drop(_) => 0,
        };
        let rest = total.saturating_sub(self.buffer.len());
        match usize::try_from(lost) {
            Ok(lost) if !self.buffer.is_empty() && lost <= rest => {
                deliver(Piece {
                    octets: &self.buffer,
                    passed_over: rest,
                    first: self.first,
                    at,
                });
                self.buffer.clear();
                self.skip = rest - lost;
                true
            }
            _ => self.lose(lost),
        }
    }

    /// At a boundary: the message may lie whole in `octets`, and then nothing is copied.
    fn direct<'a>(
        &mut self,
        octets: &'a [u8],
        at: Stamp,
        message_max: usize,
        frame: &impl Fn(&[u8]) -> Framing,
        deliver: &mut impl FnMut(Piece<'_>),
        oversized: &mut u32,
    ) -> &'a [u8] {
        let (head, total) = match frame(octets) {
            Framing::Drop(count) => return octets.get(count.max(1)..).unwrap_or_default(),
            Framing::Need(_) => {
                self.buffer.extend_from_slice(octets);
                return &[];
            }
            Framing::Whole(total) => (total.max(1), total.max(1)),
            Framing::Head { head, total } => (head.clamp(1, total.max(1)), total.max(1)),
        };
        if message_max < head {
            *oversized += 1;
            self.skip = total;
            return octets;
        }
        let Some(message) = octets.get(..head) else {
            self.buffer.extend_from_slice(octets);
            return &[];
        };
        self.skip = total - head;
        deliver(Piece {
            octets: message,
            passed_over: total - head,
            first: self.first,
            at,
        });
        octets.get(head..).unwrap_or_default()
    }

    /// Inside a message: copies no more than it still needs.
    fn buffered<'a>(
        &mut self,
        octets: &'a [u8],
        at: Stamp,
        message_max: usize,
        frame: &impl Fn(&[u8]) -> Framing,
        deliver: &mut impl FnMut(Piece<'_>),
        oversized: &mut u32,
    ) -> &'a [u8] {
        let have = self.buffer.len();
        let (want, total) = match frame(&self.buffer) {
            Framing::Drop(count) => {
                self.buffer.drain(..count.clamp(1, have));
                return octets;
            }
            Framing::Need(want) => (want.max(have + 1), 0),
            Framing::Whole(total) => (total.max(1), total.max(1)),
            Framing::Head { head, total } => (head.clamp(1, total.max(1)), total.max(1)),
        };
        if message_max < want {
            *oversized += 1;
            self.skip = total.max(want).saturating_sub(have);
            self.buffer.clear();
            return octets;
        }
        if want <= have {
            self.complete(want, total, at, deliver);
            return octets;
        }
        let (taken, rest) = octets.split_at(octets.len().min(want - have));
        self.buffer.extend_from_slice(taken);
        if total != 0 && want <= self.buffer.len() {
            self.complete(want, total, at, deliver);
        }
        rest
    }

    /// Delivers the buffered message of `want` octets.
    fn complete(
        &mut self,
        want: usize,
        total: usize,
        at: Stamp,
        deliver: &mut impl FnMut(Piece<'_>),
    ) {
        let mut buffer = std::mem::take(&mut self.buffer);
        if let Some(message) = buffer.get(..want) {
            deliver(Piece {
                octets: message,
                passed_over: total.saturating_sub(want),
                first: self.first,
                at,
            });
        }
        let rest = buffer.len().saturating_sub(want);
        let passed = rest.min(total.saturating_sub(want));
        self.skip = total.saturating_sub(want) - passed;
        buffer.drain(..(want + passed).min(buffer.len()));
        self.buffer = buffer;
        self.first = at.packet;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One octet of length, then as many octets; length 0xff: drop it; 0x80..: ten octets, two matter.
    fn frame(octets: &[u8]) -> Framing {
        match octets {
            [] => Framing::Need(1),
            [0xff, ..] => Framing::Drop(1),
            [0x80..=0xfe, ..] => Framing::Head { head: 3, total: 11 },
            [length, ..] => Framing::Whole(1 + usize::from(*length)),
        }
    }

    #[test]
    fn a_message_as_short_as_what_is_needed_to_tell_its_extent_is_not_held_back() {
        // Three octets tell the extent; the message may have fewer or just as many.
        let frame = |octets: &[u8]| match octets {
            [length, _, _, ..] => Framing::Whole(usize::from(*length)),
            _ => Framing::Need(3),
        };
        let stream = [3, 0, 0, 2, 0, 2, 0, 3, 0, 0];
        for size in 1..stream.len() {
            let mut assembler = Assembler::default();
            let mut seen = Vec::new();
            for chunk in stream.chunks(size) {
                assembler.feed(chunk, Stamp::default(), 64, frame, |piece| {
                    seen.push(piece.octets.len());
                });
            }
            assert_eq!(seen, [3, 2, 2, 3], "in chunks of {size}");
        }
    }

    fn check(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut assembler = Assembler::default();
        let mut seen = Vec::new();
        for chunk in chunks {
            assembler.feed(chunk, Stamp::default(), 64, frame, |piece| {
                seen.push(piece.octets.to_vec());
            });
        }
        seen
    }

    #[test]
    fn every_split_gives_the_same_messages() {
        let stream = [
            2, 10, 11, 0xff, 1, 20, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 3, 30, 31, 32, 0,
        ];
        let whole = check(&[&stream]);
        assert_eq!(
            whole,
            [
                vec![2, 10, 11],
                vec![1, 20],
                vec![0x80, 1, 2],
                vec![3, 30, 31, 32],
                vec![0]
            ]
        );
        for cut in 0..stream.len() {
            let (a, b) = stream.split_at(cut);
            assert_eq!(check(&[a, b]), whole, "cut at {cut}");
        }
        let octets: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(check(&octets), whole);
    }

    #[test]
    fn a_message_lost_in_part_leaves_the_place_known() {
        // The message has eight octets and a message of two follows; of the eight, three are there.
        for (lost, rest, known) in [
            (5, &[1, 20][..], true),
            (3, &[0, 0, 1, 20], true),
            (6, &[20, 1, 20], false),
        ] {
            let mut assembler = Assembler::default();
            let mut seen = Vec::new();
            let mut deliver = |piece: Piece<'_>| seen.push(piece.octets.to_vec());
            assembler.feed(&[7, 1, 1], Stamp::default(), 64, frame, &mut deliver);
            let lost_known = assembler.lose_message(lost, Stamp::default(), frame, &mut deliver);
            assert_eq!(lost_known, known, "{lost} lost");
            assembler.feed(rest, Stamp::default(), 64, frame, &mut deliver);
            let expected: &[Vec<u8>] = match known {
                true => &[vec![7, 1, 1], vec![1, 20]],
                false => &[],
            };
            assert_eq!(seen, expected, "{lost} lost");
        }
    }

    #[test]
    fn a_message_past_the_bound_is_passed_over_and_counted() {
        let mut assembler = Assembler::default();
        let mut seen = 0;
        let long = [100_u8; 101];
        let count = assembler.feed(&long, Stamp::default(), 64, frame, |_| seen += 1);
        assert_eq!((count, seen), (1, 0));
        assembler.feed(&[0], Stamp::default(), 64, frame, |_| seen += 1);
        assert_eq!(seen, 1);
    }
}
