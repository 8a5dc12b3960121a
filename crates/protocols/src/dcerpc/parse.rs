//! Octets to protocol data units (C706 chapter 12, MS-RPCE section 2.2.2). No state.

use super::message::{
    AuthVerifier, Bind, BindAck, Body, ByteOrder, ContextElement, ContextResult, Flags, Header,
    PacketType, Pdu, Request, Response, Syntaxes,
};
use crate::wire::{ParseError, Reader};
use realmward_vocab::Guid;

/// Reads the common header (C706 section 12.6.3.1).
///
/// ```text
/// rpc_vers(1)=5 rpc_vers_minor(1) PTYPE(1) pfc_flags(1) packed_drep(4)
/// frag_length(2) auth_length(2) call_id(4)
/// ```
///
/// # Errors
///
/// [`ParseError::Malformed`] as soon as an octet rules the protocol out, else
/// [`ParseError::Incomplete`] below sixteen octets.
pub fn header(octets: &[u8]) -> Result<Header, ParseError> {
    let mut reader = Reader::new(octets);
    expect(reader.u8()? == 5, "rpc_vers")?;
    expect(reader.u8()? <= 1, "rpc_vers_minor")?;
    let ptype = PacketType::from_wire(reader.u8()?).ok_or(malformed("PTYPE"))?;
    let flags = Flags(reader.u8()?);
    let order = match reader.u8()? {
        0x10 => ByteOrder::Little,
        0x00 => ByteOrder::Big,
        _ => return Err(malformed("packed_drep")),
    };
    expect(reader.u8()? == 0, "packed_drep")?;
    // The last two octets are reserved; no known sender sets them.
    expect(reader.array::<2>()? == [0, 0], "packed_drep")?;
    let frag_length = order.u16(&mut reader)?;
    let auth_length = order.u16(&mut reader)?;
    let call_id = order.u32(&mut reader)?;
    let verifier = match auth_length {
        0 => 0,
        length => usize::from(length) + VERIFIER_OCTETS,
    };
    expect(
        HEADER_OCTETS + body_octets_min(ptype) + verifier <= usize::from(frag_length),
        "frag_length",
    )?;
    Ok(Header {
        ptype,
        flags,
        order,
        frag_length,
        auth_length,
        call_id,
    })
}

/// Reads a whole fragment.
///
/// # Errors
///
/// [`ParseError::Incomplete`] or [`ParseError::Malformed`] when it breaks its specification.
pub fn pdu(octets: &[u8]) -> Result<Pdu<'_>, ParseError> {
    let header = header(octets)?;
    let fragment = Reader::new(octets).take(usize::from(header.frag_length))?;
    let (content, auth) = split_verifier(&header, fragment)?;
    let body = body(&header, content, 0)?;
    Ok(Pdu { header, body, auth })
}

/// Reads a fragment of which only the first octets were captured. Its verifier, which stands at the
/// end, is not there; its padding counts as stub.
///
/// # Errors
///
/// [`ParseError::Incomplete`] when more than the end of a stub or the verifier is missing, and
/// [`ParseError::Malformed`] when it breaks its specification.
pub fn cut(octets: &[u8]) -> Result<Pdu<'_>, ParseError> {
    let header = header(octets)?;
    let verifier = match header.auth_length {
        0 => 0,
        length => usize::from(length) + VERIFIER_OCTETS,
    };
    let whole = usize::from(header.frag_length).saturating_sub(verifier);
    let content = Reader::new(octets).take(octets.len().min(whole))?;
    let body = body(&header, content, whole - content.len())?;
    Ok(Pdu {
        header,
        body,
        auth: None,
    })
}

/// Reads what stands between the header and the verifier; `missing` octets of it are not there.
fn body<'a>(header: &Header, content: &'a [u8], missing: usize) -> Result<Body<'a>, ParseError> {
    let mut reader = Reader::new(content);
    reader.skip(HEADER_OCTETS)?;
    let order = header.order;
    Ok(match header.ptype {
        PacketType::Bind | PacketType::AlterContext => Body::Bind(Bind {
            header_signing: header.flags.header_signing(),
            ..bind(&mut reader, order)?
        }),
        PacketType::BindAck | PacketType::AlterContextResp => {
            Body::BindAck(bind_ack(&mut reader, order)?)
        }
        PacketType::BindNak => Body::BindNak {
            reason: order.u16(&mut reader)?,
        },
        PacketType::Request => Body::Request(request(&mut reader, header, missing)?),
        PacketType::Response => {
            reader.skip(8)?; // alloc_hint(4) p_cont_id(2) cancel_count(1) reserved(1)
            Body::Response(Response {
                stub: reader.rest(),
                missing,
            })
        }
        PacketType::Fault => {
            reader.skip(8)?;
            Body::Fault {
                status: order.u32(&mut reader)?,
            }
        }
        PacketType::Auth3 | PacketType::Shutdown | PacketType::CoCancel | PacketType::Orphaned => {
            Body::Empty
        }
    })
}

/// Splits the verifier off: `auth_type(1) auth_level(1) auth_pad_length(1) auth_reserved(1)
/// auth_context_id(4) auth_value`, after padding, at the end of the fragment.
fn split_verifier<'a>(
    header: &Header,
    fragment: &'a [u8],
) -> Result<(&'a [u8], Option<AuthVerifier<'a>>), ParseError> {
    if header.auth_length == 0 {
        return Ok((fragment, None));
    }
    let start = fragment
        .len()
        .checked_sub(VERIFIER_OCTETS + usize::from(header.auth_length))
        .ok_or(malformed("auth_length"))?;
    let (content, verifier) = fragment
        .split_at_checked(start)
        .ok_or(malformed("auth_length"))?;
    let mut reader = Reader::new(verifier);
    let auth_type = reader.u8()?;
    let auth_level = reader.u8()?;
    let auth_pad_length = usize::from(reader.u8()?);
    reader.skip(1)?;
    let auth_context_id = header.order.u32(&mut reader)?;
    let unpadded = content
        .len()
        .checked_sub(auth_pad_length)
        .and_then(|end| content.get(..end))
        .ok_or(malformed("auth_pad_length"))?;
    Ok((
        unpadded,
        Some(AuthVerifier {
            auth_type,
            auth_level,
            auth_context_id,
            token: reader.rest(),
        }),
    ))
}

/// `bind`: `max_xmit_frag(2) max_recv_frag(2) assoc_group_id(4) n_context_elem(1) reserved(3)
/// p_cont_elem...`
fn bind(reader: &mut Reader<'_>, order: ByteOrder) -> Result<Bind, ParseError> {
    reader.skip(8)?;
    let n_context_elem = reader.u8()?;
    reader.skip(3)?;
    let mut contexts = Vec::new();
    for _ in 0..n_context_elem {
        contexts.push(context_element(reader, order)?);
    }
    Ok(Bind {
        header_signing: false, // that stands in the header
        contexts,
    })
}

/// `p_cont_elem_t`: `p_cont_id(2) n_transfer_syn(1) reserved(1) abstract_syntax(20)
/// transfer_syntaxes(20 each)`.
fn context_element(
    reader: &mut Reader<'_>,
    order: ByteOrder,
) -> Result<ContextElement, ParseError> {
    let p_cont_id = order.u16(reader)?;
    let n_transfer_syn = reader.u8()?;
    reader.skip(1)?;
    let interface = order.guid(reader)?;
    let version = order.u32(reader)?;
    let mut syntaxes = Syntaxes::default();
    for _ in 0..n_transfer_syn {
        syntaxes.add(order.guid(reader)?);
        reader.skip(4)?;
    }
    Ok(ContextElement {
        p_cont_id,
        interface,
        version,
        syntaxes,
    })
}

/// `bind_ack`: `max_xmit_frag(2) max_recv_frag(2) assoc_group_id(4) sec_addr(2+n) pad
/// n_results(1) reserved(3) p_result_t...`
fn bind_ack(reader: &mut Reader<'_>, order: ByteOrder) -> Result<BindAck, ParseError> {
    reader.skip(4)?;
    let association_group = order.u32(reader)?;
    let sec_addr = order.u16(reader)?;
    reader.skip(usize::from(sec_addr))?;
    // The fields before are 26 octets and `sec_addr`; the list is aligned to four.
    let misaligned = (usize::from(sec_addr) + 26) % 4;
    reader.skip((4 - misaligned) % 4)?;
    let n_results = reader.u8()?;
    reader.skip(3)?;
    let mut results = Vec::new();
    for _ in 0..n_results {
        let result = order.u16(reader)?;
        reader.skip(2)?; // reason
        let mut syntaxes = Syntaxes::default();
        syntaxes.add(order.guid(reader)?);
        reader.skip(4)?;
        results.push(ContextResult { result, syntaxes });
    }
    Ok(BindAck {
        association_group,
        results,
    })
}

/// `request`: `alloc_hint(4) p_cont_id(2) opnum(2) [object(16)] stub`.
fn request<'a>(
    reader: &mut Reader<'a>,
    header: &Header,
    missing: usize,
) -> Result<Request<'a>, ParseError> {
    reader.skip(4)?;
    let p_cont_id = header.order.u16(reader)?;
    let opnum = header.order.u16(reader)?;
    let object = match header.flags.object() {
        true => Some(header.order.guid(reader)?),
        false => None,
    };
    Ok(Request {
        p_cont_id,
        opnum,
        object,
        stub: reader.rest(),
        missing,
    })
}

impl Syntaxes {
    /// Adds the transfer syntax with this UUID; the unknown ones leave no trace.
    pub(super) fn add(&mut self, uuid: Guid) {
        match uuid {
            NDR => self.ndr = true,
            NDR64 => self.ndr64 = true,
            // The last eight octets are a bit mask of features (MS-RPCE section 2.2.2.14).
            Guid(number) if number >> 64 == BIND_TIME_FEATURES => self.bind_time_features = true,
            _ => {}
        }
    }
}

impl ByteOrder {
    /// Reads a 16-bit number.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn u16(self, reader: &mut Reader<'_>) -> Result<u16, ParseError> {
        match self {
            Self::Little => reader.u16_le(),
            Self::Big => reader.u16_be(),
        }
    }

    /// Reads a 32-bit number.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn u32(self, reader: &mut Reader<'_>) -> Result<u32, ParseError> {
        match self {
            Self::Little => reader.u32_le(),
            Self::Big => reader.u32_be(),
        }
    }

    /// Reads a UUID, whose first three fields are numbers.
    ///
    /// # Errors
    ///
    /// [`ParseError::Incomplete`] when too few octets remain.
    pub fn guid(self, reader: &mut Reader<'_>) -> Result<Guid, ParseError> {
        let octets = reader.array()?;
        Ok(match self {
            Self::Little => Guid::from_le_bytes(octets),
            Self::Big => Guid(u128::from_be_bytes(octets)),
        })
    }
}

/// The least a type carries between header and verifier.
const fn body_octets_min(ptype: PacketType) -> usize {
    match ptype {
        PacketType::Request | PacketType::Response => 8,
        PacketType::Fault | PacketType::Bind | PacketType::AlterContext => 12,
        PacketType::BindAck | PacketType::AlterContextResp => 10,
        PacketType::BindNak => 2,
        PacketType::Auth3 | PacketType::Shutdown | PacketType::CoCancel | PacketType::Orphaned => 0,
    }
}

pub(super) const fn malformed(field: &'static str) -> ParseError {
    ParseError::Malformed { field }
}

pub(super) fn expect(holds: bool, field: &'static str) -> Result<(), ParseError> {
    match holds {
        true => Ok(()),
        false => Err(malformed(field)),
    }
}

/// Octets of the common header.
pub const HEADER_OCTETS: usize = 16;
/// Octets of the verifier before its token.
const VERIFIER_OCTETS: usize = 8;
/// NDR 2.0.
const NDR: Guid = Guid(0x8a885d04_1ceb_11c9_9fe8_08002b104860);
/// NDR64.
const NDR64: Guid = Guid(0x71710533_beba_4937_8319_b5dbef9ccc36);
/// The first half of the UUID of bind-time feature negotiation.
const BIND_TIME_FEATURES: u128 = 0x6cb7_1c2c_9812_4540;
