//! SMB1: the same messages as of its heirs, as far as it has them.

use crate::diff::node::{Frame, Node};
use crate::diff::record::Record;
use std::collections::HashMap;

/// Requests that wait, by connection and `MID`; several may come in one message.
#[derive(Default)]
pub(super) struct Old {
    waiting: HashMap<(String, String), Vec<Record>>,
}

impl Old {
    /// Takes one message.
    pub(super) fn message(&mut self, smb: &Node, frame: &Frame, told: &mut Vec<Record>) {
        let header = smb.children.iter().find(|it| it.show == "SMB Header");
        let Some(header) = header else { return };
        let mid = header.shown("smb.mid").unwrap_or_default();
        let key = (frame.stream.clone(), mid.to_owned());
        let flags = header.child("smb.flags").and_then(Node::number);
        if flags.unwrap_or_default() & RESPONSE != 0 {
            self.answer(smb, header, &key, frame, told);
            return;
        }
        let mut asked = Vec::new();
        smb.walk(&mut |node| {
            asked.extend(request(node, frame.number));
            true
        });
        if !asked.is_empty() {
            self.waiting.insert(key, asked);
        }
    }

    fn answer(
        &mut self,
        smb: &Node,
        header: &Node,
        key: &(String, String),
        frame: &Frame,
        told: &mut Vec<Record>,
    ) {
        let status = header.shown("smb.nt_status");
        let opens_pipe = smb.find("smb.file_type");
        let waiting = self.waiting.remove(key).unwrap_or_else(|| {
            // A verdict says what it says, also where the question is not in the capture.
            let unasked = match header.shown("smb.cmd") {
                Some(SETUP) => Some("SESSION_SETUP"),
                Some(NEGOTIATE) => Some("NEGOTIATE SMB1"),
                _ => None,
            };
            let unasked = unasked.map(|kind| Record::new(kind, Vec::new()));
            unasked.into_iter().collect()
        });
        for mut record in waiting {
            record.frames.push(frame.number);
            let record = match record.kind {
                "SESSION_SETUP" if status == Some(MORE_PROCESSING) => continue,
                "NEGOTIATE SMB1" => {
                    let mode = smb.find("smb.sm").and_then(Node::number);
                    record.with_some("signing", mode.map(|it| it & REQUIRED != 0))
                }
                "CREATE" => {
                    let size = smb.find("smb.end_of_file").and_then(Node::number);
                    let is_file = opens_pipe.is_some_and(|it| it.show == "0");
                    let record = record.with_some("status", status);
                    record.with_some("size", size.filter(|_| is_file))
                }
                _ => record.with_some("status", status),
            };
            told.push(record);
        }
    }

    /// The capture has ended.
    pub(super) fn finish(&mut self, told: &mut Vec<Record>) {
        for record in std::mem::take(&mut self.waiting).into_values().flatten() {
            told.push(match record.kind {
                // The server may go on in SMB2, where the whole is told.
                "NEGOTIATE SMB1" => record.repeated(),
                "SESSION_SETUP" => continue,
                _ => record.with("status", "-"),
            });
        }
    }
}

/// What a command asks for, if it is compared.
fn request(node: &Node, frame: u64) -> Option<Record> {
    let frames = vec![frame];
    let command = node.show.strip_suffix(')')?.rsplit_once("Request (")?.1;
    let text = |name| node.shown(name).unwrap_or_default();
    let number = |name| node.find(name).and_then(Node::number);
    Some(match command {
        NEGOTIATE => Record::new("NEGOTIATE SMB1", frames),
        SETUP => Record::new("SESSION_SETUP", frames),
        "0x75" => Record::new("TREE_CONNECT", frames).with("path", text("smb.path")),
        "0xa2" => Record::new("CREATE", frames)
            .with("name", text("smb.file").trim_start_matches('\\'))
            .with_some("access", node.shown("smb.access_mask"))
            .with_some("disposition", number("smb.create.disposition"))
            .with_some("options", number("smb.create_options")),
        "0x2d" => {
            Record::new("CREATE", frames).with("name", text("smb.file").trim_start_matches('\\'))
        }
        _ => return None,
    })
}

const RESPONSE: u64 = 0x80;
const REQUIRED: u64 = 8;
const NEGOTIATE: &str = "0x72";
const SETUP: &str = "0x73";
const MORE_PROCESSING: &str = "0xc0000016";
