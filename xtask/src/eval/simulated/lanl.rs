//! The public data of the Los Alamos National Laboratory (A. Kent 2015), or anything in its form:
//! `auth.txt.gz` as events, `redteam.txt.gz` as truth.
//!
//! A line is a logon as a Windows log tells it: no packets, no tickets, no requests. So Kerberos lines
//! become answers of a KDC without a ticket, NTLM lines NTLM logons that look like Windows, and other
//! logons sessions under a name. Detections that read messages have nothing to look at; what is
//! measured is what remains.

mod lines;

use super::measure::{Estimate, mean};
use super::scores::{Way, number, place, score};
use anyhow::{Context as _, Result, ensure};
use flate2::read::MultiGzDecoder;
use lines::{account, event};
use realmward_event::Event;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_vocab::{AccountName, EventTime};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Reads both files and reports.
pub(super) fn run(logons: &Path, labels: &Path) -> Result<String> {
    let labels = Labels::read(open(labels)?)?;
    ensure!(!labels.0.is_empty(), "no label in the red team's file");
    let mut walk = Walk::new(labels);
    let mut number = 0;
    for line in open(logons)?.lines() {
        number += 1;
        let line = line?;
        if let Some(event) = event(&line, number) {
            walk.take(event);
        } else {
            walk.unread += 1;
        }
    }
    ensure!(walk.read != 0, "no line could be read");
    walk.finish();
    Ok(walk.page())
}

fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path).with_context(|| path.display().to_string())?);
    let is_packed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read> = if is_packed {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(Box::new(BufReader::new(plain)))
}

/// When each account was used by the red team.
struct Labels(BTreeMap<AccountName, Vec<EventTime>>);

impl Labels {
    /// `time,user@domain,source computer,destination computer`.
    fn read(lines: impl BufRead) -> Result<Self> {
        let mut labels: BTreeMap<AccountName, Vec<EventTime>> = BTreeMap::new();
        for line in lines.lines() {
            let line = line?;
            let mut fields = line.split(',');
            let time = fields.next().and_then(|it| it.trim().parse::<i64>().ok());
            if let (Some(time), Some((account, _))) = (time, fields.next().map(account)) {
                let times = labels.entry(account.folded()).or_default();
                times.push(EventTime::from_unix_seconds(time));
            }
        }
        labels.values_mut().for_each(|it| it.sort_unstable());
        Ok(Self(labels))
    }

    fn taken(&self, now: EventTime) -> BTreeSet<AccountName> {
        let used = self
            .0
            .iter()
            .filter(|(_, times)| times.iter().any(|it| *it <= now));
        used.map(|(name, _)| name.clone()).collect()
    }
}

/// One pass over the logons.
struct Walk {
    labels: Labels,
    pipeline: Pipeline,
    batch: Vec<Event>,
    /// Looks that are due: when, after which span, at whom.
    due: BTreeSet<(EventTime, usize, AccountName)>,
    places: BTreeMap<(usize, Way), Vec<super::scores::Place>>,
    red: Vec<f64>,
    midnight: EventTime,
    read: u64,
    unread: u64,
}

impl Walk {
    fn new(labels: Labels) -> Self {
        let mut due = BTreeSet::new();
        for (name, times) in &labels.0 {
            let Some(second) = times.get(1).or_else(|| times.first()) else {
                continue;
            };
            for (at, after) in super::trial::AFTER.iter().enumerate() {
                due.insert((second.saturating_add(*after), at, name.clone()));
            }
        }
        Self {
            labels,
            pipeline: Pipeline::new(&PipelineSettings::default(), 1),
            batch: Vec::new(),
            due,
            places: BTreeMap::new(),
            red: Vec::new(),
            midnight: EventTime::from_unix_seconds(DAY_S),
            read: 0,
            unread: 0,
        }
    }

    fn take(&mut self, event: Event) {
        while self.due.first().is_some_and(|it| it.0 <= event.time) {
            if let Some((_, at, name)) = self.due.pop_first() {
                self.look(at, &name);
            }
        }
        while self.midnight <= event.time {
            self.count_red();
            self.midnight = self
                .midnight
                .saturating_add(std::time::Duration::from_secs(86_400));
        }
        self.read += 1;
        self.batch.push(event);
        if BATCH <= self.batch.len() {
            self.flush();
        }
    }

    fn finish(&mut self) {
        while let Some((_, at, name)) = self.due.pop_first() {
            self.look(at, &name);
        }
        self.count_red();
        self.pipeline.finish();
    }

    fn flush(&mut self) {
        self.pipeline.take(std::mem::take(&mut self.batch));
    }

    fn users(&self) -> f64 {
        crate::simulate::numbers::float(self.pipeline.front.population().users)
    }

    fn look(&mut self, at: usize, name: &AccountName) {
        self.flush();
        let front = &self.pipeline.front;
        let scored = score(self.pipeline.alerts(), front.population(), front.now());
        let wanted = BTreeSet::from([name.clone()]);
        for (way, scores) in &scored.by {
            let place = place(scores, &wanted, self.users());
            self.places.entry((at, *way)).or_default().push(place);
        }
    }

    fn count_red(&mut self) {
        self.flush();
        let taken = self.labels.taken(self.pipeline.front.now());
        let users = self.pipeline.users();
        let red = users
            .iter()
            .filter(|it| 50 <= it.priority && !taken.contains(&it.name.folded()));
        self.red.push(number(red.count()));
    }

    fn page(&self) -> String {
        let mut page = format!(
            "{} logons read, {} lines without one; {} users, {} of them used by the red team; {} alerts.\n\
             Honest users in red at midnight, on average: {:.2}.\n\n\
             | order by | median place, 1 h | 24 h | 72 h | first, 24 h | in 5 | in 10 |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
            self.read,
            self.unread,
            self.users(),
            self.labels.0.len(),
            self.pipeline.alerts().len(),
            mean(&self.red),
        );
        for way in Way::ALL {
            let of = |at: usize| self.places.get(&(at, way)).map_or(&[][..], Vec::as_slice);
            let medians = [0, 1, 2].map(|at| {
                let ranks: Vec<f64> = of(at).iter().map(|it| it.rank).collect();
                Estimate::median(&ranks).words(1)
            });
            let parts = [0, 1, 2].map(|top| {
                let within = of(1).iter().filter_map(|it| it.within.get(top).copied());
                Estimate::mean(&within.collect::<Vec<_>>()).percent()
            });
            let _ = writeln!(
                page,
                "| {} | {} | {} |",
                way.words(),
                medians.join(" | "),
                parts.join(" | ")
            );
        }
        page
    }
}

const DAY_S: i64 = 86_400;
const BATCH: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> std::path::PathBuf {
        realmward_testkit::run::fixtures().join("lanl").join(name)
    }

    #[test]
    fn a_sample_in_the_form_of_the_data_set_is_read_and_scored() {
        let page = run(&sample("auth.txt"), &sample("redteam.txt")).unwrap();
        assert!(
            page.starts_with("9 logons read, 2 lines without one; 4 users, 1 of them"),
            "{page}"
        );
        assert!(page.contains("| random | 2.5 (2.5 to 2.5) |"), "{page}");
    }
}
