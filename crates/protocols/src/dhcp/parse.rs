//! Octets of version 4 to a message. No state.

use super::message::{Kind, Message};
use crate::dns::name;
use crate::wire::{ParseError, Reader, cut};
use realmward_vocab::HostName;
use std::net::IpAddr;

/// Reads a message (RFC 2131 section 2).
///
/// ```text
/// message := op:u8 htype:u8 hlen:u8 hops:u8 xid:u32 secs:u16 flags:u16 ciaddr[4] yiaddr[4] siaddr[4]
///            giaddr[4] chaddr[16] sname[64] file[128] cookie[4] option*
/// ```
pub(super) fn message(octets: &[u8]) -> Result<Message, ParseError> {
    let mut reader = Reader::new(octets);
    reader.skip(2)?;
    let hlen = usize::from(reader.u8()?);
    reader.skip(1)?;
    let xid = reader.u32_be()?;
    reader.skip(4)?;
    let ciaddr = address(reader.array()?);
    let yiaddr = address(reader.array()?);
    reader.skip(4)?;
    let giaddr = address(reader.array()?);
    let chaddr = reader.take(16)?;
    let sname = reader.take(64)?;
    let file = reader.take(128)?;
    if reader.array()? != COOKIE {
        return Err(ParseError::Malformed { field: "cookie" });
    }
    let mut message = Message {
        xid,
        hardware_address: chaddr.get(..hlen).unwrap_or_default().to_vec(),
        is_paired: ciaddr.is_some() || giaddr.is_some(),
        relay: giaddr,
        ..Message::default()
    };
    let mut read = Read::default();
    let mut fault = options(reader.rest(), &mut message, &mut read);
    // The fields for names of the boot server may hold options (RFC 2132 section 9.3).
    for (bit, field) in [(1, file), (2, sname)] {
        if read.overload & bit != 0 {
            fault = fault.and(options(field, &mut message, &mut read));
        }
    }
    message.address = match message.kind {
        Kind::Ack => yiaddr.or(ciaddr),
        _ => read.requested.or(ciaddr),
    };
    if message.kind == Kind::Other {
        fault?;
    }
    Ok(message)
}

/// What options say of others.
#[derive(Default)]
struct Read {
    requested: Option<IpAddr>,
    overload: u8,
}

/// ```text
/// option := 0 | 255 | code:u8 length:u8 value
/// ```
fn options(octets: &[u8], message: &mut Message, read: &mut Read) -> Result<(), ParseError> {
    let mut reader = Reader::new(octets);
    while !reader.is_empty() {
        let code = reader.u8()?;
        match code {
            0 => continue,
            255 => return Ok(()),
            _ => {}
        }
        let length = usize::from(reader.u8()?);
        option(code, reader.take(length)?, message, read);
    }
    Ok(())
}

fn option(code: u8, value: &[u8], message: &mut Message, read: &mut Read) {
    let one = |value: &[u8]| value.try_into().ok().and_then(address);
    match code {
        6 => {
            let (servers, _) = value.as_chunks::<4>();
            let servers = servers.iter().filter_map(|it| address(*it));
            message.name_servers = servers.take(NAME_SERVERS_MAX).collect();
        }
        12 => message.host = text(value).map(HostName::new),
        15 => message.domain = text(value).map(HostName::new),
        50 => read.requested = one(value),
        51 => message.lease_s = value.try_into().ok().map(u32::from_be_bytes),
        52 => read.overload = value.first().copied().unwrap_or_default(),
        53 => message.kind = kind(value),
        54 => message.server = one(value),
        60 => message.vendor_class = vendor_class(value),
        81 => message.full_name = full_name(value),
        _ => {}
    }
}

const fn kind(value: &[u8]) -> Kind {
    match value {
        [3] => Kind::Request,
        [4] => Kind::Decline,
        [5] => Kind::Ack,
        [6] => Kind::Nak,
        [7] => Kind::Release,
        [8] => Kind::Inform,
        _ => Kind::Other,
    }
}

/// RFC 4702 section 2: flags, two result codes, and the name as text or as in the DNS.
fn full_name(value: &[u8]) -> Option<HostName> {
    let (flags, name) = value.split_first()?;
    let name = name.get(2..)?;
    if flags & ENCODED == 0 {
        return text(name).map(HostName::new);
    }
    let name = name::read(name, &mut Reader::new(name)).ok();
    name.filter(|it| !it.is_empty())
}

fn address(octets: [u8; 4]) -> Option<IpAddr> {
    (octets != [0; 4]).then(|| IpAddr::from(octets))
}

/// Text without what ends it; `None` if there is none.
pub(super) fn text(value: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(value);
    let text = text.trim_end_matches(['\0', '.']);
    (!text.is_empty()).then(|| text.to_owned())
}

/// A vendor class (option 60 of DHCP, 16 of DHCPv6), as long as the fact promises.
pub(super) fn vendor_class(value: &[u8]) -> Option<String> {
    text(value).map(|it| cut(&it, VENDOR_CLASS_OCTETS_MAX))
}

/// Before the options of DHCP (RFC 2131 section 3).
pub(super) const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];

/// The `E` bit: the name is as in the DNS.
const ENCODED: u8 = 4;

/// As the fact promises. Lost: name servers that a client asks last.
pub(super) const NAME_SERVERS_MAX: usize = 4;

/// As the fact promises. Lost: the rest of a long text.
const VENDOR_CLASS_OCTETS_MAX: usize = 64;
