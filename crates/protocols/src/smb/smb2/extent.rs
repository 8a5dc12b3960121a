//! How much of an SMB2 message matters.

use super::super::limits::MESSAGE_OCTETS_MAX;
use super::super::nbss::Head;
use super::super::opens::{Kind, OpenKey};
use super::super::session::Connection;
use super::message::{Command, Header};
use super::parse::{self, HEADER_OCTETS};
use crate::{Recognised, dcerpc};
use realmward_vocab::Direction;

/// How much of the message of `length` octets that begins here matters. A broken header matters only
/// in that it is one.
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
    if header.next_command != 0 {
        return Head::Only(MESSAGE_OCTETS_MAX);
    }
    match (header.command, direction) {
        (Command::READ, Direction::ToClient) => read(message, length, &header, connection),
        (Command::WRITE, Direction::ToServer) => write(message, length, &header, connection),
        (
            Command::NEGOTIATE
            | Command::SESSION_SETUP
            | Command::LOGOFF
            | Command::TREE_CONNECT
            | Command::TREE_DISCONNECT
            | Command::CREATE
            | Command::CLOSE
            | Command::READ
            | Command::IOCTL,
            _,
        ) => Head::Only(MESSAGE_OCTETS_MAX),
        (Command::SET_INFO | Command::QUERY_DIRECTORY, Direction::ToServer) => {
            Head::Only(MESSAGE_OCTETS_MAX)
        }
        _ => Head::Only(HEADER_OCTETS),
    }
}

fn read(message: &[u8], length: usize, header: &Header, connection: &Connection) -> Head {
    let kind = connection.kind_read(header.message_id);
    carried(message, length, kind, READ_RESPONSE_OCTETS, |message| {
        usize::from(message.get(DATA_OFFSET_AT).copied().unwrap_or_default())
    })
}

fn write(message: &[u8], length: usize, header: &Header, connection: &Connection) -> Head {
    if message.len() < WRITE_REQUEST_OCTETS {
        return Head::Need(WRITE_REQUEST_OCTETS);
    }
    let Ok(request) = parse::write_request(message) else {
        return Head::Only(WRITE_REQUEST_OCTETS);
    };
    let kind = connection.opens.kind(OpenKey {
        scope: header.session_id,
        file: request.file_id,
    });
    carried(message, length, kind, WRITE_REQUEST_OCTETS, |message| {
        let offset = message.get(DATA_OFFSET_AT..).and_then(<[u8]>::first_chunk);
        usize::from(u16::from_le_bytes(offset.copied().unwrap_or_default()))
    })
}

/// For a handle opened before we listened, the first octets of the data decide.
fn carried(
    message: &[u8],
    length: usize,
    kind: Kind,
    fixed: usize,
    data_offset: impl Fn(&[u8]) -> usize,
) -> Head {
    match kind {
        Kind::File => return Head::Only(fixed),
        Kind::Pipe => return Head::Only(MESSAGE_OCTETS_MAX),
        Kind::Unknown => {}
    }
    if message.len() < fixed.min(length) {
        return Head::Need(fixed);
    }
    let offset = data_offset(message);
    if !(HEADER_OCTETS..=DATA_OFFSET_PLAUSIBLE).contains(&offset) {
        return Head::Only(fixed);
    }
    match dcerpc::recognise(message.get(offset..).unwrap_or_default()) {
        Recognised::Yes(_) | Recognised::Likely => Head::Only(MESSAGE_OCTETS_MAX),
        Recognised::TooShort if message.len() < length => {
            let wanted = offset + dcerpc::parse::HEADER_OCTETS;
            Head::Need(wanted.max(message.len() + 1))
        }
        _ => Head::Only(fixed),
    }
}

/// Header and fixed part of SMB2 READ Response (MS-SMB2 section 2.2.20).
const READ_RESPONSE_OCTETS: usize = HEADER_OCTETS + 16;

/// Header and fixed part of SMB2 WRITE Request (MS-SMB2 section 2.2.21).
const WRITE_REQUEST_OCTETS: usize = HEADER_OCTETS + 48;

/// Where both have `DataOffset`.
const DATA_OFFSET_AT: usize = HEADER_OCTETS + 2;

/// Data follow the fixed part at once; servers accept no more than 256 octets between
/// (MS-SMB2 section 3.3.5.13).
const DATA_OFFSET_PLAUSIBLE: usize = 0x100;
