//! Where messages begin and end, plain or wrapped, told by their octets alone.

use super::limits::{MESSAGE_OCTETS_MAX, WRAPPED_OCTETS_MAX};
use super::message::{Envelope, Operation};
use super::parse::{self, OBJECT_NAME_HEADER};
use super::wrap::{self, Protection};
use crate::wire::{Framing, ParseError};
use std::cell::Cell;

/// What stands at a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A message in clear.
    Message(Envelope),
    /// A signed buffer with messages at these places, see [`Protection::Signed`].
    Signed {
        /// Octets of length and buffer.
        total: usize,
        /// Where the messages stand, in order.
        parts: [(usize, usize); 2],
    },
    /// A sealed buffer.
    Sealed {
        /// Octets of length and buffer.
        total: usize,
    },
}

/// What one direction has shown of its form so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Framer {
    /// A SASL bind was seen to succeed: what comes now is likely wrapped.
    wrapped: bool,
    /// The last octets looked at were no boundary, so that a chance look-alike must not be believed.
    lost: Cell<bool>,
    /// NTLM showed a message in clear: buffers that begin otherwise continue one.
    signed: Cell<bool>,
}

impl Framer {
    /// The extent of what stands at the start of `octets`.
    pub(crate) fn frame(&self, octets: &[u8]) -> Framing {
        let framing = match self.form(octets) {
            Ok(Form::Message(envelope)) => message_extent(octets, envelope),
            Ok(Form::Signed { total, .. }) => head(WRAPPED_OCTETS_MAX, total),
            Ok(Form::Sealed { total }) => head(SEALED_HEAD, total),
            Err(ParseError::Incomplete { needed }) => Framing::Need(octets.len() + needed.max(1)),
            Err(_) => drop_to(octets, &[0x30, 0x00]),
        };
        match framing {
            Framing::Need(_) => {}
            Framing::Drop(_) => self.lost.set(true),
            Framing::Whole(_) | Framing::Head { .. } => self.lost.set(false),
        }
        framing
    }

    /// What stands at the start of `octets`.
    pub(crate) fn form(&self, octets: &[u8]) -> Result<Form, ParseError> {
        if octets.first().is_some_and(|octet| *octet != 0) {
            return parse::envelope(octets).map(Form::Message);
        }
        match wrap::wrapped(octets) {
            Ok(it) if it.is_telling || self.wrapped || !self.lost.get() => {
                self.unwrapped(octets, it)
            }
            Err(ParseError::Malformed { .. }) if self.wrapped && !self.lost.get() => {
                // A mechanism that we do not know hides it.
                wrap::total(octets).map(|total| Form::Sealed { total })
            }
            Ok(_) => Err(ParseError::Malformed {
                field: "LDAPMessage",
            }),
            Err(error) => Err(error),
        }
    }

    fn unwrapped(&self, octets: &[u8], it: wrap::Wrapped) -> Result<Form, ParseError> {
        let total = it.total;
        let (start, end) = match it.protection {
            Protection::Sealed => return Ok(Form::Sealed { total }),
            Protection::Signed { body, rotated } => {
                let parts = [body, rotated];
                return Ok(Form::Signed { total, parts });
            }
            Protection::Unsaid { body } => body,
        };
        let shown = octets.get(start..end.min(octets.len())).unwrap_or_default();
        match parse::envelope(shown) {
            Ok(_) => self.signed.set(true),
            Err(ParseError::Incomplete { needed }) if octets.len() < end && !self.signed.get() => {
                return Err(ParseError::Incomplete { needed });
            }
            Err(_) => {}
        }
        if self.signed.get() {
            let parts = [(start, end), (end, end)];
            return Ok(Form::Signed { total, parts });
        }
        Ok(Form::Sealed { total })
    }

    /// Says whether a SASL bind was seen to succeed.
    pub(crate) fn expect(&mut self, wrapped: bool) {
        if self.wrapped && !wrapped {
            // A new bind: what NTLM showed before says nothing of what comes.
            self.signed.set(false);
        }
        self.wrapped = wrapped;
    }
}

/// The extent of a message in a stream that has only messages, such as what wrapping held.
pub(crate) fn frame_messages(octets: &[u8]) -> Framing {
    match parse::envelope(octets) {
        Ok(envelope) => message_extent(octets, envelope),
        Err(ParseError::Incomplete { needed }) => Framing::Need(octets.len() + needed.max(1)),
        Err(_) => drop_to(octets, &[0x30]),
    }
}

/// Only messages that we read are delivered whole; of entries, where most octets are, only those of
/// the root DSE are.
fn message_extent(octets: &[u8], envelope: Envelope) -> Framing {
    let Envelope { total, content, .. } = envelope;
    let (start, length) = content;
    let is_read = match envelope.operation {
        Operation::BIND_REQUEST
        | Operation::BIND_RESPONSE
        | Operation::SEARCH_REQUEST
        | Operation::SEARCH_RESULT_DONE
        | Operation::ABANDON_REQUEST
        | Operation::EXTENDED_REQUEST
        | Operation::EXTENDED_RESPONSE => true,
        Operation::SEARCH_RESULT_ENTRY => {
            let shown = start + OBJECT_NAME_HEADER.min(length);
            match octets.get(start..shown) {
                Some(content) => parse::is_root_entry(content),
                None => return Framing::Need(shown),
            }
        }
        _ => false,
    };
    head(if is_read { MESSAGE_OCTETS_MAX } else { start }, total)
}

fn head(wanted: usize, total: usize) -> Framing {
    if total <= wanted {
        return Framing::Whole(total);
    }
    Framing::Head {
        head: wanted,
        total,
    }
}

/// Drops what stands before the next octet that may begin something.
fn drop_to(octets: &[u8], begins: &[u8]) -> Framing {
    let next = octets
        .iter()
        .skip(1)
        .position(|octet| begins.contains(octet));
    Framing::Drop(next.map_or(octets.len(), |place| place + 1))
}

/// Octets that show what any wrapping is: of NTLM, four of length, sixteen of signature and the
/// envelope of a message.
const SEALED_HEAD: usize = 64;
