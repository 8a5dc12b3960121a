//! LDAP and CLDAP: binds and searches with their answers, paired by connection and `messageID`.

mod filter;

use super::node::{Frame, Node};
use super::record::{Record, frames_of};
use super::table::{Class, Reader, Table, Whose};
use realmward_event::{Event, Fact};
use std::collections::HashMap;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "LDAP",
    protocols: &["ldap", "cldap"],
    about: "Binds, the rounds of one as one, and searches: base, scope, filter, attributes, controls, entries that came back, result. Changes with object, attributes and controls; comparisons and extended operations with their results.",
    reader: || Box::<Ldap>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Ldap {
    /// Binds and searches that wait, by connection and `messageID`; entries so far.
    waiting: HashMap<(String, String), (Record, u64)>,
    /// The bind of a connection that is under way.
    bind: HashMap<String, Record>,
}

impl Reader for Ldap {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for protocol in &frame.protocols {
            if matches!(protocol.name.as_str(), "ldap" | "cldap") {
                for message in protocol.all("ldap.LDAPMessage_element") {
                    self.message(message, frame, told);
                }
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let frames = frames_of(event);
        let result = |it: Option<i64>| it.map_or("-".to_owned(), |it| it.to_string());
        told.push(match &event.fact {
            Fact::DirectoryBound(it) => Record::new("bind", frames)
                .with("mechanism", &it.mechanism)
                .with("result", result(it.result.map(|it| i64::from(it.0)))),
            Fact::DirectoryChanged(it) => Record::new("change", frames)
                .with("object", &it.object)
                .with(
                    "attributes",
                    names(it.changes.iter().map(|it| it.attribute.as_str())),
                )
                .with(
                    "controls",
                    names(it.controls.iter().map(|it| it.kind.as_str())),
                )
                .with("result", result(it.result.map(|it| i64::from(it.0)))),
            Fact::DirectoryExtended(it) => Record::new("extended", frames)
                .with("name", &it.operation)
                .with("result", result(it.result.map(|it| i64::from(it.0)))),
            Fact::DirectorySearched(it) if it.is_comparison => Record::new("comparison", frames)
                .with("object", &it.base)
                .with("result", result(it.result.map(|it| i64::from(it.0)))),
            Fact::DirectorySearched(it) => Record::new("search", frames)
                .with("base", &it.base)
                .with("scope", it.scope)
                .with("filter", filter::ours(&it.filter))
                .with("attributes", it.attributes.join(" "))
                .with(
                    "controls",
                    names(it.controls.iter().map(|it| it.kind.as_str())),
                )
                .with("entries", it.entries)
                .with("result", result(it.result.map(|it| i64::from(it.0)))),
            _ => return,
        });
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        for (record, entries) in std::mem::take(&mut self.waiting).into_values() {
            theirs.push(done(record, entries, "-"));
        }
        let binds = std::mem::take(&mut self.bind);
        theirs.extend(binds.into_values().map(|it| it.with("result", "-")));
    }
}

impl Ldap {
    fn message(&mut self, message: &Node, frame: &Frame, told: &mut Vec<Record>) {
        let id = message
            .shown("ldap.messageID")
            .unwrap_or_default()
            .to_owned();
        let key = (frame.stream.clone(), id);
        let Some(operation) = message
            .child("ldap.protocolOp")
            .and_then(|it| it.children.first())
        else {
            return;
        };
        let result = operation.shown("ldap.resultCode").unwrap_or("-");
        match operation.name.as_str() {
            "ldap.bindRequest_element" => {
                let begun = self.bind.remove(&frame.stream);
                let record = bind(operation, frame.number);
                let record = match begun {
                    // A second round goes on with the first.
                    Some(begun) if begun.field("mechanism") == record.field("mechanism") => {
                        let mut frames = begun.frames;
                        frames.push(frame.number);
                        Record { frames, ..record }
                    }
                    Some(begun) => {
                        told.push(begun.with("result", "-"));
                        record
                    }
                    None => record,
                };
                self.bind.insert(frame.stream.clone(), record);
            }
            "ldap.bindResponse_element" => {
                if result != IN_PROGRESS
                    && let Some(mut record) = self.bind.remove(&frame.stream)
                {
                    record.frames.push(frame.number);
                    told.push(record.with("result", result));
                }
            }
            "ldap.searchRequest_element" => {
                let record = search(operation, frame.number).with("controls", controls(message));
                if let Some((before, entries)) = self.waiting.insert(key, (record, 0)) {
                    told.push(done(before, entries, "-"));
                }
            }
            "ldap.searchResEntry_element" => {
                if let Some((record, entries)) = self.waiting.get_mut(&key) {
                    *entries += 1;
                    record
                        .frames
                        .extend([frame.number].iter().filter(|_| *entries == 1));
                }
            }
            "ldap.searchResDone_element" => {
                if let Some((mut record, entries)) = self.waiting.remove(&key) {
                    record.frames.push(frame.number);
                    told.push(done(record, entries, result));
                }
            }
            _ => self.other(key, message, operation, frame, told),
        }
    }

    /// A change, a comparison, an extended operation, or the answer to one.
    fn other(
        &mut self,
        key: (String, String),
        message: &Node,
        operation: &Node,
        frame: &Frame,
        told: &mut Vec<Record>,
    ) {
        let name = operation.name.as_str();
        if REQUESTS.contains(&name) {
            let record = other(operation, frame.number);
            let record = match record.kind {
                "change" => record.with("controls", controls(message)),
                _ => record,
            };
            if let Some((before, _)) = self.waiting.insert(key, (record, 0)) {
                told.push(before.with("result", "-"));
            }
        } else if ANSWERS.contains(&name)
            && let Some((mut record, _)) = self.waiting.remove(&key)
        {
            record.frames.push(frame.number);
            let result = operation.shown("ldap.resultCode").unwrap_or("-");
            told.push(record.with("result", result));
        }
    }
}

fn bind(operation: &Node, frame: u64) -> Record {
    let mechanism = operation.shown("ldap.mechanism");
    let simple = operation.find("ldap.simple").map(|_| "simple");
    let mechanism = mechanism.or(simple).unwrap_or("sicily");
    Record::new("bind", vec![frame]).with("mechanism", mechanism)
}

fn search(operation: &Node, frame: u64) -> Record {
    let filter = operation.find("ldap.filter").and_then(filter::theirs);
    let attributes = operation.all("ldap.AttributeDescription");
    let attributes: Vec<&str> = attributes
        .iter()
        .map(|it| it.show.as_str())
        .take(ATTRIBUTES_KEPT)
        .collect();
    let shown = |name| operation.shown(name).unwrap_or_default();
    Record::new("search", vec![frame])
        .with("base", shown("ldap.baseObject"))
        .with("scope", shown("ldap.scope"))
        .with_some("filter", filter)
        .with("attributes", attributes.join(" "))
}

/// A request that is neither a bind nor a search.
fn other(operation: &Node, frame: u64) -> Record {
    let shown = |name| operation.shown(name).unwrap_or_default();
    let types = operation.all("ldap.type");
    let change = |object: &str| {
        Record::new("change", vec![frame])
            .with("object", object)
            .with("attributes", names(types.iter().map(|it| it.show.as_str())))
    };
    match operation.name.as_str() {
        "ldap.extendedReq_element" => {
            Record::new("extended", vec![frame]).with("name", shown("ldap.requestName"))
        }
        "ldap.compareRequest_element" => {
            Record::new("comparison", vec![frame]).with("object", shown("ldap.entry"))
        }
        "ldap.modifyRequest_element" => change(shown("ldap.object")),
        "ldap.delRequest" => change(&operation.show),
        _ => change(shown("ldap.entry")),
    }
}

/// The types of a message's controls.
fn controls(message: &Node) -> String {
    let found = message.child("ldap.controls");
    let found = found.map(|it| it.all("ldap.controlType"));
    let found = found.unwrap_or_default();
    let kinds = found.iter().take(CONTROLS_KEPT);
    names(kinds.map(|it| it.show.as_str()))
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.take(ATTRIBUTES_KEPT).collect();
    all.join(" ")
}

fn done(record: Record, entries: u64, result: &str) -> Record {
    if record.kind != "search" {
        return record.with("result", result);
    }
    record.with("entries", entries).with("result", result)
}

const REQUESTS: [&str; 6] = [
    "ldap.modifyRequest_element",
    "ldap.addRequest_element",
    "ldap.delRequest",
    "ldap.modDNRequest_element",
    "ldap.compareRequest_element",
    "ldap.extendedReq_element",
];

const ANSWERS: [&str; 6] = [
    "ldap.modifyResponse_element",
    "ldap.addResponse_element",
    "ldap.delResponse_element",
    "ldap.modDNResponse_element",
    "ldap.compareResponse_element",
    "ldap.extendedResp_element",
];

/// `saslBindInProgress`.
const IN_PROGRESS: &str = "14";

const ATTRIBUTES_KEPT: usize = 64;

const CONTROLS_KEPT: usize = 8;

const CLASSES: &[Class] = &[
    Class {
        name: "filter cut at the bound",
        whose: Whose::Policy,
        why: "Of a filter the sensor keeps 1,024 octets of text.",
        holds: |it, _| {
            it.field == Some("filter") && it.ours_says("filter").is_some_and(|it| 1_000 < it.len())
        },
    },
    Class {
        name: "steps of Sicily",
        whose: Whose::Policy,
        why: "A Sicily bind takes three steps, each answered with success; the sensor tells the last one as the bind.",
        holds: |it, _| {
            it.kind() == "bind"
                && (it.theirs_says("mechanism") == Some("sicily")
                    || it.ours_says("mechanism") == Some("sicily"))
        },
    },
    Class {
        name: "tshark loses its place",
        whose: Whose::Theirs,
        why: "In a long burst of entries tshark takes a segment for a broken message, and reads nothing after it.",
        holds: |it, of| {
            matches!(it.field, Some("entries" | "result"))
                && it.theirs_says("result") == Some("-")
                && of.is_malformed_within(it)
        },
    },
];
