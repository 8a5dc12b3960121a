//! Dynamic updates (RFC 2136): what was to be changed in a zone, and whether it was.

use super::message::{Record, class, kind};
use super::{name, parse};
use crate::wire::{ParseError, Reader};
use crate::{Facts, Stamp};
use realmward_event::dns::{RecordChanged, ZoneUpdated};
use realmward_event::{Fact, Outcome};
use realmward_vocab::PacketRef;

/// An update that awaits its answer.
#[derive(Clone, Debug)]
pub(super) struct Update {
    fact: ZoneUpdated,
    first: PacketRef,
    at: Stamp,
}

impl Update {
    /// Reads an update.
    ///
    /// ```text
    /// update := header zone prerequisite* change* additional*
    /// ```
    pub(super) fn read(
        message: &[u8],
        first: PacketRef,
        at: Stamp,
    ) -> (Self, Result<(), ParseError>) {
        let mut fact = ZoneUpdated {
            outcome: Outcome::Attempt,
            ..ZoneUpdated::default()
        };
        let read = sections(message, &mut fact);
        (Self { fact, first, at }, read)
    }

    /// Tells it with its answer.
    pub(super) fn answered(mut self, rcode: u8, at: Stamp, facts: &mut Facts) {
        self.fact.response_code = Some(rcode);
        self.fact.outcome = match rcode {
            0 => Outcome::Success,
            _ => Outcome::Failure,
        };
        let evidence = [self.first, self.at.packet, at.packet];
        facts.report(at, &evidence, Fact::ZoneUpdated(self.fact));
    }

    /// Tells it without an answer.
    pub(super) fn unanswered(self, facts: &mut Facts) {
        let evidence = [self.first, self.at.packet];
        facts.report(self.at, &evidence, Fact::ZoneUpdated(self.fact));
    }
}

fn sections(message: &[u8], fact: &mut ZoneUpdated) -> Result<(), ParseError> {
    let (header, zone, mut reader) = parse::questions(message)?;
    fact.zone = zone.qname;
    for _ in 0..header.ancount {
        parse::record(message, &mut reader)?;
    }
    for _ in 0..header.nscount {
        let record = parse::record(message, &mut reader)?;
        let changes = match record.class {
            class::NONE | class::ANY => &mut fact.deleted,
            _ => &mut fact.added,
        };
        if changes.len() < CHANGES_MAX {
            changes.push(change(message, &record)?);
        }
    }
    for _ in 0..header.arcount {
        let record = parse::record(message, &mut reader)?;
        if record.kind == kind::TSIG {
            let mut rdata: Reader<'_> = record.rdata;
            let algorithm = name::read(record.message, &mut rdata)?;
            fact.signature = Some(algorithm.as_str().to_owned());
        } else if record.kind == kind::SIG {
            fact.signature = Some("sig(0)".to_owned());
        }
    }
    Ok(())
}

fn change(message: &[u8], record: &Record<'_>) -> Result<RecordChanged, ParseError> {
    let is_whole = record.class != class::ANY;
    Ok(RecordChanged {
        name: record.name(message)?,
        record_type: record.kind,
        address: if is_whole { record.address()? } else { None },
        host: if is_whole { record.host()? } else { None },
    })
}

/// The fact promises so many. A host that registers itself changes fewer. Lost: the later ones.
const CHANGES_MAX: usize = 16;
