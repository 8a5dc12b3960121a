//! User and capabilities.

use caps::{CapSet, Capability, CapsHashSet};
use nix::sys::prctl::set_no_new_privs;
use nix::unistd::{Gid, Uid, User, geteuid, setgid, setgroups, setuid};
use std::io;

/// Becomes `user` for good, if we are root, and never gains anything again.
pub(super) fn become_user(user: Option<&str>) -> io::Result<()> {
    if let Some(name) = user
        && geteuid().is_root()
    {
        // Some systems say that there is no such file.
        let found = User::from_name(name).ok().flatten();
        let found = found.ok_or_else(|| io::Error::other(format!("there is no user {name}")))?;
        turn_into(found.uid, found.gid)?;
    }
    set_no_new_privs()?;
    Ok(())
}

fn turn_into(user: Uid, group: Gid) -> io::Result<()> {
    // In this order: without root the others are not allowed any more.
    setgroups(&[group])?;
    setgid(group)?;
    setuid(user)?;
    if !user.is_root() && setuid(Uid::from_raw(0)).is_ok() {
        return Err(io::Error::other("privileges could be gained back"));
    }
    Ok(())
}

/// Root without capabilities is a user like others who owns root's files.
pub(super) fn drop_capabilities(files_of_others: bool) -> Result<(), String> {
    let kept: CapsHashSet = if files_of_others {
        [Capability::CAP_DAC_OVERRIDE].into()
    } else {
        CapsHashSet::new()
    };
    // In this order: what is permitted bounds what is effective.
    let nothing = CapsHashSet::new();
    for (set, kept) in [
        (CapSet::Effective, &kept),
        (CapSet::Permitted, &kept),
        (CapSet::Inheritable, &nothing),
    ] {
        let had = caps::read(None, set).map_err(|error| error.to_string())?;
        let left: CapsHashSet = had.intersection(kept).copied().collect();
        if left != had {
            caps::set(None, set, &left).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}
