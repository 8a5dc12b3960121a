//! SQL Server's passwords (MS-TDS section 2.2.6.4), which only look encrypted: halves of octets are
//! swapped, and bits turned.

use super::zero;

/// Blanks the passwords of a LOGIN7: the one to log on with, and a new one.
pub(super) fn blank(frame: &mut [u8]) {
    for status in [0, END_OF_MESSAGE] {
        for at in super::places(frame, &[LOGIN7, status]) {
            if is_login(frame.get(at..).unwrap_or_default()) {
                passwords(frame, at + HEADER_OCTETS);
            }
        }
    }
}

fn passwords(frame: &mut [u8], login: usize) {
    for field in [PASSWORD, NEW_PASSWORD] {
        let pair = frame.get(login + field..);
        let Some([a, b, c, d]) = pair.and_then(|it| it.first_chunk().copied()) else {
            continue;
        };
        let offset = usize::from(u16::from_le_bytes([a, b]));
        let units = usize::from(u16::from_le_bytes([c, d]));
        zero(frame, login + offset, 2 * units);
    }
}

/// Whether the lengths of the packet and of the message in it fit, and the message is of a version
/// that there is.
fn is_login(packet: &[u8]) -> bool {
    let outer = packet.get(2..4).and_then(|it| it.first_chunk().copied());
    let inner = packet.get(8..12).and_then(|it| it.first_chunk().copied());
    let is_known = matches!(packet.get(15), Some(0x70..=0x78));
    outer.zip(inner).is_some_and(|(outer, inner)| {
        let outer = u32::from(u16::from_be_bytes(outer));
        outer.saturating_sub(8) <= u32::from_le_bytes(inner)
    }) && is_known
}

const LOGIN7: u8 = 16;
const END_OF_MESSAGE: u8 = 1;
const HEADER_OCTETS: usize = 8;

/// Where `ibPassword` and `ibChangePassword` stand.
const PASSWORD: usize = 44;
const NEW_PASSWORD: usize = 86;
