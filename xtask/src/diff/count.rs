//! Counting what agrees, what differs and why.

use super::record::{Circumstances, Difference, Record, pair};
use super::table::{COMMON, Class, Table};
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What agrees and differs in one table: of a capture, or of a section.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// By kind of message.
    pub(super) kinds: BTreeMap<String, Kind>,
    /// Differences by class.
    pub(super) classes: BTreeMap<String, u64>,
    /// Differences that have no class.
    pub(super) unexplained: u64,
}

/// Messages of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kind {
    /// Told by both.
    pub(super) both: u64,
    /// Told by the sensor only.
    pub(super) only_ours: u64,
    /// Told by tshark only.
    pub(super) only_theirs: u64,
    /// By field: how often both say the same, and how often not.
    pub(super) fields: BTreeMap<String, (u64, u64)>,
}

impl Tally {
    /// Messages told by both, and fields that agree.
    pub(super) fn agreements(&self) -> u64 {
        let kinds = self.kinds.values();
        let fields = |it: &Kind| it.fields.values().map(|it| it.0).sum::<u64>();
        kinds.map(|it| it.both + fields(it)).sum()
    }

    fn add(&mut self, other: Self) {
        for (name, from) in other.kinds {
            let to = self.kinds.entry(name).or_default();
            to.both += from.both;
            to.only_ours += from.only_ours;
            to.only_theirs += from.only_theirs;
            for (name, (same, other)) in from.fields {
                let to = to.fields.entry(name).or_default();
                to.0 += same;
                to.1 += other;
            }
        }
        for (name, count) in other.classes {
            *self.classes.entry(name).or_default() += count;
        }
        self.unexplained += other.unexplained;
    }
}

/// Counts one table of one capture.
pub(super) struct Counts<'a> {
    table: &'a Table,
    capture: &'a str,
    of: &'a Circumstances,
    tally: Tally,
    /// Class and words of each difference.
    told: Vec<(&'static str, String)>,
}

impl<'a> Counts<'a> {
    pub(super) fn new(table: &'a Table, capture: &'a str, of: &'a Circumstances) -> Self {
        Self {
            table,
            capture,
            of,
            tally: Tally::default(),
            told: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, ours: &[Record], theirs: &[Record]) {
        let pairs = pair(ours, theirs);
        for (ours, theirs) in pairs.both {
            self.kind(ours).both += 1;
            for (name, value) in &ours.fields {
                let Some(other) = theirs.field(name) else {
                    continue;
                };
                let is_same = value == other;
                let counts = self
                    .kind(ours)
                    .fields
                    .entry((*name).to_owned())
                    .or_default();
                if is_same {
                    counts.0 += 1;
                } else {
                    counts.1 += 1;
                    self.differ(Some(ours), Some(theirs), Some(name));
                }
            }
        }
        for record in pairs.ours {
            self.kind(record).only_ours += 1;
            self.differ(Some(record), None, None);
        }
        for record in pairs.theirs.into_iter().filter(|it| !it.is_repeated) {
            self.kind(record).only_theirs += 1;
            self.differ(None, Some(record), None);
        }
    }

    fn kind(&mut self, record: &Record) -> &mut Kind {
        self.tally.kinds.entry(record.kind.to_owned()).or_default()
    }

    fn differ(
        &mut self,
        ours: Option<&Record>,
        theirs: Option<&Record>,
        field: Option<&'static str>,
    ) {
        let difference = Difference {
            ours,
            theirs,
            field,
        };
        let mut classes = self.table.classes.iter().chain(COMMON);
        let class = classes.find(|it| (it.holds)(&difference, self.of));
        let name = class.map_or("", |it: &Class| it.name);
        match class {
            Some(_) => *self.tally.classes.entry(name.to_owned()).or_default() += 1,
            None => self.tally.unexplained += 1,
        }
        self.told.push((name, difference.told()));
    }

    /// Prints the differences of a class; of none, those that are unexplained.
    pub(super) fn print(&self, class: Option<&str>) -> Result<()> {
        let wanted = self
            .told
            .iter()
            .filter(|it| it.0 == class.unwrap_or_default());
        for (_, told) in wanted.take(EACH_MAX) {
            crate::tree::say(&format!("{}: {}: {told}\n", self.table.name, self.capture))?;
        }
        Ok(())
    }

    pub(super) fn done(self) -> Tally {
        self.tally
    }
}

/// One set of captures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) captures: usize,
    /// By table.
    pub(super) tables: BTreeMap<String, Tally>,
}

impl Section {
    pub(super) fn new(name: &str, captures: usize) -> Self {
        Self {
            name: name.to_owned(),
            captures,
            tables: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, table: &str, tally: Tally) {
        self.tables.entry(table.to_owned()).or_default().add(tally);
    }
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Report {
    /// The version line of tshark.
    pub(super) tshark: String,
    pub(super) sections: Vec<Section>,
}

impl Report {
    pub(super) fn read(docs: &Path) -> Result<Self> {
        let path = docs.join(JSON);
        if !path.is_file() {
            return Ok(Self::default());
        }
        serde_json::from_str(&fs::read_to_string(&path)?).context(JSON)
    }

    pub(super) fn write(&self, docs: &Path, page: &str) -> Result<()> {
        let json = serde_json::to_string_pretty(self)?;
        fs::write(docs.join(JSON), json + "\n")?;
        fs::write(docs.join(PAGE), page)?;
        Ok(())
    }

    pub(super) fn unexplained(&self) -> u64 {
        let tables = self.sections.iter().flat_map(|it| it.tables.values());
        tables.map(|it| it.unexplained).sum()
    }

    /// What was committed of sections that are not here stays.
    pub(super) fn keep_unseen(&mut self, committed: &Self) {
        for section in &committed.sections {
            if !self.sections.iter().any(|it| it.name == section.name) {
                self.sections.push(section.clone());
            }
        }
    }

    /// Tables in which less agrees or more is unexplained.
    pub(super) fn worse_than(&self, committed: &Self) -> Vec<String> {
        let mut worse = Vec::new();
        for section in &self.sections {
            let before = committed.sections.iter().find(|it| it.name == section.name);
            for (name, tally) in &section.tables {
                let Some(before) = before.and_then(|it| it.tables.get(name)) else {
                    continue;
                };
                let place = format!("{}, {name}", section.name);
                if tally.agreements() < before.agreements() {
                    let (now, then) = (tally.agreements(), before.agreements());
                    worse.push(format!("{place}: {now} things agree, {then} did"));
                }
                if before.unexplained < tally.unexplained {
                    let (now, then) = (tally.unexplained, before.unexplained);
                    worse.push(format!(
                        "{place}: {now} differences unexplained, {then} were"
                    ));
                }
            }
        }
        worse
    }
}

const JSON: &str = "differential.json";
const PAGE: &str = "differential.md";

/// As many differences of one table of one capture are printed.
const EACH_MAX: usize = 20;
