//! Walks AndX chains and pairs requests with answers by `PID` and `MID`.
//!
//! Who sends is taken from the connection: some servers do not set `SMB_FLAGS_REPLY`.
//! Numbers of handles and trees are unique on the connection, so all SMB1 has one scope.

use super::super::asked::{Asked, Moment, Question};
use super::super::limits::ANDX_MAX;
use super::super::logon::Logon;
use super::super::negotiation::Answered;
use super::super::opens::{OpenKey, Owner, Payload};
use super::super::session::Connection;
use super::super::text;
use super::message::{Block, Command, Header, Transaction};
use super::parse;
use super::{commands, transaction};
use crate::Facts;
use crate::wire::ParseError;
use realmward_event::SessionPrincipal;
use realmward_event::smb::SmbNegotiated;
use realmward_vocab::{Direction, NtStatus, ShareName};

/// Takes a message with all its commands.
///
/// # Errors
///
/// [`ParseError`] of the first command that is broken; those before it were taken.
pub(crate) fn message(
    connection: &mut Connection,
    direction: Direction,
    octets: &[u8],
    moment: Moment,
    facts: &mut Facts,
) -> Result<(), ParseError> {
    let header = parse::header(octets)?;
    if !header.command.matters() {
        return Ok(());
    }
    connection.reuses_numbers = true;
    let mut turn = Turn {
        connection,
        direction,
        header,
        message: octets,
        moment,
    };
    for (place, block) in parse::blocks(octets, header.command).enumerate() {
        let block = block?;
        match direction {
            Direction::ToServer => turn.request(&block, place, facts)?,
            Direction::ToClient => turn.response(&block, place, facts)?,
        }
        if block.is_last && direction == Direction::ToClient {
            turn.skip_after(place, facts);
        }
    }
    Ok(())
}

/// What pairs the command at `place` of a message's chain with its answer.
pub(crate) fn pairing(header: &Header, place: usize) -> u64 {
    let place = u64::try_from(place % ANDX_MAX).unwrap_or_default();
    (u64::from(header.pid) << 16 | u64::from(header.mid)) * ANDX_PLACES + place
}

/// Where handles and trees are unique.
pub(crate) const fn scope() -> u64 {
    0
}

/// One message.
pub(super) struct Turn<'a> {
    pub(super) connection: &'a mut Connection,
    direction: Direction,
    pub(super) header: Header,
    message: &'a [u8],
    pub(super) moment: Moment,
}

impl<'a> Turn<'a> {
    fn owner(&self) -> Owner {
        Owner {
            session: self.header.uid.into(),
            tree: self.header.tid.into(),
        }
    }

    fn text(&self, octets: &[u8]) -> String {
        text::decode(octets, self.header.is_unicode())
    }

    fn request(
        &mut self,
        block: &Block<'a>,
        place: usize,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let unicode = self.header.is_unicode();
        let question = match block.command {
            Command::NEGOTIATE => {
                self.negotiate(block);
                return Ok(());
            }
            Command::SESSION_SETUP_ANDX => {
                let setup = commands::session_setup(block, unicode)?;
                self.session_setup(&setup, facts)
            }
            Command::LOGOFF_ANDX => Question::Logoff,
            Command::TREE_CONNECT_ANDX => {
                let path = commands::tree_connect(block, unicode)?;
                Question::TreeConnect(ShareName::new(self.text(path)))
            }
            Command::TREE_DISCONNECT => Question::TreeDisconnect,
            Command::NT_CREATE_ANDX | Command::OPEN_ANDX => {
                let create = commands::create(block, unicode)?;
                let name = self.text(create.name);
                let mut opening = self.connection.opening(scope(), self.owner(), name);
                opening.access = create.desired_access;
                opening.may_create = create.may_create;
                opening.disposition = create.disposition;
                opening.options = create.options;
                Question::Create(Box::new(opening))
            }
            Command::CLOSE => Question::Close(commands::fid(block)?.into()),
            Command::READ_ANDX => Question::Read(commands::fid(block)?.into()),
            Command::WRITE_ANDX => {
                let write = commands::write(self.message, block)?;
                self.carry(write.fid.into(), write.payload, facts);
                return Ok(());
            }
            Command::TRANSACTION => {
                let transaction = transaction::request(self.message, block)?;
                let Some(pipe) = transaction.pipe else {
                    return Ok(());
                };
                self.carry(pipe.into(), transaction.payload, facts);
                Question::Transceive(pipe.into())
            }
            Command::TRANSACTION_SECONDARY => return self.transact_more(block, facts),
            _ => return Ok(()),
        };
        let asked = Asked {
            question,
            owner: self.owner(),
            scope: scope(),
            moment: self.moment,
        };
        self.connection
            .ask(pairing(&self.header, place), asked, facts);
        Ok(())
    }

    fn negotiate(&mut self, block: &Block<'_>) {
        let fact = SmbNegotiated {
            offers_smb1: commands::dialects(block).any(|it| !it.starts_with(b"SMB 2")),
            ..SmbNegotiated::default()
        };
        self.connection.negotiation.ask(fact, self.moment);
    }

    fn transact_more(&mut self, block: &Block<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let part = transaction::request(self.message, block)?;
        let waiting = self.connection.waiting(pairing(&self.header, 0));
        if let Some(Asked {
            question: Question::Transceive(pipe),
            ..
        }) = waiting
        {
            self.carry(*pipe, part.payload, facts);
        }
        Ok(())
    }

    fn carry(&mut self, file: u128, payload: Payload<'_>, facts: &mut Facts) {
        let key = OpenKey {
            scope: scope(),
            file,
        };
        let (owner, at) = (self.owner(), self.moment.at);
        let direction = self.direction;
        self.connection
            .carry(key, owner, direction, payload, at, facts);
    }

    fn response(
        &mut self,
        block: &Block<'a>,
        place: usize,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        // The status is that of the last command; those before it worked.
        let status = match block.is_last {
            true => self.header.status,
            false => NtStatus::STATUS_SUCCESS,
        };
        let refused = status.is_error();
        if block.command == Command::NEGOTIATE {
            return self.negotiated(block, refused, facts);
        }
        let id = pairing(&self.header, place);
        if block.command == Command::TRANSACTION && !refused {
            return self.transacted(id, block, facts);
        }
        let Some(asked) = self.connection.asked(id) else {
            if block.command == Command::SESSION_SETUP_ANDX {
                let unseen = Box::new(Logon::plain(SessionPrincipal::Unknown));
                self.session_set_up(unseen, status, block, facts);
            }
            return Ok(());
        };
        match asked.question {
            Question::SessionSetup(logon) => self.session_set_up(logon, status, block, facts),
            Question::TreeConnect(_) => {
                // Chained to a session setup, it is that session's.
                let owner = self.owner();
                let asked = Asked { owner, ..asked };
                let serves = block.bytes.starts_with(b"IPC\0");
                self.connection
                    .connect(asked, owner.tree, status, serves, self.moment, facts);
            }
            Question::Create(_) => {
                let file = match refused {
                    true => None,
                    false => commands::created(block).ok(),
                };
                self.connection
                    .opened(asked, status, file, self.moment, facts);
            }
            Question::Read(file) if !refused => {
                let payload = commands::read(self.message, block)?;
                self.carry(file, payload, facts);
            }
            _ => self.connection.conclude(&asked, facts),
        }
        Ok(())
    }

    /// Some of a transaction's data; before them, an answer without words says that they will come.
    fn transacted(
        &mut self,
        id: u64,
        block: &Block<'_>,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let pipe = match self.connection.waiting(id) {
            Some(Asked {
                question: Question::Transceive(pipe),
                ..
            }) => *pipe,
            _ => return Ok(()),
        };
        if block.words.is_empty() {
            return Ok(());
        }
        let Transaction {
            payload,
            is_complete,
            ..
        } = transaction::response(self.message, block)?;
        self.carry(pipe, payload, facts);
        if is_complete {
            self.connection.asked(id);
        }
        Ok(())
    }

    fn negotiated(
        &mut self,
        block: &Block<'_>,
        refused: bool,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let negotiation = &mut self.connection.negotiation;
        if refused {
            negotiation.answer(Answered::default(), self.moment, facts);
            return Ok(());
        }
        let response = commands::negotiate_response(block)?;
        negotiation.challenge = response.challenge;
        negotiation.takes_plaintext = response.takes_plaintext();
        let dialect = (response.dialect_index != NO_DIALECT).then_some(SMB1);
        let answered = Answered {
            dialect,
            signing_required: response.signing_required(),
            ..Answered::default()
        };
        negotiation.answer(answered, self.moment, facts);
        Ok(())
    }

    /// Commands of the request behind the last one answered were never tried.
    fn skip_after(&mut self, place: usize, facts: &mut Facts) {
        for place in place + 1..ANDX_MAX {
            let Some(asked) = self.connection.asked(pairing(&self.header, place)) else {
                return;
            };
            self.connection.give_up(asked, facts);
        }
    }
}

/// How a fact writes NT LM 0.12 and what came before it.
const SMB1: u16 = 0x0001;

/// "None of the dialects" (MS-CIFS section 2.2.4.52.2).
const NO_DIALECT: u16 = 0xffff;

/// A number for every place in a chain.
const ANDX_PLACES: u64 = 8;
