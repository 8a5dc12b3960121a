//! Clock, disk and capabilities.

use super::Finding;
use std::fs;
use std::path::Path;

/// Whether the kernel says that something keeps the clock right.
pub(super) fn clock() -> Finding {
    let marks = [
        "/run/systemd/timesync/synchronized",
        "/run/chrony/chronyd.pid",
        "/run/ntpd.pid",
    ];
    if marks.iter().any(|it| Path::new(it).exists()) {
        return Finding::ok("clock", "a time service keeps it");
    }
    Finding::warn(
        "clock",
        "no time service was found; where the clock is wrong, so are the times of alerts",
        "apt-get install chrony, or: timedatectl set-ntp true (in a virtual machine the host may do it)",
    )
}

/// Whether the spool has room.
pub(super) fn disk(state: &Path) -> Finding {
    let existing = state.ancestors().find(|it| it.exists());
    let room = existing.and_then(|it| nix::sys::statvfs::statvfs(it).ok());
    let Some(room) = room else {
        return Finding::fail(
            "disk",
            format!("{} cannot be looked at", state.display()),
            format!("mkdir -p -m 700 {}", state.display()),
        );
    };
    let free_mib = room.blocks_available().saturating_mul(room.fragment_size()) >> 20;
    let seen = format!("{free_mib} MiB free for {}", state.display());
    let mend = "make room, name another folder (--state) or a smaller spool (--spool-mib)";
    match free_mib {
        0..FREE_MIB_MIN => Finding::fail("disk", seen, mend),
        FREE_MIB_MIN..FREE_MIB_GOOD => Finding::warn("disk", seen, mend),
        _ => Finding::ok("disk", seen),
    }
}

/// Whether this process may open an interface.
#[cfg(target_os = "linux")]
pub(super) fn capabilities() -> Finding {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    if has_net_raw(&status) {
        return Finding::ok("capabilities", "CAP_NET_RAW is held");
    }
    Finding::fail(
        "capabilities",
        "CAP_NET_RAW is missing, so no interface can be opened",
        "run as the service does (systemctl start realmward-sensor), with sudo, or: \
         setcap cap_net_raw+ep /usr/bin/realmward-sensor",
    )
}

/// Bit 13 of the effective set in the text of `/proc/self/status`.
pub(super) fn has_net_raw(status: &str) -> bool {
    let line = status.lines().find_map(|it| it.strip_prefix("CapEff:"));
    line.and_then(|it| u64::from_str_radix(it.trim(), 16).ok())
        .is_some_and(|set| set >> 13 & 1 == 1)
}

/// The spool of its default size.
const FREE_MIB_GOOD: u64 = 1024;
const FREE_MIB_MIN: u64 = 64;
