//! What the latest segments held, in a few octets: enough to see that one is repeated with other octets.
//!
//! A retransmission that was cut differently is compared as far as it begins where one of them began;
//! who also keeps the sum the same goes unseen. This is for counting, nothing rests on it.

use super::arrival::Arrival;
use super::checksum::sum;

#[derive(Clone, Copy, Debug, Default)]
struct Segment {
    sequence: u32,
    length: u16,
    sum: u16,
}

/// The latest segments of one direction.
#[derive(Debug, Default)]
pub(super) struct Recent {
    segments: [Segment; KEPT],
    next: u8,
}

impl Recent {
    pub(super) fn keep(&mut self, arrival: &Arrival<'_>) {
        let place = usize::from(self.next) % KEPT;
        if let (Some(slot), Ok(length)) = (
            self.segments.get_mut(place),
            u16::try_from(arrival.octets.len()),
        ) {
            *slot = Segment {
                sequence: arrival.sequence,
                length,
                sum: arrival.sum,
            };
            self.next = self.next.wrapping_add(1);
        }
    }

    /// Whether it repeats one of them with other octets.
    pub(super) fn contradicts(&self, arrival: &Arrival<'_>) -> bool {
        // The one octet of a keep-alive may be anything.
        1 < arrival.octets.len()
            && self.segments.iter().any(|kept| {
                let same = arrival.octets.get(..usize::from(kept.length));
                kept.sequence == arrival.sequence
                    && 0 < kept.length
                    && same.is_some_and(|octets| sum(octets) != kept.sum)
            })
    }
}

/// A retransmission follows within a round trip or after a pause; those in flight then are more, but
/// an attacker sends his two versions close to each other.
const KEPT: usize = 4;
