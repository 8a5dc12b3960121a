//! Octets to messages. No state.

use super::message::{Header, Response};
use super::name;
use crate::wire::{ParseError, Reader};
use realmward_vocab::HostName;
use std::net::IpAddr;

/// Reads a response to one question, records as far as they can be read.
///
/// ```text
/// message  := header question* answer* authority* additional*
/// question := QNAME QTYPE:u16 QCLASS:u16
/// ```
pub(crate) fn response(message: &[u8]) -> Result<Response, ParseError> {
    let header = Header::read(message)?;
    let mut reader = Reader::new(message);
    reader.skip(Header::OCTETS)?;
    let qname = name::read(message, &mut reader)?;
    let qtype = reader.u16_be()?;
    reader.skip(2)?;
    let mut response = Response {
        qname,
        qtype,
        rcode: header.rcode(),
        addresses: Vec::new(),
        names: Vec::new(),
        fault: None,
    };
    for _ in 0..header.ancount {
        if let Err(fault) = record(message, &mut reader, &mut response) {
            response.fault = Some(fault);
            break;
        }
    }
    Ok(response)
}

/// Reads the header and the question of a message of `total` octets, of which perhaps not all are here.
pub(crate) fn first_question(message: &[u8], total: usize) -> Result<Header, ParseError> {
    let header = Header::read(message)?;
    if header.qdcount != 1 || !header.is_plausible(total) {
        return Err(ParseError::Malformed { field: "header" });
    }
    let mut reader = Reader::new(message);
    reader.skip(Header::OCTETS)?;
    name::skip(&mut reader)?;
    reader.skip(2)?;
    let qclass = reader.u16_be()?;
    if [CLASS_IN, CLASS_NONE, CLASS_ANY].contains(&qclass) {
        Ok(header)
    } else {
        Err(ParseError::Malformed { field: "QCLASS" })
    }
}

/// Reads a resource record (RFC 1035 section 4.1.3).
///
/// ```text
/// record := NAME TYPE:u16 CLASS:u16 TTL:u32 RDLENGTH:u16 RDATA
/// ```
fn record<'a>(
    message: &'a [u8],
    reader: &mut Reader<'a>,
    response: &mut Response,
) -> Result<(), ParseError> {
    name::skip(reader)?;
    let kind = reader.u16_be()?;
    let class = reader.u16_be()?;
    reader.skip(4)?;
    let length = usize::from(reader.u16_be()?);
    // The data may point back into the message: read it from a message that ends where it ends.
    let start = message.len().saturating_sub(reader.len());
    let mut rdata = reader.sub(length)?;
    let message = message.get(..start + length).unwrap_or_default();
    if class != CLASS_IN {
        return Ok(());
    }
    match kind {
        TYPE_A => keep(&mut response.addresses, IpAddr::from(rdata.array::<4>()?)),
        TYPE_AAAA => keep(
            &mut response.addresses,
            IpAddr::from(rdata.array::<16>()?).to_canonical(),
        ),
        TYPE_PTR | TYPE_CNAME => keep_name(response, name::read(message, &mut rdata)?),
        TYPE_SRV => {
            // priority, weight, port (RFC 2782)
            rdata.skip(6)?;
            keep_name(response, name::read(message, &mut rdata)?);
        }
        _ => {}
    }
    Ok(())
}

fn keep_name(response: &mut Response, name: HostName) {
    if !name.is_empty() {
        keep(&mut response.names, name);
    }
}

fn keep<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if list.len() < RECORDS_MAX && !list.contains(&item) {
        list.push(item);
    }
}

const TYPE_A: u16 = 1;
const TYPE_CNAME: u16 = 5;
const TYPE_PTR: u16 = 12;
const TYPE_AAAA: u16 = 28;
const TYPE_SRV: u16 = 33;
const CLASS_IN: u16 = 1;
const CLASS_NONE: u16 = 254;
const CLASS_ANY: u16 = 255;

/// The fact promises so many addresses and names at most. Lost at the bound: the later ones of an
/// answer that is longer than any host's.
const RECORDS_MAX: usize = 16;
