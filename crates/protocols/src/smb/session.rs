//! What one connection knows, whether it speaks SMB1 or SMB2: sessions, trees, handles, and requests
//! that wait for their answers.

use super::asked::{Asked, Moment, Question};
use super::facts::{self, Opening};
use super::limits::{PENDING_MAX, TREES_MAX};
use super::logon::Logon;
use super::negotiation::Negotiation;
use super::opens::{Kind, OpenKey, Opens, Owner, Payload};
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

    /// An opening was answered, and gave `file`.
    pub(crate) fn opened(
        &mut self,
        asked: Asked,
        status: NtStatus,
        file: Option<u128>,
        moment: Moment,
        facts: &mut Facts,
    ) {
        let Question::Create(opening) = asked.question else {
            return;
        };
        opening.report(Some(status), asked.moment, moment, facts);
        let Some(file) = file else { return };
        let key = OpenKey {
            scope: asked.scope,
            file,
        };
        if opening.is_pipe {
            let name = text::pipe_name(&opening.name);
            self.opens
                .pipe(key, asked.owner, name, opening.principal, facts);
        } else if self.trees.find((asked.scope, asked.owner.tree)).is_some() {
            self.opens.file(key, asked.owner, facts);
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
        if self.opens.kind(key) == Kind::Unknown {
            if dcerpc::recognise(payload.octets) != Recognised::Yes(direction) {
                return;
            }
            let principal = self.sessions.principal(owner.session);
            self.opens.pipe(key, owner, String::new(), principal, facts);
        }
        self.opens.carry(key, direction, payload, at, facts);
    }

    /// A request that needs nothing of its answer was answered, or never will be.
    pub(crate) fn conclude(&mut self, asked: &Asked, facts: &mut Facts) {
        let Asked { owner, scope, .. } = *asked;
        match asked.question {
            Question::Logoff => {
                self.opens
                    .close_where(scope, |it| it.session == owner.session, facts);
                self.trees
                    .take_where(|_, tree| tree.session == owner.session);
                self.sessions.log_off(owner.session, facts);
            }
            Question::TreeDisconnect => {
                self.opens
                    .close_where(scope, |it| it.tree == owner.tree, facts);
                self.trees.remove((scope, owner.tree));
            }
            Question::Close(file) => self.opens.close(OpenKey { scope, file }, facts),
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
