//! Octets to messages (MS-CIFS section 2.2.3). No state.
//!
//! Offsets in messages count from the first octet of the header; every function here that needs them
//! takes the whole message.

use super::super::limits::ANDX_MAX;
use super::message::{Block, Command, Header};
use crate::Recognised;
use crate::wire::{ParseError, Reader};
use realmward_vocab::{Direction, NtStatus};

/// Octets of the header.
pub(crate) const HEADER_OCTETS: usize = 32;

/// ```text
/// Protocol(4) Command(1) Status(4) Flags(1) Flags2(2) PIDHigh(2) SecurityFeatures(8) Reserved(2)
/// TID(2) PIDLow(2) UID(2) MID(2)
/// ```
pub(crate) fn header(message: &[u8]) -> Result<Header, ParseError> {
    let mut reader = Reader::new(message);
    reader.skip(4)?;
    let command = Command(reader.u8()?);
    let status = reader.u32_le()?;
    reader.skip(1)?;
    let flags2 = reader.u16_le()?;
    let pid_high = u32::from(reader.u16_le()?);
    reader.skip(10)?;
    let tid = reader.u16_le()?;
    let pid_low = u32::from(reader.u16_le()?);
    Ok(Header {
        command,
        status: match flags2 & FLAGS2_NT_STATUS {
            0 => translated(status),
            _ => NtStatus(status),
        },
        flags2,
        tid,
        pid: pid_high << 16 | pid_low,
        uid: reader.u16_le()?,
        mid: reader.u16_le()?,
    })
}

/// Who sent a message, as far as its first octets tell.
pub(crate) fn sender(message: &[u8]) -> Recognised {
    match message.get(9) {
        Some(flags) if flags & 0x80 == 0 => Recognised::Yes(Direction::ToServer),
        Some(_) => Recognised::Yes(Direction::ToClient),
        None => Recognised::TooShort,
    }
}

/// The commands of a message, at most `ANDX_MAX`; each must lie behind the one before.
pub(crate) fn blocks<'a>(
    message: &'a [u8],
    command: Command,
) -> impl Iterator<Item = Result<Block<'a>, ParseError>> {
    let mut next = Some((command, HEADER_OCTETS));
    let mut count = 0;
    std::iter::from_fn(move || {
        let (command, offset) = next.take()?;
        count += 1;
        if ANDX_MAX < count {
            return Some(Err(ParseError::Limit { bound: "smb_andx" }));
        }
        let (mut block, andx) = match block(message, command, offset) {
            Ok(read) => read,
            Err(error) => return Some(Err(error)),
        };
        if let Some((following, place)) = andx {
            if place <= offset {
                return Some(Err(malformed("AndXOffset")));
            }
            block.is_last = false;
            next = Some((following, place));
        }
        Some(Ok(block))
    })
}

/// `WordCount(1) Words ByteCount(2) Bytes`; what follows it, if its first words say so:
/// `AndXCommand(1) AndXReserved(1) AndXOffset(2)`.
fn block(
    message: &[u8],
    command: Command,
    offset: usize,
) -> Result<(Block<'_>, Option<(Command, usize)>), ParseError> {
    let mut reader = Reader::new(message.get(offset..).unwrap_or_default());
    let word_count = usize::from(reader.u8()?);
    let words = reader.take(2 * word_count)?;
    // A message of which only the head is looked at may end here.
    let byte_count = usize::from(reader.u16_le().unwrap_or_default());
    let rest = reader.rest();
    let block = Block {
        command,
        words,
        bytes: rest.get(..byte_count).unwrap_or(rest),
        bytes_at: message.len() - rest.len(),
        is_last: true,
    };
    let andx = match words {
        [following, _, low, high, ..] if command.chains() && *following != NO_ANDX => {
            let place = u16::from_le_bytes([*low, *high]);
            Some((Command(*following), usize::from(place)))
        }
        _ => None,
    };
    Ok((block, andx))
}

/// An SMBSTATUS of the older form, `ErrorClass(1) Reserved(1) ErrorCode(2)`, as NTSTATUS
/// (MS-CIFS section 2.2.2.4), as far as anyone asks which it was.
const fn translated(status: u32) -> NtStatus {
    match (status & 0xff, status >> 16) {
        (0, _) => NtStatus::STATUS_SUCCESS,
        // ERRDOS: ERRnoaccess, ERRbadfile, ERRmoredata.
        (1, 5) => NtStatus::STATUS_ACCESS_DENIED,
        (1, 2) => NtStatus::STATUS_OBJECT_NAME_NOT_FOUND,
        (1, 234) => NtStatus::STATUS_BUFFER_OVERFLOW,
        // ERRSRV: ERRbadpw, ERRaccess, ERRaccountExpired and its kin are all refusals.
        (2, 2) => NtStatus::STATUS_LOGON_FAILURE,
        (2, 4) => NtStatus::STATUS_ACCESS_DENIED,
        _ => NtStatus(STATUS_UNSUCCESSFUL),
    }
}

pub(super) const fn malformed(field: &'static str) -> ParseError {
    ParseError::Malformed { field }
}

/// `SMB_FLAGS2_NT_STATUS`.
const FLAGS2_NT_STATUS: u16 = 0x4000;

/// `SMB_COM_NO_ANDX_COMMAND`.
const NO_ANDX: u8 = 0xff;

/// Some error that is none of those above.
const STATUS_UNSUCCESSFUL: u32 = 0xc000_0001;
