//! The domain: provisioned, filled, joined by members and by a second domain controller.

use super::host::{self, Host};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// From empty machines to a domain in which everybody can log on.
pub(super) fn build() -> Result<()> {
    provision()?;
    for member in ["ws1", "ws2"] {
        join_member(&Host::named(member)?)?;
    }
    join_controller(&Host::named("dc2")?)
}

fn provision() -> Result<()> {
    let dc1 = Host::named("dc1")?;
    eprintln!("lab: provisioning the domain");
    dc1.shell(&format!(
        "samba-tool domain provision --realm={REALM} --domain={DOMAIN} --adminpass='{ADMIN_PASSWORD}' \
         --server-role=dc --dns-backend=SAMBA_INTERNAL --use-rfc2307 --host-ip={} --host-name=dc1 \
         --option='interfaces=lo eth0' --option='bind interfaces only=yes'",
        dc1.address()
    ))?;
    configure(&dc1)?;
    let populate = host::files().join("hosts/populate.py");
    dc1.shell(&format!("/usr/bin/python3 {}", populate.display()))?;
    // Tools that forge tickets write key version 2, so krbtgt has its second key.
    dc1.shell("samba-tool user setpassword krbtgt --random-password")?;
    serve(&dc1)
}

/// A member server, joined and serving.
fn join_member(member: &Host) -> Result<()> {
    eprintln!("lab: joining {}", member.name);
    member.shell(&format!("net ads join -U 'Administrator%{ADMIN_PASSWORD}'"))?;
    member.shell(
        "mkdir -p -m 1777 /var/lib/samba/public /var/lib/samba/admin && \
         echo of the lab > /var/lib/samba/public/readme.txt",
    )?;
    member.start("winbindd -F --no-process-group")?;
    until(member, "wbinfo -p")?;
    member.start("smbd -F --no-process-group")?;
    until(member, "bash -c 'exec 3<>/dev/tcp/127.0.0.1/445'")
}

/// The second domain controller.
fn join_controller(controller: &Host) -> Result<()> {
    eprintln!("lab: joining {} as a domain controller", controller.name);
    controller.shell(&format!(
        "samba-tool domain join lab.example DC -U 'Administrator%{ADMIN_PASSWORD}' \
         --dns-backend=SAMBA_INTERNAL --option='interfaces=lo eth0' \
         --option='bind interfaces only=yes'"
    ))?;
    configure(controller)?;
    serve(controller)
}

/// The settings of a domain controller, in place of those that `samba-tool` wrote.
fn configure(controller: &Host) -> Result<()> {
    let template = fs::read_to_string(host::files().join("hosts/dc.smb.conf"))?;
    let path = controller.folder().join("etc/samba/smb.conf");
    let text = template.replace("@NAME@", &controller.name.to_uppercase());
    fs::write(&path, text).with_context(|| path.display().to_string())
}

fn serve(controller: &Host) -> Result<()> {
    controller.start("samba -F --no-process-group")?;
    for port in [88, 389, 445, 135] {
        let address = controller.address();
        until(
            controller,
            &format!("bash -c 'exec 3<>/dev/tcp/{address}/{port}'"),
        )?;
    }
    Ok(())
}

/// Waits until this succeeds on the machine.
fn until(host: &Host, line: &str) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match host.shell(line) {
            Ok(_) => return Ok(()),
            Err(error) if end < Instant::now() => {
                bail!("{} is not ready after {PATIENCE:?}: {error:#}", host.name)
            }
            Err(_) => thread::sleep(Duration::from_millis(200)),
        }
    }
}

const REALM: &str = "LAB.EXAMPLE";
const DOMAIN: &str = "LAB";

/// Of a domain that exists for minutes, in namespaces without a way out.
pub(super) const ADMIN_PASSWORD: &str = "Adm1n-Lab-77!";

const PATIENCE: Duration = Duration::from_secs(60);
