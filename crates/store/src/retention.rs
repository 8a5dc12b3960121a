//! What is forgotten, by kind and age, and last by size.
//!
//! Age is counted by the time of the thing itself, not by when it was told. Forgetting goes in small
//! steps, so that batches are taken in between. Never forgotten: accounts, sensors, the audit log,
//! exclusions, alerts that nobody closed, the evidence of an alert that is kept, and the journal after
//! the latest snapshot.

use crate::codec::number;
use crate::open::Fault;
use crate::{Store, StoreError};
use realmward_vocab::EventTime;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long each kind is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Entries of the journal that a snapshot covers.
    pub journal: Duration,
    /// Activities.
    pub activities: Duration,
    /// Packets that no alert holds.
    pub evidence: Duration,
    /// Alerts that were closed, with their evidence.
    pub alerts: Duration,
    /// Points of the trends of priorities.
    pub trends: Duration,
    /// Reports of sensors.
    pub reports: Duration,
    /// Notices, sent or not.
    pub notices: Duration,
    /// Users without priority and tag, and computers, since last seen.
    pub unseen: Duration,
    /// Size of the database in octets; over it the oldest activities, then packets that no alert
    /// holds, go before their time.
    pub octets_max: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            journal: days(3),
            activities: days(90),
            evidence: days(30),
            alerts: days(400),
            trends: days(400),
            reports: days(30),
            notices: days(7),
            unseen: days(180),
            octets_max: 50 << 30,
        }
    }
}

/// How many rows of each kind were forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// By kind, those of which something went.
    pub rows: BTreeMap<&'static str, u64>,
}

impl Store {
    /// Forgets what is older than it should be at `now`. Call it now and then.
    ///
    /// # Errors
    /// As any writing; what was forgotten until then stays forgotten.
    pub fn retain(&self, retention: &Retention, now: EventTime) -> Result<Forgotten, StoreError> {
        let mut forgotten = Forgotten::default();
        for (kind, age, steps) in rules(retention) {
            let until = before(now, age);
            while 0 < self.step(kind, steps, until, &mut forgotten)? {}
        }
        for (kind, steps) in [(ACTIVITIES, FORGET_ACTIVITIES), (EVIDENCE, FORGET_EVIDENCE)] {
            while retention.octets_max < self.octets_used()?
                && 0 < self.step(kind, steps, i64::MAX, &mut forgotten)?
            {}
        }
        self.shrink()?;
        Ok(forgotten)
    }

    fn step(
        &self,
        kind: &'static str,
        statements: &[&str],
        until: i64,
        forgotten: &mut Forgotten,
    ) -> Result<usize, StoreError> {
        let gone = self.write(|it| run(it, statements, until))?;
        if 0 < gone {
            *forgotten.rows.entry(kind).or_default() += gone as u64;
        }
        Ok(gone)
    }
}

/// Runs the statements of one step; the last says how many rows went.
fn run(it: &Connection, statements: &[&str], until: i64) -> Result<usize, Fault> {
    let mut gone = 0;
    for statement in statements {
        gone = it
            .prepare_cached(statement)?
            .execute(params![until, STEP_ROWS])?;
    }
    Ok(gone)
}

type Rule = (&'static str, Duration, &'static [&'static str]);

fn rules(retention: &Retention) -> [Rule; 9] {
    [
        ("journal", retention.journal, FORGET_JOURNAL),
        (ACTIVITIES, retention.activities, FORGET_ACTIVITIES),
        ("alerts", retention.alerts, FORGET_ALERTS),
        (EVIDENCE, retention.evidence, FORGET_EVIDENCE),
        ("trends", retention.trends, FORGET_TRENDS),
        ("reports", retention.reports, FORGET_REPORTS),
        ("notices", retention.notices, FORGET_NOTICES),
        ("users", retention.unseen, FORGET_USERS),
        ("computers", retention.unseen, FORGET_COMPUTERS),
    ]
}

fn before(now: EventTime, age: Duration) -> i64 {
    let age = number(u64::try_from(age.as_nanos()).unwrap_or(u64::MAX));
    now.unix_nanoseconds().saturating_sub(age)
}

const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

const ACTIVITIES: &str = "activities";
const EVIDENCE: &str = "evidence";

/// Rows in one transaction: some tens of milliseconds.
const STEP_ROWS: i64 = 2_000;

/// In each: `?1` is the time before which rows go, `?2` how many at most.
const FORGET_JOURNAL: &[&str] = &["DELETE FROM journal WHERE position IN \
    (SELECT position FROM journal WHERE position <= (SELECT position FROM snapshot) \
    AND coalesce(time, 0) < ?1 ORDER BY position LIMIT ?2)"];
const FORGET_ACTIVITIES: &[&str] = &[
    "INSERT INTO activities_text (activities_text, rowid, detail) SELECT 'delete', id, detail \
     FROM activities WHERE id IN \
     (SELECT id FROM activities WHERE time < ?1 ORDER BY time, id LIMIT ?2)",
    "DELETE FROM activities WHERE id IN \
     (SELECT id FROM activities WHERE time < ?1 ORDER BY time, id LIMIT ?2)",
];
const FORGET_ALERTS: &[&str] = &[
    "INSERT INTO entries_text (entries_text, rowid, text) SELECT 'delete', id, text \
     FROM entries WHERE kind = 'alert' AND key IN (SELECT CAST(id AS TEXT) FROM alerts \
     WHERE end_time < ?1 AND status NOT IN ('open', 'in_progress') ORDER BY end_time, id LIMIT ?2)",
    "DELETE FROM entries WHERE kind = 'alert' AND key IN (SELECT CAST(id AS TEXT) FROM alerts \
     WHERE end_time < ?1 AND status NOT IN ('open', 'in_progress') ORDER BY end_time, id LIMIT ?2)",
    "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts \
     WHERE end_time < ?1 AND status NOT IN ('open', 'in_progress') ORDER BY end_time, id LIMIT ?2)",
];
const FORGET_EVIDENCE: &[&str] = &["DELETE FROM packets WHERE (file, packet) IN \
    (SELECT p.file, p.packet FROM packets AS p WHERE p.time < ?1 AND NOT EXISTS \
    (SELECT 1 FROM alert_packets AS a WHERE a.file = p.file AND a.packet = p.packet) \
    ORDER BY p.time LIMIT ?2)"];
const FORGET_TRENDS: &[&str] = &[
    "DELETE FROM priorities WHERE (account, domain, position) IN \
    (SELECT account, domain, position FROM priorities WHERE time < ?1 ORDER BY time LIMIT ?2)",
];
const FORGET_REPORTS: &[&str] = &["DELETE FROM reports WHERE (sensor, sequence) IN \
    (SELECT sensor, sequence FROM reports WHERE time < ?1 LIMIT ?2)"];
const FORGET_NOTICES: &[&str] = &["DELETE FROM outbox WHERE id IN \
    (SELECT id FROM outbox WHERE time < ?1 LIMIT ?2)"];
const FORGET_USERS: &[&str] = &[
    "INSERT INTO entries_text (entries_text, rowid, text) SELECT 'delete', id, text \
     FROM entries WHERE kind = 'account' AND key IN (SELECT account || '@' || domain \
     FROM users WHERE last_seen < ?1 AND priority = 0 \
     AND account NOT IN (SELECT account FROM tags) ORDER BY id LIMIT ?2)",
    "DELETE FROM entries WHERE kind = 'account' AND key IN (SELECT account || '@' || domain \
     FROM users WHERE last_seen < ?1 AND priority = 0 \
     AND account NOT IN (SELECT account FROM tags) ORDER BY id LIMIT ?2)",
    "DELETE FROM users WHERE id IN (SELECT id FROM users WHERE last_seen < ?1 AND priority = 0 \
     AND account NOT IN (SELECT account FROM tags) ORDER BY id LIMIT ?2)",
];
const FORGET_COMPUTERS: &[&str] = &[
    "INSERT INTO entries_text (entries_text, rowid, text) SELECT 'delete', id, text \
     FROM entries WHERE kind = 'computer' AND key IN \
     (SELECT address FROM computers WHERE last_seen < ?1 ORDER BY last_seen, id LIMIT ?2)",
    "DELETE FROM entries WHERE kind = 'computer' AND key IN \
     (SELECT address FROM computers WHERE last_seen < ?1 ORDER BY last_seen, id LIMIT ?2)",
    "DELETE FROM computers WHERE id IN \
     (SELECT id FROM computers WHERE last_seen < ?1 ORDER BY last_seen, id LIMIT ?2)",
];
