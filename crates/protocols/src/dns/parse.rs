//! Octets to messages. No state.

use super::message::{Header, Question, Record, Response, class, kind};
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
    let (header, question, mut reader) = questions(message)?;
    let mut response = Response {
        qname: question.qname,
        qtype: question.qtype,
        rcode: header.rcode(),
        addresses: Vec::new(),
        names: Vec::new(),
        fault: None,
    };
    for _ in 0..header.ancount {
        if let Err(fault) = answer(message, &mut reader, &mut response) {
            response.fault = Some(fault);
            break;
        }
    }
    Ok(response)
}

/// Reads the header and the first question; the reader stands behind the questions.
pub(crate) fn questions(message: &[u8]) -> Result<(Header, Question, Reader<'_>), ParseError> {
    let header = Header::read(message)?;
    let mut reader = Reader::new(message);
    reader.skip(Header::OCTETS)?;
    let qname = name::read(message, &mut reader)?;
    let qtype = reader.u16_be()?;
    reader.skip(2)?;
    for _ in 1..header.qdcount {
        name::skip(&mut reader)?;
        reader.skip(4)?;
    }
    Ok((header, Question { qname, qtype }, reader))
}

/// Reads the header; the reader stands behind the questions, of which there may be none.
pub(crate) fn after_questions(message: &[u8]) -> Result<(Header, Reader<'_>), ParseError> {
    let header = Header::read(message)?;
    let mut reader = Reader::new(message);
    reader.skip(Header::OCTETS)?;
    for _ in 0..header.qdcount {
        name::skip(&mut reader)?;
        reader.skip(4)?;
    }
    Ok((header, reader))
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
    if [class::IN, class::NONE, class::ANY].contains(&qclass) {
        Ok(header)
    } else {
        Err(ParseError::Malformed { field: "QCLASS" })
    }
}

/// Reads a resource record (RFC 1035 section 4.1.3) but for its name and data.
///
/// ```text
/// record := NAME TYPE:u16 CLASS:u16 TTL:u32 RDLENGTH:u16 RDATA
/// ```
pub(crate) fn record<'a>(
    message: &'a [u8],
    reader: &mut Reader<'a>,
) -> Result<Record<'a>, ParseError> {
    let name = *reader;
    name::skip(reader)?;
    let kind = reader.u16_be()?;
    let class = reader.u16_be()?;
    reader.skip(4)?;
    let length = usize::from(reader.u16_be()?);
    // The data may point back into the message: it is read from a message that ends where it ends.
    let start = message.len().saturating_sub(reader.len());
    let rdata = reader.sub(length)?;
    Ok(Record {
        message: message.get(..start + length).unwrap_or_default(),
        name,
        kind,
        class,
        rdata,
    })
}

impl<'a> Record<'a> {
    /// The name of the record. `message` is the whole of it.
    pub(crate) fn name(&self, message: &'a [u8]) -> Result<HostName, ParseError> {
        let mut reader = self.name;
        name::read(message, &mut reader)
    }

    /// The address in it, if it is of a kind that has one.
    pub(crate) fn address(&self) -> Result<Option<IpAddr>, ParseError> {
        let mut rdata = self.rdata;
        Ok(match self.kind {
            kind::A => Some(IpAddr::from(rdata.array::<4>()?)),
            kind::AAAA => Some(IpAddr::from(rdata.array::<16>()?).to_canonical()),
            _ => None,
        })
    }

    /// The host in it, if it is of a kind that names one.
    pub(crate) fn host(&self) -> Result<Option<HostName>, ParseError> {
        let mut rdata = self.rdata;
        match self.kind {
            kind::PTR | kind::CNAME | kind::NS => {}
            // priority, weight, port (RFC 2782)
            kind::SRV => rdata.skip(6)?,
            _ => return Ok(None),
        }
        name::read(self.message, &mut rdata).map(Some)
    }

    /// `SERIAL` of a SOA record (RFC 1035 section 3.3.13).
    pub(crate) fn serial(&self) -> Result<u32, ParseError> {
        let mut rdata = self.rdata;
        name::skip(&mut rdata)?;
        name::skip(&mut rdata)?;
        rdata.u32_be()
    }
}

fn answer<'a>(
    message: &'a [u8],
    reader: &mut Reader<'a>,
    response: &mut Response,
) -> Result<(), ParseError> {
    let record = record(message, reader)?;
    if record.class != class::IN || record.kind == kind::NS {
        return Ok(());
    }
    if let Some(address) = record.address()? {
        keep(&mut response.addresses, address);
    }
    if let Some(name) = record.host()?.filter(|it| !it.is_empty()) {
        keep(&mut response.names, name);
    }
    Ok(())
}

fn keep<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if list.len() < RECORDS_MAX && !list.contains(&item) {
        list.push(item);
    }
}

/// The fact promises so many addresses and names at most. Lost at the bound: the later ones of an
/// answer that is longer than any host's.
const RECORDS_MAX: usize = 16;
