//! Keys made with Kerberos (TKEY, RFC 2930 and RFC 3645): the ticket of who will sign updates.

use super::message::{Header, kind};
use super::{name, parse};
use crate::gss::Exchange;
use crate::wire::ParseError;
use crate::{Facts, Stamp};
use realmward_event::{Carrier, Outcome};
use realmward_vocab::{Direction, PacketRef};

/// The negotiation of a key.
#[derive(Debug)]
pub(super) struct Negotiation(Exchange);

impl Default for Negotiation {
    fn default() -> Self {
        Self(Exchange::new(Carrier::Dns))
    }
}

impl Negotiation {
    /// Takes a question for TKEY or the answer to one.
    pub(super) fn message(
        &mut self,
        message: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let (header, mut reader) = parse::after_questions(message)?;
        let records = [header.ancount, header.nscount, header.arcount];
        for _ in 0..records.into_iter().map(u32::from).sum::<u32>() {
            let record = parse::record(message, &mut reader)?;
            if record.kind == kind::TKEY {
                return self.key(
                    header,
                    record.message,
                    record.rdata.rest(),
                    first,
                    at,
                    facts,
                );
            }
        }
        Ok(())
    }

    /// ```text
    /// TKEY := Algorithm Inception:u32 Expiration:u32 Mode:u16 Error:u16 KeySize:u16 Key OtherSize:u16 Other
    /// ```
    fn key(
        &mut self,
        header: Header,
        message: &[u8],
        rdata: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let mut reader = crate::wire::Reader::new(rdata);
        name::read(message, &mut reader)?;
        reader.skip(8)?;
        let mode = reader.u16_be()?;
        let error = reader.u16_be()?;
        let size = usize::from(reader.u16_be()?);
        let token = reader.take(size)?;
        if mode != MODE_GSS {
            return Ok(());
        }
        if !header.is_response() {
            self.0.token(Direction::ToServer, token, first, at, facts);
            return Ok(());
        }
        self.0.token(Direction::ToClient, token, first, at, facts);
        let outcome = match (header.rcode(), error) {
            (0, 0) => Outcome::Success,
            _ => Outcome::Failure,
        };
        self.0.answered(outcome, None, at, facts);
        Ok(())
    }

    /// No answer will come.
    pub(super) fn finish(&mut self, facts: &mut Facts) {
        self.0.finish(facts);
    }
}

/// "GSS-API negotiation" (RFC 2930 section 2.5).
const MODE_GSS: u16 = 3;
