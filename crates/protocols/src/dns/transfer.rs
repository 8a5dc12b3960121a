//! Zone transfers: one question, and as many messages of answer as the zone needs (RFC 5936, RFC 1995).
//!
//! The zone ends with the SOA record it began with. What came before a hole or an end is told.

use super::message::{Question, kind};
use super::parse;
use crate::wire::ParseError;
use crate::{EVIDENCE_MAX, Facts, Stamp};
use realmward_event::dns::ZoneTransferred;
use realmward_event::{Fact, Outcome};
use realmward_vocab::PacketRef;

/// A transfer that was asked for and is not over.
#[derive(Clone, Debug)]
pub(super) struct Transfer {
    id: u16,
    serial: Option<u32>,
    evidence: Vec<PacketRef>,
    last: Stamp,
    fact: ZoneTransferred,
}

impl Transfer {
    /// A transfer asked for in the message `id`.
    pub(super) fn new(id: u16, question: Question, first: PacketRef, at: Stamp) -> Self {
        Self {
            id,
            serial: None,
            evidence: vec![first, at.packet],
            last: at,
            fact: ZoneTransferred {
                incremental: question.qtype == kind::IXFR,
                zone: question.qname,
                outcome: Outcome::Attempt,
                ..ZoneTransferred::default()
            },
        }
    }

    /// Whether a message with this number belongs to it.
    pub(super) const fn is_of(&self, id: u16) -> bool {
        self.id == id
    }

    /// Takes the next message of the answer; `true` if it was the last.
    pub(super) fn answer(&mut self, message: &[u8], at: Stamp) -> Result<bool, ParseError> {
        self.last = at;
        if self.evidence.len() < EVIDENCE_MAX {
            self.evidence.push(at.packet);
        }
        let octets = u64::try_from(message.len()).unwrap_or(u64::MAX);
        self.fact.octets = self.fact.octets.saturating_add(octets);
        let (header, mut reader) = parse::after_questions(message)?;
        self.fact.response_code = Some(header.rcode());
        if header.rcode() != 0 {
            self.fact.outcome = Outcome::Failure;
            return Ok(true);
        }
        let mut ended = header.ancount == 0;
        if ended && self.fact.records == 0 {
            // Samba's way to say no.
            self.fact.outcome = Outcome::Failure;
        }
        for _ in 0..header.ancount {
            let record = parse::record(message, &mut reader)?;
            self.fact.records = self.fact.records.saturating_add(1);
            self.fact.outcome = Outcome::Success;
            ended = false;
            if record.kind == kind::SOA {
                let serial = record.serial()?;
                ended = self.serial == Some(serial);
                self.serial = self.serial.or(Some(serial));
            }
        }
        // Of a zone that did not change, only its SOA record comes.
        Ok(ended || (self.fact.incremental && self.fact.records == 1))
    }

    /// Tells what is known of it.
    pub(super) fn report(self, facts: &mut Facts) {
        facts.report(self.last, &self.evidence, Fact::ZoneTransferred(self.fact));
    }
}
