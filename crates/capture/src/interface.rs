//! What the system says of an interface.

use std::fs;
use std::io::{self, ErrorKind};
use std::mem::zeroed;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd as _;

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
        let asked = Asked::new(name)?;
        let kind = match asked.kind()? {
            libc::ARPHRD_ETHER => LinkKind::Ethernet,
            libc::ARPHRD_LOOPBACK => LinkKind::Loopback,
            libc::ARPHRD_NONE | RAW_IP => LinkKind::Ip,
            other => LinkKind::Other(other),
        };
        let flags = i32::from(asked.flags()?);
        Ok(Self {
            name: name.to_owned(),
            index: asked.index()?,
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
        let table = fs::read_to_string("/proc/self/net/dev")?;
        let names = table.lines().filter_map(|line| line.split_once(':'));
        let mut names: Vec<String> = names.map(|(name, _)| name.trim().to_owned()).collect();
        names.sort();
        Ok(names)
    }
}

/// Asks the kernel and not `/sys`, which may be that of another network namespace.
struct Asked {
    socket: UdpSocket,
    name: [libc::c_char; libc::IFNAMSIZ],
}

impl Asked {
    fn new(name: &str) -> io::Result<Self> {
        let mut field = [0; libc::IFNAMSIZ];
        for (slot, octet) in field.iter_mut().zip(name.bytes()) {
            *slot = libc::c_char::from_ne_bytes([octet]);
        }
        Ok(Self {
            // Any socket will do.
            socket: UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?,
            name: field,
        })
    }

    fn ask(&self, question: libc::Ioctl) -> io::Result<libc::ifreq> {
        // SAFETY: for this plain structure all zeros are a value.
        let mut request: libc::ifreq = unsafe { zeroed() };
        request.ifr_name = self.name;
        let raw = self.socket.as_raw_fd();
        // SAFETY: for these questions the kernel reads and writes one `ifreq`, which outlives the call.
        let done = unsafe { libc::ioctl(raw, question, &raw mut request) };
        if done < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(request)
    }

    fn kind(&self) -> io::Result<u16> {
        let answer = self.ask(libc::SIOCGIFHWADDR)?;
        // SAFETY: this is the member that the question fills.
        Ok(unsafe { answer.ifr_ifru.ifru_hwaddr }.sa_family)
    }

    fn flags(&self) -> io::Result<i16> {
        let answer = self.ask(libc::SIOCGIFFLAGS)?;
        // SAFETY: this is the member that the question fills.
        Ok(unsafe { answer.ifr_ifru.ifru_flags })
    }

    fn index(&self) -> io::Result<u32> {
        let answer = self.ask(libc::SIOCGIFINDEX)?;
        // SAFETY: this is the member that the question fills.
        let index = unsafe { answer.ifr_ifru.ifru_ifindex };
        u32::try_from(index).map_err(io::Error::other)
    }
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
