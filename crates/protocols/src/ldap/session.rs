//! Pairs requests with answers and remembers whose session it is.
//!
//! Everything is paired by `messageID`, never by order, so that pairing survives lost packets.

use super::bind::Bind;
use super::changes::Changes;
use super::facts;
use super::limits::SEARCHES_MAX;
use super::message::{Envelope, Operation};
use super::parse;
use super::root_dse;
use super::sealed::Sealed;
use crate::wire::ParseError;
use crate::{Dissector as _, Facts, Opaque, Stamp, tls};
use realmward_event::directory::DirectoryServerSeen;
use realmward_event::ldap::DirectorySearched;
use realmward_event::{Fact, SessionPrincipal};
use realmward_vocab::{Direction, PacketRef, ResultCode};
use std::collections::VecDeque;

/// One connection, or the datagrams of one 5-tuple.
#[derive(Debug, Default)]
pub(crate) struct Session {
    principal: SessionPrincipal,
    bind: Option<Bind>,
    searches: VecDeque<Search>,
    changes: Changes,
    /// `messageID` of a StartTLS request that awaits its answer.
    start_tls: Option<u32>,
    /// What comes after StartTLS.
    pub(crate) tls: Option<Box<tls::Conversation>>,
    /// A SASL bind succeeded: what comes now may be wrapped.
    pub(crate) is_wrapped: bool,
    sealed_counted: bool,
    sealed: Sealed,
    told: DirectoryServerSeen,
}

/// A search that has not ended yet.
#[derive(Debug)]
struct Search {
    message_id: u32,
    fact: DirectorySearched,
    evidence: [PacketRef; 2],
    at: Stamp,
}

/// A message, its envelope read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrived<'a> {
    /// What stands before the content.
    pub(crate) envelope: Envelope,
    /// The content, perhaps cut at our bound.
    pub(crate) content: &'a [u8],
    /// What follows the content: controls, if any.
    pub(crate) controls: &'a [u8],
    /// The packet in which it began.
    pub(crate) first: PacketRef,
    /// Where it was complete.
    pub(crate) at: Stamp,
    /// Whether it came in a signed buffer, within which TLS cannot begin.
    pub(crate) is_wrapped: bool,
}

impl Session {
    /// Takes a message. One that its direction cannot send is not believed.
    pub(crate) fn message(&mut self, direction: Direction, it: Arrived<'_>, facts: &mut Facts) {
        if self.tls.is_some() {
            return;
        }
        let from_client = direction == Direction::ToServer;
        if it.envelope.operation.is_request() != Some(from_client) {
            return facts.fault(
                PROTOCOL,
                ParseError::Malformed {
                    field: "protocolOp",
                },
            );
        }
        let read = match it.envelope.operation {
            Operation::BIND_REQUEST => self.bind_request(it, facts),
            Operation::BIND_RESPONSE => self.bind_response(it, facts),
            Operation::SEARCH_REQUEST => self.search_request(it, facts),
            Operation::SEARCH_RESULT_ENTRY => self.entry(it, facts),
            Operation::SEARCH_RESULT_DONE => self.search_done(it, facts),
            Operation::ABANDON_REQUEST => self.abandon(it, facts),
            Operation::MODIFY_REQUEST
            | Operation::ADD_REQUEST
            | Operation::DELETE_REQUEST
            | Operation::MODIFY_DN_REQUEST => {
                let principal = self.principal.clone();
                self.changes.change(it, principal, facts)
            }
            Operation::MODIFY_RESPONSE
            | Operation::ADD_RESPONSE
            | Operation::DELETE_RESPONSE
            | Operation::MODIFY_DN_RESPONSE => self.changes.answered(it, facts),
            Operation::COMPARE_REQUEST => self.compare_request(it, facts),
            Operation::COMPARE_RESPONSE => self.search_done(it, facts),
            Operation::EXTENDED_REQUEST => self.extended_request(it, facts),
            Operation::EXTENDED_RESPONSE => self.extended_response(it, facts),
            _ => Ok(()),
        };
        if let Err(error) = read {
            facts.fault(PROTOCOL, error);
        }
    }

    /// A sealed buffer went by.
    pub(crate) fn sealed(
        &mut self,
        direction: Direction,
        octets: usize,
        at: Stamp,
        facts: &mut Facts,
    ) {
        self.sealed.saw(direction, octets, at, &self.principal);
        if !self.sealed_counted && self.tls.is_none() {
            self.sealed_counted = true;
            facts.opaque(Opaque::SealedLdapSession);
        }
    }

    /// Tells what never had an answer.
    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        if let Some(bind) = self.bind.take() {
            bind.conclude(facts);
        }
        while let Some(search) = self.searches.pop_front() {
            tell(search, None, facts);
        }
        self.changes.finish(facts);
        self.sealed.finish(facts);
        if let Some(tls) = &mut self.tls {
            tls.finish(facts);
        }
    }

    fn bind_request(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let request = parse::bind_request(it.content)?;
        let fact = facts::bound(&request);
        let previous = match self.bind.take() {
            Some(bind) if bind.is_continued_by(&fact) => Some(bind),
            Some(bind) => {
                bind.conclude(facts);
                None
            }
            None => None,
        };
        let mut bind = match previous {
            Some(bind) => bind.again(fact),
            None => Bind::new(fact, &request),
        };
        bind.request(request.authentication, it, facts);
        self.bind = Some(bind);
        self.sealed.finish(facts);
        self.principal = SessionPrincipal::Unknown;
        self.is_wrapped = false;
        Ok(())
    }

    fn bind_response(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let result = parse::result(it.content)?;
        let code = ResultCode(result.result_code);
        let Some(mut bind) = self
            .bind
            .take_if(|bind| bind.message_id == it.envelope.message_id)
        else {
            // The answer to a bind that we did not see: we no longer know whose session it is.
            self.principal = SessionPrincipal::Unknown;
            return Ok(());
        };
        bind.response(&result, it, facts);
        if bind.goes_on_after(code) {
            self.bind = Some(bind);
            return Ok(());
        }
        let (principal, is_sasl) = bind.conclude(facts);
        // A failed bind leaves the session anonymous (RFC 4511 section 4.2.1).
        let succeeded = code == ResultCode::SUCCESS;
        self.principal = if succeeded {
            principal
        } else {
            SessionPrincipal::Anonymous
        };
        self.is_wrapped = succeeded && is_sasl;
        Ok(())
    }

    fn search_request(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let request = parse::search_request(it.content)?;
        if let Some(fault) = request.fault {
            facts.fault(PROTOCOL, fault);
        }
        let fact = facts::searched(request, it.controls, self.principal.clone(), facts);
        self.await_end(fact, it, facts);
        Ok(())
    }

    fn compare_request(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let (entry, assertion) = parse::compare(it.content)?;
        let principal = self.principal.clone();
        let fact = facts::compared(entry, assertion, it.controls, principal, facts);
        self.await_end(fact, it, facts);
        Ok(())
    }

    fn await_end(&mut self, fact: DirectorySearched, it: Arrived<'_>, facts: &mut Facts) {
        if let Some(search) = self.take_search(it.envelope.message_id) {
            tell(search, None, facts);
        }
        if SEARCHES_MAX <= self.searches.len() {
            facts.limit("ldap_searches");
            if let Some(search) = self.searches.pop_front() {
                tell(search, None, facts);
            }
        }
        self.searches.push_back(Search {
            message_id: it.envelope.message_id,
            fact,
            evidence: [it.first, it.at.packet],
            at: it.at,
        });
    }

    fn entry(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let id = it.envelope.message_id;
        if let Some(search) = self.searches.iter_mut().find(|it| it.message_id == id) {
            let fact = &mut search.fact;
            fact.entries = fact.entries.saturating_add(1);
            let octets = u64::try_from(it.envelope.total).unwrap_or(u64::MAX);
            fact.answer_octets = fact.answer_octets.saturating_add(octets);
            if let Some(ping) = fact.ping.as_mut().filter(|it| it.user.is_some()) {
                ping.is_user_known = root_dse::knows_user(it.content);
            }
        }
        if !parse::is_root_entry(it.content) {
            return Ok(());
        }
        let (seen, fault) = root_dse::read(it.content);
        if let Some(seen) = seen.filter(|seen| root_dse::teaches(seen, &self.told)) {
            self.told = seen.clone();
            let fact = Fact::DirectoryServerSeen(seen);
            facts.report(it.at, &[it.first, it.at.packet], fact);
        }
        fault.map_or(Ok(()), Err)
    }

    fn search_done(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let result = parse::result(it.content)?;
        if let Some(mut search) = self.take_search(it.envelope.message_id) {
            let code = ResultCode(result.result_code);
            search.fact.result = Some(code);
            if search.fact.is_comparison {
                search.fact.entries = u32::from(code == facts::COMPARE_TRUE);
            }
            tell(search, Some(it), facts);
        }
        Ok(())
    }

    fn abandon(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let id = parse::abandoned(it.content)?;
        if let Some(search) = self.take_search(id) {
            tell(search, None, facts);
        }
        self.changes.abandon(id, facts);
        Ok(())
    }

    fn extended_request(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let principal = self.principal.clone();
        if self.changes.extended(it, principal, facts)? == START_TLS {
            self.start_tls = Some(it.envelope.message_id);
        }
        Ok(())
    }

    fn extended_response(&mut self, it: Arrived<'_>, facts: &mut Facts) -> Result<(), ParseError> {
        let result = parse::result(it.content)?;
        self.changes.answered(it, facts)?;
        let asked = self
            .start_tls
            .take_if(|id| *id == it.envelope.message_id)
            .is_some();
        if asked && !it.is_wrapped && ResultCode(result.result_code) == ResultCode::SUCCESS {
            self.tls = Some(Box::new(tls::Conversation::within("ldap")));
        }
        Ok(())
    }

    fn take_search(&mut self, message_id: u32) -> Option<Search> {
        let place = self
            .searches
            .iter()
            .position(|search| search.message_id == message_id)?;
        self.searches.remove(place)
    }
}

/// Tells of a search, ended by `done` if that was seen.
fn tell(mut search: Search, done: Option<Arrived<'_>>, facts: &mut Facts) {
    search.fact.outcome = facts::search_outcome(&search.fact);
    let [first, last] = search.evidence;
    let (at, packets) = match done {
        Some(done) => (done.at, [first, last, done.first, done.at.packet]),
        None => (search.at, [first, last, first, last]),
    };
    facts.report(at, &packets, Fact::DirectorySearched(search.fact));
}

const PROTOCOL: &str = "ldap";

/// The name of the StartTLS operation (RFC 4511 section 4.14.1).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
