//! What single commands say (MS-CIFS section 2.2.4, MS-SMB section 2.2.4). No state.

use super::super::limits::DIALECTS_MAX;
use super::super::opens::Payload;
use super::super::session::Created;
use super::message::{Block, Command, Create, NegotiateResponse, SessionSetup, Write};
use super::parse::malformed;
use crate::wire::{ParseError, Reader};

/// Dialects of `BufferFormat(1)=2 DialectString` each (MS-CIFS section 2.2.4.52.1).
pub(crate) fn dialects<'a>(block: &Block<'a>) -> impl Iterator<Item = &'a [u8]> {
    block
        .bytes
        .split(|octet| *octet == 0)
        .filter_map(|it| it.strip_prefix(&[2]))
        .take(DIALECTS_MAX)
}

/// ```text
/// DialectIndex(2) SecurityMode(1) MaxMpxCount(2) MaxNumberVcs(2) MaxBufferSize(4) MaxRawSize(4)
/// SessionKey(4) Capabilities(4) SystemTime(8) ServerTimeZone(2) ChallengeLength(1); Challenge
/// ```
/// The older forms have an index alone, or 13 words that begin with `DialectIndex SecurityMode(2)`.
pub(crate) fn negotiate_response(block: &Block<'_>) -> Result<NegotiateResponse, ParseError> {
    let mut reader = Reader::new(block.words);
    let dialect_index = reader.u16_le()?;
    let Ok(security_mode) = reader.u8() else {
        return Ok(NegotiateResponse {
            dialect_index,
            ..NegotiateResponse::default()
        });
    };
    let is_extended = block.words.len() == NT_WORDS && {
        reader.skip(16)?;
        reader.u32_le()? & CAP_EXTENDED_SECURITY != 0
    };
    let challenge = block.bytes.first_chunk().filter(|_| !is_extended);
    Ok(NegotiateResponse {
        dialect_index,
        security_mode,
        challenge: challenge.map(|octets| u64::from_be_bytes(*octets)),
    })
}

/// With 12 words a token, with 13 two responses, with 10 one password (MS-CIFS section 2.2.4.53.1):
///
/// ```text
/// AndX(4) MaxBufferSize(2) MaxMpxCount(2) VcNumber(2) SessionKey(4)
/// 12: SecurityBlobLength(2) Reserved(4) Capabilities(4); SecurityBlob
/// 13: OEMPasswordLen(2) UnicodePasswordLen(2) Reserved(4) Capabilities(4);
///     OEMPassword UnicodePassword Pad AccountName PrimaryDomain ...
/// 10: PasswordLength(2) Reserved(4); Password AccountName PrimaryDomain ...
/// ```
pub(crate) fn session_setup<'a>(
    block: &Block<'a>,
    unicode: bool,
) -> Result<SessionSetup<'a>, ParseError> {
    let mut reader = Reader::new(block.words);
    reader.skip(14)?;
    let first = usize::from(reader.u16_le()?);
    let mut bytes = Reader::new(block.bytes);
    let nt_length = match block.words.len() / 2 {
        12 => return Ok(SessionSetup::Token(bytes.take(first)?)),
        13 => usize::from(reader.u16_le()?),
        10 => 0,
        _ => return Err(malformed("WordCount")),
    };
    let lm = bytes.take(first)?;
    let nt = bytes.take(nt_length)?;
    let user = text(block, &mut bytes, unicode);
    let domain = text(block, &mut bytes, unicode);
    Ok(SessionSetup::Response {
        lm,
        nt,
        names: [user, domain],
    })
}

/// `AndX(4) Action(2) SecurityBlobLength(2); SecurityBlob`; whether it is a guest, and the token.
pub(crate) fn session_setup_response<'a>(block: &Block<'a>) -> (bool, &'a [u8]) {
    let mut reader = Reader::new(block.words);
    let action = reader.skip(4).and_then(|()| reader.u16_le());
    let length = match block.words.len() / 2 {
        4 => usize::from(reader.u16_le().unwrap_or_default()),
        _ => 0,
    };
    let token = block.bytes.get(..length).unwrap_or_default();
    (action.is_ok_and(|action| action & 1 != 0), token)
}

/// The path of `AndX(4) Flags(2) PasswordLength(2); Password Pad Path Service`.
pub(crate) fn tree_connect<'a>(block: &Block<'a>, unicode: bool) -> Result<&'a [u8], ParseError> {
    let mut reader = Reader::new(block.words);
    reader.skip(6)?;
    let password = usize::from(reader.u16_le()?);
    let mut bytes = Reader::new(block.bytes);
    bytes.skip(password)?;
    Ok(text(block, &mut bytes, unicode))
}

/// ```text
/// NT_CREATE_ANDX: AndX(4) Reserved(1) NameLength(2) Flags(4) RootDirectoryFID(4) DesiredAccess(4)
///   AllocationSize(8) ExtFileAttributes(4) ShareAccess(4) CreateDisposition(4) CreateOptions(4)
///   ...; Pad FileName
/// OPEN_ANDX: AndX(4) Flags(2) AccessMode(2) SearchAttrs(2) FileAttrs(2) CreationTime(4)
///   OpenMode(2) ...; Pad FileName
/// ```
pub(crate) fn create<'a>(block: &Block<'a>, unicode: bool) -> Result<Create<'a>, ParseError> {
    let mut reader = Reader::new(block.words);
    let (mut disposition, mut options) = (None, 0);
    let (desired_access, may_create) = if block.command == Command::NT_CREATE_ANDX {
        reader.skip(15)?;
        let access = reader.u32_le()?;
        reader.skip(16)?;
        let wanted = reader.u32_le()?;
        disposition = u8::try_from(wanted).ok();
        options = reader.u32_le().unwrap_or_default();
        (access, wanted != FILE_OPEN)
    } else {
        reader.skip(6)?;
        let mode = reader.u16_le()?;
        reader.skip(8)?;
        (
            access_of_mode(mode),
            reader.u16_le()? & OPEN_MODE_CREATES != 0,
        )
    };
    let mut bytes = Reader::new(block.bytes);
    Ok(Create {
        desired_access,
        may_create,
        disposition,
        options,
        name: text(block, &mut bytes, unicode),
    })
}

/// `FID` of an answer, and the size: `AndX(4) OpLockLevel(1) FID(2) CreateDisposition(4) times(32)
/// ExtFileAttributes(4) AllocationSize(8) EndOfFile(8) ...` or, to an OPEN_ANDX, `AndX(4) FID(2)`.
pub(crate) fn created(block: &Block<'_>) -> Result<Created, ParseError> {
    let mut reader = Reader::new(block.words);
    let is_nt = block.command == Command::NT_CREATE_ANDX;
    reader.skip(if is_nt { 5 } else { 4 })?;
    let file = reader.u16_le()?.into();
    let size = match is_nt && reader.skip(48).is_ok() {
        true => reader.u64_le().ok(),
        false => None,
    };
    Ok(Created { file, size })
}

/// `FID` of `AndX(4) FID(2)`, as READ_ANDX has it, or of a CLOSE.
pub(crate) fn fid(block: &Block<'_>) -> Result<u16, ParseError> {
    let mut reader = Reader::new(block.words);
    if block.command.chains() {
        reader.skip(4)?;
    }
    reader.u16_le()
}

/// `AndX(4) FID(2) Offset(4) Timeout(4) WriteMode(2) Remaining(2) DataLengthHigh(2) DataLength(2)
/// DataOffset(2) ...`
pub(crate) fn write<'a>(message: &'a [u8], block: &Block<'_>) -> Result<Write<'a>, ParseError> {
    let mut reader = Reader::new(block.words);
    reader.skip(4)?;
    let fid = reader.u16_le()?;
    reader.skip(8)?;
    let mode = reader.u16_le()?;
    reader.skip(2)?;
    let high = usize::from(reader.u16_le()?);
    let low = usize::from(reader.u16_le()?);
    let mut offset = usize::from(reader.u16_le()?);
    let mut length = high << 16 | low;
    if mode & RAW_MESSAGE_START == RAW_MESSAGE_START {
        // The first two octets are the length of the message (MS-CIFS section 2.2.4.43.1).
        offset += 2;
        length = length.saturating_sub(2);
    }
    Ok(Write {
        fid,
        payload: payload(message, offset, length),
    })
}

/// `AndX(4) Available(2) DataCompactionMode(2) Reserved(2) DataLength(2) DataOffset(2)
/// DataLengthHigh(2) ...`
pub(crate) fn read<'a>(message: &'a [u8], block: &Block<'_>) -> Result<Payload<'a>, ParseError> {
    let mut reader = Reader::new(block.words);
    reader.skip(10)?;
    let low = usize::from(reader.u16_le()?);
    let offset = usize::from(reader.u16_le()?);
    let high = usize::from(reader.u16_le()?);
    Ok(payload(message, offset, high << 16 | low))
}

/// Text at the reader's place, up to its NUL; UTF-16 is aligned to the message.
fn text<'a>(block: &Block<'a>, bytes: &mut Reader<'a>, unicode: bool) -> &'a [u8] {
    let place = block.bytes_at + (block.bytes.len() - bytes.len());
    if unicode && place % 2 == 1 {
        let _ = bytes.skip(1);
    }
    let rest = bytes.rest();
    let (length, with_end) = if unicode {
        let (pairs, _) = rest.as_chunks::<2>();
        let length = pairs.iter().position(|pair| *pair == [0, 0]);
        length.map_or((rest.len(), rest.len()), |it| (2 * it, 2 * it + 2))
    } else {
        let length = rest.iter().position(|octet| *octet == 0);
        length.map_or((rest.len(), rest.len()), |it| (it, it + 1))
    };
    let _ = bytes.skip(with_end);
    rest.get(..length).unwrap_or_default()
}

/// What is there of the `length` octets at `offset`.
pub(super) fn payload(message: &[u8], offset: usize, length: usize) -> Payload<'_> {
    let there = message.get(offset..).unwrap_or_default();
    let octets = there.get(..length).unwrap_or(there);
    Payload {
        octets,
        missing: length - octets.len(),
    }
}

/// `AccessMode` of OPEN_ANDX as `DesiredAccess`: its low bits are read, write, both, execute.
const fn access_of_mode(mode: u16) -> u32 {
    match mode & 0x7 {
        0 => 0x8000_0000,
        1 => 0x4000_0000,
        2 => 0xc000_0000,
        _ => 0x2000_0000,
    }
}

/// Words of the answer in NT LM 0.12.
const NT_WORDS: usize = 34;

/// `CAP_EXTENDED_SECURITY`.
const CAP_EXTENDED_SECURITY: u32 = 0x8000_0000;

/// `FILE_OPEN` of `CreateDisposition`.
const FILE_OPEN: u32 = 1;

/// `CreateFile` or `FileExistsOpts = truncate` of `OpenMode`.
const OPEN_MODE_CREATES: u16 = 0x12;

/// `RAW_MODE` and `MSG_START` of `WriteMode`.
const RAW_MESSAGE_START: u16 = 0x0c;
