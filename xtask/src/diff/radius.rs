//! RADIUS: requests for access and accounting with their answers, paired by connection and identifier.

use super::node::{Frame, Node};
use super::record::{Record, frames_of, or_dash};
use super::table::{Reader, Table};
use realmward_event::radius::NetworkClient;
use realmward_event::{Event, Fact, Outcome};
use std::collections::{HashMap, HashSet};

/// The table.
pub(super) const TABLE: Table = Table {
    name: "RADIUS",
    protocols: &["radius"],
    about: "Requests for access, with the verdict, and reports of sessions: who, through which gateway, from where, as which address. Rounds that ended in a challenge are not told.",
    reader: || Box::<Radius>::default(),
    classes: &[],
};

#[derive(Default)]
struct Radius {
    /// Requests that wait, by connection and identifier.
    waiting: HashMap<(String, String), Record>,
    /// Authenticators of requests: one that comes again is the same request.
    seen: HashSet<(String, String)>,
}

impl Reader for Radius {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for message in frame.protocols.iter().filter(|it| it.name == "radius") {
            self.message(message, frame, told);
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let frames = frames_of(event);
        told.push(match &event.fact {
            Fact::NetworkAccessAsked(it) => client(Record::new("access", frames), &it.client).with(
                "verdict",
                match it.outcome {
                    Outcome::Success => "2",
                    Outcome::Failure => "3",
                    _ => "-",
                },
            ),
            Fact::NetworkSessionReported(it) => client(Record::new("session", frames), &it.client)
                .with("status", it.status.0)
                .with("session", printable(&it.session))
                .with("verdict", if it.acknowledged { "5" } else { "-" }),
            _ => return,
        });
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        let waiting = std::mem::take(&mut self.waiting).into_values();
        theirs.extend(waiting.map(|it| it.with("verdict", "-")));
    }
}

impl Radius {
    fn message(&mut self, message: &Node, frame: &Frame, told: &mut Vec<Record>) {
        let key = (frame.stream.clone(), shown(message, "radius.id"));
        let kind = match message.shown("radius.code") {
            Some("1") => "access",
            Some("4") => "session",
            Some("11") => {
                self.waiting.remove(&key);
                return;
            }
            Some(code @ ("2" | "3" | "5")) => {
                if let Some(record) = self.waiting.remove(&key) {
                    told.push(answered(record, message, code, frame.number));
                }
                return;
            }
            _ => return,
        };
        let once = (frame.stream.clone(), shown(message, "radius.authenticator"));
        if !self.seen.insert(once) {
            return;
        }
        let record = asked(kind, message, frame.number);
        if let Some(before) = self.waiting.insert(key, record) {
            told.push(before.with("verdict", "-"));
        }
    }
}

fn shown(message: &Node, name: &str) -> String {
    message.shown(name).unwrap_or_default().to_owned()
}

fn asked(kind: &'static str, message: &Node, frame: u64) -> Record {
    let record = Record::new(kind, vec![frame])
        .with("user", shown(message, "radius.User_Name"))
        .with("gateway", address(message, "radius.NAS_IP_Address"))
        .with("from", or_dash(message.shown("radius.Calling_Station_Id")))
        .with("to", or_dash(message.shown("radius.Called_Station_Id")))
        .with("address", address(message, "radius.Framed-IP-Address"));
    if kind != "session" {
        return record;
    }
    let status = message.shown("radius.Acct_Status_Type");
    record
        .with("status", status.unwrap_or("0"))
        .with("session", shown(message, "radius.Acct_Session_Id"))
}

/// With the verdict, and what is given with it where the request did not say it.
fn answered(mut record: Record, message: &Node, code: &str, frame: u64) -> Record {
    record.frames.push(frame);
    for (name, value) in &mut record.fields {
        match (*name, value.as_str(), code) {
            ("address", "-", "2") => *value = address(message, "radius.Framed-IP-Address"),
            ("user", "", "2") => *value = shown(message, "radius.User_Name"),
            _ => {}
        }
    }
    record.with("verdict", code)
}

/// An address of version 4, unless it is a wish that the gateway or the client may choose (RFC 2865
/// section 5.8).
fn address(message: &Node, name: &str) -> String {
    let wishes = ["255.255.255.255", "255.255.255.254", "0.0.0.0"];
    or_dash(message.shown(name).filter(|it| !wishes.contains(it)))
}

fn client(record: Record, it: &NetworkClient) -> Record {
    let four = |it: &std::net::IpAddr| it.is_ipv4();
    record
        .with("user", printable(it.user.as_str()))
        .with("gateway", or_dash(it.gateway.filter(four)))
        .with(
            "from",
            or_dash(it.calling_station.as_ref().map(|it| printable(it))),
        )
        .with(
            "to",
            or_dash(it.called_station.as_ref().map(|it| printable(it))),
        )
        .with("address", or_dash(it.address.filter(four)))
}

/// As tshark writes a text: up to a zero, with control characters in hexadecimal.
fn printable(text: &str) -> String {
    let mut written = String::new();
    for character in text.chars().take_while(|it| *it != '\0') {
        match character {
            '\u{1}'..' ' | '\u{7f}' => written += &format!("\\x{:02x}", u32::from(character)),
            _ => written.push(character),
        }
    }
    written
}
