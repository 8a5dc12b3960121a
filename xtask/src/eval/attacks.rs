//! The scoreboard by attack: the sum, techniques, variants, what was not told, and each capture.

use super::record::{Kind, Outcome, Record, Section};
use super::table::{NONE, Table, counted, share, span};
use std::collections::BTreeMap;

/// A column a section: how many captures of which kind, and what came of them.
pub(super) fn sum(sections: &[Section]) -> Table {
    let mut head = vec![""];
    head.extend(sections.iter().map(|it| it.name.as_str()));
    let mut table = Table::new(&head);
    let mut row = |what: &str, figure: &dyn Fn(&Section) -> String| {
        table.row(std::iter::once(what.to_owned()).chain(sections.iter().map(figure)));
    };
    row("attack captures", &|it| {
        it.of(Kind::Attack).count().to_string()
    });
    row("– that must be told", &|it| {
        demanded(it).count().to_string()
    });
    row("– – told, with actor, source and target right", &|it| {
        count(demanded(it), |it| it.outcome == Outcome::Told)
    });
    row("– – told of the wrong ones", &|it| {
        count(demanded(it), |it| it.outcome == Outcome::Imprecise)
    });
    row("– – missed", &|it| {
        count(demanded(it), |it| it.outcome == Outcome::NotTold)
    });
    row("– that need not be told, and were", &|it| {
        count(excused(it), |it| it.outcome == Outcome::Told)
    });
    row("– that need not be told, and were not; why", &|it| {
        counted(
            excused(it)
                .filter_map(|it| it.reason)
                .map(realmward_testkit::truth::Reason::words),
        )
    });
    row("honest captures", &|it| it.honest_count().to_string());
    row("– with a protocol of the domain in them", &|it| {
        it.speaking_count().to_string()
    });
    row("– – hours that these watch", &|it| {
        format!("{:.2}", it.honest_hours())
    });
    row("– with a false alert", &|it| {
        count(it.of(Kind::Honest), |it| it.outcome == Outcome::FalseAlert)
    });
    row("damaged or odd captures", &|it| {
        it.damaged_count().to_string()
    });
    row("– with a false alert", &|it| {
        count(it.of(Kind::Damaged), |it| it.outcome == Outcome::FalseAlert)
    });
    row("captures without truth, not counted", &|it| {
        it.unlabelled.len().to_string()
    });
    table
}

fn demanded(section: &Section) -> impl Iterator<Item = &Record> {
    section.of(Kind::Attack).filter(|it| it.demanded)
}

fn excused(section: &Section) -> impl Iterator<Item = &Record> {
    section.of(Kind::Attack).filter(|it| !it.demanded)
}

fn count<'a>(records: impl Iterator<Item = &'a Record>, is: impl Fn(&Record) -> bool) -> String {
    records.filter(|it| is(it)).count().to_string()
}

/// The attacks of all sections by a word that their truth says.
fn grouped<'a>(
    sections: &'a [Section],
    word: impl Fn(&'a Record) -> Option<&'a String>,
) -> BTreeMap<&'a str, Vec<&'a Record>> {
    let mut groups: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in sections.iter().flat_map(|it| it.of(Kind::Attack)) {
        if let Some(word) = word(record) {
            groups.entry(word).or_default().push(record);
        }
    }
    groups
}

/// By ATT&CK technique.
pub(super) fn techniques(sections: &[Section]) -> Table {
    by("technique", grouped(sections, |it| it.technique.as_ref()))
}

/// By how an attack hides.
pub(super) fn variants(sections: &[Section]) -> Table {
    by("variant", grouped(sections, |it| it.variant.as_ref()))
}

fn by(what: &str, groups: BTreeMap<&str, Vec<&Record>>) -> Table {
    let mut table = Table::new(&[
        what,
        "attacks",
        "told",
        "of those that must be told",
        "not told, why",
    ]);
    for (word, records) in groups {
        let told = |it: &&&Record| it.outcome == Outcome::Told;
        let must: Vec<&&Record> = records.iter().filter(|it| it.demanded).collect();
        table.row([
            titled(word),
            records.len().to_string(),
            share(records.iter().filter(told).count(), records.len()),
            share(must.iter().filter(|it| told(it)).count(), must.len()),
            counted(
                records
                    .iter()
                    .filter_map(|it| it.reason)
                    .map(realmward_testkit::truth::Reason::words),
            ),
        ]);
    }
    table
}

/// A technique with the name that ATT&CK gives it; any other word as it is.
pub(super) fn titled(word: &str) -> String {
    let named = TECHNIQUES.lines().filter_map(|it| it.split_once(' '));
    let title = named.into_iter().find(|(id, _)| *id == word);
    title.map_or_else(|| word.to_owned(), |(id, title)| format!("{id}, {title}"))
}

/// The attacks that were not told, by what they do and why.
pub(super) fn untold(section: &Section) -> Table {
    let mut table = Table::new(&["attack", "who should tell", "captures", "why not"]);
    let mut groups: BTreeMap<(&str, String, &str), usize> = BTreeMap::new();
    for record in section.of(Kind::Attack) {
        if let Some(reason) = record.reason {
            let key = (record.what(), record.told_by.join(", "), reason.words());
            *groups.entry(key).or_default() += 1;
        }
    }
    for ((what, who, why), count) in groups {
        table.row([what.to_owned(), who, count.to_string(), why.to_owned()]);
    }
    table
}

/// What is wrong, capture by capture.
pub(super) fn faults(sections: &[Section]) -> Table {
    let mut table = Table::new(&["capture", "expected", "but", "because"]);
    let captures = sections.iter().flat_map(|it| &it.captures);
    for record in captures.filter(|it| it.is_wrong()) {
        table.row([
            record.capture.clone(),
            record.expected.clone(),
            record.came(),
            record
                .known_fault
                .clone()
                .unwrap_or_else(|| NONE.to_owned()),
        ]);
    }
    table
}

/// Each capture of a section in which somebody attacks.
pub(super) fn captures(section: &Section) -> Table {
    let mut table = Table::new(&[
        "capture",
        "what",
        "technique",
        "variant",
        "outcome",
        "after",
    ]);
    for record in section.of(Kind::Attack) {
        let after = record.best_asked().map(|it| span(it.after_s));
        let or_dash = |it: &Option<String>| it.clone().unwrap_or_else(|| NONE.to_owned());
        table.row([
            record.short().to_owned(),
            record.title.clone(),
            or_dash(&record.technique),
            or_dash(&record.variant),
            record.came(),
            after.unwrap_or_else(|| NONE.to_owned()),
        ]);
    }
    table
}

/// Each honest or damaged capture of a section.
pub(super) fn honest(section: &Section) -> Table {
    let mut table = Table::new(&["capture", "what", "outcome", "watched"]);
    for record in section.captures.iter().filter(|it| it.kind != Kind::Attack) {
        table.row([
            record.short().to_owned(),
            record.title.clone(),
            record.came(),
            span(record.watched_s),
        ]);
    }
    table
}

impl Record {
    /// Its title, or its name if it has none.
    fn what(&self) -> &str {
        if self.title.is_empty() {
            return &self.capture;
        }
        &self.title
    }

    /// The name of the file up to its first dot.
    pub(super) fn short(&self) -> &str {
        let file = self.capture.rsplit('/').next().unwrap_or(&self.capture);
        file.split('.').next().unwrap_or(file)
    }

    /// What came of it, in words.
    pub(super) fn came(&self) -> String {
        let why = self.reason.map_or("", |it| it.words());
        let fault = self.fault.as_deref().unwrap_or_default();
        match self.outcome {
            Outcome::Told => format!("told by {}", self.tellers().join(", ")),
            Outcome::Imprecise => format!("told by {}, but {fault}", self.tellers().join(", ")),
            Outcome::NotTold => format!("not told: {why}"),
            Outcome::Silent => "silent".to_owned(),
            Outcome::FalseAlert => format!("false alert: {fault}"),
        }
    }

    fn tellers(&self) -> Vec<&str> {
        let asked = self.asked.iter().map(String::as_str);
        asked.filter(|it| self.best(it).is_some()).collect()
    }
}

/// Names of techniques, as ATT&CK has them.
const TECHNIQUES: &str = include_str!("techniques.txt");
