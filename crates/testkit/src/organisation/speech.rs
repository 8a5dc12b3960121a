//! What protocols make of an action: the facts that a sensor would tell, in their order.
//!
//! Words of Windows were taken from captures of Windows, those of tools from captures of the tools in
//! this project's lab (`fixtures/captures`); `docs/simulation/README.md` says where they differ.

mod kerberos;
mod rpc;
mod sessions;
mod shapes;

pub(super) use kerberos::{Wanted, granting};
pub(super) use rpc::{Call, Pipe, mapped, replicates};
pub(super) use sessions::Logon;
pub(super) use shapes::Software;

use super::air::Air;
use super::dice::Dice;
use realmward_event::kerberos::Ticket;
use realmward_vocab::{AccountName, DomainName, EventTime, Guid, HostName, Realm};
use std::net::IpAddr;

/// Somebody at a device.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) account: AccountName,
    pub(super) realm: Realm,
    pub(super) netbios: DomainName,
    /// Length of the tickets of this account: more groups, longer tickets.
    pub(super) octets: u32,
    pub(super) address: IpAddr,
    pub(super) host: HostName,
    pub(super) software: Software,
    pub(super) guid: Guid,
}

/// A domain controller that is asked.
#[derive(Clone, Debug)]
pub(super) struct Kdc {
    pub(super) address: IpAddr,
    pub(super) realm: Realm,
    pub(super) dns: DomainName,
    pub(super) netbios: DomainName,
    pub(super) host: HostName,
    pub(super) kvno: u32,
}

/// A server that is asked.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) address: IpAddr,
    /// Its full name.
    pub(super) host: HostName,
    pub(super) dns: DomainName,
}

/// A ticket and for how long it is good.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) ticket: Ticket,
    pub(super) until: EventTime,
}

/// A moment at which things are said, one after the other.
pub(super) struct Talk<'a> {
    pub(super) air: &'a mut Air,
    pub(super) dice: &'a mut Dice,
    /// When the next thing is said.
    pub(super) now: EventTime,
}

impl Talk<'_> {
    /// Lets some time pass, in seconds.
    pub(super) fn pause(&mut self, low: f64, high: f64) {
        let span = self.dice.between(low, high);
        self.now = self.now.saturating_add(super::dice::seconds(span));
    }
}
