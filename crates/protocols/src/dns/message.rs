//! Messages in the words of RFC 1035.

use crate::wire::{ParseError, Reader};
use realmward_vocab::HostName;
use std::net::IpAddr;

/// The header of every message (RFC 1035 section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// `ID`: the same in question and answer.
    pub(crate) id: u16,
    flags: [u8; 2],
    /// Questions.
    pub(crate) qdcount: u16,
    /// Records in the answer section.
    pub(crate) ancount: u16,
    /// Records in the authority section; of an update, the changes.
    pub(crate) nscount: u16,
    /// Records in the additional section.
    pub(crate) arcount: u16,
}

impl Header {
    /// Octets of a header.
    pub(crate) const OCTETS: usize = 12;

    /// Reads a header.
    pub(crate) fn read(message: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(message);
        Ok(Self {
            id: reader.u16_be()?,
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

    /// `RCODE`: 0 no error, 3 no such name, 5 refused.
    pub(crate) const fn rcode(self) -> u8 {
        self.flags[1] & 0x0f
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

/// The first question of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// `QNAME`.
    pub(crate) qname: HostName,
    /// `QTYPE`.
    pub(crate) qtype: u16,
}

/// A resource record (RFC 1035 section 4.1.3), its data unread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record<'a> {
    /// The message up to the end of this record: names in it may point back.
    pub(crate) message: &'a [u8],
    /// `NAME`, unread: the tail of the message from there on.
    pub(crate) name: Reader<'a>,
    /// `TYPE`.
    pub(crate) kind: u16,
    /// `CLASS`.
    pub(crate) class: u16,
    /// `RDATA`.
    pub(crate) rdata: Reader<'a>,
}

/// Numbers of types (RFC 1035 section 3.2.2 and later).
pub(crate) mod kind {
    pub(crate) const A: u16 = 1;
    pub(crate) const NS: u16 = 2;
    pub(crate) const CNAME: u16 = 5;
    pub(crate) const SOA: u16 = 6;
    pub(crate) const NULL: u16 = 10;
    pub(crate) const PTR: u16 = 12;
    pub(crate) const TXT: u16 = 16;
    pub(crate) const SIG: u16 = 24;
    pub(crate) const AAAA: u16 = 28;
    pub(crate) const SRV: u16 = 33;
    pub(crate) const TKEY: u16 = 249;
    pub(crate) const TSIG: u16 = 250;
    pub(crate) const IXFR: u16 = 251;
    pub(crate) const AXFR: u16 = 252;
    pub(crate) const ANY: u16 = 255;
}

/// Numbers of classes.
pub(crate) mod class {
    pub(crate) const IN: u16 = 1;
    /// In an update: the record is to go.
    pub(crate) const NONE: u16 = 254;
    /// In an update: all of a type, or of a name, are to go.
    pub(crate) const ANY: u16 = 255;
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
