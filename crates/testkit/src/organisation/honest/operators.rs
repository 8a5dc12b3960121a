//! People who administer, and people who help.

use super::super::simulation::{Due, Simulation};
use super::super::speech::{Call, Logon, Pipe, Talk};
use super::super::world::{Carried, Make, World};
use super::access::{Who, peer, ticket_for};
use realmward_event::rpc::Arguments;
use realmward_vocab::{EventTime, interface};

impl Simulation {
    /// An administrator does something to a server with the second account, from a jump host or from
    /// the own desk.
    pub(in super::super) fn administer(&mut self, now: EventTime, account: usize) {
        let owner = self
            .world
            .accounts
            .iter()
            .find(|it| it.second == Some(account));
        let Some((desk, leaves)) = owner.map(|it| (it.device, it.leaves)) else {
            return;
        };
        if leaves <= now {
            return;
        }
        let jumps = self.world.stations.jumps.clone();
        let usual = jumps.get(account % jumps.len().max(1)).copied();
        let device = if self.dice.chance(0.75) {
            usual.unwrap_or(desk)
        } else {
            desk
        };
        if let Some(it) = self.world.accounts.get_mut(account)
            && it.device != device
        {
            it.device = device;
            it.wallet = super::super::holdings::Wallet::default();
        }
        let servers = self.world.stations.servers.clone();
        let place = self.dice.favourite(servers.len());
        if let Some(server) = servers
            .get((place + account) % servers.len().max(1))
            .copied()
        {
            let (mut talk, world) = self.talk(now);
            task(&mut talk, world, account, server);
        }
        let after = self.dice.wait(4_000.0);
        self.plan_in(now, after.max(30.0), Due::Administer(account));
    }

    /// A password is reset, or somebody's computer is looked at.
    pub(super) fn help(&mut self, now: EventTime, account: usize) {
        let device = if self.dice.chance(0.12) {
            self.dice.below(self.world.devices.len())
        } else {
            let controllers = self.world.domains.first().map(|it| it.controllers.clone());
            controllers
                .and_then(|it| it.first().copied())
                .unwrap_or_default()
        };
        let Some(it) = self.world.devices.get(device).filter(|it| it.is_on) else {
            return;
        };
        let (pipe, calls) = if it.make == Make::Controller {
            let calls = [
                Call::new(64, "SamrConnect5"),
                Call::new(7, "SamrOpenDomain"),
                Call::new(17, "SamrLookupNamesInDomain"),
                Call::new(34, "SamrOpenUser"),
                Call {
                    request_octets: 600,
                    ..Call::new(58, "SamrSetInformationUser2")
                },
            ];
            (Pipe::SAMR, calls.to_vec())
        } else {
            (Pipe::WKSSVC, vec![Call::new(2, "NetrWkstaUserEnum")])
        };
        let (mut talk, world) = self.talk(now);
        through_pipe(&mut talk, world, account, device, pipe, &calls);
    }
}

/// Calls through a pipe of a server, with a ticket for its file service.
pub(super) fn through_pipe(
    talk: &mut Talk<'_>,
    world: &mut World,
    account: usize,
    device: usize,
    pipe: Pipe,
    calls: &[Call],
) {
    let service = world.service("cifs", device, Carried::Smb);
    let held = ticket_for(talk, world, Who::Account(account), service);
    let (Some(held), Some(caller), Some(peer)) = (held, world.caller(account), peer(world, device))
    else {
        return;
    };
    let (line, principal) = talk.opens_smb(&caller, &peer, Logon::Ticket(&held));
    let host = peer.host.as_str();
    talk.opens_share(&line, &principal, &format!("\\\\{host}\\IPC$"));
    talk.calls(&line, &principal, host, pipe, calls);
}

/// What an administrator does to a server, the usual often and the rest seldom.
fn task(talk: &mut Talk<'_>, world: &mut World, account: usize, server: usize) {
    match talk.dice.unit() {
        it if it < 0.50 => opens_drive(talk, world, account, server, None),
        it if it < 0.80 => restarts_service(talk, world, account, server),
        it if it < 0.86 => registers_task(talk, world, account, server),
        it if it < 0.92 => calls_wmi(talk, world, account, server),
        it if it < 0.94 => installs_agent(talk, world, account, server),
        it if it < 0.95 => {
            let calls = [
                Call::new(2, "OpenLocalMachine"),
                Call::new(15, "BaseRegOpenKey"),
            ];
            through_pipe(talk, world, account, server, Pipe::WINREG, &calls);
        }
        it if it < 0.97 => {
            let calls = [
                Call::new(12, "NetrSessionEnum"),
                Call::new(9, "NetrFileEnum"),
            ];
            through_pipe(talk, world, account, server, Pipe::SRVSVC, &calls);
        }
        _ => opens_drive(talk, world, account, server, Some("scripts\\cleanup.ps1")),
    }
}

/// `C$` is opened and read, or something written to it.
fn opens_drive(
    talk: &mut Talk<'_>,
    world: &mut World,
    account: usize,
    server: usize,
    written: Option<&str>,
) {
    let service = world.service("cifs", server, Carried::Smb);
    let held = ticket_for(talk, world, Who::Account(account), service);
    let (Some(held), Some(caller), Some(peer)) = (held, world.caller(account), peer(world, server))
    else {
        return;
    };
    let (line, principal) = talk.opens_smb(&caller, &peer, Logon::Ticket(&held));
    let share = format!("\\\\{}\\C$", peer.host);
    talk.opens_share(&line, &principal, &share);
    let name = written.unwrap_or("inetpub\\logs\\u_ex.log");
    talk.opens_file(&line, &principal, &share, name, written.is_some());
}

fn restarts_service(talk: &mut Talk<'_>, world: &mut World, account: usize, server: usize) {
    let name = ["Spooler", "W3SVC", "MSSQLSERVER"]
        .get(server % 3)
        .copied()
        .unwrap_or("W3SVC");
    let calls = [
        Call::new(15, "ROpenSCManagerW"),
        Call::new(16, "ROpenServiceW").of_service(name, None),
        Call::new(1, "RControlService"),
        Call::new(19, "RStartServiceW").of_service(name, None),
    ];
    through_pipe(talk, world, account, server, Pipe::SVCCTL, &calls);
}

fn registers_task(talk: &mut Talk<'_>, world: &mut World, account: usize, server: usize) {
    let calls = [Call {
        request_octets: 2_400,
        arguments: Arguments::Task {
            path: "\\Nightly report".to_owned(),
            command: None,
        },
        ..Call::new(1, "SchRpcRegisterTask")
    }];
    through_pipe(talk, world, account, server, Pipe::TASKS, &calls);
}

fn calls_wmi(talk: &mut Talk<'_>, world: &mut World, account: usize, server: usize) {
    let service = world.service("RPCSS", server, Carried::Unread);
    let held = ticket_for(talk, world, Who::Account(account), service);
    let (Some(held), Some(caller), Some(peer)) = (held, world.caller(account), peer(world, server))
    else {
        return;
    };
    let calls = [Call {
        request_octets: 1_200,
        ..Call::new(24, "IWbemServices::ExecMethod")
    }];
    let interface = (interface::WBEM_SERVICES, "iwbemservices");
    talk.calls_sealed(&caller, &peer, &held, interface, &calls);
}

fn installs_agent(talk: &mut Talk<'_>, world: &mut World, account: usize, server: usize) {
    opens_drive(
        talk,
        world,
        account,
        server,
        Some("Program Files\\Agent\\agent.exe"),
    );
    let path = "C:\\Program Files\\Agent\\agent.exe";
    let calls = [
        Call::new(15, "ROpenSCManagerW"),
        Call::new(12, "RCreateServiceW").of_service("Agent", Some(path)),
        Call::new(19, "RStartServiceW").of_service("Agent", None),
    ];
    through_pipe(talk, world, account, server, Pipe::SVCCTL, &calls);
}
