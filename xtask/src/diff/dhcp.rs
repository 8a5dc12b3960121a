//! DHCP: leases asked for, given, refused and given back. Version 6 is told apart by its fields only.

use super::node::{Frame, Node};
use super::record::{Record, Said, frames_of, or_dash};
use super::table::{Class, Reader, Table, Whose};
use realmward_event::dhcp::LeaseStep;
use realmward_event::{Event, Fact};
use realmward_vocab::HostName;
use std::collections::HashMap;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "DHCP",
    protocols: &["dhcp", "dhcpv6"],
    about: "Leases by step, card, address, names and duration, of both versions. Discovery and offers are not told; a request with its answer is one message where both went between the same two addresses.",
    reader: || Box::<Dhcp>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Dhcp {
    /// Requests that may be told with their answer, by connection and transaction.
    waiting: HashMap<(String, String), Record>,
    said: Said,
}

impl Reader for Dhcp {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for message in &frame.protocols {
            let read = match message.name.as_str() {
                "dhcp" => four(message, frame.number),
                "dhcpv6" => six(message, frame.number),
                _ => None,
            };
            let Some((record, transaction, is_paired)) = read else {
                continue;
            };
            let key = (frame.stream.clone(), transaction);
            if record.kind == "requested" && is_paired {
                self.waiting.insert(key, record);
                continue;
            }
            let asked = match record.kind {
                "granted" | "refused" => self.waiting.remove(&key),
                _ => None,
            };
            let record = match asked {
                Some(asked) if asked.field("card") == record.field("card") => joined(asked, record),
                Some(asked) => {
                    self.said.tell(&frame.stream, asked, told);
                    record
                }
                None => record,
            };
            self.said.tell(&frame.stream, record, told);
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::AddressLeased(it) = &event.fact else {
            return;
        };
        let frames = frames_of(event);
        let kind = match it.step {
            LeaseStep::Requested => "requested",
            LeaseStep::Granted => "granted",
            LeaseStep::Refused => "refused",
            LeaseStep::Declined => "declined",
            LeaseStep::Released => "released",
            LeaseStep::Informed => "informed",
        };
        told.push(
            Record::new(kind, frames)
                .with("card", &it.hardware_address)
                .with("address", or_dash(it.address))
                .with("name", or_dash(it.host.as_ref().map(HostName::as_str)))
                .with(
                    "full name",
                    or_dash(it.full_name.as_ref().map(HostName::as_str)),
                )
                .with("lease", or_dash(it.lease_s))
                .with("server", or_dash(it.server))
                .with("class", or_dash(it.vendor_class.as_ref())),
        );
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        theirs.extend(std::mem::take(&mut self.waiting).into_values());
    }
}

/// What the client says of itself counts more than what the server says of it.
fn joined(asked: Record, mut answer: Record) -> Record {
    for (name, value) in &mut answer.fields {
        let before = asked.field(name).unwrap_or("-");
        let is_own = matches!(*name, "name" | "full name" | "class");
        if before != "-" && (is_own || *name == "address" && value == "-") {
            before.clone_into(value);
        }
    }
    answer.frames.extend(asked.frames);
    answer
}

/// A message of version 4, its transaction, and whether its answer comes the same way.
fn four(message: &Node, frame: u64) -> Option<(Record, String, bool)> {
    let kind = match message.shown("dhcp.option.dhcp")? {
        "3" => "requested",
        "4" => "declined",
        "5" => "granted",
        "6" => "refused",
        "7" => "released",
        "8" => "informed",
        _ => return None,
    };
    let some = |name| message.shown(name).filter(|it| *it != "0.0.0.0");
    let text = |name| {
        let text = message.shown(name).map(|it| it.trim_end_matches('.'));
        text.filter(|it| !it.is_empty())
    };
    let own = some("dhcp.ip.client");
    let address = match kind {
        "granted" => some("dhcp.ip.your").or(own),
        _ => some("dhcp.option.requested_ip_address").or(own),
    };
    let record = Record::new(kind, vec![frame])
        .with(
            "card",
            message.shown("dhcp.hw.mac_addr").unwrap_or_default(),
        )
        .with("address", or_dash(address))
        .with("name", or_dash(text("dhcp.option.hostname")))
        .with("full name", or_dash(text("dhcp.fqdn.name")))
        .with(
            "lease",
            or_dash(message.shown("dhcp.option.ip_address_lease_time")),
        )
        .with("server", or_dash(some("dhcp.option.dhcp_server_id")))
        .with("class", or_dash(text("dhcp.option.vendor_class_id")));
    let transaction = message.shown("dhcp.id")?.to_owned();
    let is_paired = own.is_some() || some("dhcp.ip.relay").is_some();
    Some((record, transaction, is_paired))
}

/// The same of version 6, in relays or without.
fn six(message: &Node, frame: u64) -> Option<(Record, String, bool)> {
    let kinds = message.all("dhcpv6.msgtype");
    let address = message.shown("dhcpv6.iaaddr.ip");
    let lease = message.shown("dhcpv6.iaaddr.valid_lifetime");
    let alive = address.filter(|_| lease != Some("0"));
    let refused = message.all("dhcpv6.status_code");
    let refused = refused.iter().any(|it| it.show != "0");
    let settles = message.find("dhcpv6.dns_server").is_some();
    let kind = match kinds.last()?.show.as_str() {
        "3" | "5" | "6" => "requested",
        "7" if alive.is_some() => "granted",
        "7" if refused => "refused",
        "7" if settles => "informed",
        "8" => "released",
        "9" => "declined",
        _ => return None,
    };
    let is_answer = kinds.last()?.show == "7";
    let full_name = message.shown("dhcpv6.client_domain");
    let record = Record::new(kind, vec![frame])
        .with_some("card", card(message))
        .with("address", or_dash(if is_answer { alive } else { address }))
        .with(
            "full name",
            or_dash(full_name.map(|it| it.trim_end_matches('.'))),
        )
        .with("lease", or_dash(lease.filter(|_| kind == "granted")));
    let transaction = message.shown("dhcpv6.xid")?.to_owned();
    Some((record, transaction, 1 < kinds.len()))
}

/// The card in the client's identifier.
fn card(message: &Node) -> Option<String> {
    let options = message.all("dhcpv6.option.type_str");
    let client = options
        .into_iter()
        .find(|it| it.shown("dhcpv6.option.type") == Some("1"))?;
    let card = client
        .shown("dhcpv6.duidllt.link_layer_addr")
        .or_else(|| client.shown("dhcpv6.duidll.link_layer_addr"));
    card.or_else(|| client.shown("dhcpv6.duid.bytes"))
        .map(str::to_owned)
}

const CLASSES: &[Class] = &[Class {
    name: "name in another step",
    whose: Whose::Theirs,
    why: "RFC 4704 has the full name of a client in few kinds of messages; tshark does not read it in the others, where clients send it all the same.",
    holds: |it, _| {
        it.field == Some("full name")
            && it.theirs_says("full name") == Some("-")
            && matches!(it.kind(), "released" | "declined" | "informed")
    },
}];
