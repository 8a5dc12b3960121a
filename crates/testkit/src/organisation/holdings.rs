//! What is lent and what is kept: addresses of pools, tickets of clients.

use super::dice::Dice;
use super::speech::Held;
use super::world::Domain;
use realmward_event::kerberos::Ticket;
use realmward_vocab::{EncryptionType, EventTime, PrincipalName, TicketHash};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

/// Tickets of an account on one device.
#[derive(Clone, Default)]
pub(super) struct Wallet {
    pub(super) granting: Option<Held>,
    /// A ticket for the ticket-granting service of the other domain.
    pub(super) referral: Option<Held>,
    pub(super) tickets: Vec<(usize, Held)>,
}

impl Wallet {
    pub(super) fn ticket(&self, service: usize, now: EventTime) -> Option<Held> {
        let (_, held) = self.tickets.iter().find(|(it, _)| *it == service)?;
        (now < held.until).then(|| held.clone())
    }

    pub(super) fn keep(&mut self, service: usize, held: Held) {
        self.tickets.retain(|(it, _)| *it != service);
        if TICKETS_MAX <= self.tickets.len() {
            self.tickets.remove(0);
        }
        self.tickets.push((service, held));
    }

    pub(super) fn granting(&self, now: EventTime) -> Option<Held> {
        self.granting.as_ref().filter(|it| now < it.until).cloned()
    }
}

/// Addresses that are lent; what comes back waits before it is lent again.
#[derive(Clone)]
pub(super) struct Pool {
    pub(super) free: VecDeque<IpAddr>,
}

impl Pool {
    pub(super) fn new(network: [u8; 2], count: usize) -> Self {
        let [a, b] = network;
        let address = |it: usize| {
            let [_, _, high, low] = u32::try_from(it + 256).unwrap_or(256).to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(a, b, high, low))
        };
        Self {
            free: (0..count).map(address).collect(),
        }
    }

    pub(super) fn lend(&mut self, before: IpAddr) -> IpAddr {
        self.free.push_back(before);
        self.free.pop_front().unwrap_or(before)
    }

    pub(super) fn first(&mut self) -> Option<IpAddr> {
        self.free.pop_front()
    }
}

/// A ticket that was issued before anybody watched.
pub(super) fn unseen(domain: &Domain, octets: u32, until: EventTime, dice: &mut Dice) -> Held {
    Held {
        ticket: Ticket {
            hash: TicketHash(dice.long()),
            realm: domain.realm.clone(),
            service: PrincipalName::new(format!("krbtgt/{}", domain.realm)),
            service_name_type: 2,
            etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
            kvno: Some(domain.kvno),
            cipher_octets: octets,
            ..Ticket::default()
        },
        until,
    }
}

/// The cache of a client forgets what it used longest ago.
const TICKETS_MAX: usize = 24;
