//! How much of an SMB1 message matters.

use super::super::limits::MESSAGE_OCTETS_MAX;
use super::super::nbss::Head;
use super::super::opens::{Kind, OpenKey};
use super::super::session::Connection;
use super::commands;
use super::message::{Block, Command, Header};
use super::parse::{self, HEADER_OCTETS};
use super::session::{pairing, scope};
use crate::{Recognised, dcerpc};
use realmward_vocab::Direction;

/// How much of the message of `length` octets that begins here matters.
pub(crate) fn head(
    message: &[u8],
    length: usize,
    direction: Direction,
    connection: &Connection,
) -> Head {
    if message.len() < HEADER_OCTETS {
        return Head::Need(HEADER_OCTETS);
    }
    let Ok(header) = parse::header(message) else {
        return Head::Only(HEADER_OCTETS);
    };
    match (header.command, direction) {
        (Command::READ_ANDX, Direction::ToClient) | (Command::WRITE_ANDX, Direction::ToServer) => {
            data(message, length, &header, direction, connection)
        }
        (command, _) if command.matters() => Head::Only(MESSAGE_OCTETS_MAX),
        _ => Head::Only(HEADER_OCTETS),
    }
}

/// For a handle opened before we listened, the first octets of the data decide.
fn data(
    message: &[u8],
    length: usize,
    header: &Header,
    direction: Direction,
    connection: &Connection,
) -> Head {
    if message.len() < DATA_OCTETS.min(length) {
        return Head::Need(DATA_OCTETS);
    }
    let Some(Ok(block)) = parse::blocks(message, header.command).next() else {
        return Head::Only(DATA_OCTETS);
    };
    let kind = match direction {
        Direction::ToClient => connection.kind_read(pairing(header, 0)),
        Direction::ToServer => commands::fid(&block).map_or(Kind::File, |fid| {
            connection.opens.kind(OpenKey {
                scope: scope(),
                file: fid.into(),
            })
        }),
    };
    match kind {
        _ if !block.is_last => Head::Only(MESSAGE_OCTETS_MAX),
        Kind::File => Head::Only(DATA_OCTETS),
        Kind::Pipe => Head::Only(MESSAGE_OCTETS_MAX),
        Kind::Unknown => look(message, length, &block),
    }
}

fn look(message: &[u8], length: usize, block: &Block<'_>) -> Head {
    let payload = match block.command {
        Command::READ_ANDX => commands::read(message, block),
        _ => commands::write(message, block).map(|write| write.payload),
    };
    let Ok(payload) = payload else {
        return Head::Only(DATA_OCTETS);
    };
    let is_far = payload.octets.is_empty() && LOOK_OCTETS_MAX < message.len();
    match dcerpc::recognise(payload.octets) {
        Recognised::Yes(_) | Recognised::Likely => Head::Only(MESSAGE_OCTETS_MAX),
        Recognised::TooShort if payload.missing != 0 && message.len() < length && !is_far => {
            Head::Need(message.len() + dcerpc::parse::HEADER_OCTETS)
        }
        _ => Head::Only(DATA_OCTETS),
    }
}

/// Header, the 14 words of the longer of the two, and `ByteCount`.
const DATA_OCTETS: usize = HEADER_OCTETS + 1 + 28 + 2;

/// Data follow the words at once but for padding.
const LOOK_OCTETS_MAX: usize = 256;
