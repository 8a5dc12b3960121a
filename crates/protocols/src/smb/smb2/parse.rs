//! Octets to messages (MS-SMB2 section 2.2). No state.
//!
//! Offsets in messages count from the first octet of their header; every function here takes the
//! message from there on.

use super::super::opens::Payload;
use super::super::session::Created;
use super::message::{
    Carried, Change, Command, CreateRequest, Header, SessionSetupRequest, SessionSetupResponse,
    SetInfo,
};
use crate::Recognised;
use crate::wire::{ParseError, Reader, slice_at};
use realmward_vocab::NtStatus;

/// Octets of the header.
pub(crate) const HEADER_OCTETS: usize = 64;

/// Octets of SMB2 TRANSFORM_HEADER (MS-SMB2 section 2.2.41).
pub(crate) const TRANSFORM_OCTETS: usize = 52;

/// ```text
/// ProtocolId(4) StructureSize(2)=64 CreditCharge(2) Status(4) Command(2) Credit(2) Flags(4)
/// NextCommand(4) MessageId(8) (AsyncId(8) | Reserved(4) TreeId(4)) SessionId(8) Signature(16)
/// ```
///
/// It is read for every message, so its words are taken at once.
pub(crate) fn header(message: &[u8]) -> Result<Header, ParseError> {
    let needed = HEADER_OCTETS.saturating_sub(message.len()).max(1);
    let (words, _) = message.as_chunks::<4>();
    let [_, [size_low, size_high, ..], rest @ ..] = words else {
        return Err(ParseError::Incomplete { needed });
    };
    if u16::from_le_bytes([*size_low, *size_high]) != 64 {
        return Err(malformed("StructureSize"));
    }
    let &[
        status,
        [command_low, command_high, ..],
        flags,
        next_command,
        [a, b, c, d],
        [e, f, g, h],
        _,
        tree_id,
        [i, j, k, l],
        [m, n, o, p],
        _,
        _,
        _,
        _,
        ..,
    ] = rest
    else {
        return Err(ParseError::Incomplete { needed });
    };
    let header = Header {
        command: Command(u16::from_le_bytes([command_low, command_high])),
        status: NtStatus(u32::from_le_bytes(status)),
        flags: u32::from_le_bytes(flags),
        next_command: u32::from_le_bytes(next_command),
        message_id: u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        tree_id: None,
        session_id: u64::from_le_bytes([i, j, k, l, m, n, o, p]),
    };
    Ok(Header {
        tree_id: (!header.is_async()).then_some(u32::from_le_bytes(tree_id)),
        ..header
    })
}

/// Who sent a message, as far as its first octets tell.
pub(crate) fn sender(message: &[u8]) -> Recognised {
    match header(message) {
        Ok(header) => Recognised::Yes(header.sender()),
        Err(ParseError::Incomplete { .. }) => match message.get(16).copied() {
            Some(flags) if flags & 1 == 0 => Recognised::Yes(realmward_vocab::Direction::ToServer),
            Some(_) => Recognised::Yes(realmward_vocab::Direction::ToClient),
            None => Recognised::TooShort,
        },
        Err(_) => Recognised::No,
    }
}

/// `SessionId` of SMB2 TRANSFORM_HEADER (MS-SMB2 section 2.2.41).
pub(crate) fn transform_session(message: &[u8]) -> Result<u64, ParseError> {
    let mut reader = Reader::new(message);
    reader.skip(TRANSFORM_OCTETS - 8)?;
    reader.u64_le()
}

/// `StructureSize(2)=25 Flags(1) SecurityMode(1) Capabilities(4) Channel(4)
/// SecurityBufferOffset(2) SecurityBufferLength(2) PreviousSessionId(8) Buffer`.
pub(crate) fn session_setup_request(message: &[u8]) -> Result<SessionSetupRequest<'_>, ParseError> {
    let mut reader = body(message, 25)?;
    let flags = reader.u8()?;
    reader.skip(9)?;
    Ok(SessionSetupRequest {
        flags,
        token: buffer(message, &mut reader, "SecurityBuffer")?,
        previous_session_id: reader.u64_le()?,
    })
}

/// `StructureSize(2)=9 SessionFlags(2) SecurityBufferOffset(2) SecurityBufferLength(2) Buffer`
pub(crate) fn session_setup_response(
    message: &[u8],
) -> Result<SessionSetupResponse<'_>, ParseError> {
    let mut reader = body(message, 9)?;
    Ok(SessionSetupResponse {
        session_flags: reader.u16_le()?,
        token: buffer(message, &mut reader, "SecurityBuffer")?,
    })
}

/// The path, in UTF-16, of `StructureSize(2)=9 Flags(2) PathOffset(2) PathLength(2) Buffer`.
pub(crate) fn tree_connect_request(message: &[u8]) -> Result<&[u8], ParseError> {
    let mut reader = body(message, 9)?;
    reader.skip(2)?;
    buffer(message, &mut reader, "Path")
}

/// `ShareType` of `StructureSize(2)=16 ShareType(1) ...`
pub(crate) fn tree_connect_response(message: &[u8]) -> Result<u8, ParseError> {
    body(message, 16)?.u8()
}

/// ```text
/// StructureSize(2)=57 SecurityFlags(1) RequestedOplockLevel(1) ImpersonationLevel(4)
/// SmbCreateFlags(8) Reserved(8) DesiredAccess(4) FileAttributes(4) ShareAccess(4)
/// CreateDisposition(4) CreateOptions(4) NameOffset(2) NameLength(2) ...
/// ```
pub(crate) fn create_request(message: &[u8]) -> Result<CreateRequest<'_>, ParseError> {
    let mut reader = body(message, 57)?;
    reader.skip(22)?;
    let desired_access = reader.u32_le()?;
    reader.skip(8)?;
    let create_disposition = reader.u32_le()?;
    let create_options = reader.u32_le()?;
    Ok(CreateRequest {
        desired_access,
        create_disposition,
        create_options,
        name: buffer(message, &mut reader, "Name")?,
    })
}

/// `EndofFile` and `FileId` of `StructureSize(2)=89 OplockLevel(1) Flags(1) CreateAction(4) times(32)
/// AllocationSize(8) EndofFile(8) FileAttributes(4) Reserved2(4) FileId(16) ...`.
pub(crate) fn create_response(message: &[u8]) -> Result<Created, ParseError> {
    let mut reader = body(message, 89)?;
    reader.skip(46)?;
    let size = reader.u64_le()?;
    reader.skip(8)?;
    Ok(Created {
        file: reader.u128_le()?,
        size: Some(size),
    })
}

/// ```text
/// StructureSize(2)=33 InfoType(1) FileInfoClass(1) BufferLength(4) BufferOffset(2) Reserved(2)
/// AdditionalInformation(4) FileId(16) Buffer
/// ```
pub(crate) fn set_info(message: &[u8]) -> Result<SetInfo<'_>, ParseError> {
    let mut reader = body(message, 33)?;
    let info_type = reader.u8()?;
    let class = reader.u8()?;
    let length = usize::try_from(reader.u32_le()?).unwrap_or(usize::MAX);
    let offset = usize::from(reader.u16_le()?);
    reader.skip(6)?;
    let file_id = reader.u128_le()?;
    let mut buffer = Reader::new(slice_at(message, offset, length).unwrap_or_default());
    let change = match (info_type, class) {
        (INFO_FILE, FILE_RENAME | FILE_RENAME_EX) => {
            buffer.skip(16)?; // ReplaceIfExists(1) Reserved(7) RootDirectory(8)
            let length = usize::try_from(buffer.u32_le()?).unwrap_or(usize::MAX);
            Change::Rename(buffer.take(length)?)
        }
        (INFO_FILE, FILE_DISPOSITION | FILE_DISPOSITION_EX) => {
            Change::Disposition(buffer.u8()? & 1 != 0)
        }
        _ => Change::Other,
    };
    Ok(SetInfo { file_id, change })
}

/// `FileId` and the pattern, in UTF-16, of `StructureSize(2)=33 FileInformationClass(1) Flags(1)
/// FileIndex(4) FileId(16) FileNameOffset(2) FileNameLength(2) ...`.
pub(crate) fn query_directory(message: &[u8]) -> Result<(u128, &[u8]), ParseError> {
    let mut reader = body(message, 33)?;
    reader.skip(6)?;
    let file_id = reader.u128_le()?;
    Ok((file_id, buffer(message, &mut reader, "FileName")?))
}

/// `TotalBytesWritten` of SRV_COPYCHUNK_RESPONSE (MS-SMB2 section 2.2.32.1): `ChunksWritten(4)
/// ChunkBytesWritten(4) TotalBytesWritten(4)`.
pub(crate) fn octets_copied(output: &[u8]) -> Result<u32, ParseError> {
    let mut reader = Reader::new(output);
    reader.skip(8)?;
    reader.u32_le()
}

/// `FileId` of `StructureSize(2)=24 Flags(2) Reserved(4) FileId(16)`.
pub(crate) fn close_request(message: &[u8]) -> Result<u128, ParseError> {
    let mut reader = body(message, 24)?;
    reader.skip(6)?;
    reader.u128_le()
}

/// `FileId` of `StructureSize(2)=49 Padding(1) Flags(1) Length(4) Offset(8) FileId(16) ...`.
pub(crate) fn read_request(message: &[u8]) -> Result<u128, ParseError> {
    let mut reader = body(message, 49)?;
    reader.skip(14)?;
    reader.u128_le()
}

/// `StructureSize(2)=17 DataOffset(1) Reserved(1) DataLength(4) ...`
pub(crate) fn read_response(message: &[u8]) -> Result<Payload<'_>, ParseError> {
    let mut reader = body(message, 17)?;
    let offset = usize::from(reader.u8()?);
    reader.skip(1)?;
    Ok(payload(message, offset, reader.u32_le()?))
}

/// `StructureSize(2)=49 DataOffset(2) Length(4) Offset(8) FileId(16) ...`
pub(crate) fn write_request(message: &[u8]) -> Result<Carried<'_>, ParseError> {
    let mut reader = body(message, 49)?;
    let offset = usize::from(reader.u16_le()?);
    let length = reader.u32_le()?;
    reader.skip(8)?;
    Ok(Carried {
        file_id: reader.u128_le()?,
        ctl_code: 0,
        payload: payload(message, offset, length),
    })
}

/// `StructureSize(2)=57 Reserved(2) CtlCode(4) FileId(16) InputOffset(4) InputCount(4) ...`
pub(crate) fn ioctl_request(message: &[u8]) -> Result<Carried<'_>, ParseError> {
    let mut reader = body(message, 57)?;
    ioctl(message, &mut reader)
}

/// `StructureSize(2)=49 Reserved(2) CtlCode(4) FileId(16) Input(8) OutputOffset(4) OutputCount(4) ...`
pub(crate) fn ioctl_response(message: &[u8]) -> Result<Carried<'_>, ParseError> {
    let mut reader = body(message, 49)?;
    let input = ioctl(message, &mut reader)?;
    let offset = usize::try_from(reader.u32_le()?).unwrap_or(usize::MAX);
    Ok(Carried {
        payload: payload(message, offset, reader.u32_le()?),
        ..input
    })
}

fn ioctl<'a>(message: &'a [u8], reader: &mut Reader<'a>) -> Result<Carried<'a>, ParseError> {
    reader.skip(2)?;
    let ctl_code = reader.u32_le()?;
    let file_id = reader.u128_le()?;
    let offset = usize::try_from(reader.u32_le()?).unwrap_or(usize::MAX);
    Ok(Carried {
        file_id,
        ctl_code,
        payload: payload(message, offset, reader.u32_le()?),
    })
}

/// What follows the header, its `StructureSize` read.
pub(super) fn body(message: &[u8], structure_size: u16) -> Result<Reader<'_>, ParseError> {
    let mut reader = Reader::new(message);
    reader.skip(HEADER_OCTETS)?;
    if reader.u16_le()? == structure_size {
        Ok(reader)
    } else {
        Err(malformed("StructureSize"))
    }
}

/// A buffer named by a 16-bit offset and length at the reader's place.
fn buffer<'a>(
    message: &'a [u8],
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<&'a [u8], ParseError> {
    let offset = usize::from(reader.u16_le()?);
    match usize::from(reader.u16_le()?) {
        0 => Ok(&[]),
        length => slice_at(message, offset, length).ok_or(malformed(field)),
    }
}

/// What is there of the `length` octets at `offset`.
fn payload(message: &[u8], offset: usize, length: u32) -> Payload<'_> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let there = message.get(offset..).unwrap_or_default();
    let octets = there.get(..length).unwrap_or(there);
    Payload {
        octets,
        missing: length - octets.len(),
    }
}

/// `SMB2_0_INFO_FILE`.
const INFO_FILE: u8 = 1;

/// `FileRenameInformation` and `FileRenameInformationEx` (MS-FSCC section 2.4).
const FILE_RENAME: u8 = 10;
const FILE_RENAME_EX: u8 = 65;

/// `FileDispositionInformation` and `FileDispositionInformationEx` (MS-FSCC section 2.4).
const FILE_DISPOSITION: u8 = 13;
const FILE_DISPOSITION_EX: u8 = 64;

const fn malformed(field: &'static str) -> ParseError {
    ParseError::Malformed { field }
}
