//! The framing of SMB over TCP: NetBIOS session service (RFC 1002 section 4.3.1) on port 139, and the
//! four-octet length of direct TCP (MS-SMB2 section 2.1) on port 445, which look alike.
//!
//! Files are the mass of a domain controller's octets. Whether a message carries some is told by its
//! first octets and by what is known of its handle; then only its head is looked at.

use super::session::Connection;
use super::{smb1, smb2};
use crate::Recognised;
use crate::wire::Framing;
use realmward_vocab::Direction;

/// Octets before an SMB message.
pub(crate) const HEADER_OCTETS: usize = 4;

/// Which SMB a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// SMB1 (MS-CIFS section 2.2.3.1).
    Smb1,
    /// SMB2 and SMB3 in clear (MS-SMB2 section 2.2.1).
    Smb2,
    /// SMB2 TRANSFORM_HEADER (MS-SMB2 section 2.2.41): encrypted.
    Encrypted,
    /// SMB2 COMPRESSION_TRANSFORM_HEADER (MS-SMB2 section 2.2.42).
    Compressed,
}

impl Version {
    /// The version that these first octets of an SMB message name.
    pub(crate) fn of(octets: &[u8]) -> Option<Self> {
        match octets {
            [0xff, b'S', b'M', b'B', ..] => Some(Self::Smb1),
            [0xfe, b'S', b'M', b'B', ..] => Some(Self::Smb2),
            [0xfd, b'S', b'M', b'B', ..] => Some(Self::Encrypted),
            [0xfc, b'S', b'M', b'B', ..] => Some(Self::Compressed),
            _ => None,
        }
    }
}

/// The extent of what begins here, and how much of it matters. What begins no message is dropped up
/// to the next place that does.
pub(crate) fn frame(octets: &[u8], direction: Direction, connection: &Connection) -> Framing {
    let Some((header, message)) = octets.split_first_chunk::<HEADER_OCTETS>() else {
        return Framing::Need(HEADER_OCTETS);
    };
    if control_sender(*header).is_some() {
        let [_, _, _, length] = *header;
        return Framing::Whole(HEADER_OCTETS + usize::from(length));
    }
    let [0, high, middle, low] = *header else {
        return Framing::Drop(distance(octets));
    };
    let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).unwrap_or(0);
    if length < SIGNATURE_OCTETS {
        return Framing::Drop(distance(octets));
    }
    let message = message.get(..length).unwrap_or(message);
    if message.len() < SIGNATURE_OCTETS {
        return Framing::Need(HEADER_OCTETS + SIGNATURE_OCTETS);
    }
    let head = match Version::of(message) {
        Some(Version::Smb1) => smb1::extent::head(message, length, direction, connection),
        Some(Version::Smb2) => smb2::extent::head(message, length, direction, connection),
        Some(Version::Encrypted) => Head::Only(smb2::parse::TRANSFORM_OCTETS),
        Some(Version::Compressed) => smb2::compressed::head(message, length),
        None => return Framing::Drop(distance(octets)),
    };
    head.framing(length)
}

/// How much of a message matters, NetBIOS header not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// Tell after this many octets; if the message has fewer, it matters whole.
    Need(usize),
    /// The first so many octets.
    Only(usize),
}

impl Head {
    fn framing(self, length: usize) -> Framing {
        let total = HEADER_OCTETS + length;
        match self {
            Self::Need(octets) if octets <= length => Framing::Need(HEADER_OCTETS + octets),
            Self::Need(_) => Framing::Whole(total),
            Self::Only(octets) => Framing::Head {
                head: total.min(HEADER_OCTETS.saturating_add(octets)),
                total,
            },
        }
    }
}

/// Whether these first octets of a direction are SMB, and who sent them.
pub(crate) fn recognise(octets: &[u8]) -> Recognised {
    let Some((header, message)) = octets.split_first_chunk::<HEADER_OCTETS>() else {
        return match octets.first() {
            None | Some(0 | 0x81..=0x85) => Recognised::TooShort,
            Some(_) => Recognised::No,
        };
    };
    if let Some(sender) = control_sender(*header) {
        return sender;
    }
    if header.first() != Some(&0) {
        return Recognised::No;
    }
    match Version::of(message) {
        Some(Version::Smb1) => smb1::parse::sender(message),
        Some(Version::Smb2) => smb2::parse::sender(message),
        Some(Version::Encrypted | Version::Compressed) => Recognised::Likely,
        None if message.len() < SIGNATURE_OCTETS && may_be_signature(message) => {
            Recognised::TooShort
        }
        None => Recognised::No,
    }
}

/// Whether the header is that of a session service packet without SMB, and who sends it. They all
/// have a fixed length (RFC 1002 section 4.3), which tells them from octets in the middle of a file.
const fn control_sender(header: [u8; HEADER_OCTETS]) -> Option<Recognised> {
    match header {
        // SESSION REQUEST: two names of 34 octets.
        [0x81, 0, 0, 68] => Some(Recognised::Yes(Direction::ToServer)),
        // POSITIVE, NEGATIVE and RETARGET SESSION RESPONSE.
        [0x82, 0, 0, 0] | [0x83, 0, 0, 1] | [0x84, 0, 0, 6] => {
            Some(Recognised::Yes(Direction::ToClient))
        }
        // SESSION KEEPALIVE.
        [0x85, 0, 0, 0] => Some(Recognised::Likely),
        _ => None,
    }
}

fn may_be_signature(octets: &[u8]) -> bool {
    match octets.split_first() {
        None => true,
        Some((first, rest)) => 0xfc <= *first && b"SMB".starts_with(rest),
    }
}

/// How far it is to the next octets that may begin a message; the last ones may turn out to.
fn distance(octets: &[u8]) -> usize {
    let begins = |window: &[u8]| match window.split_first_chunk::<HEADER_OCTETS>() {
        Some(([0, ..], message)) => Version::of(message).is_some(),
        _ => false,
    };
    let candidates = octets.get(1..).unwrap_or_default();
    candidates
        .windows(HEADER_OCTETS + SIGNATURE_OCTETS)
        .position(begins)
        .unwrap_or_else(|| {
            candidates
                .len()
                .saturating_sub(HEADER_OCTETS + SIGNATURE_OCTETS - 1)
        })
        + 1
}

/// `ProtocolId` and `Protocol`.
const SIGNATURE_OCTETS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_where_a_message_may_begin_is_found() {
        let message = b"\x00\x00\x00\x44\xfeSMB";
        for before in 1..12 {
            let mut octets = vec![0; before];
            octets.extend_from_slice(message);
            assert_eq!(distance(&octets), before);
            for cut in 1..octets.len() {
                let step = distance(&octets[..cut]);
                assert!((1..=before).contains(&step), "{cut} octets: {step}");
            }
        }
    }

    #[test]
    fn first_octets_tell_the_sender() {
        for (octets, expected) in [
            (&b""[..], Recognised::TooShort),
            (b"\x00\x00", Recognised::TooShort),
            (b"\x00\x00\x00\x40\xfeSM", Recognised::TooShort),
            (b"\x00\x00\x00\x40\xfeSMX", Recognised::No),
            (b"\x00\x00\x00\x40\x30", Recognised::No),
            (b"\x16\x03", Recognised::No),
            (b"\x85\x00\x00\x00", Recognised::Likely),
            (b"\x81\x00\x00\x44", Recognised::Yes(Direction::ToServer)),
            (b"\x82\x00\x00\x00", Recognised::Yes(Direction::ToClient)),
            (b"\x00\x00\x01\x40\xfdSMB", Recognised::Likely),
            (
                b"\x00\x00\x00\x40\xffSMB\x72\0\0\0\0\x18",
                Recognised::Yes(Direction::ToServer),
            ),
            (
                b"\x00\x00\x00\x40\xffSMB\x72\0\0\0\0\x98",
                Recognised::Yes(Direction::ToClient),
            ),
            (
                b"\x00\x00\x00\x40\xfeSMB\x40\0\0\0\0\0\0\0\0\0\0\0\x01",
                Recognised::Yes(Direction::ToClient),
            ),
        ] {
            assert_eq!(recognise(octets), expected, "{octets:02x?}");
        }
    }
}
