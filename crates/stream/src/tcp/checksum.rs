//! Checksums of TCP (RFC 9293 section 3.1), with offloading in mind.
//!
//! A host that captures what it sends sees checksums that its network card is still to fill in: the
//! field then holds the sum of the pseudo header alone, with or without the length. Such a segment
//! cannot be checked. Any other can, and one that does not fit was never read by its receiver.

/// What is known of a segment's checksum before its payload is summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksum {
    /// It is not set yet, or octets are missing: nothing can be said.
    #[default]
    Unset,
    /// The sum over pseudo header and header, the checksum included.
    Header(u16),
}

impl Checksum {
    /// From both addresses, the whole segment and where its payload begins.
    pub(crate) fn of(source: u128, destination: u128, segment: &[u8], payload: usize) -> Self {
        let field = segment.get(16..18).and_then(<[u8]>::first_chunk::<2>);
        let header = segment.get(..payload);
        let (Some(field), Some(header)) = (field, header) else {
            return Self::Unset;
        };
        // IPv4-mapped addresses add 0xffff each, which is nothing to this sum.
        let ends = add(add(fold(source), fold(destination)), TCP);
        let length = u16::try_from(segment.len()).unwrap_or_default();
        let pseudo = add(ends, length);
        let field = u16::from_be_bytes(*field);
        if same(field, pseudo) || same(field, ends) {
            return Self::Unset;
        }
        Self::Header(add(pseudo, sum(header)))
    }

    /// Whether it fits a payload of this sum; `None` if nothing can be said.
    #[must_use]
    pub fn fits(self, payload: u16) -> Option<bool> {
        match self {
            Self::Unset => None,
            Self::Header(header) => Some(same(add(header, payload), u16::MAX)),
        }
    }
}

/// The sum of octets in ones' complement, which is the same in any order of pairs, and for words of any
/// width: so wide ones are added, in two sums that do not wait for each other.
#[must_use]
pub(super) fn sum(octets: &[u8]) -> u16 {
    let (blocks, rest) = octets.as_chunks::<32>();
    let (mut even, mut odd) = (0_u128, 0_u128);
    for block in blocks {
        if let ([first, second, third, fourth], _) = block.as_chunks::<8>() {
            // No memory is so large that a sum of its words wraps.
            even = even.wrapping_add(wide(first)).wrapping_add(wide(second));
            odd = odd.wrapping_add(wide(third)).wrapping_add(wide(fourth));
        }
    }
    let mut total = even.wrapping_add(odd);
    let (words, rest) = rest.as_chunks::<4>();
    for word in words {
        total = total.wrapping_add(u32::from_ne_bytes(*word).into());
    }
    let mut last = [0; 4];
    for (place, octet) in last.iter_mut().zip(rest) {
        *place = *octet;
    }
    u16::from_be(fold(total.wrapping_add(u32::from_ne_bytes(last).into())))
}

fn wide(word: &[u8; 8]) -> u128 {
    u64::from_ne_bytes(*word).into()
}

/// A number as the sum of its words of two octets.
fn fold(number: u128) -> u16 {
    let limb = |at: u32| u64::try_from((number >> at) & 0xffff_ffff).unwrap_or_default();
    let mut total = limb(0) + limb(32) + limb(64) + limb(96);
    // Of 34 bits at most: three times, and no carry is left.
    for _ in 0..3 {
        total = (total & 0xffff) + (total >> 16);
    }
    u16::try_from(total).unwrap_or_default()
}

fn add(one: u16, other: u16) -> u16 {
    let (sum, carry) = one.overflowing_add(other);
    sum.wrapping_add(carry.into())
}

/// There are two zeros in ones' complement.
const fn same(one: u16, other: u16) -> bool {
    one == other || (one == 0 && other == u16::MAX) || (one == u16::MAX && other == 0)
}

/// The number of the protocol in the pseudo header.
const TCP: u16 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;

    fn segment(payload: &[u8]) -> Vec<u8> {
        let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 9, 8, 7], 64)
            .tcp(40_000, 445, 0xdead_beef, 64)
            .ack(77);
        let mut packet = Vec::new();
        builder.write(&mut packet, payload).unwrap();
        packet.split_off(20)
    }

    fn of(segment: &[u8]) -> Checksum {
        let mapped = |it: u32| 0xffff_0000_0000 | u128::from(it);
        Checksum::of(mapped(0x0a00_0001), mapped(0x0a09_0807), segment, 20)
    }

    #[test]
    fn a_checksum_fits_its_payload_and_no_other() {
        for length in 0..40_u8 {
            let payload: Vec<u8> = (0..length).collect();
            let found = of(&segment(&payload));
            assert_eq!(found.fits(sum(&payload)), Some(true), "{length}");
            for at in 0..payload.len() {
                let mut other = payload.clone();
                other[at] ^= 0x10;
                assert_eq!(found.fits(sum(&other)), Some(false));
            }
        }
    }

    #[test]
    fn the_sum_is_that_of_its_words_at_any_length() {
        let octets: Vec<u8> = (0..3000_u32)
            .map(|it| ((it * 7919) >> 3).to_le_bytes()[0])
            .collect();
        for length in (0..200).chain([1460, 2999, 3000]) {
            let words = octets[..length].chunks(2);
            let words =
                words.map(|it| u16::from_be_bytes([it[0], it.get(1).copied().unwrap_or_default()]));
            assert_eq!(sum(&octets[..length]), words.fold(0, add), "{length}");
        }
        assert!(same(sum(&[0xff; 4096]), 0));
    }

    #[test]
    fn a_sum_that_the_network_card_is_still_to_fill_in_says_nothing() {
        let mut segment = segment(b"abc");
        for length in [23_u16, 0] {
            // What Linux leaves: pseudo header with the length; Windows: without it.
            let pseudo = [0x0a00, 1, 0x0a09, 0x0807, TCP, length];
            let partial = pseudo.into_iter().fold(0, add);
            segment[16..18].copy_from_slice(&partial.to_be_bytes());
            assert_eq!(of(&segment), Checksum::Unset);
        }
        segment[17] ^= 1;
        assert_eq!(of(&segment).fits(sum(b"abc")), Some(false));
    }
}
