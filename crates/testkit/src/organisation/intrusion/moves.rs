//! Looking around and moving on: searches, questions, shares, services, tasks, WMI.

use super::super::air::Line;
use super::super::honest::peer;
use super::super::speech::{Call, Logon, Peer, Pipe, Software, Talk};
use super::super::world::World;
use super::{Intrusion, Kind};
use realmward_event::SessionPrincipal;
use realmward_event::rpc::Arguments;
use realmward_vocab::interface;

/// The administrative share of a server.
fn admin(there: &Peer) -> String {
    format!("\\\\{}\\ADMIN$", there.host)
}

impl Intrusion {
    /// The collector of a graph tool: the whole directory, and the sessions of many hosts.
    pub(super) fn collect(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let Some(controller) = self.controller(world) else {
            return;
        };
        let (Some(caller), Some(there)) = (
            self.speaks(world, self.victim, Software::Impacket),
            peer(world, controller),
        ) else {
            return;
        };
        let (line, principal) = talk.binds(&caller, &there, Logon::Ntlm(true));
        for filter in COLLECTED {
            let entries = u32::try_from(world.accounts.len()).unwrap_or(0);
            talk.searches(&line, &principal, BASE, filter, entries);
        }
        for server in world.stations.servers.clone().into_iter().take(30) {
            talk.pause(0.2, 2.0);
            if let Some(there) = peer(world, server) {
                let (line, principal) = talk.opens_smb(&caller, &there, Logon::Ntlm(true));
                let host = there.host.as_str();
                talk.opens_share(&line, &principal, &format!("\\\\{host}\\IPC$"));
                talk.calls(&line, &principal, host, Pipe::SRVSVC, &[sessions()]);
            }
        }
    }

    /// One search, for who administers.
    pub(super) fn search(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let Some(controller) = self.controller(world) else {
            return;
        };
        let held = self.own_ticket(talk, world, "ldap", controller);
        let (Some(held), Some(caller), Some(there)) = (
            held,
            self.speaks(world, self.victim, Software::Windows),
            peer(world, controller),
        ) else {
            return;
        };
        let (line, principal) = talk.binds(&caller, &there, Logon::Ticket(&held));
        let filter = "(&(objectCategory=group)(adminCount=1))";
        talk.searches(&line, &principal, BASE, filter, 14);
    }

    /// Some servers are asked who has a session.
    pub(super) fn ask_sessions(&mut self, talk: &mut Talk<'_>, world: &mut World, hosts: usize) {
        let files = world.stations.files.clone();
        for server in files.into_iter().take(hosts) {
            talk.pause(5.0, 60.0);
            let held = self.own_ticket(talk, world, "cifs", server);
            let (Some(held), Some(caller), Some(there)) = (
                held,
                self.speaks(world, self.victim, Software::Windows),
                peer(world, server),
            ) else {
                continue;
            };
            let (line, principal) = talk.opens_smb(&caller, &there, Logon::Ticket(&held));
            let host = there.host.as_str();
            talk.opens_share(&line, &principal, &format!("\\\\{host}\\IPC$"));
            talk.calls(&line, &principal, host, Pipe::SRVSVC, &[sessions()]);
        }
    }

    /// A stolen hash opens administrative shares of several servers.
    pub(super) fn pass_hash(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        for server in world.stations.servers.clone().into_iter().take(6) {
            talk.pause(1.0, 20.0);
            self.opens_admin(talk, world, server);
        }
    }

    /// A program is copied and run as a service on two servers.
    pub(super) fn ps_exec(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        for server in world.stations.servers.clone().into_iter().take(2) {
            talk.pause(10.0, 90.0);
            let Some((line, principal, there)) = self.opens_admin(talk, world, server) else {
                continue;
            };
            let host = there.host.as_str();
            let share = admin(&there);
            talk.opens_file(&line, &principal, &share, "uGYWTXRX.exe", true);
            let path = "%systemroot%\\uGYWTXRX.exe";
            let calls = [
                Call::new(15, "ROpenSCManagerW"),
                Call::new(12, "RCreateServiceW").of_service("UUlm", Some(path)),
                Call::new(19, "RStartServiceW").of_service("UUlm", None),
            ];
            talk.calls(&line, &principal, host, Pipe::SVCCTL, &calls);
        }
    }

    /// The stolen hash of the privileged account opens the administrative share of a server.
    fn opens_admin(
        &self,
        talk: &mut Talk<'_>,
        world: &World,
        server: usize,
    ) -> Option<(Line, SessionPrincipal, Peer)> {
        let caller = self.speaks(world, self.privileged, Software::Impacket)?;
        let there = peer(world, server)?;
        let (line, principal) = talk.opens_smb(&caller, &there, Logon::Ntlm(true));
        talk.opens_share(&line, &principal, &admin(&there));
        Some((line, principal, there))
    }

    /// A command through WMI.
    pub(super) fn wmi(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let calls = [Call {
            request_octets: 1_300,
            ..Call::new(24, "IWbemServices::ExecMethod")
        }];
        let interface = (interface::WBEM_SERVICES, "iwbemservices");
        self.runs(talk, world, "RPCSS", interface, &calls);
    }

    /// A scheduled task.
    pub(super) fn task(&mut self, talk: &mut Talk<'_>, world: &mut World) {
        let calls = [Call {
            request_octets: 2_300,
            arguments: Arguments::None,
            ..Call::new(1, "SchRpcRegisterTask")
        }];
        let interface = (interface::TASK_SCHEDULER, "itaskschedulerservice");
        self.runs(talk, world, "host", interface, &calls);
    }

    fn runs(
        &mut self,
        talk: &mut Talk<'_>,
        world: &mut World,
        class: &'static str,
        interface: (realmward_vocab::Guid, &'static str),
        calls: &[Call],
    ) {
        let Some(server) = world.stations.servers.get(self.victim % 3).copied() else {
            return;
        };
        let held = self.ticket(talk, world, Software::Windows, class, server);
        let (Some(held), Some(caller), Some(there)) = (
            held,
            self.speaks(world, self.privileged, Software::Windows),
            peer(world, server),
        ) else {
            return;
        };
        talk.calls_sealed(&caller, &there, &held, interface, calls);
    }

    /// `C$` of a server.
    pub(super) fn opens_drive(
        &mut self,
        talk: &mut Talk<'_>,
        world: &mut World,
        by: Software,
        server: usize,
    ) {
        let held = self.ticket(talk, world, by, "cifs", server);
        let (Some(held), Some(caller), Some(there)) = (
            held,
            self.speaks(world, self.privileged, by),
            peer(world, server),
        ) else {
            return;
        };
        let (line, principal) = talk.opens_smb(&caller, &there, Logon::Ticket(&held));
        talk.opens_share(&line, &principal, &format!("\\\\{}\\C$", there.host));
        if self.kind == Kind::Noisy {
            talk.hides(&line, &principal);
        }
    }
}

const fn sessions() -> Call {
    Call::new(12, "NetrSessionEnum")
}

/// Searches of the collector in the lab's capture.
const COLLECTED: &[&str] = &[
    "(|(samAccountType=805306368)(samAccountType=805306369)(objectClass=msDS-GroupManagedServiceAccount))",
    "(|(&(objectCategory=groupPolicyContainer)(flags=*))(objectCategory=organizationalUnit))",
    "(objectClass=domain)",
    "(objectClass=trustedDomain)",
];

const BASE: &str = "DC=corp,DC=example";
