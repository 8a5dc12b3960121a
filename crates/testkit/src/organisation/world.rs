//! Who and what there is: domains, devices, accounts, services and addresses.

use super::calendar::{Calendar, Shift};
use super::dice::Dice;
use super::holdings::{Pool, Wallet};
use super::speech::{Caller, Kdc, Software};
use realmward_vocab::{AccountName, DomainName, EventTime, Guid, HostName, PrincipalName, Realm};
use std::collections::HashMap;
use std::net::IpAddr;

/// Everything that can act or be asked.
#[derive(Clone)]
pub(super) struct World {
    pub(super) calendar: Calendar,
    pub(super) domains: Vec<Domain>,
    pub(super) devices: Vec<Device>,
    pub(super) accounts: Vec<Account>,
    pub(super) services: Vec<Service>,
    /// Services by class and device.
    pub(super) known: HashMap<(&'static str, usize), usize>,
    pub(super) pools: Vec<Pool>,
    pub(super) stations: Stations,
}

/// Devices with a purpose of their own, by their place among the devices.
#[derive(Clone, Default)]
pub(super) struct Stations {
    pub(super) shared: Vec<usize>,
    pub(super) terminals: Vec<usize>,
    pub(super) jumps: Vec<usize>,
    pub(super) files: Vec<usize>,
    pub(super) servers: Vec<usize>,
    pub(super) deployment: usize,
    pub(super) monitor: usize,
    pub(super) backup: usize,
    pub(super) scanner: usize,
    pub(super) synchronisation: usize,
}

/// A domain and its domain controllers.
#[derive(Clone)]
pub(super) struct Domain {
    pub(super) realm: Realm,
    pub(super) dns: DomainName,
    pub(super) netbios: DomainName,
    pub(super) controllers: Vec<usize>,
    pub(super) kvno: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Make {
    Desktop,
    Laptop,
    Shared,
    Server,
    Controller,
}

/// A machine.
#[derive(Clone)]
pub(super) struct Device {
    pub(super) name: HostName,
    pub(super) make: Make,
    pub(super) software: Software,
    pub(super) domain: usize,
    pub(super) address: IpAddr,
    /// The pool from which its address is lent; `None` if it has one of its own.
    pub(super) pool: Option<usize>,
    pub(super) card: u64,
    pub(super) guid: Guid,
    pub(super) is_on: bool,
    pub(super) wallet: Wallet,
}

/// What somebody does for a living.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Office,
    Shift,
    Developer,
    Field,
    Branch,
    Helpdesk,
    Administrator,
    /// The second account of an administrator; used, never at work by itself.
    Privileged,
    Service,
}

/// An account, and what it has at the moment.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) name: AccountName,
    pub(super) domain: usize,
    pub(super) role: Role,
    pub(super) shift: Shift,
    pub(super) octets: u32,
    /// The device of its own.
    pub(super) home: usize,
    /// The device at which it is now.
    pub(super) device: usize,
    pub(super) leaves: EventTime,
    pub(super) favourites: Vec<usize>,
    pub(super) wallet: Wallet,
    /// The privileged account of the same person.
    pub(super) second: Option<usize>,
    /// A phone or script somewhere still has the old password until then.
    pub(super) stale_until: EventTime,
}

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carried {
    Smb,
    Http,
    Ldap,
    /// By a protocol that no sensor reads; its tickets are seen all the same.
    Unread,
}

/// A service of a device.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) name: PrincipalName,
    pub(super) device: usize,
    pub(super) carried: Carried,
    pub(super) kvno: u32,
}

impl World {
    /// An account speaks from the device at which it is.
    pub(super) fn caller(&self, account: usize) -> Option<Caller> {
        self.caller_at(account, self.accounts.get(account)?.device)
    }

    /// An account speaks from a device.
    pub(super) fn caller_at(&self, account: usize, device: usize) -> Option<Caller> {
        let (account, device) = (self.accounts.get(account)?, self.devices.get(device)?);
        let domain = self.domains.get(account.domain)?;
        Some(Caller {
            account: account.name.clone(),
            realm: domain.realm.clone(),
            netbios: domain.netbios.clone(),
            octets: account.octets,
            address: device.address,
            host: device.name.clone(),
            software: device.software,
            guid: device.guid,
        })
    }

    /// A device speaks for itself.
    pub(super) fn machine(&self, device: usize) -> Option<Caller> {
        let device = self.devices.get(device)?;
        let domain = self.domains.get(device.domain)?;
        Some(Caller {
            account: AccountName::new(format!("{}$", device.name)),
            realm: domain.realm.clone(),
            netbios: domain.netbios.clone(),
            octets: 980,
            address: device.address,
            host: device.name.clone(),
            software: device.software,
            guid: device.guid,
        })
    }

    /// A domain controller of a domain: mostly the same for a device, sometimes another.
    pub(super) fn kdc(&self, domain: usize, near: usize, dice: &mut Dice) -> Option<Kdc> {
        let domain = self.domains.get(domain)?;
        let count = domain.controllers.len().max(1);
        let usual = if dice.chance(0.93) {
            near
        } else {
            dice.below(count)
        };
        let controller = *domain.controllers.get(usual % count)?;
        let device = self.devices.get(controller)?;
        Some(Kdc {
            address: device.address,
            realm: domain.realm.clone(),
            dns: domain.dns.clone(),
            netbios: domain.netbios.clone(),
            host: self.full_name(controller),
            kvno: domain.kvno,
        })
    }

    /// `FS1` of the first domain is `fs1.corp.example`.
    pub(super) fn full_name(&self, device: usize) -> HostName {
        let Some(device) = self.devices.get(device) else {
            return HostName::default();
        };
        let domain = self.domains.get(device.domain);
        let dns = domain.map_or("", |it| it.dns.as_str());
        HostName::new(format!("{}.{dns}", device.name.folded()))
    }

    /// The service of a class on a device, made known if it was not.
    pub(super) fn service(
        &mut self,
        class: &'static str,
        device: usize,
        carried: Carried,
    ) -> usize {
        if let Some(at) = self.known.get(&(class, device)) {
            return *at;
        }
        let name = PrincipalName::new(format!("{class}/{}", self.full_name(device)));
        self.services.push(Service {
            name,
            device,
            carried,
            kvno: 3,
        });
        let at = self.services.len() - 1;
        self.known.insert((class, device), at);
        at
    }

    /// A device starts anew: its identifier for SMB carries the time of that (RFC 4122 version 1).
    pub(super) fn restart(&mut self, device: usize, dice: &mut Dice) {
        if let Some(device) = self.devices.get_mut(device) {
            device.guid = identifier(device.card, dice);
            device.is_on = true;
            device.wallet = Wallet::default();
        }
    }

    /// A device gets another address of its pool, or of this one.
    pub(super) fn renew_address(&mut self, device: usize, pool: Option<usize>) {
        let Some(device) = self.devices.get_mut(device) else {
            return;
        };
        let from = device.pool;
        if let Some(pool) = pool.or(from) {
            if from == Some(pool) {
                if let Some(pool) = self.pools.get_mut(pool) {
                    device.address = pool.lend(device.address);
                }
            } else {
                if let Some(old) = from.and_then(|it| self.pools.get_mut(it)) {
                    old.free.push_back(device.address);
                }
                if let Some(new) = self.pools.get_mut(pool).and_then(Pool::first) {
                    device.address = new;
                }
                device.pool = Some(pool);
            }
        }
    }
}

/// An identifier of time and network card, as Windows makes them.
pub(super) fn identifier(card: u64, dice: &mut Dice) -> Guid {
    let random = dice.long() & !0xffff_ffff_ffff_ffff_ffff;
    Guid(random | (0x11f0 << 64) | (0x9b1d << 48) | u128::from(card & 0xffff_ffff_ffff))
}
