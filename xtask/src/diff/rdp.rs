//! Remote desktops: what a client asks for before encryption begins.

use super::node::{Frame, Node};
use super::record::{Record, frames_of, or_dash};
use super::table::{Reader, Table};
use realmward_event::{Event, Fact};
use realmward_vocab::{AccountName, HostName};
use std::collections::HashMap;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "RDP",
    protocols: &["rdp"],
    about: "Connections by cookie, protection asked for and chosen, refusal, and the client's name where it is not under TLS.",
    reader: || Box::<Rdp>::default(),
    classes: &[],
};

#[derive(Default)]
struct Rdp {
    /// What was asked for, by connection.
    asked: HashMap<String, Record>,
}

impl Reader for Rdp {
    fn frame(&mut self, frame: &Frame, _told: &mut Vec<Record>) {
        for message in frame.protocols.iter().filter(|it| it.name == "rdp") {
            let record = match message.shown("rdp.neg_type") {
                Some("0x01") => asked(message),
                Some("0x02") => vec![("selected", number(message, "rdp.negReq.selectedProtocol"))],
                Some("0x03") => vec![("failure", number(message, "rdp.negReq.failureCode"))],
                _ if message.find("rdp.rt_cookie").is_some() => asked(message),
                _ => Vec::from_iter(
                    message
                        .shown("rdp.client.name")
                        .map(|it| ("client", it.to_owned())),
                ),
            };
            if record.is_empty() {
                continue;
            }
            let of = self
                .asked
                .entry(frame.stream.clone())
                .or_insert_with(|| Record::new("connection", Vec::new()));
            of.frames.push(frame.number);
            for (name, value) in record {
                if of.field(name).is_none() {
                    of.fields.push((name, value));
                }
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::RemoteDesktopAsked(it) = &event.fact else {
            return;
        };
        let frames = frames_of(event);
        told.push(
            Record::new("connection", frames)
                .with(
                    "cookie",
                    or_dash(it.cookie.as_ref().map(AccountName::as_str)),
                )
                .with("requested", it.requested)
                .with_some("selected", it.selected.filter(|it| *it != 0))
                .with_some("failure", it.failure)
                .with_some("client", it.client_name.as_ref().map(HostName::as_str)),
        );
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        theirs.extend(std::mem::take(&mut self.asked).into_values());
    }
}

fn asked(message: &Node) -> Vec<(&'static str, String)> {
    let cookie = message.shown("rdp.rt_cookie");
    let cookie = cookie.and_then(|it| it.trim().strip_prefix("Cookie: mstshash="));
    vec![
        ("cookie", or_dash(cookie)),
        (
            "requested",
            number(message, "rdp.negReq.requestedProtocols"),
        ),
    ]
}

fn number(message: &Node, name: &str) -> String {
    let found = message.find(name).and_then(Node::number);
    found.unwrap_or_default().to_string()
}
