//! What the system says of an interface.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

/// A network interface of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its number.
    pub index: u32,
    /// What its frames begin with.
    pub kind: LinkKind,
    /// Whether it is up.
    pub up: bool,
    /// Whether it takes frames for others.
    pub promiscuous: bool,
}

/// What frames begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Ethernet.
    Ethernet,
    /// The loopback, which shows every frame twice: as sent and as received.
    Loopback,
    /// IP without anything before it, like tunnels.
    Ip,
    /// Something else, by its `ARPHRD_` number.
    Other(u16),
}

impl Interface {
    /// The interface of that name.
    ///
    /// # Errors
    ///
    /// When there is none, or the system does not tell.
    pub fn named(name: &str) -> io::Result<Self> {
        let all = Self::names()?;
        if !all.iter().any(|it| it == name) {
            return Err(io::Error::new(
                ErrorKind::NotFound,
                format!("no interface {name}; there are: {}", all.join(", ")),
            ));
        }
        let read = |field: &str| fs::read_to_string(folder().join(name).join(field));
        let kind = match read("type")?.trim().parse().unwrap_or(u16::MAX) {
            libc::ARPHRD_ETHER => LinkKind::Ethernet,
            libc::ARPHRD_LOOPBACK => LinkKind::Loopback,
            libc::ARPHRD_NONE | RAW_IP => LinkKind::Ip,
            other => LinkKind::Other(other),
        };
        let flags = read("flags")?;
        let flags = flags.trim().trim_start_matches("0x");
        let flags = i32::from_str_radix(flags, 16).unwrap_or_default();
        Ok(Self {
            name: name.to_owned(),
            index: read("ifindex")?.trim().parse().map_err(io::Error::other)?,
            kind,
            up: flags & libc::IFF_UP != 0,
            promiscuous: flags & libc::IFF_PROMISC != 0,
        })
    }

    /// The names of all interfaces.
    ///
    /// # Errors
    ///
    /// When the system does not tell.
    pub fn names() -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder())? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }
}

fn folder() -> PathBuf {
    PathBuf::from("/sys/class/net")
}

/// `ARPHRD_RAWIP`.
const RAW_IP: u16 = 519;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_is_known_and_others_are_named_when_one_is_missing() {
        let loopback = Interface::named("lo").unwrap();
        assert_eq!(loopback.kind, LinkKind::Loopback);
        for name in ["no-such", "", "../net/lo", "lo/"] {
            let fault = Interface::named(name).unwrap_err().to_string();
            assert!(
                fault.contains("there are:") && fault.contains("lo"),
                "{fault}"
            );
        }
    }
}
