//! Names asked of the whole network: NBNS, LLMNR and mDNS.

use super::node::{Frame, Node};
use super::record::{Record, Said, frames_of};
use super::table::{Class, Reader, Table, Whose};
use realmward_event::local_name::{LocalName, NameService};
use realmward_event::{Event, Fact};

/// The table.
pub(super) const TABLE: Table = Table {
    name: "Local names",
    protocols: &["nbns", "llmnr", "mdns"],
    about: "NBNS, LLMNR and mDNS: names asked for, names answered with their addresses, and NetBIOS names claimed and given up. Of mDNS only addresses of hosts are told. A message that says what was said before in its conversation need not be told again.",
    reader: || Box::<Names>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Names {
    said: Said,
}

impl Reader for Names {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        let mut found = Vec::new();
        for message in &frame.protocols {
            match message.name.as_str() {
                "nbns" => found.extend(netbios(message, frame.number)),
                "llmnr" | "mdns" => multicast(message, frame.number, &mut found),
                _ => {}
            }
        }
        for record in found {
            self.said.tell(&frame.stream, record, told);
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let frames = frames_of(event);
        told.push(match &event.fact {
            Fact::LocalNameAsked(it) => Record::new("question", frames)
                .with("service", word(it.service))
                .with("names", joined(it.names.iter().map(ours))),
            Fact::LocalNameAnswered(it) => Record::new("answer", frames)
                .with("service", word(it.service))
                .with("name", ours(&it.name))
                .with(
                    "addresses",
                    joined(it.addresses.iter().map(ToString::to_string)),
                ),
            Fact::NetbiosNameClaimed(it) => Record::new("claim", frames)
                .with("name", suffixed(it.name.as_str(), it.suffix))
                .with("group", it.is_group)
                .with_some("address", it.address),
            _ => return,
        });
    }
}

fn word(service: NameService) -> &'static str {
    match service {
        NameService::Netbios => "nbns",
        NameService::Llmnr => "llmnr",
        NameService::Mdns => "mdns",
    }
}

fn ours(it: &LocalName) -> String {
    let name = it.name.as_str();
    let name = match it.suffix {
        Some(suffix) => suffixed(name, suffix),
        None => name.to_lowercase(),
    };
    format!("{name} {}", it.query_type)
}

/// As tshark writes a NetBIOS name.
fn suffixed(name: &str, suffix: u8) -> String {
    let mut text = String::new();
    for character in name.chars() {
        match character {
            '\0'..' ' => text += &format!("<{:02x}>", u32::from(character)),
            _ => text.push(character),
        }
    }
    format!("{text}<{suffix:02x}>").to_lowercase()
}

fn joined(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    items.join(" ")
}

/// The name that tshark writes, without what it makes of its suffix.
fn name(node: &Node) -> String {
    let text = node.show.as_str();
    let end = text.find("> (").map_or(text.len(), |it| it + 1);
    let text = text.get(..end).unwrap_or(text).to_lowercase();
    // Zeros at the end are filling, as spaces are.
    match text.rsplit_once('<') {
        Some((name, suffix)) => format!("{}<{suffix}", name.trim_end_matches("<00>")),
        None => text,
    }
}

fn netbios(message: &Node, frame: u64) -> Option<Record> {
    let flags = message.shown("nbns.flags").and_then(super::node::number)?;
    let (is_response, operation) = (flags & 0x8000 != 0, flags >> 11 & 0xf);
    let named = message.find("nbns.name").map(name)?;
    let kind = message.shown("nbns.type").unwrap_or_default();
    let addresses = message.all("nbns.addr");
    let addresses = addresses.iter().map(|it| it.show.clone());
    match (operation, is_response) {
        (0, false) => Some(
            Record::new("question", vec![frame])
                .with("service", "nbns")
                .with("names", format!("{named} {kind}")),
        ),
        (0, true) if flags & 0xf == 0 => Some(
            Record::new("answer", vec![frame])
                .with("service", "nbns")
                .with("name", format!("{named} {kind}"))
                .with("addresses", joined(addresses.take(KEPT))),
        ),
        (5 | 6 | 8 | 9 | 15, false) => {
            let flags = message.find("nbns.nb_flags").and_then(Node::number)?;
            Some(
                Record::new("claim", vec![frame])
                    .with("name", named)
                    .with("group", flags & 0x8000 != 0)
                    .with_some("address", message.shown("nbns.addr")),
            )
        }
        _ => None,
    }
}

fn multicast(message: &Node, frame: u64, told: &mut Vec<Record>) {
    let service = if message.name == "mdns" {
        "mdns"
    } else {
        "llmnr"
    };
    let flags = message.shown("dns.flags").and_then(super::node::number);
    let Some(flags) = flags else { return };
    let is_told = |kind: &str| service == "llmnr" || matches!(kind, "1" | "28");
    let parts = |show: &str| {
        let part = message.children.iter().find(|it| it.show == show);
        part.map(|it| &it.children[..]).unwrap_or_default()
    };
    if flags & 0x8000 == 0 {
        let is_claim = message.shown("dns.count.auth_rr") != Some("0");
        let names = parts("Queries").iter().filter_map(|it| {
            let kind = it.shown("dns.qry.type")?;
            let name = it.shown("dns.qry.name")?.to_lowercase();
            is_told(kind).then(|| format!("{name} {kind}"))
        });
        let names = joined(names.take(NAMES_KEPT));
        if !names.is_empty() && !is_claim && flags >> 11 & 0xf == 0 {
            told.push(
                Record::new("question", vec![frame])
                    .with("service", service)
                    .with("names", names),
            );
        }
        return;
    }
    let mut answers: Vec<(String, Vec<String>)> = Vec::new();
    for record in parts("Answers") {
        let kind = record.shown("dns.resp.type").unwrap_or_default();
        let owner = record.shown("dns.resp.name").unwrap_or_default();
        if !is_told(kind) {
            continue;
        }
        let name = format!("{} {kind}", owner.to_lowercase());
        let address = record.shown("dns.a").or_else(|| record.shown("dns.aaaa"));
        let address = address.map(str::to_owned);
        if let Some(answer) = answers.iter_mut().find(|it| it.0 == name) {
            answer.1.extend(address);
        } else if answers.len() < NAMES_KEPT {
            answers.push((name, address.into_iter().collect()));
        }
    }
    told.extend(answers.into_iter().map(|(name, addresses)| {
        Record::new("answer", vec![frame])
            .with("service", service)
            .with("name", name)
            .with("addresses", joined(addresses.into_iter().take(KEPT)))
    }));
}

/// As the facts promise.
const NAMES_KEPT: usize = 8;
const KEPT: usize = 16;

const CLASSES: &[Class] = &[Class {
    name: "LLMNR over TCP",
    whose: Whose::Ours,
    why: "LLMNR is asked over TCP only where an answer was cut, so it is rare; it is not read yet.",
    holds: |it, of| {
        it.ours.is_none() && it.theirs_says("service") == Some("llmnr") && of.has_prefix(it, "tcp ")
    },
}];
