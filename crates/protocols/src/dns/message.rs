//! Messages in the words of RFC 1035.

use crate::wire::{ParseError, Reader};
use realmward_vocab::HostName;
use std::net::IpAddr;

/// The header of every message (RFC 1035 section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    flags: [u8; 2],
    /// Questions.
    pub(crate) qdcount: u16,
    /// Records in the answer section.
    pub(crate) ancount: u16,
    nscount: u16,
    arcount: u16,
}

impl Header {
    /// Octets of a header.
    pub(crate) const OCTETS: usize = 12;

    /// Reads a header.
    pub(crate) fn read(message: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(message);
        reader.skip(2)?;
        Ok(Self {
            flags: reader.array()?,
            qdcount: reader.u16_be()?,
            ancount: reader.u16_be()?,
            nscount: reader.u16_be()?,
            arcount: reader.u16_be()?,
        })
    }

    /// `QR`: whether this is a response.
    pub(crate) const fn is_response(self) -> bool {
        self.flags[0] & 0x80 != 0
    }

    /// `OPCODE`: 0 query, 4 notify, 5 update.
    pub(crate) const fn opcode(self) -> u8 {
        self.flags[0] >> 3 & 0x0f
    }

    /// `RCODE`: 0 no error, 3 no such name.
    pub(crate) const fn rcode(self) -> u8 {
        self.flags[1] & 0x0f
    }

    /// Whether a name is to be learned: a response to one standard query, with records.
    pub(crate) const fn answers_something(self) -> bool {
        self.is_response() && self.opcode() == 0 && self.qdcount == 1 && self.ancount != 0
    }

    /// Whether a message of `length` octets can have this header: known opcode, at most one question
    /// (none in the later messages of a zone transfer), and no more records than could fit.
    pub(crate) fn is_plausible(self, length: usize) -> bool {
        let records = [self.ancount, self.nscount, self.arcount]
            .into_iter()
            .map(usize::from)
            .sum::<usize>();
        let needed = Self::OCTETS
            + usize::from(self.qdcount) * QUESTION_OCTETS_MIN
            + records * RECORD_OCTETS_MIN;
        matches!(self.opcode(), 0 | 4 | 5)
            && self.flags[1] & RESERVED == 0
            && self.qdcount <= 1
            && needed <= length
    }
}

/// A response to one question, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    /// `QNAME`.
    pub(crate) qname: HostName,
    /// `QTYPE`.
    pub(crate) qtype: u16,
    /// `RCODE`.
    pub(crate) rcode: u8,
    /// Data of A and AAAA records.
    pub(crate) addresses: Vec<IpAddr>,
    /// Names in PTR, CNAME and SRV records.
    pub(crate) names: Vec<HostName>,
    /// Where reading ended before its time.
    pub(crate) fault: Option<ParseError>,
}

/// The one flag that is still reserved and must be zero (RFC 6895 section 2.1).
const RESERVED: u8 = 0x40;

/// A root name, QTYPE and QCLASS.
const QUESTION_OCTETS_MIN: usize = 5;

/// A root name, TYPE, CLASS, TTL and RDLENGTH.
const RECORD_OCTETS_MIN: usize = 11;
