//! Giving up what is not needed once the rings are open.

use nix::sys::prctl::set_no_new_privs;
use nix::unistd::{Gid, Uid, User, geteuid, setgid, setgroups, setuid};
use std::io;

/// Becomes `user` for good, if we are root, and never gains anything again. Rings that are open stay
/// open. Without a user only the latter.
///
/// # Errors
///
/// When there is no such user or the system refuses; then this process should end.
pub fn drop_privileges(user: Option<&str>) -> io::Result<()> {
    if let Some(name) = user
        && geteuid().is_root()
    {
        let found = User::from_name(name)?
            .ok_or_else(|| io::Error::other(format!("there is no user {name}")))?;
        become_user(found.uid, found.gid)?;
    }
    set_no_new_privs()?;
    Ok(())
}

fn become_user(user: Uid, group: Gid) -> io::Result<()> {
    // In this order: without root the others are not allowed any more.
    setgroups(&[group])?;
    setgid(group)?;
    setuid(user)?;
    if !user.is_root() && setuid(Uid::from_raw(0)).is_ok() {
        return Err(io::Error::other("privileges could be gained back"));
    }
    Ok(())
}
