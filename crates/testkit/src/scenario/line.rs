//! One line of a block: a moment, what happens, and what must be found.

use super::{fact, field};
use anyhow::{Context as _, Result, bail, ensure};
use realmward_event::{Endpoint, Event, Source};
use realmward_vocab::{EventTime, FlowId, Order, PacketRef};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// As written.
    pub text: String,
    /// When.
    pub time: EventTime,
    /// What happens.
    pub step: Step,
    /// The findings it must raise: `detector severity actor source -> target`.
    pub expected: Vec<String>,
}

/// What happens at a line.
#[derive(Clone, Debug)]
pub enum Step {
    /// Something was seen.
    Event(Box<Event>),
    /// Time passes.
    Settle,
    /// No more will come.
    End,
}

/// Fields that have a name.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<String, Vec<String>>);

impl Names {
    /// Takes `let name = fields` in.
    pub(super) fn define(&mut self, line: &str) -> Result<()> {
        let (name, fields) = line
            .strip_prefix("let ")
            .and_then(|rest| rest.split_once(" = "))
            .context("not `let name = fields`")?;
        let fields = self.expand(field::words(fields)?)?;
        self.0.insert(name.trim().to_owned(), fields);
        Ok(())
    }

    fn expand(&self, words: Vec<String>) -> Result<Vec<String>> {
        let mut fields = Vec::new();
        for word in words {
            match word.strip_prefix('$') {
                Some(name) => {
                    let known = self.0.get(name);
                    fields.extend(known.with_context(|| format!("no `let {name}`"))?.clone());
                }
                None => fields.push(word),
            }
        }
        Ok(fields)
    }
}

pub(super) fn parse_line(number: usize, text: &str, names: &Names) -> Result<Line> {
    let mut parts = text.split("# finding:");
    let words = field::words(parts.next().unwrap_or_default())?;
    let expected = parts
        .map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let [seconds, what, fields @ ..] = words.as_slice() else {
        bail!("not `seconds fact fields`");
    };
    let time = moment(seconds)?;
    let step = match what.as_str() {
        "settle" => Step::Settle,
        "end" => Step::End,
        kind => Step::Event(Box::new(event(
            number,
            time,
            kind,
            names.expand(fields.to_vec())?,
        )?)),
    };
    Ok(Line {
        text: text.to_owned(),
        time,
        step,
        expected,
    })
}

fn event(number: usize, time: EventTime, kind: &str, fields: Vec<String>) -> Result<Event> {
    let packet = u64::try_from(number)?;
    let mut event = Event {
        time,
        order: Order { packet, index: 0 },
        evidence: vec![PacketRef {
            packet,
            ..PacketRef::default()
        }],
        ..Event::default()
    };
    let mut flow = None;
    let mut of_fact = Vec::new();
    for field in fields {
        let (path, value) = field
            .split_once('=')
            .with_context(|| format!("`{field}`: not `path=value`"))?;
        match path {
            "from" => event.client = endpoint(value)?,
            "to" => event.server = endpoint(value)?,
            "flow" => flow = Some(value.parse()?),
            _ => of_fact.push((path.to_owned(), value.to_owned())),
        }
    }
    event.source = Source::Wire(FlowId(flow.unwrap_or(packet)));
    event.fact = fact::build(kind, &of_fact)?;
    Ok(event)
}

fn endpoint(text: &str) -> Result<Endpoint> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(Endpoint::new(address, 0));
    }
    let at: SocketAddr = text
        .parse()
        .with_context(|| format!("`{text}` is no address"))?;
    Ok(Endpoint::new(at.ip(), at.port()))
}

fn moment(text: &str) -> Result<EventTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole: i64 = whole
        .parse()
        .with_context(|| format!("`{text}` is no time"))?;
    ensure!(fraction.len() <= 9, "`{text}` is finer than a nanosecond");
    let fraction: i64 = format!("{fraction:0<9}").parse()?;
    let seconds = (BEGIN + whole) * 1_000_000_000;
    Ok(EventTime::from_unix_nanoseconds(seconds + fraction))
}

/// Second 0 of every page: 1 January 2026.
const BEGIN: i64 = 1_767_225_600;
