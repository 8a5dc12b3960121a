//! Open files and pipes of a connection. Pipes carry RPC; files are only remembered so that their
//! octets are passed over.

use super::limits::{FILES_MAX, PIPES_MAX};
use super::table::{Displaced, Table};
use crate::{Dissector, Facts, Recognised, Stamp, dcerpc};
use realmward_event::SessionPrincipal;
use realmward_event::rpc::Transport;
use realmward_vocab::Direction;

/// A handle, in the scope where it is unique: `FileId` of one SMB2 session, or `FID` of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OpenKey {
    /// `SessionId` of SMB2; 0 for SMB1.
    pub(crate) scope: u64,
    /// `FileId` or `FID`.
    pub(crate) file: u128,
}

/// In whose name and in which tree a handle was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Owner {
    /// `SessionId` or `UID`.
    pub(crate) session: u64,
    /// `TreeId` or `TID`.
    pub(crate) tree: u32,
}

/// What a handle was opened for, as far as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A file, or a pipe that does not speak RPC: its octets are of no use.
    File,
    /// A pipe.
    Pipe,
    /// It was opened before we listened.
    Unknown,
}

/// Octets that a message carries for a handle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payload<'a> {
    /// Those that are there.
    pub(crate) octets: &'a [u8],
    /// How many are missing behind them: the message is longer than we look.
    pub(crate) missing: usize,
}

/// All open handles of a connection.
#[derive(Debug)]
pub(crate) struct Opens {
    files: Table<OpenKey, Owner>,
    pipes: Table<OpenKey, Pipe>,
}

#[derive(Debug)]
struct Pipe {
    owner: Owner,
    /// The conversation on it; `None` once its first octets were not RPC.
    conversation: Option<Box<dcerpc::Conversation>>,
    has_spoken: bool,
}

impl Default for Opens {
    fn default() -> Self {
        Self {
            files: Table::new(FILES_MAX),
            pipes: Table::new(PIPES_MAX),
        }
    }
}

impl Opens {
    pub(crate) fn kind(&self, key: OpenKey) -> Kind {
        match self.pipes.find(key) {
            Some(pipe) if pipe.conversation.is_some() => Kind::Pipe,
            Some(_) => Kind::File,
            None if self.files.find(key).is_some() => Kind::File,
            None => Kind::Unknown,
        }
    }

    pub(crate) fn file(&mut self, key: OpenKey, owner: Owner, facts: &mut Facts) {
        self.close(key, facts);
        if let Displaced::Oldest(_) = self.files.insert(key, owner) {
            facts.limit("smb_files");
        }
    }

    /// A pipe was opened; `name` is empty if its opening was not seen.
    pub(crate) fn pipe(
        &mut self,
        key: OpenKey,
        owner: Owner,
        name: String,
        principal: SessionPrincipal,
        facts: &mut Facts,
    ) {
        self.close(key, facts);
        let mut conversation = dcerpc::Conversation::new(Transport::Pipe(name));
        conversation.set_principal(principal);
        let pipe = Pipe {
            owner,
            conversation: Some(Box::new(conversation)),
            has_spoken: false,
        };
        if let Displaced::Oldest(oldest) = self.pipes.insert(key, pipe) {
            facts.limit("smb_pipes");
            oldest.finish(facts);
        }
    }

    /// Octets that were written to or read from a pipe.
    pub(crate) fn carry(
        &mut self,
        key: OpenKey,
        direction: Direction,
        payload: Payload<'_>,
        at: Stamp,
        facts: &mut Facts,
    ) {
        if let Some(pipe) = self.pipes.find_mut(key) {
            pipe.carry(direction, payload, at, facts);
        }
    }

    pub(crate) fn close(&mut self, key: OpenKey, facts: &mut Facts) {
        self.files.remove(key);
        if let Some(pipe) = self.pipes.remove(key) {
            pipe.finish(facts);
        }
    }

    /// Closes all handles of a scope whose owner `is_gone`.
    pub(crate) fn close_where(
        &mut self,
        scope: u64,
        is_gone: impl Fn(&Owner) -> bool,
        facts: &mut Facts,
    ) {
        self.files
            .take_where(|key, owner| key.scope == scope && is_gone(owner));
        let pipes = self
            .pipes
            .take_where(|key, pipe| key.scope == scope && is_gone(&pipe.owner));
        for pipe in pipes {
            pipe.finish(facts);
        }
    }

    /// Octets of one direction were lost, perhaps those of a pipe.
    pub(crate) fn gap(&mut self, direction: Direction, facts: &mut Facts) {
        for pipe in self.pipes.values_mut() {
            if let Some(conversation) = &mut pipe.conversation {
                conversation.gap(direction, u64::MAX, facts);
            }
        }
    }

    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        for pipe in self.pipes.take_all() {
            pipe.finish(facts);
        }
    }
}

impl Pipe {
    fn carry(&mut self, direction: Direction, payload: Payload<'_>, at: Stamp, facts: &mut Facts) {
        if payload.octets.is_empty() {
            return;
        }
        let is_first = !std::mem::replace(&mut self.has_spoken, true);
        if is_first && dcerpc::recognise(payload.octets) == Recognised::No {
            self.conversation = None;
        }
        let Some(conversation) = &mut self.conversation else {
            return;
        };
        conversation.feed(direction, payload.octets, at, facts);
        if payload.missing != 0 {
            let missing = u64::try_from(payload.missing).unwrap_or(u64::MAX);
            conversation.gap(direction, missing, facts);
        }
    }

    fn finish(self, facts: &mut Facts) {
        if let Some(mut conversation) = self.conversation {
            conversation.finish(facts);
        }
    }
}
