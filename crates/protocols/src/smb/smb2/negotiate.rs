//! Octets to NEGOTIATE and its contexts (MS-SMB2 sections 2.2.3 and 2.2.4). No state.

use super::super::limits::{ALGORITHMS_MAX, DIALECTS_MAX, NEGOTIATE_CONTEXTS_MAX};
use super::message::{NegotiateContexts, NegotiateRequest, NegotiateResponse};
use super::parse::body;
use crate::wire::{ParseError, Reader};
use realmward_vocab::Guid;

/// ```text
/// StructureSize(2)=36 DialectCount(2) SecurityMode(2) Reserved(2) Capabilities(4) ClientGuid(16)
/// NegotiateContext(8) Dialects(2 each)
/// ```
pub(crate) fn request(message: &[u8]) -> Result<NegotiateRequest, ParseError> {
    let mut reader = body(message, 36)?;
    let count = usize::from(reader.u16_le()?);
    let security_mode = reader.u16_le()?;
    reader.skip(2)?;
    let capabilities = reader.u32_le()?;
    let client_guid = Guid::from_le_bytes(reader.array()?);
    let contexts_at = reader.u32_le()?;
    let contexts_count = reader.u16_le()?;
    reader.skip(2)?;
    if DIALECTS_MAX < count {
        return Err(ParseError::Limit {
            bound: "smb_dialects",
        });
    }
    let mut dialects = Vec::with_capacity(count);
    for _ in 0..count {
        dialects.push(reader.u16_le()?);
    }
    let mut contexts = NegotiateContexts::default();
    // Before 3.1.1 a start time, always 0, stands in their place.
    if dialects.contains(&DIALECT_311) {
        read(message, contexts_at, contexts_count, &mut contexts);
    }
    Ok(NegotiateRequest {
        security_mode,
        capabilities,
        client_guid,
        dialects,
        contexts,
    })
}

/// ```text
/// StructureSize(2)=65 SecurityMode(2) DialectRevision(2) NegotiateContextCount(2) ServerGuid(16)
/// Capabilities(4) sizes(12) times(16) SecurityBufferOffset(2) SecurityBufferLength(2)
/// NegotiateContextOffset(4)
/// ```
pub(crate) fn response(message: &[u8]) -> Result<NegotiateResponse, ParseError> {
    let mut reader = body(message, 65)?;
    let mut response = NegotiateResponse {
        security_mode: reader.u16_le()?,
        dialect_revision: reader.u16_le()?,
        ..NegotiateResponse::default()
    };
    // The dialect counts even if the rest is broken.
    let _ = response_rest(message, reader, &mut response);
    Ok(response)
}

fn response_rest(
    message: &[u8],
    mut reader: Reader<'_>,
    response: &mut NegotiateResponse,
) -> Result<(), ParseError> {
    let count = reader.u16_le()?;
    response.server_guid = Some(Guid::from_le_bytes(reader.array()?));
    response.capabilities = reader.u32_le()?;
    reader.skip(32)?;
    if response.dialect_revision == DIALECT_311 {
        read(message, reader.u32_le()?, count, &mut response.contexts);
    }
    Ok(())
}

/// Reads `count` contexts from `offset` of the message on, as many as are there.
fn read(message: &[u8], offset: u32, count: u16, contexts: &mut NegotiateContexts) {
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let mut reader = Reader::new(message.get(offset..).unwrap_or_default());
    for _ in 0..usize::from(count).min(NEGOTIATE_CONTEXTS_MAX) {
        if context(&mut reader, contexts).is_err() {
            return;
        }
    }
}

/// `ContextType(2) DataLength(2) Reserved(4) Data`, padded to eight octets.
fn context(reader: &mut Reader<'_>, contexts: &mut NegotiateContexts) -> Result<(), ParseError> {
    let kind = reader.u16_le()?;
    let length = usize::from(reader.u16_le()?);
    reader.skip(4)?;
    let mut data = reader.sub(length)?;
    contexts.kinds.push(kind);
    // A context that is broken inside says nothing; the next one may.
    let _ = inside(kind, &mut data, contexts);
    let padding = length.next_multiple_of(8) - length;
    let _ = reader.skip(padding.min(reader.len()));
    Ok(())
}

fn inside(
    kind: u16,
    data: &mut Reader<'_>,
    contexts: &mut NegotiateContexts,
) -> Result<(), ParseError> {
    match kind {
        ENCRYPTION => contexts.ciphers = algorithms(data, 0)?,
        COMPRESSION => contexts.compressions = algorithms(data, 6)?, // Padding(2) Flags(4)
        SIGNING => contexts.signing_algorithms = algorithms(data, 0)?,
        NETNAME => contexts.net_name = Some(data.rest().to_vec()),
        _ => {}
    }
    Ok(())
}

/// A count, what stands between, and so many identifiers.
fn algorithms(data: &mut Reader<'_>, between: usize) -> Result<Vec<u16>, ParseError> {
    let count = usize::from(data.u16_le()?);
    data.skip(between)?;
    let mut algorithms = Vec::new();
    for _ in 0..count.min(ALGORITHMS_MAX) {
        algorithms.push(data.u16_le()?);
    }
    Ok(algorithms)
}

/// `SMB2_ENCRYPTION_CAPABILITIES`.
const ENCRYPTION: u16 = 2;
/// `SMB2_COMPRESSION_CAPABILITIES`.
const COMPRESSION: u16 = 3;
/// `SMB2_NETNAME_NEGOTIATE_CONTEXT_ID`.
const NETNAME: u16 = 5;
/// `SMB2_SIGNING_CAPABILITIES`.
const SIGNING: u16 = 8;
/// SMB 3.1.1.
const DIALECT_311: u16 = 0x0311;
