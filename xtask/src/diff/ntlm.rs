//! NTLM: the third message of each exchange, wherever it is carried.

use super::node::{Frame, Node};
use super::record::{Record, frames_of, or_dash};
use super::table::{Class, IN_MANY_SEGMENTS, Reader, Table, Whose};
use realmward_event::{Event, Fact};
use std::collections::HashMap;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "NTLM",
    protocols: &["ntlmssp"],
    about: "AUTHENTICATE messages: names, flags, version, response, and the server's challenge that came before in the same connection.",
    reader: || Box::<Ntlm>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Ntlm {
    /// The last challenge of a connection, and its frame.
    challenges: HashMap<String, (String, u64)>,
}

impl Reader for Ntlm {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        let mut messages = Vec::new();
        for protocol in &frame.protocols {
            messages.extend(protocol.all("ntlmssp"));
        }
        for message in messages {
            match message.shown("ntlmssp.messagetype") {
                Some("0x00000002") => {
                    let challenge = message.find("ntlmssp.ntlmserverchallenge");
                    let challenge = challenge.map(|it| it.value.clone()).unwrap_or_default();
                    let stream = frame.stream.clone();
                    self.challenges.insert(stream, (challenge, frame.number));
                }
                Some("0x00000003") => {
                    let challenge = self.challenges.get(&frame.stream);
                    told.push(theirs(message, frame.number, challenge));
                }
                _ => {}
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::NtlmAuthenticated(it) = &event.fact else {
            return;
        };
        let hex = |it: Option<u64>| it.map_or("-".to_owned(), |it| format!("{it:016x}"));
        let frames = frames_of(event);
        let version = it
            .client_version
            .map(|(major, minor, build)| format!("{major}.{minor}.{build}"));
        let record = Record::new("AUTHENTICATE", frames)
            .with("user", it.user.as_str())
            .with("domain", it.domain.as_str())
            .with("workstation", it.workstation.as_str())
            .with("flags", format!("{:08x}", it.flags))
            .with("client version", version.unwrap_or_else(|| "-".to_owned()))
            .with("response", it.response_version)
            .with("challenge", hex(it.server_challenge))
            .with("proof", hex(it.proof))
            .with(
                "client challenge",
                hex(it.client_challenge.map(u64::swap_bytes)),
            )
            .with(
                "target",
                or_dash(it.target_name.as_deref().filter(|it| !it.is_empty())),
            )
            .with("MIC", it.has_mic)
            .with("nt octets", it.nt_response_octets)
            .with(
                "av flags",
                it.av_flags.map_or("-".to_owned(), |it| format!("{it:08x}")),
            )
            .with(
                "channel",
                it.has_channel_binding
                    .map_or("-", |it| if it { "bound" } else { "zero" }),
            )
            .with("machine", hex(it.machine_id));
        told.push(record);
    }
}

fn theirs(message: &Node, frame: u64, challenge: Option<&(String, u64)>) -> Record {
    let text = |name| match message.shown(name) {
        None | Some("NULL") => String::new(),
        Some(text) => text.to_owned(),
    };
    let flags = message
        .find("ntlmssp.negotiateflags")
        .and_then(Node::number);
    let mic = message.find("ntlmssp.authenticate.mic");
    let frames = challenge.map(|it| it.1).into_iter().chain([frame]);
    let record = Record::new("AUTHENTICATE", frames.collect())
        .with("user", text("ntlmssp.auth.username"))
        .with("domain", text("ntlmssp.auth.domain"))
        .with("workstation", text("ntlmssp.auth.hostname"))
        .with_some("flags", flags.map(|it| format!("{it:08x}")))
        .with("client version", version(message))
        .with("challenge", challenge.map_or("-", |it| it.0.as_str()))
        .with(
            "MIC",
            mic.is_some_and(|it| it.value.bytes().any(|it| it != b'0')),
        );
    response(record, message.find("ntlmssp.auth.ntresponse"))
}

fn version(message: &Node) -> String {
    let part = |name: &str| message.shown(&format!("ntlmssp.version.{name}"));
    let parts = ["major", "minor", "build_number"].map(part);
    match parts {
        [Some(major), Some(minor), Some(build)] => format!("{major}.{minor}.{build}"),
        _ => "-".to_owned(),
    }
}

/// Its version, and what proves the password.
fn response(record: Record, response: Option<&Node>) -> Record {
    let part = |name| response.and_then(|it| it.find(name));
    let digits = |node: Option<&Node>| {
        let digits = node.and_then(|it| it.value.get(..16));
        digits.unwrap_or("-").to_owned()
    };
    let v1 = response.filter(|it| it.value.len() == 48);
    let v2 = part("ntlmssp.ntlmv2_response.ntproofstr");
    let target = part("ntlmssp.ntlmv2_response.target_name");
    let version = match (v1, v2) {
        (_, Some(_)) => 2,
        (Some(_), None) => 1,
        (None, None) => 0,
    };
    record
        .with("response", version)
        .with("proof", digits(v2.or(v1)))
        .with(
            "client challenge",
            digits(part("ntlmssp.ntlmv2_response.chal")),
        )
        .with("target", target.map_or("-", |it| it.show.as_str()))
        .with(
            "nt octets",
            response
                .and_then(|it| it.child("ntlmssp.blob.length")?.number())
                .unwrap_or_default(),
        )
        .with(
            "av flags",
            pair(response, "flags", |it| {
                reversed(it.get(..8).unwrap_or_default())
            }),
        )
        .with(
            "channel",
            pair(response, "channel_bindings", |it| {
                if it.bytes().all(|it| it == b'0') {
                    "zero".to_owned()
                } else {
                    "bound".to_owned()
                }
            }),
        )
        .with(
            "machine",
            pair(response, "restrictions", |it| {
                it.get(32..48).unwrap_or("-").to_owned()
            }),
        )
}

/// The value of a pair in the response, written anew.
fn pair(response: Option<&Node>, name: &str, written: impl Fn(&str) -> String) -> String {
    let name = format!("ntlmssp.ntlmv2_response.{name}");
    let found = response.and_then(|it| it.find(&name));
    found.map_or("-".to_owned(), |it| written(&it.value))
}

/// Octets in the other order.
fn reversed(digits: &str) -> String {
    let digits = digits.as_bytes();
    let pairs = digits.rchunks(2).map(String::from_utf8_lossy);
    pairs.collect()
}

const CLASSES: &[Class] = &[
    Class {
        name: "version of the first message",
        whose: Whose::Policy,
        why: "Of a client whose last message has no version, the sensor tells the one in its first message.",
        holds: |it, _| {
            it.field == Some("client version") && it.theirs_says("client version") == Some("-")
        },
    },
    Class {
        name: "challenge of another carrier",
        whose: Whose::Theirs,
        why: "The table takes the last challenge that tshark shows in the connection; where one of them does not look into the carrier, that is another or none.",
        holds: |it, _| it.field == Some("challenge"),
    },
    IN_MANY_SEGMENTS,
];
