//! What the server answers. Answers are paired by `MessageId`, whatever comes between.

use super::super::asked::{Asked, Question};
use super::super::logon::{Logon, Verdict};
use super::super::negotiation::Answered;
use super::super::opens::{OpenKey, Owner};
use super::message::{
    Carried, Command, FILE_ID_OF_CHAIN, FSCTL_PIPE_TRANSCEIVE, Header, SHARE_TYPE_PIPE,
};
use super::negotiate;
use super::parse;
use super::session::Turn;
use crate::Facts;
use crate::wire::ParseError;
use realmward_event::SessionPrincipal;
use realmward_vocab::{Direction, NtStatus};

impl Turn<'_> {
    pub(super) fn response(self, facts: &mut Facts) -> Result<(), ParseError> {
        let Header {
            command,
            status,
            message_id,
            ..
        } = self.header;
        if command == Command::NEGOTIATE {
            return self.negotiated(facts);
        }
        if status == NtStatus::STATUS_PENDING {
            return Ok(()); // the answer follows under the same MessageId
        }
        let Some(asked) = self.connection.asked(message_id) else {
            return self.unasked(facts);
        };
        self.chain.owner = asked.owner;
        self.answer(asked, facts)
    }

    /// Takes the answer to what was asked.
    fn answer(mut self, asked: Asked, facts: &mut Facts) -> Result<(), ParseError> {
        let status = self.header.status;
        let refused = status.is_error();
        match asked.question {
            Question::SessionSetup(logon) => return self.session_set_up(logon, facts),
            Question::TreeConnect(_) => {
                let serves =
                    !refused && parse::tree_connect_response(self.message) == Ok(SHARE_TYPE_PIPE);
                let tree = self.header.tree_id.unwrap_or_default();
                self.connection
                    .connect(asked, tree, status, serves, self.moment, facts);
            }
            Question::Create(_) => {
                let file = match refused {
                    true => None,
                    false => parse::create_response(self.message).ok(),
                };
                self.chain.file = file.map(|created| created.file);
                self.connection
                    .opened(asked, status, file, self.moment, facts);
            }
            Question::Deed(file, deed) => {
                let file = self.file(file);
                if !refused {
                    self.connection.deed(asked.scope, file, deed, self.moment);
                }
            }
            Question::Copy(file) if !refused => self.copied(asked.scope, file)?,
            Question::Read(file) if !refused => {
                let payload = parse::read_response(self.message)?;
                self.carry(
                    Carried {
                        file_id: file,
                        ctl_code: 0,
                        payload,
                    },
                    facts,
                );
            }
            Question::Transceive(file) if !refused => {
                let carried = parse::ioctl_response(self.message)?;
                self.carry(
                    Carried {
                        file_id: file,
                        ..carried
                    },
                    facts,
                );
            }
            Question::Close(FILE_ID_OF_CHAIN) => {
                let file = self.file(FILE_ID_OF_CHAIN);
                let question = Question::Close(file);
                self.connection
                    .conclude(&Asked { question, ..asked }, facts);
            }
            _ => self.connection.conclude(&asked, facts),
        }
        Ok(())
    }

    /// The server copied to a file, as much as its answer says.
    fn copied(&mut self, scope: u64, file: u128) -> Result<(), ParseError> {
        let carried = parse::ioctl_response(self.message)?;
        let octets = parse::octets_copied(carried.payload.octets)?;
        let key = OpenKey {
            scope,
            file: self.file(file),
        };
        let (to, at) = (Direction::ToServer, self.moment.at);
        self.connection.opens.moved(key, to, octets.into(), at);
        Ok(())
    }

    fn negotiated(self, facts: &mut Facts) -> Result<(), ParseError> {
        let negotiation = &mut self.connection.negotiation;
        if self.header.status.is_error() {
            negotiation.answer(Answered::default(), self.moment, facts);
            return Ok(());
        }
        let response = negotiate::response(self.message)?;
        let answered = Answered {
            dialect: Some(response.dialect_revision),
            signing_required: response.signing_required(),
            server_guid: response.server_guid,
            capabilities: response.capabilities,
            cipher: response.contexts.ciphers.first().copied(),
        };
        negotiation.answer(answered, self.moment, facts);
        Ok(())
    }

    fn session_set_up(self, logon: Box<Logon>, facts: &mut Facts) -> Result<(), ParseError> {
        let Header {
            status, session_id, ..
        } = self.header;
        // Use the status even if the rest is broken; errors have no token.
        let response = parse::session_setup_response(self.message);
        let verdict = response.map_or_else(
            |_| Verdict::default(),
            |response| Verdict {
                token: response.token,
                is_guest: response.is_guest(),
                is_null: response.is_null(),
                encrypts: response.encrypts(),
            },
        );
        self.connection
            .sessions
            .set_up(session_id, logon, status, verdict, self.moment, facts);
        match response {
            Err(error) if !status.is_error() => Err(error),
            _ => Ok(()),
        }
    }

    /// An answer whose request was not seen: that of a session setup still says how it ended, and that
    /// of an IOCTL names its handle.
    fn unasked(mut self, facts: &mut Facts) -> Result<(), ParseError> {
        let Header {
            command, status, ..
        } = self.header;
        if command == Command::SESSION_SETUP {
            let logon = Logon::plain(SessionPrincipal::Unknown);
            return self.session_set_up(Box::new(logon), facts);
        }
        if command != Command::IOCTL || status.is_error() {
            return Ok(());
        }
        let carried = parse::ioctl_response(self.message)?;
        if carried.ctl_code == FSCTL_PIPE_TRANSCEIVE {
            self.chain.owner = Owner {
                session: self.header.session_id,
                tree: self.header.tree_id.unwrap_or_default(),
            };
            self.carry(carried, facts);
        }
        Ok(())
    }
}
