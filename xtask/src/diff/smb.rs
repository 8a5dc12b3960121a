//! SMB: dialects, sessions, shares, and what is opened, paired by connection and message.

mod old;

use super::node::{Frame, Node};
use super::record::{Record, frames_of};
use super::table::{Class, IN_MANY_SEGMENTS, Reader, Table, Whose};
use realmward_event::{Event, Fact};
use std::collections::HashMap;

/// The table.
pub(super) const TABLE: Table = Table {
    name: "SMB",
    protocols: &["smb2", "smb"],
    about: "SMB1, SMB2 and SMB3: negotiation with its contexts, verdicts on sessions, shares connected, files and pipes opened: how, and how large they were.",
    reader: || Box::<Smb>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Smb {
    /// Requests that wait, by connection and message.
    waiting: HashMap<(String, String), Record>,
    old: old::Old,
}

impl Reader for Smb {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for protocol in frame.protocols.iter().filter(|it| it.name == "smb") {
            self.old.message(protocol, frame, told);
        }
        for protocol in frame.protocols.iter().filter(|it| it.name == "smb2") {
            // A compound is one node, its messages header and body in turn.
            let mut parts = protocol.children.iter().peekable();
            while let Some(part) = parts.next() {
                if part.show == "SMB2 Header" {
                    let body = parts.next_if(|it| it.show != "SMB2 Header");
                    self.message(part, body, frame, told);
                }
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let frames = frames_of(event);
        let status = |it: Option<u32>| it.map_or("-".to_owned(), |it| format!("0x{it:08x}"));
        told.push(match &event.fact {
            Fact::SmbNegotiated(it) if it.dialect == Some(SMB1) => {
                Record::new("NEGOTIATE SMB1", frames).with("signing", it.signing_required)
            }
            Fact::SmbNegotiated(it) if it.dialect.is_none() && it.client_guid.is_none() => {
                Record::new("NEGOTIATE SMB1", frames)
            }
            Fact::SmbNegotiated(it) => {
                let dialects: Vec<String> =
                    it.dialects.iter().map(|it| format!("0x{it:04x}")).collect();
                let answered = it.server_guid.map(|_| it.server_capabilities);
                let record = Record::new("NEGOTIATE", frames)
                    .with_some("dialect", it.dialect.map(|it| format!("0x{it:04x}")))
                    .with_some("server", it.server_guid)
                    .with_some("server capabilities", answered);
                match it.client_guid {
                    Some(guid) => record
                        .with("offered", dialects.join(" "))
                        .with("client", guid)
                        .with("capabilities", format!("0x{:08x}", it.client_capabilities))
                        .with("contexts", numbers(&it.contexts))
                        .with("ciphers", numbers(&it.ciphers))
                        .with("compressions", numbers(&it.compressions))
                        .with("signing", numbers(&it.signing_algorithms))
                        .with_some("server meant", it.server_name.as_deref()),
                    None => record,
                }
            }
            Fact::SmbSessionAnswered(it) => {
                Record::new("SESSION_SETUP", frames).with("status", status(Some(it.status.0)))
            }
            Fact::ShareOpened(it) => Record::new("TREE_CONNECT", frames)
                .with("path", it.share.as_str())
                .with("status", status(it.status.map(|it| it.0))),
            Fact::FileOpened(it) => Record::new("CREATE", frames)
                .with("name", printable(it.name.trim_start_matches('\\')))
                .with("access", format!("0x{:08x}", it.access))
                .with_some("disposition", it.disposition)
                .with("options", it.options)
                .with_some("size", it.size)
                .with("status", status(it.status.map(|it| it.0))),
            _ => return,
        });
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        self.old.finish(theirs);
        let waiting = std::mem::take(&mut self.waiting);
        theirs.extend(
            waiting
                .into_values()
                .filter(|it| it.kind != "SESSION_SETUP")
                .map(|it| it.with("status", "-")),
        );
    }
}

impl Smb {
    fn message(
        &mut self,
        header: &Node,
        body: Option<&Node>,
        frame: &Frame,
        told: &mut Vec<Record>,
    ) {
        let shown = |name| header.shown(name).unwrap_or_default();
        let key = (frame.stream.clone(), shown("smb2.msg_id").to_owned());
        let flags = header
            .find("smb2.flags")
            .and_then(Node::number)
            .unwrap_or_default();
        let status = shown("smb2.nt_status");
        if flags & RESPONSE == 0 {
            let asked = body.and_then(|it| request(shown("smb2.cmd"), it, frame.number));
            if let Some(record) = asked {
                self.waiting.insert(key, record);
            }
            return;
        }
        if status == PENDING {
            return;
        }
        // A verdict says what it says, also where the question is not in the capture.
        // SMB1 may ask for what SMB2 answers.
        let dialect = body.and_then(|it| it.shown("smb2.dialect"));
        let unasked = match shown("smb2.cmd") {
            "0" if dialect != Some(ANY) => Some("NEGOTIATE"),
            "1" => Some("SESSION_SETUP"),
            _ => None,
        };
        let unasked = unasked.map(|kind| Record::new(kind, Vec::new()));
        let Some(mut record) = self.waiting.remove(&key).or(unasked) else {
            return;
        };
        record.frames.push(frame.number);
        if record.kind == "NEGOTIATE" {
            let record = record
                .with_some("dialect", dialect)
                .with_some("server", body.and_then(|it| it.shown("smb2.server_guid")))
                .with_some("server capabilities", number(body, "smb2.capabilities"));
            told.push(record);
        } else if record.kind == "CREATE" {
            let size = number(body, "smb2.eof").filter(|_| status == SUCCESS);
            told.push(record.with("status", status).with_some("size", size));
        } else if record.kind != "SESSION_SETUP" || status != MORE_PROCESSING {
            told.push(record.with("status", status));
        }
    }
}

/// What a request asks for, if it is compared.
fn request(command: &str, body: &Node, frame: u64) -> Option<Record> {
    let frames = vec![frame];
    Some(match command {
        "0" => {
            let dialects = body.all("smb2.dialect");
            let dialects: Vec<&str> = dialects.iter().map(|it| it.show.as_str()).collect();
            Record::new("NEGOTIATE", frames)
                .with("offered", dialects.join(" "))
                .with_some("client", body.shown("smb2.client_guid"))
                .with_some("capabilities", body.shown("smb2.capabilities"))
                .with("contexts", all(body, "smb2.negotiate_context.type"))
                .with("ciphers", all(body, "smb2.negotiate_context.cipher_id"))
                .with(
                    "compressions",
                    all(body, "smb2.negotiate_context.comp_alg_id"),
                )
                .with("signing", all(body, "smb2.negotiate_context.signing_id"))
                .with_some("server meant", body.shown("smb2.negotiate_context.netname"))
        }
        "1" => Record::new("SESSION_SETUP", frames),
        "3" => Record::new("TREE_CONNECT", frames).with_some("path", body.shown("smb2.tree")),
        "5" => Record::new("CREATE", frames)
            .with("name", body.shown("smb2.filename").unwrap_or_default())
            .with_some(
                "disposition",
                number(Some(body), "smb2.create.disposition")
                    .or_else(|| number(Some(body), "smb.create.disposition")),
            )
            .with_some("options", number(Some(body), "smb.create_options"))
            .with_some(
                "access",
                body.shown("smb.access_mask")
                    .or_else(|| body.shown("smb2.access_mask")),
            ),
        _ => return None,
    })
}

/// As tshark writes a name: control characters in hexadecimal.
fn printable(name: &str) -> String {
    let mut written = String::new();
    for character in name.chars() {
        match character {
            '\0'..' ' | '\u{7f}' => written += &format!("\\x{:x}", u32::from(character)),
            _ => written.push(character),
        }
    }
    written
}

/// The number that a field below shows.
fn number(body: Option<&Node>, name: &str) -> Option<u64> {
    body?.find(name)?.number()
}

/// The numbers of all fields of a name, in order.
fn all(body: &Node, name: &str) -> String {
    let found = body.all(name);
    let numbers: Vec<u64> = found.iter().filter_map(|it| it.number()).collect();
    numbers_of(numbers.iter())
}

fn numbers(items: &[u16]) -> String {
    numbers_of(items.iter())
}

fn numbers_of(items: impl Iterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.map(|it| it.to_string()).collect();
    items.join(" ")
}

/// The dialect of an answer that asks to go on in SMB2.
const ANY: &str = "0x02ff";

const RESPONSE: u64 = 1;
const SUCCESS: &str = "0x00000000";
const PENDING: &str = "0x00000103";
const MORE_PROCESSING: &str = "0xc0000016";

/// How the sensor writes the dialect of SMB1.
const SMB1: u16 = 1;

const CLASSES: &[Class] = &[
    Class {
        name: "openings not told",
        whose: Whose::Policy,
        why: "Honest servers open thousands of files; told are pipes, administrative shares, SYSVOL and NETLOGON, what runs, and what is made in the root of a share.",
        holds: |it, _| it.kind() == "CREATE" && it.ours.is_none(),
    },
    Class {
        name: "reply not marked",
        whose: Whose::Theirs,
        why: "Some servers of SMB1 do not set the bit of a reply, so tshark takes it for a request; we go by who sent it.",
        holds: |it, of| {
            it.theirs.is_none()
                && matches!(it.kind(), "SESSION_SETUP" | "NEGOTIATE SMB1")
                && of.has(it, "smb")
        },
    },
    IN_MANY_SEGMENTS,
    Class {
        name: "NetBEUI",
        whose: Whose::Policy,
        why: "SMB straight over Ethernet, as it was before TCP/IP, is not read.",
        holds: |it, of| it.ours.is_none() && of.has(it, "netbios"),
    },
];
