//! DCE/RPC: interfaces bound and operations called, over TCP and in pipes.
//!
//! tshark tells fragments, and no interface with a call; here fragments become calls, and a call has
//! the interface of its context in its connection or pipe.

use super::node::{Frame, Node};
use super::record::{Record, frames_of};
use super::table::{Class, Reader, Table, Whose};
use realmward_event::{Event, Fact};
use std::collections::HashMap;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "DCE/RPC",
    protocols: &["dcerpc"],
    about: "Binds by interface, version and association, and calls by interface, operation, size of both stubs, level of protection and fault.",
    reader: || Box::<Rpc>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Rpc {
    /// Interfaces by conversation and context.
    contexts: HashMap<(String, u64), String>,
    /// What waits for its answer, by connection and call.
    binds: HashMap<(String, u64), Vec<Bind>>,
    calls: HashMap<(String, u64), Call>,
}

/// A context asked for.
struct Bind {
    record: Record,
    /// Its places in the bind, one for each transfer syntax.
    places: Vec<usize>,
}

struct Call {
    record: Record,
    asked: u64,
    answered: Option<u64>,
    fault: Option<String>,
}

impl Reader for Rpc {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        let pipe = frame
            .protocols
            .iter()
            .find_map(|it| it.shown("smb2.fid").or_else(|| it.shown("smb.fid")));
        let conversation = format!("{} {}", frame.stream, pipe.unwrap_or_default());
        let flags = frame.protocols.iter().find_map(|it| it.find("smb2.flags"));
        let is_answer = flags.and_then(Node::number).is_some_and(|it| it & 1 != 0);
        for protocol in &frame.protocols {
            for fragment in protocol.nested("dcerpc") {
                // The answer to an exchange in a pipe may repeat what was asked.
                let kind = fragment.child("dcerpc.pkt_type");
                if !is_answer || kind.is_none_or(|it| it.show != "0") {
                    self.fragment(fragment, &conversation, frame, told);
                }
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let frames = frames_of(event);
        told.push(match &event.fact {
            Fact::RpcBound(it) => Record::new("bind", frames)
                .with("interface", it.interface)
                .with("auth type", it.auth_type)
                .with("auth level", it.auth_level)
                .with("version", it.version & 0xffff)
                .with_some(
                    "association",
                    Some(it.association_group).filter(|it| *it != 0),
                )
                .with(
                    "accepted",
                    it.accepted.map_or("-".to_owned(), |it| it.to_string()),
                ),
            Fact::RpcCalled(it) => Record::new("call", frames)
                .with_some("interface", it.interface)
                .with("operation", it.opnum)
                .with("context", it.context)
                .with("auth level", it.auth_level)
                .with("request octets", it.request_octets)
                .with(
                    "response octets",
                    it.response_octets
                        .map_or("-".to_owned(), |it| it.to_string()),
                )
                .with(
                    "fault",
                    it.fault.map_or("-".to_owned(), |it| format!("0x{it:08x}")),
                ),
            _ => return,
        });
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        for bind in std::mem::take(&mut self.binds).into_values().flatten() {
            theirs.push(bind.record.with("accepted", "-"));
        }
        for call in std::mem::take(&mut self.calls).into_values() {
            theirs.push(done(call));
        }
    }
}

impl Rpc {
    fn fragment(&mut self, it: &Node, conversation: &str, frame: &Frame, told: &mut Vec<Record>) {
        let number = |name| it.child(name).and_then(Node::number).unwrap_or_default();
        let key = (frame.stream.clone(), number("dcerpc.cn_call_id"));
        match number("dcerpc.pkt_type") {
            REQUEST => self.request(it, conversation, key, frame, told),
            FAULT if self.binds.contains_key(&key) => self.bound(it, &key, frame, told),
            kind @ (RESPONSE | FAULT) => {
                let Some(call) = self.calls.get_mut(&key) else {
                    return;
                };
                call.record.frames.push(frame.number);
                if kind == FAULT {
                    call.fault = it.shown("dcerpc.cn_status").map(str::to_owned);
                } else {
                    *call.answered.get_or_insert(0) += stub(it);
                }
                if number("dcerpc.cn_flags") & LAST != 0
                    && let Some(call) = self.calls.remove(&key)
                {
                    told.push(done(call));
                }
            }
            BIND | ALTER => {
                let binds = self.bind(it, conversation, frame);
                // Another pipe of the connection counts its calls anew.
                let before = self.binds.insert(key, binds).unwrap_or_default();
                told.extend(before.into_iter().map(|it| it.record.with("accepted", "-")));
            }
            BIND_ACK | ALTER_ACK | BIND_NAK => self.bound(it, &key, frame, told),
            _ => {}
        }
    }

    /// A bind is answered; a refusal has no results.
    fn bound(&mut self, it: &Node, key: &(String, u64), frame: &Frame, told: &mut Vec<Record>) {
        let results = it.all("dcerpc.cn_ack_result");
        for bind in self.binds.remove(key).unwrap_or_default() {
            let mut places = bind.places.iter().filter_map(|it| results.get(*it));
            let is_accepted = places.any(|it| it.show == "0");
            let mut record = bind.record;
            record.frames.push(frame.number);
            let group = it.child("dcerpc.cn_assoc_group").and_then(Node::number);
            told.push(
                record
                    .with("accepted", is_accepted)
                    .with_some("association", group.filter(|it| *it != 0)),
            );
        }
    }

    fn request(
        &mut self,
        it: &Node,
        conversation: &str,
        key: (String, u64),
        frame: &Frame,
        told: &mut Vec<Record>,
    ) {
        let number = |name| it.child(name).and_then(Node::number).unwrap_or_default();
        let context = number("dcerpc.cn_ctx_id");
        if number("dcerpc.cn_flags") & FIRST == 0 {
            if let Some(call) = self.calls.get_mut(&key) {
                call.asked += stub(it);
                call.record.frames.push(frame.number);
            }
            return;
        }
        let interface = self.contexts.get(&(conversation.to_owned(), context));
        let record = Record::new("call", vec![frame.number])
            .with_some("interface", interface)
            .with("operation", number("dcerpc.opnum"))
            .with("context", context)
            .with("auth level", level(it));
        let call = Call {
            record,
            asked: stub(it),
            answered: None,
            fault: None,
        };
        told.extend(self.calls.insert(key, call).map(done));
    }

    /// The interfaces of a bind, each once, though it may be asked for in several transfer syntaxes.
    fn bind(&mut self, it: &Node, conversation: &str, frame: &Frame) -> Vec<Bind> {
        let mut binds: Vec<Bind> = Vec::new();
        for (place, item) in it.all("dcerpc.cn_ctx_item").into_iter().enumerate() {
            let context = item
                .find("dcerpc.cn_ctx_id")
                .and_then(Node::number)
                .unwrap_or_default();
            let Some(interface) = item.shown("dcerpc.cn_bind_to_uuid") else {
                continue;
            };
            let key = (conversation.to_owned(), context);
            self.contexts.insert(key, interface.to_owned());
            let mut known = binds.iter_mut();
            let known = known.find(|it| it.record.field("interface") == Some(interface));
            if let Some(bind) = known {
                bind.places.push(place);
                continue;
            }
            let record = Record::new("bind", vec![frame.number])
                .with("interface", interface)
                .with("auth type", it.shown("dcerpc.auth_type").unwrap_or("0"))
                .with("auth level", level(it))
                .with_some("version", item.shown("dcerpc.cn_bind_if_ver"));
            let places = vec![place];
            binds.push(Bind { record, places });
        }
        binds
    }
}

fn level(it: &Node) -> &str {
    it.shown("dcerpc.auth_level").unwrap_or("0")
}

/// Octets of the stub in a fragment.
fn stub(it: &Node) -> u64 {
    let number = |name| it.child(name).and_then(Node::number).unwrap_or_default();
    let mut around = HEADER_OCTETS;
    if number("dcerpc.cn_flags") & OBJECT != 0 && number("dcerpc.pkt_type") == REQUEST {
        around += 16;
    }
    if number("dcerpc.cn_auth_len") != 0 {
        let padding = it.find("dcerpc.auth_pad_len").and_then(Node::number);
        around += 8 + number("dcerpc.cn_auth_len") + padding.unwrap_or_default();
    }
    number("dcerpc.cn_frag_len").saturating_sub(around)
}

fn done(call: Call) -> Record {
    call.record
        .with("request octets", call.asked)
        .with(
            "response octets",
            call.answered.map_or("-".to_owned(), |it| it.to_string()),
        )
        .with("fault", call.fault.as_deref().unwrap_or("-"))
}

const REQUEST: u64 = 0;
const RESPONSE: u64 = 2;
const FAULT: u64 = 3;
const BIND: u64 = 11;
const BIND_ACK: u64 = 12;
const BIND_NAK: u64 = 13;
const ALTER: u64 = 14;
const ALTER_ACK: u64 = 15;

const FIRST: u64 = 1;
const LAST: u64 = 2;
const OBJECT: u64 = 0x80;

/// Of a request, a response or a fault.
const HEADER_OCTETS: u64 = 24;

const CLASSES: &[Class] = &[
    Class {
        name: "level connect",
        whose: Whose::Policy,
        why: "At the level `connect` calls carry no trailer, so tshark shows none; the sensor tells the level of the bind.",
        holds: |it, _| {
            it.field == Some("auth level")
                && it.ours_says("auth level") == Some("2")
                && it.theirs_says("auth level") == Some("0")
        },
    },
    Class {
        name: "tshark loses its place",
        whose: Whose::Theirs,
        why: "In a burst of hundreds of kilobytes tshark stops to find fragments, though no segment is missing and the stream is as long as we say.",
        holds: |it, of| {
            let number = |it: Option<&str>| it.and_then(|it| it.parse::<u64>().ok());
            let ours = number(it.ours_says("response octets"));
            let theirs = number(it.theirs_says("response octets"));
            it.field == Some("response octets")
                && theirs < ours
                && (Some(BURST_OCTETS) < ours || of.is_malformed_within(it))
        },
    },
];

/// Answers that are longer come in many segments at once.
const BURST_OCTETS: u64 = 262_144;
