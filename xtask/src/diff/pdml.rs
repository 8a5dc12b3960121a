//! Reads tshark's PDML, as a stream: a capture's is often a thousand times as long as the capture.

use super::node::{Frame, Node};
use anyhow::Result;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::io::BufRead;

/// Calls `take` with each frame.
pub(super) fn frames(from: impl BufRead, mut take: impl FnMut(&Frame) -> Result<()>) -> Result<()> {
    let mut reader = Reader::from_reader(from);
    let mut buffer = Vec::new();
    let mut frame = Frame::default();
    // What is open; `None` where it is not kept.
    let mut open: Vec<Option<Node>> = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Eof => return Ok(()),
            Event::Start(tag) if tag.name().as_ref() == b"packet" => frame = Frame::default(),
            Event::Start(tag) if is_node(&tag) => open.push(node(&tag)?),
            Event::Empty(tag) if is_node(&tag) => {
                let node = node(&tag)?;
                close(node, &mut open, &mut frame);
            }
            Event::End(tag) if tag.name().as_ref() == b"packet" => take(&frame)?,
            Event::End(tag) if matches!(tag.name().as_ref(), b"proto" | b"field") => {
                let node = open.pop().flatten();
                close(node, &mut open, &mut frame);
            }
            _ => {}
        }
    }
}

fn is_node(tag: &BytesStart<'_>) -> bool {
    matches!(tag.name().as_ref(), b"proto" | b"field")
}

/// The node that a tag begins; none for one bit of a word, which is there as a whole.
fn node(tag: &BytesStart<'_>) -> Result<Option<Node>> {
    let mut node = Node::default();
    let mut is_part = false;
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute?;
        let text = || -> Result<String> {
            Ok(
                quick_xml::escape::unescape(&String::from_utf8_lossy(&attribute.value))?
                    .into_owned(),
            )
        };
        match attribute.key.as_ref() {
            b"name" => node.name = text()?,
            b"show" => node.show = text()?,
            b"value" if attribute.value.len() <= VALUE_DIGITS_MAX => node.value = text()?,
            b"unmaskedvalue" => is_part = true,
            _ => {}
        }
    }
    let is_bit = is_part && matches!(node.show.as_str(), "0" | "1" | "True" | "False");
    Ok((!is_bit).then_some(node))
}

/// A node ended: it goes to what it stands in.
fn close(node: Option<Node>, open: &mut [Option<Node>], frame: &mut Frame) {
    let Some(node) = node else { return };
    if let Some(note) = note(&node) {
        frame.notes.insert(note);
    }
    match open.last_mut() {
        Some(Some(parent)) => parent.children.push(node),
        Some(None) => {}
        None => top(node, frame),
    }
}

/// What of a node explains differences.
fn note(node: &Node) -> Option<String> {
    let name = node.name.as_str();
    match name {
        "_ws.malformed" => Some("malformed".to_owned()),
        "_ws.short" => Some("cut".to_owned()),
        _ if name.starts_with("tcp.analysis.") && !SILENT.contains(&name) => Some(name.to_owned()),
        _ => None,
    }
}

/// A protocol at the top: those of the connection are not kept but for what they say of it.
fn top(node: Node, frame: &mut Frame) {
    match node.name.as_str() {
        "geninfo" => {
            let number = node.child("num").and_then(|it| it.show.parse().ok());
            frame.number = number.unwrap_or_default();
            let length = |name| node.child(name).map(|it| it.show.clone());
            if length("caplen") != length("len") {
                frame.notes.insert("cut".to_owned());
            }
        }
        "tcp" | "udp" => {
            let stream = node.shown(&format!("{}.stream", node.name));
            frame.stream = format!("{} {}", node.name, stream.unwrap_or_default());
        }
        "frame" | "eth" | "ip" | "ipv6" | "fake-field-wrapper" => {}
        name => {
            frame.notes.insert(name.to_owned());
            frame.protocols.push(node);
        }
    }
}

/// Longer values are left out: payload of files.
const VALUE_DIGITS_MAX: usize = 2 * 70_000;

/// Said of every segment.
const SILENT: &[&str] = &[
    "tcp.analysis.acks_frame",
    "tcp.analysis.ack_rtt",
    "tcp.analysis.initial_rtt",
    "tcp.analysis.bytes_in_flight",
    "tcp.analysis.push_bytes_sent",
    "tcp.analysis.flags",
];
