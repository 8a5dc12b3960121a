//! What operators have arranged: synchronisation, backup, scans, deployment, restarts, a migration.

use super::super::build::OLD;
use super::super::holdings::Wallet;
use super::super::simulation::{Due, Job, Simulation};
use super::super::speech::{Call, Logon, Pipe, mapped, replicates};
use super::super::world::{Carried, Make};
use super::access::{Who, peer, policy_of, ticket_for, uses};
use super::operators::through_pipe;
use realmward_vocab::{EventTime, interface};

impl Simulation {
    /// A job begins, or goes on.
    pub(in super::super) fn job(&mut self, now: EventTime, job: Job) {
        match job {
            Job::Synchronise => self.synchronise(now),
            Job::Backup => self.back_up(now),
            Job::Scan(from) => self.scan(now, from),
            Job::Deploy(done) => self.deploy(now, done),
            Job::Monitor => self.monitor(now),
            Job::Restart(from) => self.restart_some(now, from),
            Job::Migrate => self.migrate(now),
        }
    }

    fn service_account(&self, name: &str) -> usize {
        let at = self
            .world
            .accounts
            .iter()
            .position(|it| it.name.as_str() == name);
        at.unwrap_or_default()
    }

    /// A synchronisation product reads password hashes from a domain controller.
    fn synchronise(&mut self, now: EventTime) {
        let account = self.service_account("MSOL_3f9c02ab17de");
        let controllers = self.world.domains.first().map(|it| it.controllers.clone());
        let controller = controllers
            .and_then(|it| it.first().copied())
            .unwrap_or_default();
        let (mut talk, world) = self.talk(now);
        let service = world.service("ldap", controller, Carried::Ldap);
        let held = ticket_for(&mut talk, world, Who::Account(account), service);
        if let (Some(held), Some(caller), Some(peer)) =
            (held, world.caller(account), peer(world, controller))
        {
            mapped(&mut talk, &caller, &peer);
            let drsuapi = (interface::DRSUAPI, "drsuapi");
            talk.calls_sealed(&caller, &peer, &held, drsuapi, &replicates(1, 5_000));
        }
        self.plan_in(now, 1_800.0, Due::Job(Job::Synchronise));
    }

    /// Every file server is read at night, and the directory.
    fn back_up(&mut self, now: EventTime) {
        let account = self.service_account("svc-backup");
        let servers = self.world.stations.servers.clone();
        let (mut talk, world) = self.talk(now);
        policy_of(&mut talk, world, Who::Account(account));
        for server in servers {
            talk.pause(20.0, 240.0);
            let service = world.service("cifs", server, Carried::Smb);
            uses(&mut talk, world, Who::Account(account), service);
        }
    }

    /// A scanner with an account of its own looks at twenty devices at a time.
    fn scan(&mut self, now: EventTime, from: usize) {
        let account = self.service_account("svc-scan");
        let (mut talk, world) = self.talk(now);
        let count = world.devices.len();
        for device in (from..count).take(20) {
            talk.pause(0.5, 4.0);
            let (Some(caller), Some(peer)) = (world.caller(account), peer(world, device)) else {
                continue;
            };
            let is_there = world.devices.get(device).is_some_and(|it| it.is_on);
            if !is_there {
                continue;
            }
            let works = talk.dice.chance(0.85);
            let (line, principal) = talk.opens_smb(&caller, &peer, Logon::Ntlm(works));
            if works {
                let host = peer.host.as_str();
                talk.opens_share(&line, &principal, &format!("\\\\{host}\\IPC$"));
                let asked = [
                    Call::new(15, "NetrShareEnum"),
                    Call::new(12, "NetrSessionEnum"),
                ];
                talk.calls(&line, &principal, host, Pipe::SRVSVC, &asked);
                let asked = [
                    Call::new(15, "ROpenSCManagerW"),
                    Call::new(14, "REnumServicesStatusW"),
                ];
                talk.calls(&line, &principal, host, Pipe::SVCCTL, &asked);
            }
        }
        if from + 20 < count {
            self.plan_in(now, 60.0, Due::Job(Job::Scan(from + 20)));
        }
    }

    /// Software distribution pushes its agent to a few new devices each day.
    fn deploy(&mut self, now: EventTime, done: usize) {
        let account = self.service_account("svc-deploy");
        let device = self.dice.below(self.world.devices.len());
        let fits = self
            .world
            .devices
            .get(device)
            .is_some_and(|it| it.is_on && it.make != Make::Controller && it.pool.is_some());
        if fits {
            let (mut talk, world) = self.talk(now);
            let service = world.service("cifs", device, Carried::Smb);
            let held = ticket_for(&mut talk, world, Who::Account(account), service);
            if let (Some(held), Some(caller), Some(peer)) =
                (held, world.caller(account), peer(world, device))
            {
                let (line, principal) = talk.opens_smb(&caller, &peer, Logon::Ticket(&held));
                let share = format!("\\\\{}\\ADMIN$", peer.host);
                talk.opens_share(&line, &principal, &share);
                let file = "ccmsetup\\ccmsetup.exe";
                talk.opens_file(&line, &principal, &share, file, true);
            }
            let path = "C:\\Windows\\ccmsetup\\ccmsetup.exe /runservice";
            let calls = [
                Call::new(15, "ROpenSCManagerW"),
                Call::new(12, "RCreateServiceW").of_service("ccmsetup", Some(path)),
                Call::new(19, "RStartServiceW").of_service("ccmsetup", None),
            ];
            through_pipe(&mut talk, world, account, device, Pipe::SVCCTL, &calls);
        }
        if done < self.world.devices.len() / 150 {
            let after = self.dice.wait(600.0);
            self.plan_in(now, after, Due::Job(Job::Deploy(done + 1)));
        }
    }

    /// Services of servers are asked for their state.
    fn monitor(&mut self, now: EventTime) {
        let account = self.service_account("svc-monitor");
        let servers = self.world.stations.servers.clone();
        let some: Vec<usize> = (0..8)
            .filter_map(|_| self.dice.of(&servers).copied())
            .collect();
        let (mut talk, world) = self.talk(now);
        for server in some {
            talk.pause(1.0, 20.0);
            let calls = [
                Call::new(15, "ROpenSCManagerW"),
                Call::new(14, "REnumServicesStatusW"),
            ];
            through_pipe(&mut talk, world, account, server, Pipe::SVCCTL, &calls);
        }
        self.plan_in(now, 900.0, Due::Job(Job::Monitor));
    }

    /// After updates everything that is on starts anew, some forty devices a minute.
    fn restart_some(&mut self, now: EventTime, from: usize) {
        let count = self.world.devices.len();
        for device in (from..count).take(40) {
            let Some(it) = self.world.devices.get(device).filter(|it| it.is_on) else {
                continue;
            };
            if it.make == Make::Controller || self.dice.chance(0.3) {
                continue;
            }
            let leases = it.pool.is_some() && self.dice.chance(0.1);
            if leases {
                self.world.renew_address(device, None);
            }
            self.world.restart(device, &mut self.dice);
            let (mut talk, world) = self.talk(now);
            // Not later: whatever else this device does would use tickets that it does not have yet.
            talk.pause(0.0, 1.0);
            policy_of(&mut talk, world, Who::Device(device));
        }
        if from + 40 < count {
            self.plan_in(now, 60.0, Due::Job(Job::Restart(from + 40)));
        }
    }

    /// Some people and their devices move from the old domain into the new one each morning.
    fn migrate(&mut self, _now: EventTime) {
        for account in 0..self.world.accounts.len() {
            let fits = self
                .world
                .accounts
                .get(account)
                .is_some_and(|it| it.domain == OLD);
            if !fits || !self.dice.chance(0.25) {
                continue;
            }
            let Some(it) = self.world.accounts.get_mut(account) else {
                continue;
            };
            it.domain = 0;
            it.wallet = Wallet::default();
            let home = it.home;
            if let Some(device) = self.world.devices.get_mut(home) {
                device.domain = 0;
                device.wallet = Wallet::default();
            }
        }
    }
}
