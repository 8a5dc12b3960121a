//! One direction of a handshake: records to messages, until encryption begins.

use super::message::content;
use crate::Stamp;
use crate::wire::{Assembler, Framing};
use realmward_vocab::PacketRef;

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Flight {
    records: Assembler,
    /// Handshake octets not yet read: a message may span records and records hold several.
    messages: Vec<u8>,
    first: PacketRef,
    /// Keys changed only for show will not end this flight.
    is_retried: bool,
    is_over: bool,
}

/// What a direction gives.
pub(super) enum Given<'a> {
    /// A handshake message: its type and body, and the packet in which it began.
    Message(u8, &'a [u8], PacketRef, Stamp),
    /// From here on this direction is encrypted.
    Encrypted,
    /// It ends the handshake with a complaint.
    Alert,
    /// This is not what it seemed to be, or is too long.
    Lost,
}

impl Flight {
    pub(super) const fn is_over(&self) -> bool {
        self.is_over
    }

    /// The server asked the client to begin again: a ChangeCipherSpec of either side now means nothing
    /// (RFC 8446 appendix D.4).
    pub(super) const fn retry(&mut self) {
        self.is_retried = true;
    }

    /// Takes the next octets. `give` says of a message whether it asks the client to begin again.
    pub(super) fn feed(
        &mut self,
        octets: &[u8],
        at: Stamp,
        mut give: impl FnMut(Given<'_>) -> bool,
    ) {
        if self.is_over {
            return;
        }
        let Self {
            records,
            messages,
            first,
            is_retried,
            is_over,
        } = self;
        records.feed(octets, at, RECORD_OCTETS_MAX, frame, |piece| {
            if *is_over {
                return;
            }
            let body = piece.octets.get(HEADER_OCTETS..).unwrap_or_default();
            match piece.octets.first() {
                Some(&content::HANDSHAKE) => {
                    if messages.is_empty() {
                        *first = piece.first;
                    }
                    messages.extend_from_slice(body);
                    let mut read = 0;
                    while let Some((kind, body)) = whole(messages.get(read..).unwrap_or_default()) {
                        *is_retried |= give(Given::Message(kind, body, *first, piece.at));
                        read += 4 + body.len();
                        *first = piece.first;
                    }
                    // Once a record: one by one, many short messages would cost their square.
                    messages.drain(..read);
                    if MESSAGE_OCTETS_MAX < messages.len() {
                        *is_over = true;
                        give(Given::Lost);
                    }
                }
                Some(&content::CHANGE_CIPHER_SPEC) if *is_retried => {}
                Some(&content::CHANGE_CIPHER_SPEC | &content::APPLICATION_DATA) => {
                    *is_over = true;
                    give(Given::Encrypted);
                }
                Some(&content::ALERT) => {
                    *is_over = true;
                    give(Given::Alert);
                }
                _ => {
                    *is_over = true;
                    give(Given::Lost);
                }
            }
        });
        if self.is_over {
            self.end();
        }
    }

    /// Nothing of this direction is read any more.
    pub(super) fn end(&mut self) {
        self.is_over = true;
        self.messages = Vec::new();
        self.records = Assembler::default();
    }
}

/// The type of the first message and its body, if all of it is there.
///
/// ```text
/// Handshake := msg_type:u8 length:u24 body
/// ```
fn whole(messages: &[u8]) -> Option<(u8, &[u8])> {
    let [kind, a, b, c, rest @ ..] = messages else {
        return None;
    };
    let length = usize::try_from(u32::from_be_bytes([0, *a, *b, *c])).ok()?;
    Some((*kind, rest.get(..length)?))
}

/// Of what follows the handshake only the header is looked at.
fn frame(octets: &[u8]) -> Framing {
    match *octets {
        [content::HANDSHAKE, 3, 0..=4, high, low, ..] => {
            Framing::Whole(HEADER_OCTETS + usize::from(u16::from_be_bytes([high, low])))
        }
        [_, _, _, high, low, ..] => Framing::Head {
            head: HEADER_OCTETS,
            total: HEADER_OCTETS + usize::from(u16::from_be_bytes([high, low])),
        },
        _ => Framing::Need(HEADER_OCTETS),
    }
}

/// `type:u8 version:u16 length:u16`.
const HEADER_OCTETS: usize = 5;

/// A length has two octets.
const RECORD_OCTETS_MAX: usize = HEADER_OCTETS + 65_535;

/// A chain of certificates is below 16 KiB as a rule. Past it the rest of the handshake is not read.
const MESSAGE_OCTETS_MAX: usize = 64 * 1024;
