//! The names that an event gives to addresses, and who vouches for them.

use crate::{Certainty, stacks};
use realmward_event::dhcp::LeaseStep;
use realmward_event::dns::NameResolved;
use realmward_event::kerberos::{TicketGrantRequested, TicketGranted};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Event, Fact, Outcome};
use realmward_vocab::HostName;
use std::net::IpAddr;

/// A name of an address.
pub(super) struct Naming {
    pub(super) address: IpAddr,
    pub(super) name: HostName,
    pub(super) certainty: Certainty,
    /// Whether the device gave the name of itself and a KDC accepted the logon with it.
    pub(super) accepted: bool,
    /// Whether somebody in the middle may have passed it on from another device.
    pub(super) relayed: bool,
}

/// The names that an event gives.
pub(super) fn names(event: &Event) -> Vec<Naming> {
    let mut names = Vec::new();
    match &event.fact {
        Fact::TicketGrantRequested(it) => asked(event, it, &mut names),
        Fact::TicketGranted(it) => granted(event, it, &mut names),
        Fact::DirectoryServerSeen(it) => {
            let host = it.host.clone();
            push(&mut names, event.server.address, host, Certainty::High);
        }
        Fact::NtlmAuthenticated(it) => authenticated(event, it, &mut names),
        Fact::NameResolved(it) => resolved(it, &mut names),
        Fact::AddressLeased(it) if it.step == LeaseStep::Granted => {
            let host = it.full_name.clone().or_else(|| it.host.clone());
            push(&mut names, it.address, host, Certainty::Low);
        }
        _ => {}
    }
    names.retain(|it| !it.name.is_empty() && !it.address.is_loopback());
    names
}

/// An AS-REQ is not proven yet. A tool that speaks for a machine is not that machine.
fn asked(event: &Event, it: &TicketGrantRequested, names: &mut Vec<Naming>) {
    if stacks::of_as(it).stack.is_attack_tool() {
        return;
    }
    let of_account = || machine(it.client.as_ref()?.as_str());
    let name = it.shape.netbios_address.clone().or_else(of_account);
    push(names, event.client.address, name, Certainty::Medium);
}

/// An AS-REP proves the account: a machine's own, or one whose client told its NetBIOS name.
fn granted(event: &Event, it: &TicketGranted, names: &mut Vec<Naming>) {
    let request = it.request.as_deref();
    if request.is_some_and(|it| stacks::of_as(it).stack.is_attack_tool()) {
        return;
    }
    let told = request.and_then(|it| it.shape.netbios_address.clone());
    let Some(name) = machine(it.client.as_str()).or(told) else {
        return;
    };
    if let Some(address) = event.client.address {
        names.push(Naming {
            address,
            name,
            certainty: Certainty::High,
            accepted: true,
            relayed: false,
        });
    }
}

/// The server names itself in its challenge; the client may write any workstation. A relay passes
/// on the challenge of one host and the answer of another, so this is no proof, and none at all where
/// the client meant a host of another name.
fn authenticated(event: &Event, it: &NtlmAuthenticated, names: &mut Vec<Naming>) {
    let server = it.server_name.clone();
    if server.as_ref().is_some_and(|name| is_meant(it, name)) {
        push(names, event.server.address, server, Certainty::Medium);
    }
    let workstation = it.workstation.as_str().trim_start_matches('\\');
    if it.outcome == Outcome::Success && workstation != "NULL" {
        let name = Some(HostName::new(workstation));
        push(names, event.client.address, name, Certainty::Low);
    }
    names.iter_mut().for_each(|it| it.relayed = true);
}

/// Whether the client may mean this server by the name it typed: `cifs/ws1.lab.example`.
fn is_meant(it: &NtlmAuthenticated, server: &HostName) -> bool {
    let typed = it
        .target_name
        .as_deref()
        .and_then(|name| name.split_once('/'))
        .map(|(_, host)| HostName::new(host));
    typed.is_none_or(|host| {
        let is_address = host.as_str().parse::<IpAddr>().is_ok();
        is_address || host.short().folded() == server.short().folded()
    })
}

/// A name with several addresses is a domain's or a service's more often than a host's.
fn resolved(it: &NameResolved, names: &mut Vec<Naming>) {
    match (it.query_type, it.addresses.as_slice()) {
        (TYPE_A | TYPE_AAAA, [address])
            if is_private(*address) && !it.name.as_str().starts_with('_') =>
        {
            push(names, Some(*address), Some(it.name.clone()), Certainty::Low);
        }
        (TYPE_PTR, _) => {
            let address = reverse(it.name.as_str()).filter(|it| is_private(*it));
            push(names, address, it.names.first().cloned(), Certainty::Low);
        }
        _ => {}
    }
}

fn push(
    names: &mut Vec<Naming>,
    address: Option<IpAddr>,
    name: Option<HostName>,
    certainty: Certainty,
) {
    if let (Some(address), Some(name)) = (address, name) {
        names.push(Naming {
            address: address.to_canonical(),
            name,
            certainty,
            accepted: false,
            relayed: false,
        });
    }
}

/// `DC1$` -> `DC1`; people have no host.
fn machine(client: &str) -> Option<HostName> {
    let name = client.split('@').next()?.strip_suffix('$')?;
    Some(HostName::new(name))
}

/// `10.0.77.10.in-addr.arpa` -> 10.77.0.10.
fn reverse(name: &str) -> Option<IpAddr> {
    let digits = name.to_ascii_lowercase();
    let octets: Vec<&str> = digits
        .strip_suffix(".in-addr.arpa")?
        .split('.')
        .rev()
        .collect();
    octets.join(".").parse().ok()
}

/// Names of the whole internet would fill the memory and tell nothing.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => it.is_private() || it.is_link_local(),
        IpAddr::V6(it) => it.is_unique_local() || it.is_unicast_link_local(),
    }
}

const TYPE_A: u16 = 1;
const TYPE_PTR: u16 = 12;
const TYPE_AAAA: u16 = 28;
