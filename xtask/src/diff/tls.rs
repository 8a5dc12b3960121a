//! TLS: what both ends say before they are alone, one message a connection.

use super::node::{Frame, Node};
use super::record::{Record, frames_of, or_dash};
use super::table::{Class, Reader, Table, Whose};
use realmward_event::tls::Certificate;
use realmward_event::{Event, Fact};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "TLS",
    protocols: &["tls"],
    about: "Sessions by name asked for, version, cipher suite, application protocols, and the digests of both ends' certificates, also where TLS begins within another protocol. One session a connection.",
    reader: || Box::<Tls>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Tls {
    sessions: HashMap<String, Session>,
}

/// What a connection said so far.
#[derive(Default)]
struct Session {
    frames: Vec<u64>,
    asked: Option<(String, String)>,
    chosen: Option<(String, String)>,
    /// Of the server, then of the client.
    certificates: [Option<String>; 2],
    is_over: bool,
}

impl Reader for Tls {
    fn frame(&mut self, frame: &Frame, _told: &mut Vec<Record>) {
        // Within EAP nobody but the gateway's server takes part.
        for protocol in frame.protocols.iter().filter(|it| it.name != "radius") {
            for tls in protocol.nested("tls") {
                let session = self.sessions.entry(frame.stream.clone()).or_default();
                for record in &tls.children {
                    session.record(record, frame.number);
                }
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::TlsNegotiated(it) = &event.fact else {
            return;
        };
        let frames = frames_of(event);
        let hex = |it: Option<u16>| or_dash(it.map(|it| format!("0x{it:04x}")));
        let digest = |it: &Option<Certificate>| or_dash(it.as_ref().map(|it| &it.sha256));
        told.push(
            Record::new("session", frames)
                .with("name", or_dash(it.server_name.as_ref()))
                .with("protocols", it.alpn.join(" "))
                .with("version", hex(it.version))
                .with("cipher", hex(it.cipher_suite))
                .with("server's", digest(&it.certificate))
                .with("client's", digest(&it.client_certificate)),
        );
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        for session in std::mem::take(&mut self.sessions).into_values() {
            theirs.extend(session.told());
        }
    }
}

impl Session {
    fn record(&mut self, record: &Node, frame: u64) {
        if self.is_over {
            return;
        }
        let messages = record.all("tls.handshake");
        for message in &messages {
            let part = |name| message.shown(name).unwrap_or_default().to_owned();
            match message.shown("tls.handshake.type") {
                Some("1") if self.asked.is_none() => {
                    let protocols = message.all("tls.handshake.extensions_alpn_str");
                    let protocols = protocols.iter().map(|it| it.show.as_str());
                    let name = message.shown("tls.handshake.extensions_server_name");
                    let protocols: Vec<&str> = protocols.take(PROTOCOLS_KEPT).collect();
                    self.asked = Some((or_dash(name), protocols.join(" ")));
                }
                Some("2") if self.chosen.is_none() && !is_retry(message) => {
                    let version = message.shown("tls.handshake.extensions.supported_version");
                    let version =
                        version.map_or_else(|| part("tls.handshake.version"), str::to_owned);
                    self.is_over = version == "0x0304";
                    self.chosen = Some((version, part("tls.handshake.ciphersuite")));
                }
                Some("11") => {
                    let place = usize::from(self.certificates[0].is_some());
                    let first = message.find("tls.handshake.certificate");
                    if let Some(slot) = self.certificates.get_mut(place) {
                        *slot = first.map(|it| digest(&it.octets()));
                    }
                }
                _ => continue,
            }
            self.frames.push(frame);
        }
    }

    fn told(self) -> Option<Record> {
        if self.asked.is_none() && self.chosen.is_none() {
            return None;
        }
        let (name, protocols) = self.asked.unwrap_or(("-".to_owned(), String::new()));
        let (version, cipher) = self.chosen.unwrap_or(("-".to_owned(), "-".to_owned()));
        let [server, client] = self.certificates;
        Some(
            Record::new("session", self.frames)
                .with("name", name)
                .with("protocols", protocols)
                .with("version", version)
                .with("cipher", cipher)
                .with("server's", or_dash(server))
                .with("client's", or_dash(client)),
        )
    }
}

/// HelloRetryRequest is a ServerHello with this in place of chance (RFC 8446 section 4.1.3).
fn is_retry(message: &Node) -> bool {
    let random = message.find("tls.handshake.random");
    random.is_some_and(|it| it.value.to_lowercase().starts_with("cf21ad74e59a6111"))
}

fn digest(octets: &[u8]) -> String {
    let mut text = String::new();
    for octet in Sha256::digest(octets) {
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// As the fact promises.
const PROTOCOLS_KEPT: usize = 8;

const CLASSES: &[Class] = &[
    Class {
        name: "begun within another protocol",
        whose: Whose::Policy,
        why: "TLS is read from the start of a connection, and where LDAP, RDP and TDS begin it; not behind a proxy or in the middle of what we do not know.",
        holds: |it, of| it.ours.is_none() && of.is_late(it),
    },
    Class {
        name: "tshark loses its place",
        whose: Whose::Theirs,
        why: "The server's numbers begin anew, after a second SYN; tshark waits for the old ones.",
        holds: |it, _| {
            it.theirs_says("version") == Some("-") && it.ours_says("version") != Some("-")
        },
    },
    Class {
        name: "a certificate that is none",
        whose: Whose::Policy,
        why: "It breaks X.509, so nothing is told of it.",
        holds: |it, _| matches!(it.field, Some(name @ ("server's" | "client's")) if it.ours_says(name) == Some("-")),
    },
];
