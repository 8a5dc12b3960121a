//! The machines of the lab: names, addresses, and how a program runs as one of them.

use super::shell;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the lab keeps everything: Samba needs paths that all of its processes can reach.
pub(super) const FOLDER: &str = "/var/lib/realmward-lab";

/// The namespace of the switch, whose bridge is the mirror port.
pub(super) const SWITCH: &str = "rwlab-sw";

/// The bridge in it.
pub(super) const BRIDGE: &str = "br0";

/// The bridge behind the router, which is not mirrored.
pub(super) const BRIDGE_BEHIND: &str = "br1";

/// What a machine is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    DomainController,
    Member,
    Client,
    /// Translates the addresses of the network behind it into its own.
    Router,
    /// A client behind the router.
    Behind,
}

/// A machine: a network namespace, and files of its own where programs look for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host {
    pub(super) name: &'static str,
    /// The last octet of its address.
    pub(super) number: u8,
    pub(super) role: Role,
}

/// All machines.
pub(super) const HOSTS: &[Host] = &[
    Host::new("dc1", 10, Role::DomainController),
    Host::new("dc2", 11, Role::DomainController),
    Host::new("ws1", 21, Role::Member),
    Host::new("ws2", 22, Role::Member),
    Host::new("pc1", 101, Role::Client),
    Host::new("pc2", 102, Role::Client),
    Host::new("pc3", 103, Role::Client),
    Host::new("pc4", 104, Role::Client),
    Host::new("pc5", 105, Role::Client),
    Host::new("pc6", 106, Role::Client),
    Host::new("pc7", 107, Role::Client),
    Host::new("pc8", 108, Role::Client),
    Host::new("pc9", 109, Role::Client),
    Host::new("pc10", 110, Role::Client),
    Host::new("pc11", 111, Role::Client),
    Host::new("pc12", 112, Role::Client),
    Host::new("atk", 66, Role::Client),
    Host::new("nat", ROUTER, Role::Router),
    Host::new("home1", 11, Role::Behind),
    Host::new("home2", 12, Role::Behind),
];

impl Host {
    const fn new(name: &'static str, number: u8, role: Role) -> Self {
        Self { name, number, role }
    }

    /// The machine of this name.
    pub(super) fn named(name: &str) -> Result<Self> {
        let found = HOSTS.iter().find(|it| it.name == name);
        found
            .copied()
            .with_context(|| format!("no machine is called {name}"))
    }

    pub(super) fn address(&self) -> String {
        let network = if self.role == Role::Behind {
            NETWORK_BEHIND
        } else {
            NETWORK
        };
        format!("{network}.{}", self.number)
    }

    /// The address by which the domain, and so the mirror port, knows it.
    pub(super) fn address_seen(&self) -> String {
        if self.role == Role::Behind {
            format!("{NETWORK}.{ROUTER}")
        } else {
            self.address()
        }
    }

    pub(super) fn namespace(&self) -> String {
        format!("rwlab-{}", self.name)
    }

    pub(super) fn folder(&self) -> PathBuf {
        Path::new(FOLDER).join("hosts").join(self.name)
    }

    /// A program that sees the world as this machine does.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(), "unshare", "-m", "-u"]);
        command.arg(files().join("hosts/inside.sh"));
        command.arg(self.folder()).arg(self.name).arg(program);
        command.env("LAB", FOLDER).env("LAB_FILES", files());
        command.env("ADMIN_PASSWORD", super::domain::ADMIN_PASSWORD);
        for machine in HOSTS {
            command.env(machine.name.to_uppercase(), machine.address());
        }
        command
    }

    /// Runs a line of a shell on it.
    pub(super) fn shell(&self, line: &str) -> Result<String> {
        shell::run(self.command("bash").args(["-c", line]))
    }

    /// Starts a program that stays, in a session of its own, with its output in a file.
    pub(super) fn start(&self, line: &str) -> Result<()> {
        let name = line.split_whitespace().next().unwrap_or_default();
        let path = self.folder().join(format!("{name}.log"));
        let log = std::fs::File::create(&path).with_context(|| path.display().to_string())?;
        let mut command = self.command("setsid");
        command.args(["--fork", "bash", "-c", &format!("exec {line}")]);
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        command.status().with_context(|| line.to_owned())?;
        Ok(())
    }
}

/// What comes before every script of a scenario.
pub(super) fn library() -> Result<String> {
    let path = files().join("lib.sh");
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// The files of the lab in the repository.
pub(super) fn files() -> PathBuf {
    crate::tree::root().join("fixtures/lab")
}

/// Addresses of nobody: the namespaces have no way out.
pub(super) const NETWORK: &str = "10.77.0";

/// Addresses behind the router: the mirror port never sees them.
pub(super) const NETWORK_BEHIND: &str = "192.168.77";

/// The last octet of the router, on both sides.
pub(super) const ROUTER: u8 = 5;
