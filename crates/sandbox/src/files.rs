//! Files and ports: Landlock (landlock(7)).

use crate::Reach;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetStatus, Scope, path_beneath_rules,
};

/// Leaves only what is to be reached.
pub(super) fn confine(reach: &Reach) -> Result<(), String> {
    let status = restrict(reach).map_err(|error| error.to_string())?;
    match status {
        RulesetStatus::FullyEnforced => Ok(()),
        RulesetStatus::PartiallyEnforced => {
            Err("this kernel knows files, but not all of files, ports and signals".to_owned())
        }
        RulesetStatus::NotEnforced => Err("this kernel has none, or it is not enabled".to_owned()),
    }
}

fn restrict(reach: &Reach) -> Result<RulesetStatus, landlock::RulesetError> {
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let write = AccessFs::from_all(KNOWN) & !BitFlags::from(AccessFs::Execute);
    let ports = if reach.network {
        AccessNet::BindTcp.into()
    } else {
        AccessNet::from_all(KNOWN)
    };
    // Paths that are not there are left out by the library, and are then out of reach.
    let created = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(ports)?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(&reach.read, read))?
        .add_rules(path_beneath_rules(PROCESS, read))?
        .add_rules(path_beneath_rules(&reach.write, write))?;
    let created = if reach.network {
        created.add_rules(path_beneath_rules(NAMES, read))?
    } else {
        created
    };
    Ok(created.restrict_self()?.ruleset)
}

/// What we know to ask for. Newer kernels do the same, older ones what they can.
const KNOWN: ABI = ABI::V6;

/// What a process asks of itself.
const PROCESS: [&str; 3] = ["/proc/self", "/sys/devices/system/cpu", "/dev/null"];

/// What it takes to find the address of a name: files and libraries of the resolver.
const NAMES: [&str; 9] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/ld.so.cache",
    "/run/systemd/resolve",
    "/usr/lib",
    "/lib",
];
