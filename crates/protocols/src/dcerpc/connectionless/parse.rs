//! Octets to datagrams (C706 section 12.5). No state.

use super::super::message::ByteOrder;
use super::super::parse::{expect, malformed};
use super::message::{Datagram, PacketType};
use crate::wire::{ParseError, Reader};
use realmward_vocab::Guid;

/// ```text
/// rpc_vers(1)=4 ptype(1) flags1(1) flags2(1) drep(3) serial_hi(1) object(16) if_id(16) act_id(16)
/// server_boot(4) if_vers(4) seqnum(4) opnum(2) ihint(2) ahint(2) len(2) fragnum(2) auth_proto(1)
/// serial_lo(1); body of len octets; with auth_proto, protection_level(1) key_vers_num(1) ...
/// ```
///
/// # Errors
///
/// [`ParseError::Malformed`] when a field rules the protocol out, [`ParseError::Incomplete`] when the
/// header is not whole.
pub fn datagram(octets: &[u8]) -> Result<Datagram<'_>, ParseError> {
    let mut reader = Reader::new(octets);
    expect(reader.u8()? == 4, "rpc_vers")?;
    let ptype = PacketType::from_wire(reader.u8()?).ok_or(malformed("ptype"))?;
    let flags = reader.u8()?;
    expect(flags & RESERVED_FLAGS == 0, "flags1")?;
    expect(reader.u8()? & RESERVED_FLAGS_2 == 0, "flags2")?;
    let order = match reader.u8()? {
        0x10 => ByteOrder::Little,
        0x00 => ByteOrder::Big,
        _ => return Err(malformed("drep")),
    };
    expect(reader.u8()? == 0, "drep")?;
    expect(reader.u8()? == 0, "drep")?;
    reader.skip(1)?;
    let object = order.guid(&mut reader)?;
    let interface = order.guid(&mut reader)?;
    let activity = order.guid(&mut reader)?;
    reader.skip(4)?;
    let version = order.u32(&mut reader)?;
    let sequence = order.u32(&mut reader)?;
    let opnum = order.u16(&mut reader)?;
    reader.skip(4)?;
    let length = usize::from(order.u16(&mut reader)?);
    let fragment = order.u16(&mut reader)?;
    let auth_proto = reader.u8()?;
    reader.skip(1)?;
    let rest = reader.rest();
    let body = rest.get(..length).unwrap_or(rest);
    Ok(Datagram {
        ptype,
        flags,
        order,
        object: (object != Guid::default()).then_some(object),
        interface,
        activity,
        version,
        sequence,
        opnum,
        fragment,
        auth_level: match auth_proto {
            0 => 0,
            _ => rest.get(length).copied().unwrap_or(LEVEL_UNKNOWN),
        },
        body,
        missing: length - body.len(),
    })
}

/// Bits of `flags1` that nobody may set (C706 section 12.5.2.3).
const RESERVED_FLAGS: u8 = 0x81;
/// Bits of `flags2` that nobody may set.
const RESERVED_FLAGS_2: u8 = 0xfd;
/// The level of a datagram whose trailer was not captured: the highest, so that nothing is read in
/// clear that may be sealed.
const LEVEL_UNKNOWN: u8 = 6;
