//! The organisation on its first morning, made from its size and its seed.

use super::calendar::{Calendar, Shift};
use super::dice::Dice;
use super::holdings::{Pool, Wallet, unseen};
use super::plan::Plan;
use super::speech::Software;
use super::world::{Account, Carried, Device, Domain, Make, Role, Stations, World, identifier};
use realmward_vocab::{AccountName, EventTime, HostName};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

/// Pools of addresses, in this order: desks, wireless, home over VPN, branch offices behind one
/// address each.
pub(super) const DESKS: usize = 0;
pub(super) const WIRELESS: usize = 1;
pub(super) const VPN: usize = 2;

/// The domain that is moved into the first.
pub(super) const OLD: usize = 1;

/// Makes the organisation.
pub(super) fn build(plan: &Plan, dice: &mut Dice) -> World {
    let users = plan.users.max(20);
    let mut builder = Builder {
        world: World {
            calendar: Calendar::new(plan.days, dice),
            domains: domains(dice),
            devices: Vec::new(),
            accounts: Vec::new(),
            services: Vec::new(),
            known: HashMap::new(),
            pools: vec![
                Pool::new([10, 20], users * 2 + 64),
                Pool::new([10, 50], users + 64),
                Pool::new([10, 60], users / 2 + 64),
            ],
            stations: Stations::default(),
        },
        dice,
        start: plan.start(),
        servers: 0,
        migrates: plan.migration.is_some(),
    };
    builder.controllers(users);
    builder.stations(users);
    builder.people(users);
    builder.services(users);
    builder.world
}

fn domains(dice: &mut Dice) -> Vec<Domain> {
    let domain = |name: &str, kvno| Domain {
        realm: format!("{name}.EXAMPLE").as_str().into(),
        dns: format!("{}.example", name.to_lowercase()).as_str().into(),
        netbios: name.into(),
        controllers: Vec::new(),
        kvno,
    };
    let kvno = 2 + u32::from(dice.chance(0.5));
    vec![domain("CORP", kvno), domain("OLD", 2)]
}

struct Builder<'a> {
    world: World,
    dice: &'a mut Dice,
    start: EventTime,
    servers: u8,
    migrates: bool,
}

impl Builder<'_> {
    fn device(&mut self, name: String, make: Make, software: Software, domain: usize) -> usize {
        let card = 0x000c_2900_0000 | (self.dice.bits() & 0xff_ffff);
        let pool = matches!(make, Make::Desktop | Make::Laptop | Make::Shared).then_some(DESKS);
        let lent = pool.and_then(|it| self.world.pools.get_mut(it)?.first());
        let address = lent.unwrap_or_else(|| {
            self.servers = self.servers.wrapping_add(1);
            let block = u8::try_from(self.world.devices.len() / 200 % 200).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::new(10, 1, block, self.servers))
        });
        let guid = identifier(card, self.dice);
        self.world.devices.push(Device {
            name: HostName::new(name),
            make,
            software,
            domain,
            address,
            pool,
            card,
            guid,
            is_on: matches!(make, Make::Server | Make::Controller),
            wallet: Wallet::default(),
        });
        self.world.devices.len() - 1
    }

    /// A server that ran before anybody watched, and has a ticket from then.
    fn server(&mut self, name: String, software: Software) -> usize {
        let device = self.device(name, Make::Server, software, 0);
        let until = self
            .start
            .saturating_add(super::dice::seconds(self.dice.between(600.0, 35_000.0)));
        if let Some(domain) = self.world.domains.first() {
            let held = unseen(domain, 980, until, self.dice);
            if let Some(device) = self.world.devices.get_mut(device) {
                device.wallet.granting = Some(held);
            }
        }
        device
    }

    fn controllers(&mut self, users: usize) {
        for (domain, count) in [(0, (2 + users / 3_000).min(8)), (OLD, 1)] {
            let prefix = if domain == OLD { "OLDDC" } else { "DC" };
            for number in 1..=count {
                let name = format!("{prefix}{number}");
                let device = self.device(name, Make::Controller, Software::Windows, domain);
                if let Some(domain) = self.world.domains.get_mut(domain) {
                    domain.controllers.push(device);
                }
            }
        }
    }

    fn stations(&mut self, users: usize) {
        let windows = Software::Windows;
        let many = |builder: &mut Self, prefix: &str, count: usize| -> Vec<usize> {
            (1..=count)
                .map(|number| builder.server(format!("{prefix}{number}"), windows))
                .collect()
        };
        let files = many(self, "FS", 2 + users / 250);
        let web = many(self, "WEB", 3 + users / 200);
        let databases = many(self, "SQL", 2 + users / 300);
        let terminals = many(self, "TS", 1 + users / 400);
        let jumps = many(self, "JMP", 1 + users / 2_500);
        let mail = many(self, "EX", 1 + users / 2_000);
        let shared = (0..1 + users / 40)
            .map(|number| self.device(format!("KIOSK{number}"), Make::Shared, windows, 0))
            .collect();
        let servers = [&files, &web, &databases, &terminals, &mail]
            .iter()
            .flat_map(|it| it.iter().copied())
            .collect();
        self.world.stations = Stations {
            shared,
            terminals,
            jumps,
            files,
            servers,
            deployment: self.server("SCC1".to_owned(), windows),
            monitor: self.server("MON1".to_owned(), windows),
            backup: self.server("BK1".to_owned(), windows),
            scanner: self.server("SCAN1".to_owned(), Software::Mit),
            synchronisation: self.server("SYNC1".to_owned(), windows),
        };
    }

    fn account(&mut self, name: String, role: Role, home: usize, domain: usize) -> usize {
        let shift = match role {
            Role::Shift => Shift::Rotating(u8::try_from(self.dice.below(3)).unwrap_or(0)),
            Role::Field => Shift::Any,
            _ => Shift::Office,
        };
        let groups = self.dice.wait(60.0);
        self.world.accounts.push(Account {
            name: AccountName::new(name),
            domain,
            role,
            shift,
            octets: 1_000 + 8 * whole(groups.min(120.0)),
            home,
            device: home,
            leaves: EventTime::default(),
            favourites: Vec::new(),
            wallet: Wallet::default(),
            second: None,
            stale_until: EventTime::default(),
        });
        self.world.accounts.len() - 1
    }

    fn people(&mut self, users: usize) {
        for number in 0..users {
            let role = self.role(number, users);
            let old = self.migrates && role == Role::Office && self.dice.chance(0.12);
            let domain = if old { OLD } else { 0 };
            let home = self.home(number, role, domain);
            let account = self.account(format!("u{number:05}"), role, home, domain);
            if role == Role::Administrator {
                let name = format!("adm-u{number:05}");
                let second = self.account(name, Role::Privileged, home, 0);
                if let Some(it) = self.world.accounts.get_mut(account) {
                    it.second = Some(second);
                }
            }
        }
        let stations = self.world.stations.clone();
        for (name, home) in [
            ("svc-deploy", stations.deployment),
            ("svc-monitor", stations.monitor),
            ("svc-backup", stations.backup),
            ("svc-scan", stations.scanner),
            ("MSOL_3f9c02ab17de", stations.synchronisation),
        ] {
            self.account(name.to_owned(), Role::Service, home, 0);
        }
        for number in 0..users / 60 {
            let home = self
                .dice
                .of(&stations.servers)
                .copied()
                .unwrap_or(stations.backup);
            self.account(format!("svc-app{number:03}"), Role::Service, home, 0);
        }
    }

    fn role(&mut self, number: usize, users: usize) -> Role {
        if number < 2 + users / 200 {
            return Role::Administrator;
        }
        if number < 4 + users / 80 {
            return Role::Helpdesk;
        }
        match self.dice.unit() {
            it if it < 0.12 => Role::Shift,
            it if it < 0.20 => Role::Developer,
            it if it < 0.28 => Role::Field,
            it if it < 0.33 => Role::Branch,
            _ => Role::Office,
        }
    }

    fn home(&mut self, number: usize, role: Role, domain: usize) -> usize {
        if role == Role::Shift {
            let shared = self.world.stations.shared.clone();
            return self.dice.of(&shared).copied().unwrap_or_default();
        }
        let laptop = role == Role::Field || self.dice.chance(0.55);
        let make = if laptop { Make::Laptop } else { Make::Desktop };
        let software = match self.dice.unit() {
            it if role == Role::Developer && it < 0.25 => Software::Mit,
            it if it < 0.04 => Software::Heimdal,
            _ => Software::Windows,
        };
        let device = self.device(format!("PC{number:05}"), make, software, domain);
        if role == Role::Branch {
            let offices = (self.world.accounts.len() / 400 + 1).min(200);
            let office = u8::try_from(self.dice.below(offices)).unwrap_or(0);
            if let Some(device) = self.world.devices.get_mut(device) {
                device.pool = None;
                device.address = IpAddr::V4(Ipv4Addr::new(10, 70, 0, office + 1));
            }
        }
        device
    }

    /// What there is to use, and what each uses of it: some of everybody's, some of the department's.
    fn services(&mut self, users: usize) {
        let stations = self.world.stations.clone();
        let mut known = Vec::new();
        for device in stations.files.clone() {
            known.push(self.world.service("cifs", device, Carried::Smb));
        }
        for device in stations.servers.clone() {
            let name = self.world.devices.get(device).map(|it| it.name.clone());
            let name = name.unwrap_or_default();
            if name.as_str().starts_with("WEB") || name.as_str().starts_with("EX") {
                known.push(self.world.service("HTTP", device, Carried::Http));
            } else if name.as_str().starts_with("SQL") {
                known.push(self.world.service("MSSQLSvc", device, Carried::Unread));
            }
        }
        let departments = 1 + users / 25;
        let sets: Vec<Vec<usize>> = (0..departments).map(|_| self.some(&known, 6)).collect();
        for account in 0..self.world.accounts.len() {
            let mut favourites = known.iter().take(2).copied().collect::<Vec<_>>();
            favourites.extend(sets.get(account / 25 % departments).into_iter().flatten());
            let own = 1 + self.dice.below(4);
            favourites.extend(self.some(&known, own));
            favourites.dedup();
            if let Some(it) = self.world.accounts.get_mut(account) {
                it.favourites = favourites;
            }
        }
    }

    fn some(&mut self, of: &[usize], count: usize) -> Vec<usize> {
        (0..count)
            .filter_map(|_| self.dice.of(of).copied())
            .collect()
    }
}

/// A whole number near this.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and not negative"
)]
fn whole(value: f64) -> u32 {
    value.max(0.0) as u32
}
