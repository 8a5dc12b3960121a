//! Questions with their answers: what an answer teaches is told, and each exchange is handed over to be
//! counted.

use super::message::{Header, Response};
use super::parse;
use crate::wire::{ParseError, Waiting};
use crate::{Facts, Stamp};
use foldhash::fast::RandomState;
use realmward_event::Fact;
use realmward_event::dns::NameResolved;
use realmward_vocab::{HostName, PacketRef};
use std::hash::BuildHasher as _;

/// One question and how it ended, to be counted by [`super::Census`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `QNAME`.
    pub name: HostName,
    /// `QTYPE`.
    pub kind: u16,
    /// `RCODE`; `None` if no answer came.
    pub code: Option<u8>,
    /// Octets of the question; 0 if it was not seen.
    pub octets_asked: u32,
    /// Octets of the answer.
    pub octets_answered: u32,
    /// The packet of the question, or else of the answer.
    pub packet: PacketRef,
    /// When it ended.
    pub at: Stamp,
}

/// Questions that await their answers, and the last answers told, so that repeated ones are not told
/// again.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookups {
    waiting: Waiting<u16, Asked>,
    told: Told,
}

/// Hashes of the last answers told, under a secret of their own. The answers themselves would be most
/// of what is remembered of a resolver's port, of which there are many.
#[derive(Clone, Debug, Default)]
struct Told {
    secret: RandomState,
    hashes: [u64; TOLD_MAX],
    next: u8,
}

impl Lookups {
    /// A question.
    pub(super) fn question(&mut self, id: u16, asked: Asked, facts: &mut Facts) {
        if let Some(given_up) = self.waiting.ask(id, asked, WAITING_MAX) {
            facts.asked.push(given_up);
        }
    }

    /// An answer.
    pub(super) fn answer(
        &mut self,
        header: Header,
        message: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        let asked = self.waiting.take(&header.id);
        let mut fault = Ok(());
        if asked.is_none() || header.ancount != 0 {
            let response = parse::response(message)?;
            fault = response.fault.map_or(Ok(()), Err);
            let asked = asked.unwrap_or_else(|| Asked {
                name: response.qname.clone(),
                kind: response.qtype,
                packet: first,
                ..Asked::default()
            });
            self.report(response, first, at, facts);
            facts.asked.push(ended(asked, header, message, at));
        } else if let Some(asked) = asked {
            if is_marshalled(asked.name.as_str()) {
                let response = parse::response(message)?;
                self.tell(resolved(response), &[asked.packet, first], at, facts);
            }
            facts.asked.push(ended(asked, header, message, at));
        }
        fault
    }

    /// No answer will come any more.
    pub(super) fn give_up(&mut self, facts: &mut Facts) {
        while let Some(asked) = self.waiting.take_oldest() {
            facts.asked.push(asked);
        }
    }

    /// Reports what a response teaches, unless this conversation just taught it.
    fn report(&mut self, response: Response, first: PacketRef, at: Stamp, facts: &mut Facts) {
        let teaches = !response.addresses.is_empty() || !response.names.is_empty();
        if !response.qname.is_empty() && (teaches || is_marshalled(response.qname.as_str())) {
            self.tell(resolved(response), &[first], at, facts);
        }
    }

    fn tell(&mut self, resolved: NameResolved, first: &[PacketRef], at: Stamp, facts: &mut Facts) {
        if !self.told.is_new(&resolved) {
            return;
        }
        let evidence = [first, &[at.packet]].concat();
        facts.report(at, &evidence, Fact::NameResolved(resolved));
    }
}

impl Told {
    /// Whether this was not told of late; from now on it was.
    fn is_new(&mut self, resolved: &NameResolved) -> bool {
        let hash = self.secret.hash_one(resolved);
        let is_new = !self.hashes.contains(&hash);
        if is_new && let Some(slot) = self.hashes.get_mut(usize::from(self.next) % TOLD_MAX) {
            *slot = hash;
            self.next = self.next.wrapping_add(1);
        }
        is_new
    }
}

fn ended(asked: Asked, header: Header, message: &[u8], at: Stamp) -> Asked {
    Asked {
        code: Some(header.rcode()),
        octets_answered: u32::try_from(message.len()).unwrap_or(u32::MAX),
        at,
        ..asked
    }
}

fn resolved(response: Response) -> NameResolved {
    NameResolved {
        name: response.qname,
        query_type: response.qtype,
        response_code: response.rcode,
        addresses: response.addresses,
        names: response.names,
    }
}

/// Whether a name ends a `CREDENTIAL_TARGET_INFORMATION` in base 64, as Windows appends to the name of
/// a server: in a DNS name it makes a client ask for a ticket for another host. Nobody honest does so,
/// and whether it exists or not, it is told.
fn is_marshalled(name: &str) -> bool {
    let label = name.split('.').next().unwrap_or_default();
    label.len() >= MARSHALLED_OCTETS_MIN
        && label
            .as_bytes()
            .windows(MARSHALLED.len())
            .any(|it| it.eq_ignore_ascii_case(MARSHALLED))
}

/// How a marshalled target with an empty body begins.
const MARSHALLED: &[u8] = b"1UWhRCA";

/// A marshalled target has at least 44 octets of base 64.
const MARSHALLED_OCTETS_MIN: usize = 44;

/// A stub resolver asks for both families at once, a forwarder for many. Past it the oldest counts as
/// unanswered.
const WAITING_MAX: usize = 64;

/// A resolver that keeps one socket repeats itself within a few answers. Lost at the bound: nothing,
/// a fact is told again.
const TOLD_MAX: usize = 8;
