//! HTTP: requests that carry credentials, with the answers that settled them.

use super::node::{Frame, Node};
use super::record::{Record, frames_of};
use super::table::{Class, Reader, Table, Whose};
use realmward_event::{Event, Fact};
use std::collections::{HashMap, HashSet, VecDeque};

/// The table.
pub(super) const TABLE: Table = Table {
    name: "HTTP",
    protocols: &["http"],
    about: "Requests with `Authorization` or `Proxy-Authorization` and the answer that settled them: method, host, path, scheme, status. What a connection asks for later, without credentials, is not compared; a success told once for a path is not told again.",
    reader: || Box::<Http>::default(),
    classes: CLASSES,
};

#[derive(Default)]
struct Http {
    /// Requests that wait, by connection.
    waiting: HashMap<String, VecDeque<Record>>,
    /// Frames of requests with credentials.
    proven: HashSet<u64>,
    /// Successes told, by connection and path.
    told: HashSet<(String, String)>,
}

impl Reader for Http {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for message in frame.protocols.iter().filter(|it| it.name == "http") {
            if let Some(method) = message.shown("http.request.method") {
                let record = self.request(message, method, frame.number);
                let waiting = self.waiting.entry(frame.stream.clone()).or_default();
                waiting.push_back(record);
            } else if let Some(status) = message.shown("http.response.code") {
                let waiting = self.waiting.entry(frame.stream.clone()).or_default();
                if status.starts_with('1') {
                    continue;
                }
                if let Some(record) = waiting.pop_front() {
                    told.extend(self.answer(message, status, record, frame));
                }
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::HttpAuthenticated(it) = &event.fact else {
            return;
        };
        let frames = frames_of(event);
        if !frames.iter().any(|it| self.proven.contains(it)) {
            return;
        }
        let status = it.status.map_or("-".to_owned(), |it| it.to_string());
        told.push(
            Record::new("credentials", frames)
                .with("method", &it.method)
                .with("host", it.host.as_str())
                .with("path", &it.path)
                .with("scheme", it.scheme.to_lowercase())
                .with("status", status),
        );
    }

    fn finish(&mut self, theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {
        for records in std::mem::take(&mut self.waiting).into_values() {
            let with_credentials = records
                .into_iter()
                .filter(|it| it.field("scheme").is_some());
            theirs.extend(with_credentials.map(|it| it.with("status", "-")));
        }
    }
}

impl Http {
    fn request(&mut self, message: &Node, method: &str, frame: u64) -> Record {
        let uri = message.shown("http.request.uri").unwrap_or_default();
        let host = message.shown("http.host").unwrap_or_default();
        let host = host.trim().split(':').next().unwrap_or_default();
        let credentials = message
            .find("http.authorization")
            .or_else(|| message.find("http.proxy_authorization"));
        let scheme = credentials.map(|it| {
            let text = it.show.trim();
            text.split(' ').next().unwrap_or_default().to_lowercase()
        });
        if scheme.is_some() {
            self.proven.insert(frame);
        }
        Record::new("credentials", vec![frame])
            .with("method", method)
            .with("host", host)
            .with("path", path(uri))
            .with_some("scheme", scheme)
    }

    fn answer(
        &mut self,
        message: &Node,
        status: &str,
        mut record: Record,
        frame: &Frame,
    ) -> Option<Record> {
        record.field("scheme")?;
        let refused = matches!(status, "401" | "407");
        let goes_on = message
            .all("http.www_authenticate")
            .into_iter()
            .chain(message.all("http.proxy_authenticate"))
            .any(|it| {
                it.show
                    .trim()
                    .split(' ')
                    .nth(1)
                    .is_some_and(|it| 20 < it.len())
            });
        if refused && goes_on {
            return None;
        }
        let path = record.field("path").unwrap_or_default().to_owned();
        if !refused && !self.told.insert((frame.stream.clone(), path)) {
            return None;
        }
        record.frames.push(frame.number);
        Some(record.with("status", status))
    }
}

/// The path of a target, without its query.
fn path(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| {
        rest.find('/')
            .and_then(|it| rest.get(it..))
            .unwrap_or_default()
    });
    rest.split(['?', '#']).next().unwrap_or_default()
}

const CLASSES: &[Class] = &[
    Class {
        name: "credentials without a scheme",
        whose: Whose::Policy,
        why: "What stands where a scheme should is a token; nobody is named, so nothing is told.",
        holds: |it, _| {
            it.ours.is_none() && it.theirs_says("scheme").is_some_and(|it| 32 < it.len())
        },
    },
    Class {
        name: "an offer that names nobody",
        whose: Whose::Policy,
        why: "The first token of NTLM or an unreadable one, without the rest: nobody is named, so nothing is told.",
        holds: |it, _| {
            it.ours.is_none()
                && matches!(
                    it.theirs_says("scheme"),
                    Some("ntlm" | "negotiate" | "kerberos")
                )
        },
    },
];
