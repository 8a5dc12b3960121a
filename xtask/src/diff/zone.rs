//! DNS beyond answers: zones changed (RFC 2136) and given away (RFC 5936).

use super::node::{Frame, Node};
use super::record::{Record, frames_of, or_dash};
use super::table::{Reader, Table};
use realmward_event::dns::RecordChanged;
use realmward_event::{Event, Fact};
use std::collections::HashMap;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "DNS zones",
    protocols: &["dns"],
    about: "Updates with what they add and delete, and transfers with the number of records, each with the code of the answer.",
    reader: || Box::<Zones>::default(),
    classes: &[],
};

#[derive(Default)]
struct Zones {
    /// What waits for its answer, by connection and identifier; records so far.
    waiting: HashMap<(String, String), (Record, Transfer)>,
}

/// How far a transfer is.
#[derive(Default)]
struct Transfer {
    records: usize,
    is_incremental: bool,
    serial: Option<String>,
    code: Option<u64>,
}

impl Reader for Zones {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for message in frame.protocols.iter().filter(|it| it.name == "dns") {
            let flags = message.child("dns.flags").and_then(Node::number);
            let Some(flags) = flags else { continue };
            let id = message.shown("dns.id").unwrap_or_default().to_owned();
            let key = (frame.stream.clone(), id);
            let kind = message.shown("dns.qry.type");
            match (flags >> 11 & 0xf, flags & 0x8000 != 0) {
                (5, false) => {
                    let update = (update(message, frame.number), Transfer::default());
                    let fields = update.0.fields.clone();
                    // Asked again, it is one question.
                    let before = self.waiting.insert(key, update);
                    let before = before.filter(|it| it.0.fields != fields);
                    told.extend(before.map(done));
                }
                (0, false) if matches!(kind, Some("251" | "252")) => {
                    let zone = message.shown("dns.qry.name").unwrap_or_default();
                    let record = Record::new("transfer", vec![frame.number])
                        .with("zone", zone.to_lowercase())
                        .with("incremental", kind == Some("251"));
                    let transfer = Transfer {
                        is_incremental: kind == Some("251"),
                        ..Transfer::default()
                    };
                    told.extend(self.waiting.insert(key, (record, transfer)).map(done));
                }
                (_, true) => {
                    let Some((record, transfer)) = self.waiting.get_mut(&key) else {
                        continue;
                    };
                    record.frames.push(frame.number);
                    transfer.code = Some(flags & 0xf);
                    let is_over = record.kind == "update" || transfer.goes_on(message);
                    if is_over {
                        told.extend(self.waiting.remove(&key).map(done));
                    }
                }
                _ => {}
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let frames = frames_of(event);
        told.push(match &event.fact {
            Fact::ZoneUpdated(it) => Record::new("update", frames)
                .with("zone", it.zone.as_str().to_lowercase())
                .with("added", changes(&it.added))
                .with("deleted", changes(&it.deleted))
                .with("code", or_dash(it.response_code)),
            Fact::ZoneTransferred(it) => Record::new("transfer", frames)
                .with("zone", it.zone.as_str().to_lowercase())
                .with("incremental", it.incremental)
                .with("records", it.records)
                .with("code", or_dash(it.response_code)),
            _ => return,
        });
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        theirs.extend(std::mem::take(&mut self.waiting).into_values().map(done));
    }
}

impl Transfer {
    /// Takes a message of the answer; whether it was the last one.
    fn goes_on(&mut self, message: &Node) -> bool {
        let mut is_over = self.code != Some(0);
        let records = section(message, "Answers");
        for record in records {
            self.records += 1;
            if let Some(serial) = record.shown("dns.soa.serial_number") {
                is_over = self.serial.as_deref() == Some(serial);
                self.serial.get_or_insert_with(|| serial.to_owned());
            }
        }
        is_over || records.is_empty() || self.is_incremental && self.records == 1
    }
}

fn done((record, transfer): (Record, Transfer)) -> Record {
    let record = record.with("code", or_dash(transfer.code));
    if record.kind == "transfer" {
        return record.with("records", transfer.records);
    }
    record
}

fn update(message: &Node, frame: u64) -> Record {
    let zone = message.shown("dns.qry.name").unwrap_or_default();
    let (mut added, mut deleted) = (Vec::new(), Vec::new());
    for record in section(message, "Updates") {
        let shown = |name| record.shown(name).unwrap_or_default();
        let name = shown("dns.resp.name").to_lowercase();
        let kind = shown("dns.resp.type");
        let is_whole = shown("dns.resp.class") != "0x00ff";
        let address = record.shown("dns.a").or_else(|| record.shown("dns.aaaa"));
        let text = format!("{name} {kind} {}", or_dash(address.filter(|_| is_whole)));
        let changes = match shown("dns.resp.class") {
            "0x00fe" | "0x00ff" => &mut deleted,
            _ => &mut added,
        };
        if changes.len() < KEPT {
            changes.push(text);
        }
    }
    Record::new("update", vec![frame])
        .with("zone", zone.to_lowercase())
        .with("added", added.join(", "))
        .with("deleted", deleted.join(", "))
}

fn changes(all: &[RecordChanged]) -> String {
    let all = all.iter().map(|it| {
        let name = it.name.as_str().to_lowercase();
        format!("{name} {} {}", it.record_type, or_dash(it.address))
    });
    let all: Vec<String> = all.collect();
    all.join(", ")
}

fn section<'a>(message: &'a Node, show: &str) -> &'a [Node] {
    let found = message.children.iter().find(|it| it.show == show);
    found.map(|it| &it.children[..]).unwrap_or_default()
}

/// As the fact promises.
const KEPT: usize = 16;
