//! The switch and the machines on it: namespaces that lead nowhere, made and taken away.

use super::host::{self, BRIDGE, FOLDER, HOSTS, Host, NETWORK, Role, SWITCH};
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
    on_switch(&format!("ip link add {BRIDGE} type bridge"))?;
    on_switch(&format!("ip link set {BRIDGE} up"))?;
    for host in HOSTS {
        plug(host)?;
        furnish(host)?;
    }
    Ok(())
}

/// A machine on the switch.
fn plug(host: &Host) -> Result<()> {
    let (name, space) = (host.name, host.namespace());
    let inside = |line: &str| run(&mut command(&format!("ip netns exec {space} {line}")));
    run(&mut command(&format!("ip netns add {space}")))?;
    run(&mut command(&format!(
        "ip link add v{name} netns {SWITCH} type veth peer name eth0 netns {space}"
    )))?;
    inside("ip link set lo up")?;
    inside("sysctl -qw net.ipv6.conf.all.disable_ipv6=1")?;
    inside(&format!(
        "ip link set eth0 address 52:54:00:77:00:{:02x}",
        host.number
    ))?;
    inside(&format!("ip addr add {}/24 dev eth0", host.address()))?;
    inside("ip link set eth0 up")?;
    on_switch(&format!("ip link set v{name} master {BRIDGE} up"))?;
    // With offloads a capture holds frames of 64 KiB and wrong checksums, which no mirror port shows.
    inside(&format!("ethtool -K eth0 {OFFLOADS}"))?;
    on_switch(&format!("ethtool -K v{name} {OFFLOADS}"))?;
    Ok(())
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
    let kdc = "[kdc]\n require-preauth = false\n";
    let end = if host.role == Role::DomainController {
        kdc
    } else {
        ""
    };
    write("krb5.conf", &(template("krb5.conf")? + end))?;
    let samba = match host.role {
        // `samba-tool domain provision` wants to find no such file.
        Role::DomainController => return Ok(()),
        Role::Member => template("member.smb.conf")?,
        Role::Client => template("client.smb.conf")?,
    };
    write(
        "samba/smb.conf",
        &samba.replace("@NAME@", &name.to_uppercase()),
    )
}

/// Stops everything that runs on the machines, by number, and takes the namespaces away.
pub(super) fn remove() -> Result<()> {
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
    let hosts = Path::new(FOLDER).join("hosts");
    if hosts.exists() {
        fs::remove_dir_all(&hosts).with_context(|| hosts.display().to_string())?;
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

const OFFLOADS: &str = "tx off rx off tso off gso off gro off";
