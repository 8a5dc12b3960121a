//! What one connection knows, whether it speaks SMB1 or SMB2: sessions, trees, handles, and requests
//! that wait for their answers.

use super::asked::{Asked, Moment, Question};
use super::facts::{self, Opening};
use super::limits::{PENDING_MAX, TREES_MAX};
use super::logon::Logon;
use super::negotiation::Negotiation;
use super::opens::{Deed, Kind, OpenKey, Opens, Owner, Payload};
use super::sessions::Sessions;
use super::table::{Displaced, Table};
use super::text;
use crate::{Facts, Recognised, Stamp, dcerpc};
use realmward_vocab::{Direction, NtStatus, ShareName};

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) negotiation: Negotiation,
    pub(crate) opens: Opens,
    pub(crate) sessions: Sessions,
    trees: Table<(u64, u32), Tree>,
    pending: Table<u64, Asked>,
    /// Numbers of requests come again, as those of SMB1 do: nothing is paired across a hole.
    pub(crate) reuses_numbers: bool,
    /// It was told that sizes of a compressed message contradict each other.
    pub(crate) has_contradicted: bool,
}

/// What an opening gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Created {
    /// `FileId` or `FID`.
    pub(crate) file: u128,
    /// Octets of the file.
    pub(crate) size: Option<u64>,
}

#[derive(Debug)]
struct Tree {
    session: u64,
    share: ShareName,
    is_pipes: bool,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            negotiation: Negotiation::default(),
            opens: Opens::default(),
            sessions: Sessions::default(),
            trees: Table::new(TREES_MAX),
            pending: Table::new(PENDING_MAX),
            reuses_numbers: false,
            has_contradicted: false,
        }
    }
}

impl Connection {
    /// A request is on its way; `id` pairs it with its answer.
    pub(crate) fn ask(&mut self, id: u64, asked: Asked, facts: &mut Facts) {
        match self.pending.insert(id, asked) {
            Displaced::Nothing => {}
            Displaced::Same(unanswered) => self.give_up(unanswered, facts),
            Displaced::Oldest(unanswered) => {
                facts.limit("smb_pending_requests");
                self.give_up(unanswered, facts);
            }
        }
    }

    /// The request that an answer belongs to.
    pub(crate) fn asked(&mut self, id: u64) -> Option<Asked> {
        self.pending.remove(id)
    }

    /// The same, left waiting.
    pub(crate) fn waiting(&self, id: u64) -> Option<&Asked> {
        self.pending.find(id)
    }

    /// What the handle is that the pending read `id` reads from.
    pub(crate) fn kind_read(&self, id: u64) -> Kind {
        match self.waiting(id) {
            Some(Asked {
                question: Question::Read(file),
                scope,
                ..
            }) => self.opens.kind(OpenKey {
                scope: *scope,
                file: *file,
            }),
            _ => Kind::Unknown,
        }
    }

    /// A session setup claims to be someone's. That counts as long as the server is not heard, if the
    /// connection was seen from its beginning.
    pub(crate) fn claim(&mut self, logon: &Logon) {
        if self.negotiation.is_unanswered() {
            self.sessions.claim(logon.principal());
        }
    }

    /// A tree connect was answered.
    pub(crate) fn connect(
        &mut self,
        asked: Asked,
        tree: u32,
        status: NtStatus,
        serves_pipes: bool,
        moment: Moment,
        facts: &mut Facts,
    ) {
        let Question::TreeConnect(share) = asked.question else {
            return;
        };
        let session = asked.owner.session;
        let principal = self.sessions.principal(session);
        facts::share_opened(&share, principal, Some(status), asked.moment, moment, facts);
        if status.is_error() {
            return;
        }
        let is_pipes = serves_pipes || facts::is_ipc(share.as_str());
        let entry = Tree {
            session,
            share,
            is_pipes,
        };
        if let Displaced::Oldest(_) = self.trees.insert((asked.scope, tree), entry) {
            facts.limit("smb_trees");
        }
    }

    /// An opening as it is asked for: `name` in the tree of `owner`.
    pub(crate) fn opening(&self, scope: u64, owner: Owner, name: String) -> Opening {
        let tree = self.trees.find((scope, owner.tree));
        Opening {
            is_pipe: match tree {
                Some(tree) => tree.is_pipes,
                None => facts::is_known_pipe(&name),
            },
            share: tree.map(|tree| tree.share.clone()).unwrap_or_default(),
            principal: self.sessions.principal(owner.session),
            name,
            ..Opening::default()
        }
    }

    /// Whether a search in the tree of `owner` for `pattern` is worth remembering.
    pub(crate) fn is_searched(&self, owner: Owner, pattern: &str) -> bool {
        self.trees
            .find((owner.session, owner.tree))
            .is_some_and(|tree| facts::is_search_worth_telling(tree.share.as_str(), pattern))
    }

    /// What was asked for is done.
    pub(crate) fn deed(&mut self, scope: u64, file: u128, deed: Deed, moment: Moment) {
        self.opens.done(OpenKey { scope, file }, deed, moment.at);
    }

    /// An opening was answered, and gave a handle.
    pub(crate) fn opened(
        &mut self,
        asked: Asked,
        status: NtStatus,
        created: Option<Created>,
        moment: Moment,
        facts: &mut Facts,
    ) {
        let Question::Create(mut opening) = asked.question else {
            return;
        };
        opening.size = created.and_then(|it| it.size);
        opening.report(Some(status), asked.moment, moment, facts);
        let Some(created) = created else { return };
        let key = OpenKey {
            scope: asked.scope,
            file: created.file,
        };
        if opening.is_pipe {
            let name = text::pipe_name(&opening.name);
            let at = moment.at;
            self.opens
                .pipe(key, asked.owner, name, opening.principal, at, facts);
        } else if self.trees.find((asked.scope, asked.owner.tree)).is_some() {
            self.opens.file(key, asked.owner, *opening, moment, facts);
        }
    }

    /// Octets for a handle. One opened before we listened is a pipe if they are RPC.
    pub(crate) fn carry(
        &mut self,
        key: OpenKey,
        owner: Owner,
        direction: Direction,
        payload: Payload<'_>,
        at: Stamp,
        facts: &mut Facts,
    ) {
        let kind = self.opens.kind(key);
        if kind == Kind::File {
            let octets = payload.octets.len().saturating_add(payload.missing);
            let octets = u64::try_from(octets).unwrap_or(u64::MAX);
            self.opens.moved(key, direction, octets, at);
            return;
        }
        if kind == Kind::Unknown {
            if dcerpc::recognise(payload.octets) != Recognised::Yes(direction) {
                return;
            }
            let principal = self.sessions.principal(owner.session);
            self.opens
                .pipe(key, owner, String::new(), principal, at, facts);
        }
        self.opens.carry(key, direction, payload, at, facts);
    }

    /// A request that needs nothing of its answer was answered, or never will be.
    pub(crate) fn conclude(&mut self, asked: &Asked, facts: &mut Facts) {
        let Asked {
            owner,
            scope,
            moment: Moment { at, .. },
            ..
        } = *asked;
        match asked.question {
            Question::Logoff => {
                self.opens
                    .close_where(scope, |it| it.session == owner.session, at, facts);
                self.trees
                    .take_where(|_, tree| tree.session == owner.session);
                self.sessions.log_off(owner.session, facts);
            }
            Question::TreeDisconnect => {
                self.opens
                    .close_where(scope, |it| it.tree == owner.tree, at, facts);
                self.trees.remove((scope, owner.tree));
            }
            Question::Close(file) => self.opens.close(OpenKey { scope, file }, at, facts),
            _ => {}
        }
    }

    /// No answer will come: tells what was asked.
    pub(crate) fn give_up(&mut self, asked: Asked, facts: &mut Facts) {
        match asked.question {
            Question::SessionSetup(logon) => logon.give_up(facts),
            Question::TreeConnect(share) => {
                let principal = self.sessions.principal(asked.owner.session);
                let moment = asked.moment;
                facts::share_opened(&share, principal, None, moment, moment, facts);
            }
            Question::Create(opening) => opening.report(None, asked.moment, asked.moment, facts),
            _ => self.conclude(&asked, facts),
        }
    }

    /// Gives up all that waits.
    pub(crate) fn give_up_all(&mut self, facts: &mut Facts) {
        for asked in self.pending.take_all() {
            self.give_up(asked, facts);
        }
    }

    /// The place in the stream of one direction was lost.
    pub(crate) fn gap(&mut self, direction: Direction, facts: &mut Facts) {
        self.opens.gap(direction, facts);
        if self.reuses_numbers {
            self.give_up_all(facts);
        }
    }

    /// The connection is over.
    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        self.negotiation.finish(facts);
        self.give_up_all(facts);
        self.sessions.finish(facts);
        self.opens.finish(facts);
    }
}
