//! What one side says of one message, and how the sayings of both are matched.

use realmward_event::Event;
use std::collections::{BTreeSet, HashMap, HashSet};

/// One message as one side understood it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// What kind of message, like `AS-REQ`.
    pub(crate) kind: &'static str,
    /// The frames that prove it; tshark's is the last one.
    pub(crate) frames: Vec<u64>,
    /// Field by field, as text that both sides write alike. A field that one side leaves out is not
    /// compared.
    pub(crate) fields: Vec<Field>,
    /// Whether the other side may leave it out: it was said before, and how long a side remembers that
    /// is its own affair.
    pub(crate) is_repeated: bool,
}

impl Record {
    /// A record without fields.
    pub(crate) const fn new(kind: &'static str, frames: Vec<u64>) -> Self {
        Self {
            kind,
            frames,
            fields: Vec::new(),
            is_repeated: false,
        }
    }

    /// With a field.
    #[expect(clippy::needless_pass_by_value, reason = "so that callers need no `&`")]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }

    /// With a field, if there is a value.
    pub(crate) fn with_some(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same, that the other side may leave out.
    pub(crate) fn repeated(mut self) -> Self {
        self.is_repeated = true;
        self
    }

    /// What it says of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields.find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

/// What the frames of a capture say of themselves, and what is known of the capture.
#[derive(Debug, Default)]
pub(crate) struct Circumstances {
    /// By frame, of frames in which tshark found a protocol of ours: see [`super::node::Frame`].
    pub(crate) notes: HashMap<u64, BTreeSet<String>>,
    /// The protocols of the table at hand.
    pub(crate) protocols: &'static [&'static str],
    /// Whether the sensor could not read the capture to its end.
    pub(crate) is_damaged: bool,
    /// Frames in which TLS begins though the server had spoken before; looked for only where a session
    /// of tshark's is not ours.
    pub(crate) late_hellos: HashSet<u64>,
}

impl Circumstances {
    /// Whether a frame of the difference has the note.
    pub(crate) fn has(&self, difference: &Difference<'_>, note: &str) -> bool {
        let mut frames = difference.frames();
        frames.any(|it| self.notes.get(&it).is_some_and(|it| it.contains(note)))
    }

    /// Whether a frame of the difference has a note that begins so.
    pub(crate) fn has_prefix(&self, difference: &Difference<'_>, beginning: &str) -> bool {
        let notes = difference.frames().filter_map(|it| self.notes.get(&it));
        notes.flatten().any(|it| it.starts_with(beginning))
    }

    /// Whether tshark found nothing in the frames of the difference, or other protocols only.
    pub(crate) fn are_others(&self, difference: &Difference<'_>) -> bool {
        difference.frames().all(|it| {
            let notes = self.notes.get(&it);
            notes.is_none_or(|it| !self.protocols.iter().any(|name| it.contains(*name)))
        })
    }

    /// Whether TLS begins in the difference though the server had spoken before.
    pub(crate) fn is_late(&self, difference: &Difference<'_>) -> bool {
        difference.frames().any(|it| self.late_hellos.contains(&it))
    }

    /// Whether segments were lost before in the connection of the difference.
    pub(crate) fn is_after_hole(&self, difference: &Difference<'_>) -> bool {
        let last = difference.frames().max().unwrap_or_default();
        let notes = difference.frames().filter_map(|it| self.notes.get(&it));
        let streams: Vec<&String> = notes
            .flatten()
            .filter(|it| it.starts_with("tcp "))
            .collect();
        self.notes.iter().any(|(frame, notes)| {
            *frame <= last
                && HOLES.iter().any(|it| notes.contains(*it))
                && streams.iter().any(|it| notes.contains(*it))
        })
    }

    /// Whether tshark calls a frame malformed between the first and the last of the difference.
    pub(crate) fn is_malformed_within(&self, difference: &Difference<'_>) -> bool {
        let (first, last) = (difference.frames().min(), difference.frames().max());
        let (Some(first), Some(last)) = (first, last) else {
            return false;
        };
        let mut within = self.notes.iter().filter(|it| (first..=last).contains(it.0));
        within.any(|it| it.1.contains("malformed"))
    }
}

const HOLES: [&str; 2] = ["tcp.analysis.lost_segment", "tcp.analysis.ack_lost_segment"];

/// One thing that both sides do not say alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference<'a> {
    /// Our record, unless only tshark has one.
    pub(crate) ours: Option<&'a Record>,
    /// tshark's, unless only we have one.
    pub(crate) theirs: Option<&'a Record>,
    /// The field, if both have a record.
    pub(crate) field: Option<&'static str>,
}

impl Difference<'_> {
    /// The kind of message.
    pub(crate) fn kind(&self) -> &'static str {
        self.ours.or(self.theirs).map_or("", |it| it.kind)
    }

    /// The frames of either side.
    pub(crate) fn frames(&self) -> impl Iterator<Item = u64> + '_ {
        let records = self.ours.into_iter().chain(self.theirs);
        records.flat_map(|it| it.frames.iter().copied())
    }

    /// What our record says of the field, or of another.
    pub(crate) fn ours_says(&self, field: &str) -> Option<&str> {
        self.ours.and_then(|it| it.field(field))
    }

    /// What tshark's record says of the field, or of another.
    pub(crate) fn theirs_says(&self, field: &str) -> Option<&str> {
        self.theirs.and_then(|it| it.field(field))
    }

    /// One line.
    pub(crate) fn told(&self) -> String {
        let frames: Vec<String> = self.frames().take(4).map(|it| it.to_string()).collect();
        let all = |record: &Record| {
            let fields = record.fields.iter();
            let fields: Vec<String> = fields
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            fields.join(" ")
        };
        let what = match (self.field, self.ours, self.theirs) {
            (Some(field), Some(ours), Some(theirs)) => format!(
                "{field}: ours `{}`, tshark's `{}`",
                ours.field(field).unwrap_or_default(),
                theirs.field(field).unwrap_or_default()
            ),
            (_, Some(ours), _) => format!("only ours: {}", all(ours)),
            (_, _, Some(theirs)) => format!("only tshark's: {}", all(theirs)),
            _ => String::new(),
        };
        format!("{} in {}: {what}", self.kind(), frames.join(","))
    }
}

/// What was said in each conversation, where saying it again is nothing new.
#[derive(Debug, Default)]
pub(crate) struct Said(HashSet<(String, &'static str, Vec<Field>)>);

impl Said {
    /// Tells a record; as a repetition, if the conversation has it already.
    pub(crate) fn tell(&mut self, conversation: &str, record: Record, told: &mut Vec<Record>) {
        let fields = record.fields.clone();
        let is_new = self
            .0
            .insert((conversation.to_owned(), record.kind, fields));
        told.push(if is_new { record } else { record.repeated() });
    }
}

/// The frames that prove an event.
pub(crate) fn frames_of(event: &Event) -> Vec<u64> {
    event.evidence.iter().map(|it| it.packet).collect()
}

/// A value as text, or a dash.
pub(crate) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |it| it.to_string())
}

/// Which record of ours is which of tshark's.
pub(super) struct Pairs<'a> {
    pub(super) both: Vec<(&'a Record, &'a Record)>,
    pub(super) ours: Vec<&'a Record>,
    pub(super) theirs: Vec<&'a Record>,
}

/// A field's name and value.
pub(crate) type Field = (&'static str, String);

type Fields = [Field];

/// First those that say the same of the same frame, then those of the same frame that say most alike,
/// then those that say the same wherever.
pub(super) fn pair<'a>(ours: &'a [Record], theirs: &'a [Record]) -> Pairs<'a> {
    let mut by_frame: HashMap<(&str, u64), Vec<usize>> = HashMap::new();
    let mut by_words: HashMap<(&str, &Fields), Vec<usize>> = HashMap::new();
    for (place, record) in theirs.iter().enumerate() {
        for frame in &record.frames {
            let at = by_frame.entry((record.kind, *frame)).or_default();
            at.push(place);
        }
        let at = by_words
            .entry((record.kind, &record.fields[..]))
            .or_default();
        at.push(place);
    }
    let mut free: HashSet<usize> = (0..theirs.len()).collect();
    let mut both = Vec::new();
    let mut rest: Vec<&Record> = ours.iter().collect();
    for is_exact in [true, false] {
        rest.retain(|record| {
            let frames: BTreeSet<u64> = record.frames.iter().copied().collect();
            let near = frames
                .iter()
                .rev()
                .filter_map(|it| by_frame.get(&(record.kind, *it)));
            let best = (near.flatten().filter(|it| free.contains(it)))
                .filter_map(|it| Some((*it, likeness(record, theirs.get(*it)?))))
                .filter(|it| !is_exact || it.1 == 1.0)
                .reduce(|best, it| if best.1 < it.1 { it } else { best });
            let Some((place, _)) = best else { return true };
            free.remove(&place);
            both.extend(theirs.get(place).map(|it| (*record, it)));
            false
        });
    }
    rest.retain(|record| {
        let same = by_words.get(&(record.kind, &record.fields[..]));
        let Some(place) = same.and_then(|it| it.iter().find(|it| free.contains(it))) else {
            return true;
        };
        free.remove(place);
        both.extend(theirs.get(*place).map(|it| (*record, it)));
        false
    });
    let mut free: Vec<usize> = free.into_iter().collect();
    free.sort_unstable();
    Pairs {
        both,
        ours: rest,
        theirs: free.into_iter().filter_map(|it| theirs.get(it)).collect(),
    }
}

/// The share of fields of both that say the same.
fn likeness(one: &Record, other: &Record) -> f64 {
    let common = one
        .fields
        .iter()
        .filter_map(|it| Some((&it.1, other.field(it.0)?)));
    let (mut all, mut same) = (0.0, 0.0);
    for (one, other) in common {
        all += 1.0;
        same += if one == other { 1.0 } else { 0.0 };
    }
    if all == 0.0 { 0.0 } else { same / all }
}
