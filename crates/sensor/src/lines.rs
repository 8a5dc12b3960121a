//! Events as JSON lines.
//!
//! The envelope is the same few names and numbers in every line, and was half of what a line cost: so
//! it is put together here, and comes out octet by octet as `serde_json` writes it (the tests compare).
//! What is told, the fact, is left to `serde_json`.

use realmward_event::{Endpoint, Event, Source};
use realmward_vocab::{Order, PacketRef};
use std::io::{self, Write};
use std::net::IpAddr;

/// Writes events, one JSON object a line.
#[derive(Debug)]
pub struct Lines<W> {
    out: W,
    waiting: Vec<u8>,
}

impl<W: Write> Lines<W> {
    /// Lines to `out`, some at a time.
    pub const fn new(out: W) -> Self {
        Self {
            out,
            waiting: Vec::new(),
        }
    }

    /// Writes an event. It may wait here until [`Self::flush`].
    ///
    /// # Errors
    ///
    /// When `out` refuses what waited; that is lost then.
    pub fn write(&mut self, event: &Event) -> io::Result<()> {
        line(event, &mut self.waiting)?;
        if self.waiting.len() < WAITING_OCTETS {
            return Ok(());
        }
        self.pass_on()
    }

    /// Writes what waits.
    ///
    /// # Errors
    ///
    /// When `out` refuses; what waited is lost then.
    pub fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.out.flush()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.waiting);
        self.waiting.clear();
        written
    }
}

fn line(event: &Event, out: &mut Vec<u8>) -> io::Result<()> {
    // Whole, so that a field added is not forgotten here.
    let Event {
        time,
        order: Order { packet, index },
        source,
        client,
        server,
        evidence,
        fact,
    } = event;
    text(out, "{\"time\":");
    number(out, time.unix_nanoseconds());
    text(out, ",\"order\":{\"packet\":");
    number(out, *packet);
    text(out, ",\"index\":");
    number(out, *index);
    text(out, "},\"source\":");
    match source {
        Source::Wire(flow) => {
            text(out, "{\"Wire\":");
            number(out, flow.0);
            text(out, "}");
        }
        other => serde_json::to_writer(&mut *out, other)?,
    }
    text(out, ",\"client\":");
    endpoint(out, client)?;
    text(out, ",\"server\":");
    endpoint(out, server)?;
    text(out, ",\"evidence\":[");
    for (place, PacketRef { file, packet }) in evidence.iter().enumerate() {
        text(
            out,
            if place == 0 {
                "{\"file\":"
            } else {
                ",{\"file\":"
            },
        );
        number(out, file.0);
        text(out, ",\"packet\":");
        number(out, *packet);
        text(out, "}");
    }
    text(out, "],\"fact\":");
    serde_json::to_writer(&mut *out, fact)?;
    text(out, "}\n");
    Ok(())
}

fn endpoint(out: &mut Vec<u8>, endpoint: &Endpoint) -> io::Result<()> {
    let Endpoint {
        address,
        port,
        name,
    } = endpoint;
    text(out, "{");
    match address {
        Some(IpAddr::V4(address)) => {
            text(out, "\"address\":\"");
            for (place, octet) in address.octets().into_iter().enumerate() {
                text(out, if place == 0 { "" } else { "." });
                number(out, octet);
            }
            text(out, "\",");
        }
        Some(IpAddr::V6(address)) => write!(out, "\"address\":\"{address}\",")?,
        None => {}
    }
    text(out, "\"port\":");
    number(out, *port);
    if let Some(name) = name {
        text(out, ",\"name\":");
        serde_json::to_writer(&mut *out, name)?;
    }
    text(out, "}");
    Ok(())
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    text(out, itoa::Buffer::new().format(number));
}

/// Some dozens of lines: few calls of the system, and it stays in the cache.
const WAITING_OCTETS: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{captures, run};
    use realmward_event::Fact;
    use realmward_event::operator::{Decided, Decision};
    use realmward_vocab::{EventTime, FileId, FlowId, HostName};

    fn check(events: &[Event]) {
        let mut lines = Lines::new(Vec::new());
        let mut expected = Vec::new();
        for event in events {
            lines.write(event).unwrap();
            serde_json::to_writer(&mut expected, event).unwrap();
            expected.push(b'\n');
        }
        lines.flush().unwrap();
        let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
        assert_eq!(text(&lines.out), text(&expected));
    }

    #[test]
    fn lines_are_what_serde_makes_of_the_labs_events() {
        let (events, _) = run(&captures(), 1);
        assert!(1000 < events.len());
        check(&events);
    }

    #[test]
    fn lines_are_what_serde_makes_of_the_ends_of_every_field() {
        let ends = |address: Option<&str>, port, name: Option<&str>| Endpoint {
            address: address.map(|it| it.parse().unwrap()),
            port,
            name: name.map(HostName::new),
        };
        let decided = Decided {
            by: "quote \" and \\ and \n".to_owned(),
            decision: Decision::ExclusionRemoved { id: u64::MAX },
        };
        let common = Event {
            fact: Fact::Decided(decided),
            ..Event::default()
        };
        let far = Event {
            time: EventTime::from_unix_nanoseconds(i64::MIN),
            order: Order {
                packet: u64::MAX,
                index: u32::MAX,
            },
            source: Source::Wire(FlowId(u64::MAX)),
            client: ends(Some("255.0.10.1"), u16::MAX, Some("a\"b\u{1}\u{7f}ö")),
            server: ends(Some("fe80::1:0:0:2"), 0, None),
            evidence: [(0, 1), (u32::MAX, u64::MAX)]
                .map(|(file, packet)| PacketRef {
                    file: FileId(file),
                    packet,
                })
                .to_vec(),
            ..common.clone()
        };
        let nobody = Event {
            source: Source::Operator,
            client: ends(None, 0, Some("")),
            server: ends(Some("::ffff:10.0.0.1"), 1, None),
            ..common
        };
        check(&[far, nobody, Event::default()]);
    }
}
