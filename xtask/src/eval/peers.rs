//! What users would pick instead, beside what we tell: from `fixtures/peers.toml`, in which each
//! fact has a source. What is not in it is unknown.

use super::attacks::titled;
use super::record::{Kind, Outcome, Record, Section};
use super::table::{NONE, Table, share};
use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Peers {
    source: Vec<Source>,
    /// Products that were run, or whose rules were, over captures of the repository.
    measured: Vec<Measured>,
    /// What each of them raised, by capture.
    raised: BTreeMap<String, Vec<String>>,
    microsoft: Vec<Alert>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    id: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    #[serde(rename = "id")]
    _id: String,
    title: String,
    how: String,
    source: String,
}

/// A documented alert of Microsoft's product.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alert {
    number: u16,
    title: String,
    learns: String,
    /// Where or of whom alone.
    only: Option<String>,
    source: String,
}

impl Peers {
    pub(super) fn read() -> Result<Self> {
        let path = realmward_testkit::run::fixtures().join("peers.toml");
        let text = fs::read_to_string(&path).context("fixtures/peers.toml")?;
        let peers: Self = toml::from_str(&text).context("fixtures/peers.toml")?;
        let named = peers.measured.iter().map(|it| &it.source);
        for source in named.chain(peers.microsoft.iter().map(|it| &it.source)) {
            ensure!(
                peers.source.iter().any(|it| it.id == *source),
                "fixtures/peers.toml: no source is called `{source}`"
            );
        }
        for (capture, raised) in &peers.raised {
            ensure!(
                raised.len() == peers.measured.len(),
                "fixtures/peers.toml: `{capture}` has {} cells for {} products",
                raised.len(),
                peers.measured.len()
            );
        }
        Ok(peers)
    }

    /// By technique, over the attacks of the repository, and its honest captures below.
    pub(super) fn table(&self, section: &Section) -> Table {
        let mut head = vec!["technique", "Realmward", "on the same captures"];
        head.extend(self.measured.iter().map(|it| it.title.as_str()));
        head.push("Microsoft, documented");
        let mut table = Table::new(&head);
        let mut groups: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in section.of(Kind::Attack) {
            let technique = record.technique.as_deref().unwrap_or(NONE);
            groups.entry(technique).or_default().push(record);
        }
        for (technique, records) in groups {
            table.row(self.row(
                &titled(technique),
                &records,
                Outcome::Told,
                self.documented(&records),
            ));
        }
        let all: Vec<&Record> = section.of(Kind::Attack).collect();
        table.row(self.row("all attacks", &all, Outcome::Told, NONE.to_owned()));
        let honest: Vec<&Record> = section.of(Kind::Honest).collect();
        let unknown = "unknown".to_owned();
        table.row(self.row(
            "honest captures, falsely accused",
            &honest,
            Outcome::FalseAlert,
            unknown,
        ));
        table
    }

    fn row(
        &self,
        what: &str,
        records: &[&Record],
        hit: Outcome,
        documented: String,
    ) -> Vec<String> {
        let hits = |of: &[&Record]| of.iter().filter(|it| it.outcome == hit).count();
        let common: Vec<&Record> = (records.iter().copied())
            .filter(|it| self.raised.contains_key(it.short()))
            .collect();
        let mut cells = vec![
            what.to_owned(),
            share(hits(records), records.len()),
            unknown_of_none(hits(&common), common.len()),
        ];
        for at in 0..self.measured.len() {
            let raised = common.iter().filter(|it| {
                let cells = self.raised.get(it.short());
                let cell = cells.and_then(|it| it.get(at));
                cell.is_some_and(|it| !it.is_empty())
            });
            cells.push(unknown_of_none(raised.count(), common.len()));
        }
        cells.push(documented);
        cells
    }

    /// The alerts of Microsoft's product for what these captures show.
    fn documented(&self, records: &[&Record]) -> String {
        let named = |alert: &&Alert| {
            let number = alert.number.to_string();
            records.iter().any(|it| it.told_by.contains(&number))
        };
        let words: Vec<String> = (self.microsoft.iter().filter(named))
            .map(Alert::words)
            .collect();
        if words.is_empty() {
            return "unknown".to_owned();
        }
        words.join("; ")
    }

    /// Which product and which source each column is of.
    pub(super) fn legend(&self) -> String {
        let mut text = String::new();
        let source = |id: &str| {
            let place = self.source.iter().position(|it| it.id == id);
            place.map_or(0, |it| it + 1)
        };
        for product in &self.measured {
            let (title, how) = (&product.title, &product.how);
            text += &format!("- {title}: {how} [{}].\n", source(&product.source));
        }
        let documented = self.microsoft.first().map_or(0, |it| source(&it.source));
        text += &format!(
            "- Microsoft, documented: the alerts whose number the truth of a capture names, \
             with the time they learn before they are raised [{documented}].\n\nSources:\n\n"
        );
        for (at, source) in (1..).zip(&self.source) {
            text += &format!("{at}. {}\n", source.text);
        }
        text
    }
}

impl Alert {
    fn words(&self) -> String {
        let only = self.only.as_ref().map(|it| format!(", {it}"));
        let learns = match self.learns.as_str() {
            "none" => "no learning period".to_owned(),
            other if other.starts_with("none stated") => {
                other.replacen("none stated", "learning period not stated", 1)
            }
            other => format!("learns for {other}"),
        };
        format!(
            "{} {} ({learns}{})",
            self.number,
            self.title,
            only.unwrap_or_default()
        )
    }
}

fn unknown_of_none(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "unknown".to_owned();
    }
    share(part, whole)
}
