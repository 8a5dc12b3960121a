//! SQL Server's logons, where they are readable.

use super::node::{Frame, Node};
use super::record::{Record, frames_of, or_dash};
use super::table::{Reader, Table};
use realmward_event::{Event, Fact};
use std::collections::{HashMap, HashSet};

/// The table.
pub(super) const TABLE: Table = Table {
    name: "TDS",
    protocols: &["tds"],
    about: "Logons in the clear: user, client, program, server meant, library, and the error that ended one.",
    reader: || Box::<Tds>::default(),
    classes: &[],
};

#[derive(Default)]
struct Tds {
    /// Logons that wait for their verdict, by connection.
    waiting: HashMap<String, Record>,
    /// Frames of logons: of one under TLS only the verdict is readable, and tshark shows none.
    readable: HashSet<u64>,
}

impl Reader for Tds {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for message in frame.protocols.iter().filter(|it| it.name == "tds") {
            if message.shown("tds.type") == Some("16") {
                self.readable.insert(frame.number);
                let waiting = login(message, frame.number);
                self.waiting.insert(frame.stream.clone(), waiting);
                continue;
            }
            let error = message.shown("tds.error.number");
            let is_verdict = error.is_some() || message.find("tds.loginack").is_some();
            if is_verdict && let Some(mut record) = self.waiting.remove(&frame.stream) {
                record.frames.push(frame.number);
                told.push(record.with("error", or_dash(error)));
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::DatabaseLogon(it) = &event.fact else {
            return;
        };
        let frames = frames_of(event);
        if !frames.iter().any(|it| self.readable.contains(it)) {
            return;
        }
        told.push(
            Record::new("logon", frames)
                .with("user", it.user.as_str())
                .with("client", it.client_host.as_str())
                .with("program", &it.application)
                .with("server", it.server_name.as_str())
                .with("library", &it.library)
                .with("error", or_dash(it.error)),
        );
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        let waiting = std::mem::take(&mut self.waiting).into_values();
        theirs.extend(waiting.map(|it| it.with("error", "-")));
    }
}

fn login(message: &Node, frame: u64) -> Record {
    let text = |name| message.shown(name).unwrap_or_default();
    Record::new("logon", vec![frame])
        .with("user", text("tds.7login.username"))
        .with("client", text("tds.7login.clientname"))
        .with("program", text("tds.7login.appname"))
        .with("server", text("tds.7login.servername"))
        .with("library", text("tds.7login.libraryname"))
}
