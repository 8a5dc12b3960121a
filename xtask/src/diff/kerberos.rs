//! Kerberos: every message on its own, field by field, and tickets that are presented elsewhere.
//!
//! Our fact of an answer holds its request too; here requests and answers are compared one by one.

mod around;
mod classes;
mod told;

use super::node::{Frame, Node};
use super::record::{Record, frames_of};
use super::table::{Reader, Table};
use around::{below, certificates, padata, seconds, serial, truth};
use realmward_event::Event;
use sha2::{Digest as _, Sha256};
use std::fmt::Display;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "Kerberos",
    protocols: &["kerberos", "kpasswd"],
    about: "AS and TGS requests and replies, errors, AP-REQ in other protocols, and changes of passwords at port 464; tickets by clear header and length of what is sealed.",
    reader: || Box::new(Kerberos),
    classes: classes::CLASSES,
};

struct Kerberos;

impl Reader for Kerberos {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for protocol in &frame.protocols {
            told.extend(password_change(protocol, frame.number));
            protocol.walk(&mut |node| {
                let record = theirs(node, frame.number);
                let is_message = record.is_some();
                told.extend(record);
                !is_message
            });
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let frames = frames_of(event);
        told::ours(&event.fact, frames, told);
    }
}

/// The clear frame of a request of port 464 (RFC 3244).
fn password_change(protocol: &Node, frame: u64) -> Option<Record> {
    if protocol.name != "kpasswd" {
        return None;
    }
    protocol.find("kerberos.ap_req_element")?;
    let sealed = protocol.find("kerberos.krb_priv_element")?;
    Some(
        Record::new("password change", vec![frame])
            .with("version", protocol.shown("kpasswd.version")?)
            .with("sealed", octets(sealed.find("kerberos.cipher").map(length))),
    )
}

/// What tshark says, if the node is a message.
fn theirs(node: &Node, frame: u64) -> Option<Record> {
    let frames = vec![frame];
    Some(match node.name.as_str() {
        "kerberos.as_req_element" => {
            let body = node.child("kerberos.req_body_element")?;
            let timestamp = padata(node)
                .find(|it| it.show == "2")
                .and_then(|it| it.find("kerberos.cipher"));
            request(Record::new("AS-REQ", frames), node, body)
                .with("cname", principal(body.child("kerberos.cname_element")))
                .with("timestamp", octets(timestamp.map(length)))
                .with("certificates", certificates(node).len())
                .with_some("serial", serial(node))
        }
        "kerberos.tgs_req_element" => {
            let body = node.child("kerberos.req_body_element")?;
            let record = request(Record::new("TGS-REQ", frames), node, body).with(
                "additional-tickets",
                body.children
                    .iter()
                    .filter(|it| it.name == "kerberos.additional_tickets")
                    .map(|it| {
                        it.all("kerberos.ticket_element")
                            .len()
                            .max(it.all("kerberos.Ticket_element").len())
                    })
                    .sum::<usize>(),
            );
            let record = record.with("for user", for_user(node));
            match padata(node)
                .find(|it| it.show == "1")
                .and_then(|it| it.find("kerberos.ap_req_element"))
            {
                Some(ap) => ap_req(record, ap),
                None => record,
            }
        }
        "kerberos.as_rep_element" => reply(Record::new("AS-REP", frames), node),
        "kerberos.tgs_rep_element" => reply(Record::new("TGS-REP", frames), node),
        "kerberos.krb_error_element" => Record::new("KRB-ERROR", frames)
            .with("error-code", shown(node, "kerberos.error_code"))
            .with("realm", shown(node, "kerberos.realm"))
            .with("sname", principal(node.child("kerberos.sname_element")))
            .with("offered", offered(node))
            .with_some("stime", seconds(node, "kerberos.stime"))
            .with_some("ctime", seconds(node, "kerberos.ctime")),
        "kerberos.ap_req_element" => ap_req(Record::new("AP-REQ", frames), node),
        _ => return None,
    })
}

fn request(record: Record, node: &Node, body: &Node) -> Record {
    let options = body.child("kerberos.kdc_options");
    let etypes = body.child("kerberos.kdc-req-body.etype");
    let etypes = etypes
        .map(|it| it.all("kerberos.ENCTYPE"))
        .unwrap_or_default();
    let time = |name| {
        let value = body.child(name).map(Node::octets).unwrap_or_default();
        String::from_utf8_lossy(&value).into_owned()
    };
    let sname = body.child("kerberos.sname_element");
    record
        .with("kdc-options", options.map_or("", |it| it.value.as_str()))
        .with("etype", list(etypes.iter().map(|it| &it.show)))
        .with("padata", list(padata(node).map(|it| &it.show)))
        .with("nonce", shown(body, "kerberos.nonce"))
        .with("till", time("kerberos.till"))
        .with("rtime", time("kerberos.rtime"))
        .with(
            "sname type",
            sname.map_or("0", |it| shown(it, "kerberos.name_type")),
        )
        .with("realm", shown(body, "kerberos.realm"))
        .with("sname", principal(sname))
        .with(
            "include-pac",
            below(node, "128", "kerberos.include_pac").map_or("-", truth),
        )
        .with(
            "pac-options",
            below(node, "167", "kerberos.flags").map_or("-", |it| it.value.as_str()),
        )
        .with(
            "tunnel",
            octets(
                below(node, "136", "kerberos.enc_fast_req_element")
                    .and_then(|it| it.find("kerberos.cipher"))
                    .map(length),
            ),
        )
}

/// Whom a service asks for a ticket for, in either of its two padata (MS-SFU section 2.2).
fn for_user(node: &Node) -> String {
    if let Some(name) = below(node, "129", "kerberos.name_element") {
        let parts = name.all("kerberos.KerberosString");
        let parts: Vec<&str> = parts.iter().map(|it| it.show.as_str()).collect();
        return parts.join("/");
    }
    principal(below(node, "130", "kerberos.cname_element"))
}

fn reply(record: Record, node: &Node) -> Record {
    let sealed = node.child("kerberos.enc_part_element");
    sealed_ticket(record, node.child("kerberos.ticket_element"))
        .with("cname", principal(node.child("kerberos.cname_element")))
        .with("crealm", shown(node, "kerberos.crealm"))
        .with(
            "enc-part etype",
            sealed.map_or("", |it| shown(it, "kerberos.etype")),
        )
}

fn ap_req(record: Record, node: &Node) -> Record {
    let authenticator = node.child("kerberos.authenticator_element");
    let authenticator = authenticator.and_then(|it| it.child("kerberos.cipher"));
    sealed_ticket(record, node.child("kerberos.ticket_element"))
        .with_some("authenticator", authenticator.map(length))
}

fn sealed_ticket(record: Record, node: Option<&Node>) -> Record {
    let Some(node) = node else { return record };
    let Some(part) = node.child("kerberos.enc_part_element") else {
        return record;
    };
    let cipher = part
        .child("kerberos.cipher")
        .map(Node::octets)
        .unwrap_or_default();
    let digest = digest(&cipher);
    record
        .with("ticket realm", shown(node, "kerberos.realm"))
        .with(
            "ticket sname",
            principal(node.child("kerberos.sname_element")),
        )
        .with("ticket etype", shown(part, "kerberos.etype"))
        .with(
            "ticket kvno",
            part.child("kerberos.kvno")
                .map_or("-", |it| it.show.as_str()),
        )
        .with("ticket octets", cipher.len())
        .with("ticket digest", digest)
}

/// Key types offered in `e-data`, the newer list before the older.
fn offered(node: &Node) -> String {
    let Some(data) = node.child("kerberos.e_data") else {
        return String::new();
    };
    for entry in [
        "kerberos.ETYPE_INFO2_ENTRY_element",
        "kerberos.ETYPE_INFO_ENTRY_element",
    ] {
        let entries = data.all(entry);
        if !entries.is_empty() {
            return list(entries.iter().map(|it| shown(it, "kerberos.etype")));
        }
    }
    String::new()
}

fn principal(node: Option<&Node>) -> String {
    let Some(node) = node else {
        return String::new();
    };
    let mut names: Vec<&str> = Vec::new();
    for name in ["kerberos.CNameString", "kerberos.SNameString"] {
        names.extend(node.all(name).iter().map(|it| it.show.as_str()));
    }
    names.join("/")
}

fn shown<'a>(node: &'a Node, name: &str) -> &'a str {
    node.child(name).map_or("", |it| it.show.as_str())
}

fn length(node: &Node) -> u32 {
    u32::try_from(node.value.len() / 2).unwrap_or(u32::MAX)
}

fn octets(count: Option<u32>) -> String {
    count.map_or_else(|| "-".to_owned(), |it| it.to_string())
}

fn list(items: impl Iterator<Item = impl Display>) -> String {
    let items: Vec<String> = items.map(|it| it.to_string()).collect();
    items.join(" ")
}

/// As the sensor identifies a ticket: the first 16 octets of SHA-256, zero if there is nothing.
fn digest(cipher: &[u8]) -> String {
    if cipher.is_empty() {
        return "0".repeat(32);
    }
    let digest = Sha256::digest(cipher);
    digest
        .iter()
        .take(16)
        .map(|it| format!("{it:02x}"))
        .collect()
}
