//! Walks compounds, and pairs requests with answers by `MessageId`, whatever comes between.

use super::super::limits::COMPOUND_MAX;
use super::super::logon::{Logon, Verdict};
use super::super::opens::{OpenKey, Owner};
use super::super::session::{Asked, Connection, Moment, Question};
use super::super::text;
use super::message::{
    Carried, Command, FILE_ID_OF_CHAIN, FILE_OPEN, FSCTL_PIPE_TRANSCEIVE, Header, SHARE_TYPE_PIPE,
};
use super::parse::{self, HEADER_OCTETS};
use crate::Facts;
use crate::wire::ParseError;
use realmward_event::smb::SmbNegotiated;
use realmward_vocab::{Direction, NtStatus, ShareName};

/// What the messages of a compound have in common.
#[derive(Clone, Copy, Debug, Default)]
struct Chain {
    owner: Owner,
    file: Option<u128>,
}

/// Takes a message, or the messages of a compound (MS-SMB2 section 3.2.4.1.4); `is_cut` if there
/// was more of it than we look at.
///
/// # Errors
///
/// [`ParseError`] of the first message that is broken; those before it were taken.
pub(crate) fn message(
    connection: &mut Connection,
    direction: Direction,
    octets: &[u8],
    is_cut: bool,
    moment: Moment,
    facts: &mut Facts,
) -> Result<(), ParseError> {
    let mut chain = Chain::default();
    let mut rest = octets;
    for _ in 0..COMPOUND_MAX {
        let header = parse::header(rest)?;
        if header.sender() != direction {
            return Err(malformed("Flags"));
        }
        let next = usize::try_from(header.next_command).unwrap_or(usize::MAX);
        let (this, after) = match next {
            0 => (rest, None),
            1..HEADER_OCTETS => return Err(malformed("NextCommand")),
            _ => match rest.split_at_checked(next) {
                Some((this, after)) => (this, Some(after)),
                None if is_cut => (rest, None),
                None => return Err(malformed("NextCommand")),
            },
        };
        let turn = Turn {
            connection: &mut *connection,
            chain: &mut chain,
            header,
            message: this,
            moment,
        };
        match direction {
            Direction::ToServer => turn.request(facts)?,
            Direction::ToClient => turn.response(facts)?,
        }
        match after {
            Some(after) => rest = after,
            None => return Ok(()),
        }
    }
    Err(ParseError::Limit {
        bound: "smb_compound",
    })
}

/// Takes an encrypted message.
pub(crate) fn hidden(
    connection: &mut Connection,
    octets: &[u8],
    facts: &mut Facts,
) -> Result<(), ParseError> {
    connection.hide(parse::transform_session(octets)?, facts);
    Ok(())
}

/// One message of a compound.
struct Turn<'a> {
    connection: &'a mut Connection,
    chain: &'a mut Chain,
    header: Header,
    message: &'a [u8],
    moment: Moment,
}

impl Turn<'_> {
    fn request(mut self, facts: &mut Facts) -> Result<(), ParseError> {
        let header = self.header;
        if !header.is_related() {
            *self.chain = Chain {
                owner: Owner {
                    session: header.session_id,
                    tree: header.tree_id.unwrap_or_default(),
                },
                file: None,
            };
        }
        let question = match header.command {
            Command::NEGOTIATE => return self.negotiate(),
            Command::SESSION_SETUP => self.session_setup(facts)?,
            Command::LOGOFF => Question::Logoff,
            Command::TREE_CONNECT => {
                let path = parse::tree_connect_request(self.message)?;
                Question::TreeConnect(ShareName::new(text::decode(path, true)))
            }
            Command::TREE_DISCONNECT => Question::TreeDisconnect,
            Command::CREATE => self.create()?,
            Command::CLOSE => Question::Close(self.file(parse::close_request(self.message)?)),
            Command::READ => Question::Read(self.file(parse::read_request(self.message)?)),
            Command::WRITE => {
                let carried = parse::write_request(self.message)?;
                self.carry(carried, facts);
                return Ok(());
            }
            Command::IOCTL => {
                let carried = parse::ioctl_request(self.message)?;
                if carried.ctl_code != FSCTL_PIPE_TRANSCEIVE {
                    return Ok(());
                }
                Question::Transceive(self.carry(carried, facts))
            }
            _ => return Ok(()),
        };
        let asked = Asked {
            question,
            owner: self.chain.owner,
            scope: self.chain.owner.session,
            moment: self.moment,
        };
        self.connection.ask(header.message_id, asked, facts);
        Ok(())
    }

    fn negotiate(self) -> Result<(), ParseError> {
        let request = parse::negotiate_request(self.message)?;
        let fact = SmbNegotiated {
            dialects: request.dialects,
            client_guid: Some(request.client_guid),
            client_capabilities: request.capabilities,
            ..SmbNegotiated::default()
        };
        self.connection.negotiation.ask(fact, self.moment);
        Ok(())
    }

    fn session_setup(&mut self, facts: &mut Facts) -> Result<Question, ParseError> {
        let token = parse::session_setup_request(self.message)?;
        let session = self.header.session_id;
        let mut logon = self
            .connection
            .logon(session)
            .unwrap_or_else(|| Box::new(Logon::by_tokens()));
        logon.ask(token, self.moment, facts);
        Ok(Question::SessionSetup(logon))
    }

    fn create(&mut self) -> Result<Question, ParseError> {
        let request = parse::create_request(self.message)?;
        let owner = self.chain.owner;
        let name = text::decode(request.name, true);
        let mut opening = self.connection.opening(owner.session, owner, name);
        opening.access = request.desired_access;
        opening.may_create = request.create_disposition != FILE_OPEN;
        self.chain.file = None;
        Ok(Question::Create(Box::new(opening)))
    }

    /// The handle that a message means.
    fn file(&mut self, named: u128) -> u128 {
        if named == FILE_ID_OF_CHAIN {
            return self.chain.file.unwrap_or(FILE_ID_OF_CHAIN);
        }
        self.chain.file = Some(named);
        named
    }

    /// Hands octets to the handle they are for; gives the handle.
    fn carry(&mut self, carried: Carried<'_>, facts: &mut Facts) -> u128 {
        let file = self.file(carried.file_id);
        let owner = self.chain.owner;
        let key = OpenKey {
            scope: owner.session,
            file,
        };
        let direction = self.header.sender();
        let at = self.moment.at;
        self.connection
            .carry(key, owner, direction, carried.payload, at, facts);
        file
    }

    fn response(self, facts: &mut Facts) -> Result<(), ParseError> {
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
                self.chain.file = file;
                self.connection
                    .opened(asked, status, file, self.moment, facts);
            }
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

    fn negotiated(self, facts: &mut Facts) -> Result<(), ParseError> {
        let negotiation = &mut self.connection.negotiation;
        if self.header.status.is_error() {
            negotiation.answer(None, false, self.moment, facts);
            return Ok(());
        }
        let response = parse::negotiate_response(self.message)?;
        negotiation.answer(
            Some(response.dialect_revision),
            response.signing_required(),
            self.moment,
            facts,
        );
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
            .set_up(session_id, logon, status, verdict, self.moment, facts);
        match response {
            Err(error) if !status.is_error() => Err(error),
            _ => Ok(()),
        }
    }

    /// An answer whose request was not seen: that of an IOCTL names its handle.
    fn unasked(mut self, facts: &mut Facts) -> Result<(), ParseError> {
        if self.header.command != Command::IOCTL || self.header.status.is_error() {
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

const fn malformed(field: &'static str) -> ParseError {
    ParseError::Malformed { field }
}
