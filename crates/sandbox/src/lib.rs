//! What a process that reads hostile octets gives up before it begins.
//!
//! Four things, in this order: its user, its capabilities, the files and ports it has no business with
//! (Landlock), and the system calls it never makes (seccomp). All for good, for this process and all it
//! would start; and it can start nothing. To be called once what needs more is open, and before the
//! first thread: a thread that runs already keeps its files.
//!
//! Where the kernel lacks a part, the others are done all the same, and [`Confinement`] says in words
//! what is missing: whoever shows it must not hide that.
//!
//! Linux only: elsewhere nothing is given up, and told so.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod privilege;

use std::fmt;
use std::io;
use std::path::PathBuf;

/// What a process still has to reach.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Whom to become, if we are root.
    pub user: Option<String>,
    /// Files, and folders with all below, that are read.
    pub read: Vec<PathBuf>,
    /// Folders in which files are made, written and deleted.
    pub write: Vec<PathBuf>,
    /// Whether connections are made; none is waited for that was not waited for before.
    pub network: bool,
    /// Whether root stays able to read what belongs to others.
    pub files_of_others: bool,
}

/// What was given up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// Files and ports, and why not, if not.
    pub files: Option<String>,
    /// System calls, and why not, if not.
    pub calls: Option<String>,
    /// Capabilities, and why not, if not.
    pub capabilities: Option<String>,
}

impl Confinement {
    /// Whether all was given up.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.files.is_none() && self.calls.is_none() && self.capabilities.is_none()
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_whole() {
            return out.write_str("whole");
        }
        let parts = [
            ("Landlock", &self.files),
            ("seccomp", &self.calls),
            ("capabilities", &self.capabilities),
        ];
        let missing = parts
            .iter()
            .filter_map(|(name, why)| Some((name, why.as_ref()?)));
        for (place, (name, why)) in missing.enumerate() {
            let separator = if place == 0 { "without " } else { "; without " };
            write!(out, "{separator}{name}: {why}")?;
        }
        Ok(())
    }
}

/// Gives up all but `reach`.
///
/// # Errors
///
/// When there is no such user or it cannot be become; then the process should end.
#[cfg(target_os = "linux")]
pub fn confine(reach: &Reach) -> io::Result<Confinement> {
    privilege::become_user(reach.user.as_deref())?;
    Ok(Confinement {
        capabilities: privilege::drop_capabilities(reach.files_of_others).err(),
        files: files::confine(reach).err(),
        calls: calls::confine(reach.network).err(),
    })
}

/// Gives up nothing: there is no way to on this system.
///
/// # Errors
///
/// Never.
#[cfg(not(target_os = "linux"))]
pub fn confine(_: &Reach) -> io::Result<Confinement> {
    Ok(Confinement {
        files: Some("this is not Linux".to_owned()),
        ..Confinement::default()
    })
}

#[cfg(test)]
mod tests;
