//! DNS: what a name server answered of addresses, services, aliases and names of addresses.

use super::node::{Frame, Node};
use super::record::{Record, frames_of};
use super::table::{Class, Reader, Table, Whose};
use realmward_event::{Event, Fact};
use std::collections::{HashMap, VecDeque};

/// The table.
pub(super) const TABLE: Table = Table {
    name: "DNS",
    protocols: &["dns"],
    about: "Answers that teach a name: question, code, and what the answer section names. Answers that teach none are not facts, and are not compared.",
    reader: || Box::<Dns>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Dns {
    /// The last answers of each conversation: the sensor tells an answer again only after others, or
    /// after a while.
    told: HashMap<String, VecDeque<Fields>>,
}

type Fields = Vec<(&'static str, String)>;

impl Reader for Dns {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for message in frame.protocols.iter().filter(|it| it.name == "dns") {
            let Some(record) = theirs(message, frame.number) else {
                continue;
            };
            let before = self.told.entry(frame.stream.clone()).or_default();
            if before.contains(&record.fields) {
                told.push(record.repeated());
                continue;
            }
            if TOLD <= before.len() {
                before.pop_front();
            }
            before.push_back(record.fields.clone());
            told.push(record);
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::NameResolved(it) = &event.fact else {
            return;
        };
        let frames = frames_of(event);
        let addresses = it.addresses.iter().map(ToString::to_string);
        let names = it.names.iter().map(|it| it.as_str().to_owned());
        let record = Record::new("answer", frames)
            .with("name", it.name.as_str().to_ascii_lowercase())
            .with("type", it.query_type)
            .with("code", it.response_code);
        told.push(named(record, addresses.collect(), names.collect()));
    }
}

fn theirs(message: &Node, frame: u64) -> Option<Record> {
    let flags = message.child("dns.flags")?.number()?;
    let question = message.find("dns.qry.name")?;
    let kind = message.find("dns.qry.type")?.number()?;
    let answers = message.children.iter().find(|it| it.show == "Answers")?;
    let (mut addresses, mut names) = (Vec::new(), Vec::new());
    answers.walk(&mut |it| {
        match it.name.as_str() {
            "dns.a" | "dns.aaaa" => addresses.push(it.show.clone()),
            "dns.ptr.domain_name" | "dns.srv.target" | "dns.cname" => names.push(it.show.clone()),
            _ => {}
        }
        true
    });
    // Transfers and other operations have a table of their own.
    if matches!(kind, 251 | 252) || flags >> 11 & 0xf != 0 {
        return None;
    }
    if flags & RESPONSE == 0 || addresses.is_empty() && names.is_empty() {
        return None;
    }
    let record = Record::new("answer", vec![frame])
        .with(
            "name",
            question.show.trim_end_matches('.').to_ascii_lowercase(),
        )
        .with("type", kind)
        .with("code", flags & 0xf);
    Some(named(record, addresses, names))
}

/// With what was named, in order, each once; the sensor keeps [`KEPT`] of each.
fn named(record: Record, addresses: Vec<String>, names: Vec<String>) -> Record {
    let once = |items: Vec<String>| {
        let mut kept: Vec<String> = Vec::new();
        for item in items {
            let item = item.to_ascii_lowercase();
            if kept.len() < KEPT && !kept.contains(&item) {
                kept.push(item);
            }
        }
        kept.join(" ")
    };
    record
        .with("addresses", once(addresses))
        .with("names", once(names))
}

const RESPONSE: u64 = 0x8000;

const KEPT: usize = 16;

/// As many answers of a conversation the sensor remembers.
const TOLD: usize = 8;

const CLASSES: &[Class] = &[Class {
    name: "name without end",
    whose: Whose::Policy,
    why: "Pointers that loop, or a name longer than a name may be: tshark writes that down as a name, we tell the rest or nothing.",
    holds: |it, _| {
        it.theirs_says("names")
            .is_some_and(|it| it.contains("<name too long>"))
    },
}];
