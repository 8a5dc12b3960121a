//! Getting at credentials: guessing, roasting, stolen keys and tickets, replication, forgery.

use super::super::dice::seconds;
use super::super::holdings::unseen;
use super::super::honest::{Who, peer, ticket_for};
use super::super::speech::{Caller, Held, Kdc, Logon, Software, Talk, Wanted, mapped, replicates};
use super::super::world::{Carried, Role, World};
use super::{Intrusion, Kind};
use realmward_vocab::{AccountName, EncryptionType, KerberosError, interface};

impl Intrusion {
    /// Who speaks: an account, from where the intruder is, with a program.
    pub(super) fn speaks(&self, world: &World, account: usize, by: Software) -> Option<Caller> {
        let mut caller = world.caller_at(account, self.device)?;
        caller.address = self.own.unwrap_or(caller.address);
        caller.software = by;
        Some(caller)
    }

    pub(super) fn controller(&self, world: &World) -> Option<usize> {
        world.domains.first()?.controllers.first().copied()
    }

    fn kdc(&self, talk: &mut Talk<'_>, world: &World) -> Option<Kdc> {
        world.kdc(0, self.victim, talk.dice)
    }

    /// Names are tried, then one password on many; one fits.
    pub(super) fn spray(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let (Some(mut caller), Some(kdc)) = (
            self.speaks(world, self.victim, Software::Impacket),
            self.kdc(talk, world),
        ) else {
            return;
        };
        let victim = caller.account.clone();
        let proof = Some(EncryptionType::AES256_CTS_HMAC_SHA1_96);
        for number in 0..40 {
            caller.account = AccountName::new(format!("test{number}"));
            talk.is_refused(
                &caller,
                &kdc,
                None,
                KerberosError::KDC_ERR_C_PRINCIPAL_UNKNOWN,
            );
            let known = talk.dice.below(world.accounts.len());
            if let Some(it) = world.accounts.get(known) {
                caller.account = it.name.clone();
                talk.is_refused(&caller, &kdc, proof, KerberosError::KDC_ERR_PREAUTH_FAILED);
            }
        }
        caller.account = victim;
        self.granting = Some(talk.logs_on(&caller, &kdc, EncryptionType::RC4_HMAC, true));
    }

    /// Tickets for services are asked for, to guess the passwords of their accounts at home.
    pub(super) fn roast(&mut self, talk: &mut Talk<'_>, world: &mut World, count: usize) {
        let (by, etype) = match self.kind {
            Kind::Noisy => (Software::Impacket, EncryptionType::RC4_HMAC),
            Kind::Ordinary => (Software::Rubeus, EncryptionType::RC4_HMAC),
            Kind::Patient => (Software::Windows, EncryptionType::AES256_CTS_HMAC_SHA1_96),
        };
        let (Some(caller), Some(kdc)) =
            (self.speaks(world, self.victim, by), self.kdc(talk, world))
        else {
            return;
        };
        let own = world
            .accounts
            .get(self.victim)
            .and_then(|it| it.wallet.granting(talk.now));
        let Some(with) = self.granting.clone().or(own) else {
            return;
        };
        for number in 0..count {
            talk.pause(0.02, 0.2);
            let service = format!("MSSQLSvc/app{number}.corp.example:1433");
            let wish = Wanted {
                service: &service.as_str().into(),
                kvno: 2,
                etype,
            };
            talk.gets(&caller, &kdc, &with, &wish);
        }
    }

    /// A stolen key becomes a ticket: the weak key with a tool, or the strong one in Windows' memory.
    pub(super) fn overpass(&mut self, talk: &mut Talk<'_>, world: &mut World, strong: bool) {
        let copies = self.victim.is_multiple_of(2);
        let (by, etype) = if strong {
            (
                if copies {
                    Software::RubeusCopying
                } else {
                    Software::WindowsStored
                },
                EncryptionType::AES256_CTS_HMAC_SHA1_96,
            )
        } else {
            (Software::Rubeus, EncryptionType::RC4_HMAC)
        };
        if let (Some(caller), Some(kdc)) = (
            self.speaks(world, self.privileged, by),
            self.kdc(talk, world),
        ) {
            self.granting = Some(talk.logs_on(&caller, &kdc, etype, strong));
        }
    }

    /// A ticket is taken from the memory of a server and used from elsewhere.
    pub(super) fn pass_ticket(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let now = talk.now;
        let mut owners = (0..world.accounts.len()).filter(|at| {
            world.accounts.get(*at).is_some_and(|it| {
                it.role == Role::Privileged
                    && it.device != self.device
                    && it.wallet.granting(now).is_some()
            })
        });
        let Some(owner) = owners.next() else {
            return;
        };
        self.privileged = owner;
        let stolen = world
            .accounts
            .get(owner)
            .and_then(|it| it.wallet.granting(now));
        if let (Some(stolen), Some(server)) = (stolen, world.stations.files.first().copied()) {
            self.granting = Some(stolen);
            self.opens_drive(talk, world, Software::Windows, server);
        }
    }

    /// Secrets are replicated by what is no domain controller.
    pub(super) fn replicate(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let Some(controller) = self.controller(world) else {
            return;
        };
        let by = if self.kind == Kind::Noisy {
            Software::Impacket
        } else {
            Software::Windows
        };
        let held = self.ticket(talk, world, by, "ldap", controller);
        let (Some(held), Some(caller), Some(peer)) = (
            held,
            self.speaks(world, self.privileged, by),
            peer(world, controller),
        ) else {
            return;
        };
        mapped(talk, &caller, &peer);
        let objects = if self.kind == Kind::Noisy { 12 } else { 1 };
        let calls = replicates(objects, 4_300);
        talk.calls_sealed(
            &caller,
            &peer,
            &held,
            (interface::DRSUAPI, "drsuapi"),
            &calls,
        );
    }

    /// A ticket that no domain controller issued, for the account that may do anything.
    pub(super) fn forge(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let (Some(mut caller), Some(controller)) = (
            self.speaks(world, self.privileged, Software::Impacket),
            self.controller(world),
        ) else {
            return;
        };
        caller.account = AccountName::new("Administrator");
        let (Some(kdc), Some(domain), Some(peer)) = (
            self.kdc(talk, world),
            world.domains.first(),
            peer(world, controller),
        ) else {
            return;
        };
        let until = talk.now.saturating_add(seconds(300_000.0));
        let forged = unseen(domain, 941, until, talk.dice);
        let service = format!("cifs/{}", peer.host);
        let wish = Wanted {
            service: &service.as_str().into(),
            kvno: 3,
            etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
        };
        let held = talk.gets(&caller, &kdc, &forged, &wish);
        let (line, principal) = talk.opens_smb(&caller, &peer, Logon::Ticket(&held));
        let share = format!("\\\\{}\\C$", peer.host);
        talk.opens_share(&line, &principal, &share);
    }

    /// A ticket for a service with what the intruder has: a stolen ticket or key, else by NTLM hash.
    pub(super) fn ticket(
        &mut self,
        talk: &mut Talk<'_>,
        world: &mut World,
        by: Software,
        class: &'static str,
        device: usize,
    ) -> Option<Held> {
        let service = world.service(class, device, Carried::Unread);
        let wanted = world.services.get(service)?.clone();
        let caller = self.speaks(world, self.privileged, by)?;
        let kdc = self.kdc(talk, world)?;
        let with = match self.granting.clone().filter(|it| talk.now < it.until) {
            Some(held) if self.kind != Kind::Noisy => held,
            _ => talk.logs_on(&caller, &kdc, EncryptionType::RC4_HMAC, true),
        };
        let wish = Wanted {
            service: &wanted.name,
            kvno: wanted.kvno,
            etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
        };
        Some(talk.gets(&caller, &kdc, &with, &wish))
    }

    /// A ticket of the victim's own, as Windows gets it.
    pub(super) fn own_ticket(
        &self,
        talk: &mut Talk<'_>,
        world: &mut World,
        class: &'static str,
        device: usize,
    ) -> Option<Held> {
        let service = world.service(class, device, Carried::Smb);
        ticket_for(talk, world, Who::Account(self.victim), service)
    }
}
