//! One authentication from its first token to the server's verdict.

use super::round::Round;
use super::token::{self, Inner, Mechanism};
use crate::kerberos::facts as krb;
use crate::kerberos::message::{ApReq, Body, KrbError};
use crate::wire::ParseError;
use crate::{Facts, Stamp, kerberos};
use realmward_event::kerberos::{Exchange as Refused, KerberosRefused, Ticket, TicketPresented};
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{Direction, NtStatus, PacketRef};

/// One authentication from its first token to the server's verdict.
///
/// Call [`Exchange::token`] for every token of either side and [`Exchange::answered`] once the server
/// has decided. The token of the deciding message itself may come before or after `answered`. After
/// a verdict, the client's next token begins a new authentication on the same `Exchange`.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    carrier: Carrier,
    ntlm: Round,
    /// The last ticket presented, which an error of the service answers.
    ticket: Option<Box<Ticket>>,
    principal: SessionPrincipal,
    offered: Vec<Mechanism>,
    answered: bool,
    partial: [Partial; 2],
}

/// The first part of a token that its carrier split.
#[derive(Clone, Debug, Default)]
struct Partial {
    octets: Vec<u8>,
    first: PacketRef,
}

impl Exchange {
    /// An authentication not yet begun.
    #[must_use]
    pub fn new(carrier: Carrier) -> Self {
        Self {
            carrier,
            ntlm: Round::new(carrier),
            ..Self::default()
        }
    }

    /// A token of one side: SPNEGO, raw NTLMSSP, a GSS-wrapped or bare Kerberos AP-REQ.
    /// `first` is the packet in which the carrying message began, `at` where it was complete.
    /// Reports `TicketPresented` as soon as an AP-REQ is seen.
    ///
    /// A token that ends before its own length says so is kept, up to 64 KiB, and read together
    /// with the next one of its direction.
    pub fn token(
        &mut self,
        direction: Direction,
        token: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) {
        if token.is_empty() {
            return;
        }
        if self.answered && direction == Direction::ToServer {
            self.begin_again();
        }
        let Some(partial) = self.partial.get_mut(direction.index()) else {
            return;
        };
        let Partial {
            mut octets,
            first: begun,
        } = std::mem::take(partial);
        let anew = token::is_whole(token)
            && token::missing(&octets).is_none_or(|needed| needed != token.len());
        if octets.is_empty() || anew {
            if token::missing(token).is_none() {
                return self.whole(direction, token, first, at, facts);
            }
            return self.keep(direction, token.to_vec(), first, facts);
        }
        octets.extend_from_slice(token);
        if token::missing(&octets).is_none() {
            return self.whole(direction, &octets, begun, at, facts);
        }
        self.keep(direction, octets, begun, facts);
    }

    /// The server's verdict on the exchange. Reports `NtlmAuthenticated` if NTLM was spoken.
    pub fn answered(
        &mut self,
        outcome: Outcome,
        status: Option<NtStatus>,
        at: Stamp,
        facts: &mut Facts,
    ) {
        self.ntlm.answered(outcome, status, at, facts);
        self.answered = true;
    }

    /// No verdict will come: reports what was seen with [`Outcome::Attempt`]. Does nothing if
    /// `answered` was called.
    pub fn finish(&mut self, facts: &mut Facts) {
        self.ntlm.give_up(facts);
        self.answered = true;
    }

    /// Whose session it is, as far as the tokens so far say.
    #[must_use]
    pub fn principal(&self) -> SessionPrincipal {
        self.principal.clone()
    }

    /// The mechanisms that the client offered, in its order of preference; empty without SPNEGO.
    #[must_use]
    pub fn offered(&self) -> &[Mechanism] {
        &self.offered
    }

    /// Forgets all but whose session it was: that holds until the next claim.
    fn begin_again(&mut self) {
        *self = Self {
            principal: std::mem::take(&mut self.principal),
            ..Self::new(self.carrier)
        };
    }

    /// Reads a token that does not go on.
    fn whole(
        &mut self,
        direction: Direction,
        token: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) {
        let mut offered = Vec::new();
        let mut read = Ok(());
        let opened = token::open(
            token,
            &mut |mechanisms| offered.extend_from_slice(mechanisms),
            &mut |inner| read = self.inner(direction, inner, first, at, facts),
        );
        if direction == Direction::ToServer && !offered.is_empty() {
            self.offered = offered;
        }
        if let Err(fault) = opened.and(read) {
            facts.fault("gss", fault);
        }
    }

    /// Keeps the part of a token that goes on.
    fn keep(&mut self, direction: Direction, octets: Vec<u8>, first: PacketRef, facts: &mut Facts) {
        if TOKEN_OCTETS_MAX < octets.len() {
            return facts.limit("gss_token_octets");
        }
        if let Some(partial) = self.partial.get_mut(direction.index()) {
            *partial = Partial { octets, first };
        }
    }

    fn inner(
        &mut self,
        direction: Direction,
        inner: Inner<'_>,
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        match inner {
            Inner::Ntlm(octets) => {
                if let Some(claimed) = self.ntlm.message(octets, first, at, facts)? {
                    self.principal = claimed;
                }
                self.answered = false;
                Ok(())
            }
            Inner::Kerberos(octets) => self.kerberos_message(direction, octets, first, at, facts),
            Inner::Nothing => Ok(()),
        }
    }

    fn kerberos_message(
        &mut self,
        direction: Direction,
        octets: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        match (direction, octets.first()) {
            (Direction::ToServer, Some(0x6e)) => {
                let found = kerberos::parse::ap_req(octets)?;
                self.presented(&found, first, at, facts);
            }
            (Direction::ToClient, Some(0x7e)) => {
                if let Body::KrbError(error) = kerberos::parse::message(octets)?.body {
                    self.refused(&error, first, at, facts);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn presented(&mut self, found: &ApReq<'_>, first: PacketRef, at: Stamp, facts: &mut Facts) {
        let ticket = krb::ticket(&found.ticket);
        self.principal = SessionPrincipal::Ticket(ticket.hash);
        self.ticket = Some(Box::new(ticket.clone()));
        let fact = TicketPresented {
            ticket,
            authenticator: krb::encrypted_part(&found.authenticator),
            carrier: self.carrier,
            ap_options: found.ap_options,
        };
        facts.report(at, &[first, at.packet], Fact::TicketPresented(fact));
    }

    /// The service, not the KDC, refused the ticket.
    fn refused(&self, error: &KrbError<'_>, first: PacketRef, at: Stamp, facts: &mut Facts) {
        let fact = KerberosRefused {
            presented: self.ticket.as_deref().cloned(),
            ..krb::refused(error, Refused::Ap)
        };
        facts.report(at, &[first, at.packet], Fact::KerberosRefused(fact));
    }
}

/// A Windows ticket may grow to `MaxTokenSize`, 48,000 octets by default and 65,535 at most; a token
/// past 64 KiB is dropped and counted, and its authentication is not seen.
const TOKEN_OCTETS_MAX: usize = 65_536;
