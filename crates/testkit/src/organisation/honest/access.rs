//! Getting at things: a logon where one is needed, a ticket where one is needed, and the use of it.

use super::super::holdings::Wallet;
use super::super::speech::{Held, Logon, Peer, Software, Talk, Wanted, granting};
use super::super::world::{Carried, World};
use realmward_vocab::{EncryptionType, PrincipalName};

/// An account at its device, or a device for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Who {
    Account(usize),
    Device(usize),
}

/// A server by its place among the devices.
pub(in super::super) fn peer(world: &World, device: usize) -> Option<Peer> {
    let it = world.devices.get(device)?;
    Some(Peer {
        address: it.address,
        host: world.full_name(device),
        dns: world.domains.get(it.domain)?.dns.clone(),
    })
}

/// A logon; the ticket-granting ticket is kept.
pub(in super::super) fn logs_on(
    talk: &mut Talk<'_>,
    world: &mut World,
    who: Who,
    software: Option<Software>,
) -> Option<Held> {
    let mut caller = caller(world, who)?;
    caller.software = software.unwrap_or(caller.software);
    let kdc = world.kdc(domain(world, who)?, near(who), talk.dice)?;
    let etype = EncryptionType::AES256_CTS_HMAC_SHA1_96;
    let asks_first = talk.dice.chance(0.6);
    let held = talk.logs_on(&caller, &kdc, etype, asks_first);
    wallet(world, who)?.granting = Some(held.clone());
    Some(held)
}

/// A ticket for a service, from the cache or from the KDC; across domains with a referral.
pub(in super::super) fn ticket_for(
    talk: &mut Talk<'_>,
    world: &mut World,
    who: Who,
    service: usize,
) -> Option<Held> {
    if let Some(held) = wallet(world, who)?.ticket(service, talk.now) {
        return Some(held);
    }
    let mut with = match wallet(world, who)?.granting(talk.now) {
        Some(held) => held,
        None => logs_on(talk, world, who, None)?,
    };
    let wanted = world.services.get(service)?.clone();
    let (home, there) = (
        domain(world, who)?,
        world.devices.get(wanted.device)?.domain,
    );
    let caller = caller(world, who)?;
    if home != there {
        with = referral(talk, world, who, &with, there)?;
    }
    let kdc = world.kdc(there, near(who), talk.dice)?;
    let wish = Wanted {
        service: &wanted.name,
        kvno: wanted.kvno,
        etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
    };
    let held = talk.gets(&caller, &kdc, &with, &wish);
    wallet(world, who)?.keep(service, held.clone());
    Some(held)
}

/// The ticket with which another domain's KDC is asked.
fn referral(
    talk: &mut Talk<'_>,
    world: &mut World,
    who: Who,
    with: &Held,
    there: usize,
) -> Option<Held> {
    let now = talk.now;
    let known = wallet(world, who)?.referral.clone();
    if let Some(held) = known.filter(|it| now < it.until) {
        return Some(held);
    }
    let caller = caller(world, who)?;
    let own = world.kdc(domain(world, who)?, near(who), talk.dice)?;
    let other = world.kdc(there, near(who), talk.dice)?;
    let wish = Wanted {
        service: &granting(&other),
        kvno: 1,
        etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
    };
    let held = talk.gets(&caller, &own, with, &wish);
    wallet(world, who)?.referral = Some(held.clone());
    Some(held)
}

/// Somebody uses a service.
pub(in super::super) fn uses(talk: &mut Talk<'_>, world: &mut World, who: Who, service: usize) {
    let Some((carried, device)) = world
        .services
        .get(service)
        .map(|it| (it.carried, it.device))
    else {
        return;
    };
    let by_address = carried != Carried::Unread && talk.dice.chance(0.02);
    let held = if by_address {
        None
    } else {
        ticket_for(talk, world, who, service)
    };
    let (Some(caller), Some(peer)) = (caller(world, who), peer(world, device)) else {
        return;
    };
    if talk.dice.chance(0.25)
        && let Some(kdc) = world.kdc(0, near(who), talk.dice)
    {
        talk.looks_up(&caller, &kdc, &peer);
    }
    let logon = match &held {
        Some(held) => Logon::Ticket(held),
        None if by_address => Logon::Ntlm(talk.dice.chance(0.97)),
        None => return,
    };
    match carried {
        Carried::Unread => {}
        Carried::Http => talk.browses(&caller, &peer, logon),
        Carried::Ldap => {
            talk.binds(&caller, &peer, logon);
        }
        Carried::Smb => {
            let (line, principal) = talk.opens_smb(&caller, &peer, logon);
            let share = format!("\\\\{}\\team{}", peer.host, service % 9);
            talk.opens_share(&line, &principal, &share);
            for _ in 0..1 + talk.dice.below(3) {
                let name = format!("plans\\{:04}.docx", talk.dice.below(10_000));
                let writes = talk.dice.chance(0.2);
                talk.opens_file(&line, &principal, &share, &name, writes);
            }
        }
    }
}

/// The directory and the policy share of a domain controller are read.
pub(in super::super) fn policy_of(talk: &mut Talk<'_>, world: &mut World, who: Who) {
    let Some(controller) = domain(world, who).and_then(|it| {
        let controllers = &world.domains.get(it)?.controllers;
        controllers
            .get(near(who) % controllers.len().max(1))
            .copied()
    }) else {
        return;
    };
    let directory = world.service("ldap", controller, Carried::Ldap);
    let share = world.service("cifs", controller, Carried::Smb);
    let (Some(caller), Some(peer)) = (caller(world, who), peer(world, controller)) else {
        return;
    };
    if let Some(held) = ticket_for(talk, world, who, directory) {
        talk.binds(&caller, &peer, Logon::Ticket(&held));
    }
    if let Some(held) = ticket_for(talk, world, who, share) {
        let (line, principal) = talk.opens_smb(&caller, &peer, Logon::Ticket(&held));
        let name = format!("\\\\{}\\SYSVOL", peer.host);
        talk.opens_share(&line, &principal, &name);
    }
}

/// A ticket for the device at which somebody logs on; it is never sent.
pub(super) fn ticket_for_desk(talk: &mut Talk<'_>, world: &mut World, account: usize) {
    let who = Who::Account(account);
    let Some(with) = wallet(world, who).and_then(|it| it.granting(talk.now)) else {
        return;
    };
    let device = world.accounts.get(account).map_or(0, |it| it.device);
    let same = world.devices.get(device).map(|it| it.domain) == domain(world, who);
    let name = PrincipalName::new(format!("host/{}", world.full_name(device)));
    let (Some(caller), Some(kdc)) = (
        caller(world, who),
        domain(world, who).and_then(|it| world.kdc(it, near(who), talk.dice)),
    ) else {
        return;
    };
    if same {
        let wish = Wanted {
            service: &name,
            kvno: 5,
            etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
        };
        talk.gets(&caller, &kdc, &with, &wish);
    }
}

pub(super) fn caller(world: &World, who: Who) -> Option<super::super::speech::Caller> {
    match who {
        Who::Account(account) => world.caller(account),
        Who::Device(device) => world.machine(device),
    }
}

pub(super) fn domain(world: &World, who: Who) -> Option<usize> {
    match who {
        Who::Account(it) => world.accounts.get(it).map(|it| it.domain),
        Who::Device(it) => world.devices.get(it).map(|it| it.domain),
    }
}

pub(super) fn wallet(world: &mut World, who: Who) -> Option<&mut Wallet> {
    match who {
        Who::Account(it) => world.accounts.get_mut(it).map(|it| &mut it.wallet),
        Who::Device(it) => world.devices.get_mut(it).map(|it| &mut it.wallet),
    }
}

pub(super) const fn near(who: Who) -> usize {
    match who {
        Who::Account(it) | Who::Device(it) => it,
    }
}
