//! A person's day: coming, using, unlocking, moving about, going.

use super::super::build::{DESKS, VPN, WIRELESS};
use super::super::calendar::busy;
use super::super::dice::seconds;
use super::super::holdings::Wallet;
use super::super::simulation::{Due, Simulation};
use super::super::speech::{Logon, Software};
use super::super::world::{Carried, Make, Role};
use super::access::{Who, caller, domain, logs_on, near, peer, policy_of, ticket_for_desk, uses};
use realmward_vocab::{EncryptionType, EventTime, KerberosError};

impl Simulation {
    /// Somebody comes to work and logs on.
    pub(in super::super) fn arrive(&mut self, now: EventTime, account: usize) {
        let device = self.sits_down(now, account);
        let length = self.dice.bell(8.4, 0.9).clamp(1.0, 11.0);
        let Some(it) = self.world.accounts.get_mut(account) else {
            return;
        };
        (it.device, it.wallet) = (device, Wallet::default());
        it.leaves = now.saturating_add(seconds(length * 3_600.0));
        let second = it.second;
        let (mut talk, world) = self.talk(now);
        talk.pause(20.0, 120.0);
        mistypes(&mut talk, world, account);
        logs_on(&mut talk, world, Who::Account(account), None);
        ticket_for_desk(&mut talk, world, account);
        policy_of(&mut talk, world, Who::Account(account));
        let after = self.dice.wait(600.0);
        self.plan_in(now, 150.0 + after, Due::Use(account));
        let after = self.dice.wait(7_500.0);
        self.plan_in(now, 1_800.0 + after, Due::Unlock(account));
        if self
            .world
            .devices
            .get(device)
            .is_some_and(|it| it.make == Make::Laptop)
        {
            let after = self.dice.wait(18_000.0);
            self.plan_in(now, 1_200.0 + after, Due::Move(account));
        }
        if let Some(second) = second {
            let after = self.dice.wait(3_000.0);
            self.plan_in(now, 900.0 + after, Due::Administer(second));
        }
    }

    /// Takes a place at a device, which starts or wakes.
    fn sits_down(&mut self, now: EventTime, account: usize) -> usize {
        let Some(it) = self.world.accounts.get(account) else {
            return 0;
        };
        let (home, role) = (it.home, it.role);
        if role == Role::Shift {
            let near = [home, home + 1, home.saturating_sub(1)];
            let shared = self.dice.of(&near).copied().unwrap_or(home);
            let is_shared = self.world.stations.shared.contains(&shared);
            return self.starts(now, if is_shared { shared } else { home }, 0.1);
        }
        if role == Role::Office && account.is_multiple_of(TERMINAL_USERS) {
            let terminals = &self.world.stations.terminals;
            let at = account / TERMINAL_USERS % terminals.len().max(1);
            return terminals.get(at).copied().unwrap_or(home);
        }
        let make = self.world.devices.get(home).map(|it| it.make);
        let has_pool = self
            .world
            .devices
            .get(home)
            .is_some_and(|it| it.pool.is_some());
        if make == Some(Make::Laptop) && has_pool {
            let away = if role == Role::Field { 0.7 } else { 0.3 };
            let pool = match self.dice.unit() {
                it if it < away => VPN,
                it if it < away + 0.25 => WIRELESS,
                _ => DESKS,
            };
            self.world.renew_address(home, Some(pool));
            return self.starts(now, home, 0.35);
        }
        if has_pool && self.dice.chance(0.05) {
            self.world.renew_address(home, None);
        }
        self.starts(now, home, 0.25)
    }

    /// A device that is off starts; one that slept wakes, some start anew.
    fn starts(&mut self, now: EventTime, device: usize, anew: f64) -> usize {
        let is_on = self.world.devices.get(device).is_some_and(|it| it.is_on);
        if !is_on || self.dice.chance(anew) {
            self.world.restart(device, &mut self.dice);
            let (mut talk, world) = self.talk(now);
            talk.pause(1.0, 15.0);
            let who = Who::Device(device);
            let asked = caller(world, who).zip(domain(world, who));
            if let Some((caller, at)) = asked
                && let Some(kdc) = world.kdc(at, near(who), talk.dice)
            {
                talk.pings(&caller, &kdc);
            }
            logs_on(&mut talk, world, who, None);
            if !is_on {
                self.plan_in(now, 30.0, Due::Policy(device));
            }
        }
        device
    }

    /// Somebody uses something, or goes home.
    pub(in super::super) fn use_something(&mut self, now: EventTime, account: usize) {
        let Some(it) = self.world.accounts.get(account) else {
            return;
        };
        if it.leaves <= now {
            self.leaves(account);
            return;
        }
        let (role, is_stale) = (it.role, now < it.stale_until);
        let place = self.dice.favourite(it.favourites.len());
        let mut service = it.favourites.get(place).copied();
        if self.dice.chance(0.02) {
            let any = self.dice.below(self.world.services.len());
            let is_file = self
                .world
                .services
                .get(any)
                .is_some_and(|it| it.carried == Carried::Http);
            service = if is_file { Some(any) } else { service };
        }
        if let Some(service) = service {
            let (mut talk, world) = self.talk(now);
            uses(&mut talk, world, Who::Account(account), service);
        }
        if is_stale && self.dice.chance(0.3) {
            self.old_password(now, account);
        }
        if role == Role::Helpdesk && self.dice.chance(0.3) {
            self.help(now, account);
        }
        let hour = self.hour(now);
        let rate = if matches!(role, Role::Shift) {
            0.5
        } else {
            busy(hour)
        };
        let after = self.dice.wait(USE_S / rate);
        self.plan_in(now, after.max(5.0), Due::Use(account));
    }

    fn leaves(&mut self, account: usize) {
        let off = self.dice.chance(0.6);
        let Some(it) = self.world.accounts.get_mut(account) else {
            return;
        };
        it.wallet = Wallet::default();
        let device = it.device;
        if let Some(device) = self.world.devices.get_mut(device)
            && off
            && matches!(device.make, Make::Laptop | Make::Desktop)
        {
            device.is_on = false;
        }
    }

    /// A screen is unlocked: the password is proven again, or what Windows kept of it.
    pub(in super::super) fn unlock(&mut self, now: EventTime, account: usize) {
        let is_here = self
            .world
            .accounts
            .get(account)
            .is_some_and(|it| now < it.leaves);
        if !is_here {
            return;
        }
        let (mut talk, world) = self.talk(now);
        let windows =
            caller(world, Who::Account(account)).is_some_and(|it| it.software == Software::Windows);
        let kept = (windows && talk.dice.chance(0.004)).then_some(Software::WindowsStored);
        if talk.dice.chance(0.03) {
            mistypes(&mut talk, world, account);
        }
        logs_on(&mut talk, world, Who::Account(account), kept);
        let java = talk.dice.chance(0.01)
            && world
                .accounts
                .get(account)
                .is_some_and(|it| it.role == Role::Developer);
        if java {
            talk.pause(30.0, 600.0);
            let before = world.accounts.get(account).map(|it| it.wallet.clone());
            logs_on(
                &mut talk,
                world,
                Who::Account(account),
                Some(Software::Java),
            );
            if let (Some(it), Some(before)) = (world.accounts.get_mut(account), before) {
                it.wallet = before;
            }
        }
        let after = self.dice.wait(9_000.0);
        self.plan_in(now, 600.0 + after, Due::Unlock(account));
    }

    /// A laptop is carried to a meeting: another address, the same tickets.
    pub(in super::super) fn carry(&mut self, now: EventTime, account: usize) {
        let Some(it) = self
            .world
            .accounts
            .get(account)
            .filter(|it| now < it.leaves)
        else {
            return;
        };
        let device = it.device;
        let pool = self.world.devices.get(device).and_then(|it| it.pool);
        let to = match pool {
            Some(DESKS) => WIRELESS,
            Some(WIRELESS) if self.dice.chance(0.6) => DESKS,
            Some(it) => it,
            None => return,
        };
        self.world.renew_address(device, Some(to));
        let (mut talk, world) = self.talk(now);
        let who = Who::Account(account);
        if let (Some(machine), Some(at)) = (world.machine(device), domain(world, who))
            && let Some(kdc) = world.kdc(at, near(who), talk.dice)
        {
            talk.pings(&machine, &kdc);
        }
        let after = self.dice.wait(16_000.0);
        self.plan_in(now, 1_200.0 + after, Due::Move(account));
    }

    /// A telephone still tries the old password at the mail server.
    fn old_password(&mut self, now: EventTime, account: usize) {
        let mail = self
            .world
            .services
            .iter()
            .find(|it| it.carried == Carried::Http && it.name.as_str().starts_with("HTTP/ex"));
        let Some(device) = mail.map(|it| it.device) else {
            return;
        };
        let (mut talk, world) = self.talk(now);
        if let (Some(caller), Some(peer)) = (world.caller(account), peer(world, device)) {
            talk.browses(&caller, &peer, Logon::Ntlm(false));
        }
    }

    /// The hour of the day, 0 to 24.
    pub(in super::super) fn hour(&self, now: EventTime) -> f64 {
        now.saturating_since(self.plan.start()).as_secs_f64() / 3_600.0 % 24.0
    }
}

/// Sometimes a password is wrong the first time, and once in a while it has expired.
fn mistypes(
    talk: &mut super::super::speech::Talk<'_>,
    world: &mut super::super::world::World,
    account: usize,
) {
    let who = Who::Account(account);
    let (Some(caller), Some(at)) = (caller(world, who), domain(world, who)) else {
        return;
    };
    let Some(kdc) = world.kdc(at, near(who), talk.dice) else {
        return;
    };
    let proof = Some(EncryptionType::AES256_CTS_HMAC_SHA1_96);
    while talk.dice.chance(0.045) {
        talk.is_refused(&caller, &kdc, proof, KerberosError::KDC_ERR_PREAUTH_FAILED);
        talk.pause(3.0, 12.0);
    }
    if talk.dice.chance(0.013) {
        talk.is_refused(&caller, &kdc, proof, KerberosError::KDC_ERR_KEY_EXPIRED);
        talk.pause(20.0, 60.0);
        if let Some(it) = world.accounts.get_mut(account) {
            it.stale_until = talk.now.saturating_add(seconds(100_000.0));
        }
    }
}

/// Of so many in the office, one works on a terminal server.
pub(in super::super) const TERMINAL_USERS: usize = 13;

/// Seconds between uses in the busiest hour: about a dozen of them on a day in the office.
const USE_S: f64 = 1_700.0;
