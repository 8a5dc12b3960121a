//! Where messages begin and end, plain or wrapped, told by their octets alone.

use super::limits::MESSAGE_OCTETS_MAX;
use super::message::{Envelope, Operation};
use super::parse::{self, OBJECT_NAME_HEADER};
use super::wrap::{self, Protection};
use crate::wire::{Framing, ParseError};
use std::cell::Cell;

/// What the octets about to be delivered are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// A message in clear.
    Message(Envelope),
    /// What comes before the messages of a signed buffer, or after them.
    Wrapping,
    /// Messages of a signed buffer, cut anywhere.
    Signed {
        /// Octets of messages that come after these and stood elsewhere.
        missing: usize,
    },
    /// A sealed buffer.
    Sealed,
    /// What another protocol began with.
    HandedOn,
    /// Not yet known, or nothing.
    #[default]
    Nothing,
}

/// What one direction has shown of its form so far.
///
/// A signed buffer may be as long as sixteen million octets, so it is not put together: its messages
/// are handed on as they come, and this remembers how much of it is still to come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Framer {
    /// A SASL bind was seen to succeed: what comes now is likely wrapped.
    wrapped: Cell<bool>,
    /// The last octets looked at were no boundary, so that a chance look-alike must not be believed.
    lost: Cell<bool>,
    /// NTLM showed a message in clear: buffers that begin otherwise continue one.
    signed: Cell<bool>,
    /// What the last extent was given for.
    form: Cell<Form>,
    /// The octets from here on are another protocol's.
    handed_on: Cell<bool>,
    inside: Cell<Inside>,
    /// What `inside` will be once that extent was delivered.
    next: Cell<Inside>,
}

/// The rest of a signed buffer.
#[derive(Clone, Copy, Debug, Default)]
struct Inside {
    /// Octets of messages still to come.
    body: usize,
    /// Octets of messages that stood elsewhere.
    rotated: usize,
    /// Octets of signature after the messages.
    after: usize,
}

impl Framer {
    /// Says whether a SASL bind was seen to succeed.
    pub(crate) fn expect(&self, wrapped: bool) {
        if self.wrapped.get() && !wrapped {
            // A new bind: what NTLM showed before says nothing of what comes.
            self.signed.set(false);
        }
        self.wrapped.set(wrapped);
    }

    /// What was delivered, which is what the last extent was given for.
    pub(crate) fn delivered(&self) -> Form {
        self.inside.set(self.next.take());
        self.form.get()
    }

    /// Octets that were lost from the capture. If they were messages of a signed buffer and nothing
    /// else, says so: their place is still known.
    pub(crate) fn lose(&mut self, lost: u64) -> bool {
        let inside = self.inside.get_mut();
        match usize::try_from(lost) {
            Ok(lost) if lost <= inside.body => {
                inside.body -= lost;
                true
            }
            _ => {
                *inside = Inside::default();
                false
            }
        }
    }

    /// What follows is another protocol's.
    pub(crate) fn hand_on(&self) {
        self.handed_on.set(true);
    }

    /// The next octets may stand anywhere.
    pub(crate) fn lost(&mut self) {
        self.lost.set(true);
    }

    /// The extent of what stands at the start of `octets`.
    pub(crate) fn frame(&self, octets: &[u8]) -> Framing {
        self.next.take();
        if self.handed_on.get() {
            self.form.set(Form::HandedOn);
            return Framing::Whole(octets.len().clamp(1, MESSAGE_OCTETS_MAX));
        }
        let inside = self.inside.get();
        if inside.body != 0 || inside.after != 0 {
            return self.inside(inside, octets.len());
        }
        let framing = match self.boundary(octets) {
            Ok(framing) => framing,
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

    /// The extent of the next `here` octets of a signed buffer.
    fn inside(&self, inside: Inside, here: usize) -> Framing {
        let mut next = inside;
        if inside.body == 0 {
            let extent = inside.after.min(here);
            next.after -= extent;
            self.form.set(Form::Wrapping);
            self.next.set(next);
            return Framing::Whole(extent);
        }
        let extent = inside.body.min(here);
        next.body -= extent;
        let missing = if next.body == 0 { inside.rotated } else { 0 };
        self.form.set(Form::Signed { missing });
        self.next.set(next);
        Framing::Whole(extent)
    }

    fn boundary(&self, octets: &[u8]) -> Result<Framing, ParseError> {
        if octets.first().is_some_and(|octet| *octet != 0) {
            let envelope = parse::envelope(octets)?;
            self.form.set(Form::Message(envelope));
            return Ok(message_extent(octets, envelope));
        }
        match wrap::wrapped(octets) {
            Ok(it) if it.is_telling || self.believes_wrapping() => self.buffer(octets, it),
            Err(ParseError::Malformed { .. }) if self.wrapped.get() && !self.lost.get() => {
                // A mechanism that we do not know hides it.
                Ok(self.sealed(wrap::total(octets)?))
            }
            Ok(_) => Err(ParseError::Malformed {
                field: "LDAPMessage",
            }),
            Err(error) => Err(error),
        }
    }

    /// Whether a form that chance may imitate is believed.
    fn believes_wrapping(&self) -> bool {
        self.wrapped.get() || self.signed.get() || !self.lost.get()
    }

    fn buffer(&self, octets: &[u8], it: wrap::Wrapped) -> Result<Framing, ParseError> {
        match it.protection {
            Protection::Sealed => Ok(self.sealed(it.total)),
            Protection::Signed { body, rotated } => Ok(self.signed(it.total, body, rotated)),
            Protection::Unsaid { body } => {
                let (start, end) = body;
                let shown = octets.get(start..end.min(octets.len())).unwrap_or_default();
                match parse::envelope(shown) {
                    Ok(_) => self.signed.set(true),
                    Err(ParseError::Incomplete { needed })
                        if octets.len() < end && !self.signed.get() =>
                    {
                        return Err(ParseError::Incomplete {
                            needed: needed + start.saturating_sub(octets.len()),
                        });
                    }
                    Err(_) => {}
                }
                if self.signed.get() {
                    Ok(self.signed(it.total, body, 0))
                } else {
                    Ok(self.sealed(it.total))
                }
            }
        }
    }

    fn sealed(&self, total: usize) -> Framing {
        self.form.set(Form::Sealed);
        Framing::Head { head: 1, total }
    }

    fn signed(&self, total: usize, body: (usize, usize), rotated: usize) -> Framing {
        let (start, end) = body;
        self.form.set(Form::Wrapping);
        self.next.set(Inside {
            body: end.saturating_sub(start),
            rotated,
            after: total.saturating_sub(end),
        });
        Framing::Whole(start)
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
        | Operation::MODIFY_REQUEST
        | Operation::MODIFY_RESPONSE
        | Operation::ADD_REQUEST
        | Operation::ADD_RESPONSE
        | Operation::DELETE_REQUEST
        | Operation::DELETE_RESPONSE
        | Operation::MODIFY_DN_REQUEST
        | Operation::MODIFY_DN_RESPONSE
        | Operation::COMPARE_REQUEST
        | Operation::COMPARE_RESPONSE
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
