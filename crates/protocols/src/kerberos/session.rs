//! Requests wait for their replies.
//!
//! A KDC answers in order on a stream. Over UDP a client may ask twice and be answered once, so a
//! datagram seen before is passed over, and a reply may overtake: it takes the first waiting request
//! of its kind, and whatever waited longer is given up.

use realmward_event::kerberos::{
    PasswordChangeRequested, ServiceTicketRequested, TicketGrantRequested,
};
use realmward_vocab::{PacketRef, PrincipalName};
use std::collections::VecDeque;

/// A request that waits.
#[derive(Clone, Debug)]
pub(super) enum Request {
    /// An AS-REQ.
    As(TicketGrantRequested),
    /// A TGS-REQ.
    Tgs(ServiceTicketRequested),
    /// A request to change a password.
    Password(PasswordChangeRequested),
}

/// A request that waits, and its packets.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    /// The request.
    pub(super) request: Request,
    /// Its first and its last packet.
    pub(super) packets: [PacketRef; 2],
}

/// The requests of one conversation that no reply has met.
#[derive(Debug, Default)]
pub(super) struct Session {
    waiting: VecDeque<Waiting>,
    /// Digests of the last datagrams.
    seen: VecDeque<u128>,
}

impl Session {
    /// A request begins to wait; returns whether another had to be given up for it.
    pub(super) fn ask(&mut self, waiting: Waiting) -> bool {
        let full = WAITING_MAX <= self.waiting.len();
        if full {
            self.waiting.pop_front();
        }
        self.waiting.push_back(waiting);
        full
    }

    /// The AS-REQ that an AS-REP for `client` answers.
    pub(super) fn answered_as(
        &mut self,
        client: &PrincipalName,
    ) -> Option<(TicketGrantRequested, [PacketRef; 2])> {
        let client = client.folded();
        let place = self
            .place(|it| {
                matches!(it, Request::As(asked)
                    if asked.client.as_ref().is_some_and(|it| it.folded() == client))
            })
            .or_else(|| self.place(|it| matches!(it, Request::As(_))))?;
        match self.take(place)? {
            Waiting {
                request: Request::As(request),
                packets,
            } => Some((request, packets)),
            Waiting { .. } => None,
        }
    }

    /// The TGS-REQ that a TGS-REP with a ticket for `service` answers.
    pub(super) fn answered_tgs(
        &mut self,
        service: &PrincipalName,
    ) -> Option<(ServiceTicketRequested, [PacketRef; 2])> {
        let service = service.folded();
        let place = self
            .place(|it| {
                matches!(it, Request::Tgs(asked)
                    if asked.service.as_ref().is_some_and(|it| it.folded() == service))
            })
            .or_else(|| self.place(|it| matches!(it, Request::Tgs(_))))?;
        match self.take(place)? {
            Waiting {
                request: Request::Tgs(request),
                packets,
            } => Some((request, packets)),
            Waiting { .. } => None,
        }
    }

    /// The request that an error which names `service` answers: an error repeats the name asked for,
    /// and if none does, it is the oldest.
    pub(super) fn refused(&mut self, service: &PrincipalName) -> Option<Waiting> {
        let place = self
            .place(|it| match it {
                Request::As(asked) => asked.service == *service,
                Request::Tgs(asked) => asked.service.as_ref() == Some(service),
                Request::Password(_) => false,
            })
            .or_else(|| self.place(|it| !matches!(it, Request::Password(_))))?;
        self.take(place)
    }

    /// The request to change a password that an answer at the same port answers.
    pub(super) fn answered_password(
        &mut self,
    ) -> Option<(PasswordChangeRequested, [PacketRef; 2])> {
        let place = self.place(|it| matches!(it, Request::Password(_)))?;
        match self.take(place)? {
            Waiting {
                request: Request::Password(request),
                packets,
            } => Some((request, packets)),
            Waiting { .. } => None,
        }
    }

    /// Nothing that waits will be answered; gives the requests that no fact has told of yet.
    pub(super) fn give_up(
        &mut self,
    ) -> impl Iterator<Item = (PasswordChangeRequested, [PacketRef; 2])> {
        self.waiting.drain(..).filter_map(|it| match it.request {
            Request::Password(request) => Some((request, it.packets)),
            Request::As(_) | Request::Tgs(_) => None,
        })
    }

    /// Whether these octets were among the last datagrams; remembers them. The digest is one that
    /// nobody can make two datagrams share, or an attacker could hide one behind another.
    pub(super) fn is_repeated(&mut self, octets: &[u8]) -> bool {
        let digest = super::facts::ticket_hash(octets).0;
        if self.seen.contains(&digest) {
            return true;
        }
        if SEEN_MAX <= self.seen.len() {
            self.seen.pop_front();
        }
        self.seen.push_back(digest);
        false
    }

    fn place(&self, is_it: impl Fn(&Request) -> bool) -> Option<usize> {
        self.waiting.iter().position(|it| is_it(&it.request))
    }

    /// Takes the one at `place`; those before it waited longer and are given up.
    fn take(&mut self, place: usize) -> Option<Waiting> {
        self.waiting.drain(..place.min(self.waiting.len()));
        self.waiting.pop_front()
    }
}

/// Real clients have one request under way on a connection; at the bound the oldest is given up and
/// its reply stands alone.
const WAITING_MAX: usize = 16;

/// A retransmission follows its original closely; one that comes after eight other datagrams counts
/// as a new request.
const SEEN_MAX: usize = 8;
