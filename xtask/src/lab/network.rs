//! The switch and the machines on it: namespaces that lead nowhere, made and taken away.

use super::host::{
    self, BRIDGE, BRIDGE_BEHIND, FOLDER, HOSTS, Host, NETWORK, NETWORK_BEHIND, ROUTER, Role, SWITCH,
};
use super::shell::{command, run};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Whether the namespaces are there.
pub(super) fn is_up() -> Result<bool> {
    let names = namespaces()?;
    Ok(names.iter().any(|it| it == SWITCH))
}

/// Makes the switch and all machines, with the files that programs on them look at.
pub(super) fn build() -> Result<()> {
    run(&mut command(&format!("ip netns add {SWITCH}")))?;
    on_switch("ip link set lo up")?;
    for bridge in [BRIDGE, BRIDGE_BEHIND] {
        on_switch(&format!("ip link add {bridge} type bridge"))?;
        on_switch(&format!("ip link set {bridge} up"))?;
    }
    for host in HOSTS {
        let space = host.namespace();
        run(&mut command(&format!("ip netns add {space}")))?;
        within(host, "ip link set lo up")?;
        within(host, "sysctl -qw net.ipv6.conf.all.disable_ipv6=1")?;
        let behind = host.role == Role::Behind;
        let bridge = if behind { BRIDGE_BEHIND } else { BRIDGE };
        plug(host, "eth0", &host.address(), bridge)?;
        furnish(host)?;
        match host.role {
            Role::Router => route(host)?,
            Role::Behind => {
                let line = format!("ip route add default via {NETWORK_BEHIND}.{ROUTER}");
                within(host, &line)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A network card of a machine, in a bridge of the switch.
fn plug(host: &Host, card: &str, address: &str, bridge: &str) -> Result<()> {
    let (space, port) = (host.namespace(), format!("{}-{card}", host.name));
    run(&mut command(&format!(
        "ip link add {port} netns {SWITCH} type veth peer name {card} netns {space}"
    )))?;
    let side = if bridge == BRIDGE { "00" } else { "01" };
    within(
        host,
        &format!(
            "ip link set {card} address 52:54:00:77:{side}:{:02x}",
            host.number
        ),
    )?;
    within(host, &format!("ip addr add {address}/24 dev {card}"))?;
    within(host, &format!("ip link set {card} up"))?;
    on_switch(&format!("ip link set {port} master {bridge} up"))?;
    // With offloads a capture holds frames of 64 KiB and wrong checksums, which no mirror port shows.
    within(host, &format!("ethtool -K {card} {OFFLOADS}"))?;
    on_switch(&format!("ethtool -K {port} {OFFLOADS}"))?;
    Ok(())
}

/// Makes a machine a router that hides what is behind it.
fn route(host: &Host) -> Result<()> {
    let address = format!("{NETWORK_BEHIND}.{ROUTER}");
    plug(host, "eth1", &address, BRIDGE_BEHIND)?;
    within(host, "sysctl -qw net.ipv4.ip_forward=1")?;
    for rule in [
        "add table ip nat",
        "add chain ip nat post { type nat hook postrouting priority srcnat; }",
        "add rule ip nat post oifname eth0 masquerade",
    ] {
        within(host, &format!("nft {rule}"))?;
    }
    Ok(())
}

fn within(host: &Host, line: &str) -> Result<String> {
    run(&mut command(&format!(
        "ip netns exec {} {line}",
        host.namespace()
    )))
}

/// The folders and files of a machine.
fn furnish(host: &Host) -> Result<()> {
    let folder = host.folder();
    for part in [
        "lib/samba/private",
        "cache/samba",
        "run/samba",
        "log/samba",
        "etc/samba",
        "home",
    ] {
        fs::create_dir_all(folder.join(part)).with_context(|| part.to_owned())?;
    }
    private(&folder.join("lib/samba/private"))?;
    let template = |name: &str| fs::read_to_string(host::files().join("hosts").join(name));
    let write = |name: &str, text: &str| {
        let path = folder.join("etc").join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())
    };
    let name = host.name;
    write(
        "resolv.conf",
        &format!("search lab.example\nnameserver {NETWORK}.10\n"),
    )?;
    write(
        "hosts",
        &format!(
            "127.0.0.1 localhost\n{} {name}.lab.example {name}\n",
            host.address()
        ),
    )?;
    write("nsswitch.conf", &template("nsswitch.conf")?)?;
    write("krb5.keytab", "")?;
    let kerberos =
        template("krb5.conf")?.replace("@HOME@", &folder.join("home").display().to_string());
    let kdc = "[kdc]\n require-preauth = false\n";
    let end = if host.role == Role::DomainController {
        kdc
    } else {
        ""
    };
    write("krb5.conf", &(kerberos + end))?;
    let samba = match host.role {
        // `samba-tool domain provision` wants to find no such file.
        Role::DomainController => return Ok(()),
        Role::Member => template("member.smb.conf")?,
        Role::Client | Role::Router | Role::Behind => template("client.smb.conf")?,
    };
    write(
        "samba/smb.conf",
        &samba.replace("@NAME@", &name.to_uppercase()),
    )
}

/// Takes the domain away, with all that its machines kept.
pub(super) fn remove() -> Result<()> {
    stop()?;
    let hosts = Path::new(FOLDER).join("hosts");
    if hosts.exists() {
        fs::remove_dir_all(&hosts).with_context(|| hosts.display().to_string())?;
    }
    Ok(())
}

/// Stops everything that runs on the machines, by number, and takes the namespaces away.
pub(super) fn stop() -> Result<()> {
    let spaces = namespaces()?;
    signal(&spaces, "TERM")?;
    for _ in 0..50 {
        if running(&spaces)?.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    signal(&spaces, "KILL")?;
    for space in &spaces {
        run(&mut command(&format!("ip netns del {space}")))?;
    }
    Ok(())
}

/// Ends what scenarios have left running on the machines; the machines' own services stay.
pub(super) fn sweep() -> Result<()> {
    for pid in running(&namespaces()?)? {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        if environment
            .split(|it| *it == 0)
            .any(|it| it.starts_with(SCENARIO_MARK.as_bytes()))
        {
            let _ = run(&mut command(&format!("kill -KILL {pid}")));
        }
    }
    Ok(())
}

/// Runs a program at the switch.
pub(super) fn on_switch(line: &str) -> Result<String> {
    run(&mut command(&format!("ip netns exec {SWITCH} {line}")))
}

/// The namespaces of the lab that are there.
fn namespaces() -> Result<Vec<String>> {
    let list = run(&mut command("ip netns list"))?;
    let ours = |it: &&str| *it == SWITCH || HOSTS.iter().any(|host| host.namespace() == **it);
    let names = list
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(ours).map(str::to_owned).collect())
}

fn running(spaces: &[String]) -> Result<Vec<String>> {
    let mut pids = Vec::new();
    for space in spaces {
        let list = run(&mut command(&format!("ip netns pids {space}")))?;
        pids.extend(list.lines().map(str::to_owned));
    }
    Ok(pids)
}

fn signal(spaces: &[String], name: &str) -> Result<()> {
    for pid in running(spaces)? {
        // It may have ended by itself meanwhile.
        let _ = run(&mut command(&format!("kill -{name} {pid}")));
    }
    Ok(())
}

fn private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    Ok(())
}

/// The variable in the environment of all that a scenario starts.
pub(super) const SCENARIO_MARK: &str = "LAB_SCENARIO";

const OFFLOADS: &str = "tx off rx off tso off gso off gro off";
