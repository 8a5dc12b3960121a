//! Protocols, seen from outside.

#[cfg(test)]
mod conversation;
#[cfg(test)]
mod dhcp;
#[cfg(test)]
mod dns;
#[cfg(test)]
mod http;
#[cfg(test)]
mod kerberos;
#[cfg(test)]
mod ldap;
#[cfg(test)]
mod local_name;
#[cfg(test)]
mod nmf;
#[cfg(test)]
mod radius;
#[cfg(test)]
mod rdp;
#[cfg(test)]
mod regressions;
#[cfg(test)]
mod rpc;
#[cfg(test)]
mod smb;
#[cfg(test)]
mod tds;
#[cfg(test)]
mod tls;
