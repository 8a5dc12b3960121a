//! Octets to messages (MS-SMB2 section 2.2). No state.
//!
//! Offsets in messages count from the first octet of their header; every function here takes the
//! message from there on.

use super::super::limits::DIALECTS_MAX;
use super::super::opens::Payload;
use super::message::{
    Carried, Command, CreateRequest, Header, NegotiateRequest, NegotiateResponse,
    SessionSetupResponse,
};
use crate::Recognised;
use crate::wire::{ParseError, Reader, slice_at};
use realmward_vocab::{Guid, NtStatus};

/// Octets of the header.
pub(crate) const HEADER_OCTETS: usize = 64;

/// Octets of SMB2 TRANSFORM_HEADER (MS-SMB2 section 2.2.41).
pub(crate) const TRANSFORM_OCTETS: usize = 52;

/// ```text
/// ProtocolId(4) StructureSize(2)=64 CreditCharge(2) Status(4) Command(2) Credit(2) Flags(4)
/// NextCommand(4) MessageId(8) (AsyncId(8) | Reserved(4) TreeId(4)) SessionId(8) Signature(16)
/// ```
pub(crate) fn header(message: &[u8]) -> Result<Header, ParseError> {
    let mut reader = Reader::new(message);
    reader.skip(4)?;
    if reader.u16_le()? != 64 {
        return Err(malformed("StructureSize"));
    }
    reader.skip(2)?;
    let status = NtStatus(reader.u32_le()?);
    let command = Command(reader.u16_le()?);
    reader.skip(2)?;
    let flags = reader.u32_le()?;
    let next_command = reader.u32_le()?;
    let message_id = reader.u64_le()?;
    reader.skip(4)?;
    let tree_id = reader.u32_le()?;
    let session_id = reader.u64_le()?;
    reader.skip(16)?;
    let header = Header {
        command,
        status,
        flags,
        next_command,
        message_id,
        tree_id: None,
        session_id,
    };
    Ok(Header {
        tree_id: (!header.is_async()).then_some(tree_id),
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

/// ```text
/// StructureSize(2)=36 DialectCount(2) SecurityMode(2) Reserved(2) Capabilities(4) ClientGuid(16)
/// NegotiateContext(8) Dialects(2 each)
/// ```
pub(crate) fn negotiate_request(message: &[u8]) -> Result<NegotiateRequest, ParseError> {
    let mut reader = body(message, 36)?;
    let count = usize::from(reader.u16_le()?);
    reader.skip(4)?;
    let capabilities = reader.u32_le()?;
    let client_guid = Guid::from_le_bytes(reader.array()?);
    reader.skip(8)?;
    if DIALECTS_MAX < count {
        return Err(ParseError::Limit {
            bound: "smb_dialects",
        });
    }
    let mut dialects = Vec::with_capacity(count);
    for _ in 0..count {
        dialects.push(reader.u16_le()?);
    }
    Ok(NegotiateRequest {
        capabilities,
        client_guid,
        dialects,
    })
}

/// `StructureSize(2)=65 SecurityMode(2) DialectRevision(2) ...`
pub(crate) fn negotiate_response(message: &[u8]) -> Result<NegotiateResponse, ParseError> {
    let mut reader = body(message, 65)?;
    Ok(NegotiateResponse {
        security_mode: reader.u16_le()?,
        dialect_revision: reader.u16_le()?,
    })
}

/// The token of `StructureSize(2)=25 Flags(1) SecurityMode(1) Capabilities(4) Channel(4)
/// SecurityBufferOffset(2) SecurityBufferLength(2) PreviousSessionId(8) Buffer`.
pub(crate) fn session_setup_request(message: &[u8]) -> Result<&[u8], ParseError> {
    let mut reader = body(message, 25)?;
    reader.skip(10)?;
    buffer(message, &mut reader, "SecurityBuffer")
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
    reader.skip(4)?;
    Ok(CreateRequest {
        desired_access,
        create_disposition,
        name: buffer(message, &mut reader, "Name")?,
    })
}

/// `FileId` of `StructureSize(2)=89 OplockLevel(1) Flags(1) CreateAction(4) times(32)
/// AllocationSize(8) EndofFile(8) FileAttributes(4) Reserved2(4) FileId(16) ...`.
pub(crate) fn create_response(message: &[u8]) -> Result<u128, ParseError> {
    let mut reader = body(message, 89)?;
    reader.skip(62)?;
    reader.u128_le()
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
fn body(message: &[u8], structure_size: u16) -> Result<Reader<'_>, ParseError> {
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

const fn malformed(field: &'static str) -> ParseError {
    ParseError::Malformed { field }
}
