//! Where records, handshake messages and sealed buffers begin and end.

use super::parse;
use crate::wire::{Framing, ParseError};
use std::cell::Cell;

/// What the octets just delivered are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// A record of which nothing is read.
    #[default]
    Record,
    /// The record with the address.
    Via,
    /// The record that asks for an upgrade.
    Upgrade,
    /// A message of the handshake.
    Handshake,
    /// A sealed buffer.
    Sealed,
    /// Something else: the place is lost.
    Strange,
}

/// One direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Framer {
    stage: Cell<Stage>,
    form: Cell<Form>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Preamble,
    Handshake,
    Sealed,
}

impl Framer {
    /// The handshake has ended: what begins now is sealed.
    pub(super) fn seal(&self) {
        self.stage.set(Stage::Sealed);
    }

    pub(super) fn frame(&self, octets: &[u8]) -> Framing {
        let found = match self.stage.get() {
            Stage::Preamble => parse::record(octets),
            Stage::Handshake => parse::handshake_length(octets).map(|it| (Form::Handshake, it)),
            Stage::Sealed => parse::sealed_length(octets).map(|it| (Form::Sealed, it)),
        };
        match found {
            Ok((Form::Sealed, total)) => {
                self.form.set(Form::Sealed);
                Framing::Head { head: 4, total }
            }
            Ok((form, total)) => {
                self.form.set(form);
                Framing::Whole(total)
            }
            Err(ParseError::Incomplete { needed }) => Framing::Need(octets.len() + needed.max(1)),
            Err(_) => {
                self.form.set(Form::Strange);
                Framing::Whole(1)
            }
        }
    }

    /// What was delivered; moves on behind it.
    pub(super) fn delivered(&self, octets: &[u8]) -> Form {
        let form = self.form.get();
        match form {
            Form::Upgrade => self.stage.set(Stage::Handshake),
            Form::Record if parse::is_upgrade_response(octets) => self.stage.set(Stage::Handshake),
            Form::Handshake if parse::ends_handshake(octets) => self.seal(),
            _ => {}
        }
        form
    }
}
