//! Walks compounds: each message is a turn of its own, but later ones may mean the handle, tree and
//! session of those before.

use super::super::asked::Moment;
use super::super::limits::COMPOUND_MAX;
use super::super::opens::{OpenKey, Owner};
use super::super::session::Connection;
use super::message::{Carried, FILE_ID_OF_CHAIN, Header};
use super::parse::{self, HEADER_OCTETS};
use crate::Facts;
use crate::wire::ParseError;
use realmward_vocab::Direction;

/// What the messages of a compound have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Chain {
    pub(super) owner: Owner,
    pub(super) file: Option<u128>,
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
    moment: Moment,
    facts: &mut Facts,
) -> Result<(), ParseError> {
    let session = parse::transform_session(octets)?;
    connection.sessions.hide(session, moment, facts);
    Ok(())
}

/// One message of a compound.
pub(super) struct Turn<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) chain: &'a mut Chain,
    pub(super) header: Header,
    pub(super) message: &'a [u8],
    pub(super) moment: Moment,
}

impl Turn<'_> {
    /// The handle that a message means.
    pub(super) fn file(&mut self, named: u128) -> u128 {
        if named == FILE_ID_OF_CHAIN {
            return self.chain.file.unwrap_or(FILE_ID_OF_CHAIN);
        }
        self.chain.file = Some(named);
        named
    }

    /// Hands octets to the handle they are for; gives the handle.
    pub(super) fn carry(&mut self, carried: Carried<'_>, facts: &mut Facts) -> u128 {
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
}

const fn malformed(field: &'static str) -> ParseError {
    ParseError::Malformed { field }
}
