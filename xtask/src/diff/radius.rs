//! RADIUS: requests for access and accounting with their answers, paired by connection and identifier.

use super::node::{Frame, Node};
use super::record::{Record, or_dash};
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
        let frames = event.evidence.iter().map(|it| it.packet).collect();
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
        let shown = |name| message.shown(name).unwrap_or_default().to_owned();
        let key = (frame.stream.clone(), shown("radius.id"));
        let kind = match message.shown("radius.code") {
            Some("1") => "access",
            Some("4") => "session",
            Some("11") => {
                self.waiting.remove(&key);
                return;
            }
            Some(code @ ("2" | "3" | "5")) => {
                if let Some(mut record) = self.waiting.remove(&key) {
                    record.frames.push(frame.number);
                    let given = message.shown("radius.Framed-IP-Address");
                    let has_address = record.field("address") != Some("-");
                    let named = record.field("user") != Some("");
                    for (name, value) in &mut record.fields {
                        match *name {
                            "address" if !has_address && code == "2" => {
                                *value = or_dash(given.filter(|it| !is_wish(it)));
                            }
                            "user" if !named && code == "2" => *value = shown("radius.User_Name"),
                            _ => {}
                        }
                    }
                    told.push(record.with("verdict", code));
                }
                return;
            }
            _ => return,
        };
        let once = (frame.stream.clone(), shown("radius.authenticator"));
        if !self.seen.insert(once) {
            return;
        }
        let mut record = Record::new(kind, vec![frame.number])
            .with("user", shown("radius.User_Name"))
            .with(
                "gateway",
                or_dash(
                    message
                        .shown("radius.NAS_IP_Address")
                        .filter(|it| !is_wish(it)),
                ),
            )
            .with("from", or_dash(message.shown("radius.Calling_Station_Id")))
            .with("to", or_dash(message.shown("radius.Called_Station_Id")))
            .with(
                "address",
                or_dash(
                    message
                        .shown("radius.Framed-IP-Address")
                        .filter(|it| !is_wish(it)),
                ),
            );
        if kind == "session" {
            record = record
                .with(
                    "status",
                    message.shown("radius.Acct_Status_Type").unwrap_or("0"),
                )
                .with("session", shown("radius.Acct_Session_Id"));
        }
        if let Some(before) = self.waiting.insert(key, record) {
            told.push(before.with("verdict", "-"));
        }
    }
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

/// Not an address: the gateway or the client shall choose (RFC 2865 section 5.8).
fn is_wish(address: &str) -> bool {
    matches!(address, "255.255.255.255" | "255.255.255.254" | "0.0.0.0")
}
