//! Open files and pipes of a connection. Pipes carry RPC; of files it is counted what is read and
//! written, by the sizes in the headers, and told once when they are closed.

use super::asked::Moment;
use super::facts::{self, Opening};
use super::limits::{FILES_MAX, PIPES_MAX};
use super::table::{Displaced, Table};
use super::text;
use crate::{Dissector, Facts, Recognised, Stamp, dcerpc};
use realmward_event::rpc::Transport;
use realmward_event::smb::FileClosed;
use realmward_event::{Fact, SessionPrincipal};
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
    files: Table<OpenKey, Box<File>>,
    pipes: Table<OpenKey, Pipe>,
}

#[derive(Debug)]
struct File {
    owner: Owner,
    used: FileClosed,
    opened: Moment,
    /// When it was last used.
    latest: Stamp,
}

/// What was done with a file beside reading and writing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// It is deleted when it is closed.
    Deletes,
    /// It is to be kept after all.
    Keeps,
    /// It has a new name.
    Renames(String),
    /// It is a folder, and was searched for this.
    Searches(String),
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

    /// A file was opened.
    pub(crate) fn file(
        &mut self,
        key: OpenKey,
        owner: Owner,
        opening: Opening,
        moment: Moment,
        facts: &mut Facts,
    ) {
        self.close(key, moment.at, facts);
        let file = File {
            owner,
            used: FileClosed {
                name: text::ending(opening.name.trim_start_matches('\\')).to_owned(),
                share: opening.share,
                deleted: opening.options & FILE_DELETE_ON_CLOSE != 0,
                principal: opening.principal,
                ..FileClosed::default()
            },
            opened: moment,
            latest: moment.at,
        };
        if let Displaced::Oldest(oldest) = self.files.insert(key, Box::new(file)) {
            facts.limit("smb_files");
            oldest.finish(None, facts);
        }
    }

    /// Octets were read from a file or written to it.
    pub(crate) fn moved(&mut self, key: OpenKey, direction: Direction, octets: u64, at: Stamp) {
        if let Some(file) = self.files.find_mut(key) {
            let total = match direction {
                Direction::ToServer => &mut file.used.octets_written,
                Direction::ToClient => &mut file.used.octets_read,
            };
            *total = total.saturating_add(octets);
            file.latest = at;
        }
    }

    /// Something was done with a file.
    pub(crate) fn done(&mut self, key: OpenKey, deed: Deed, at: Stamp) {
        let Some(file) = self.files.find_mut(key) else {
            return;
        };
        match deed {
            Deed::Deletes => file.used.deleted = true,
            Deed::Keeps => file.used.deleted = false,
            Deed::Renames(name) => {
                let name = text::ending(name.trim_start_matches('\\'));
                file.used.renamed_to = Some(name.to_owned());
            }
            Deed::Searches(pattern) => {
                if facts::is_search_worth_telling(file.used.share.as_str(), &pattern) {
                    file.used.pattern = Some(text::ending(&pattern).to_owned());
                }
            }
        }
        file.latest = at;
    }

    /// A pipe was opened; `name` is empty if its opening was not seen.
    pub(crate) fn pipe(
        &mut self,
        key: OpenKey,
        owner: Owner,
        name: String,
        principal: SessionPrincipal,
        at: Stamp,
        facts: &mut Facts,
    ) {
        self.close(key, at, facts);
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

    pub(crate) fn close(&mut self, key: OpenKey, at: Stamp, facts: &mut Facts) {
        if let Some(file) = self.files.remove(key) {
            file.finish(Some(at), facts);
        }
        if let Some(pipe) = self.pipes.remove(key) {
            pipe.finish(facts);
        }
    }

    /// Closes all handles of a scope whose owner `is_gone`.
    pub(crate) fn close_where(
        &mut self,
        scope: u64,
        is_gone: impl Fn(&Owner) -> bool,
        at: Stamp,
        facts: &mut Facts,
    ) {
        let files = self
            .files
            .take_where(|key, file| key.scope == scope && is_gone(&file.owner));
        for file in files {
            file.finish(Some(at), facts);
        }
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
        for file in self.files.take_all() {
            file.finish(None, facts);
        }
        for pipe in self.pipes.take_all() {
            pipe.finish(facts);
        }
    }
}

impl File {
    /// It was closed, or will not be seen to be.
    fn finish(self, closed: Option<Stamp>, facts: &mut Facts) {
        if facts::is_use_worth_telling(&self.used) {
            let at = closed.unwrap_or(self.latest);
            let [first, second] = self.opened.packets();
            let evidence = [first, second, self.latest.packet, at.packet];
            facts.report(at, &evidence, Fact::FileClosed(self.used));
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

/// `FILE_DELETE_ON_CLOSE` of `CreateOptions` (MS-SMB2 section 2.2.13).
const FILE_DELETE_ON_CLOSE: u32 = 0x0000_1000;
