//! Alerts, as the engine last told them, and the questions people ask of them.

mod incidents;
mod similar;
mod tally;

pub use incidents::Incident;
pub use tally::AlertTally;

use crate::codec::{
    count, from_word, json, nanoseconds, number, text, time, time_if, to_json, word,
};
use crate::open::Fault;
use crate::page::{Conditions, Order, list};
use crate::{Listing, Page, Store, StoreError, canonical, search};
use realmward_alert::Alert;
use realmward_detect::Severity;
use realmward_event::operator::AlertStatus;
use realmward_vocab::{AccountName, DetectorId, DomainName, EventTime, HostName};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// An alert, and what people made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRecord {
    /// The alert.
    pub alert: Alert,
    /// How often it changed: a lower revision never replaces a higher one.
    pub revision: u64,
    /// What became of it.
    pub status: AlertStatus,
    /// Why, in the words of who judged it last.
    pub comment: String,
    /// Who judged it last; empty if nobody did.
    pub judged_by: String,
    /// When it was last judged.
    pub judged_at: Option<EventTime>,
    /// When it last changed.
    pub changed_at: EventTime,
}

/// Which alerts; what is empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Any of these statuses.
    pub statuses: Vec<AlertStatus>,
    /// At least so bad.
    pub severity: Option<Severity>,
    /// Any of these detectors.
    pub detectors: Vec<DetectorId>,
    /// An account that takes part, in whatever role.
    pub account: Option<AccountName>,
    /// That account's domain.
    pub domain: Option<DomainName>,
    /// An address that takes part.
    pub address: Option<IpAddr>,
    /// A computer that takes part.
    pub host: Option<HostName>,
    /// Of this incident.
    pub incident: Option<u64>,
    /// Seen at or after.
    pub since: Option<EventTime>,
    /// Begun before.
    pub until: Option<EventTime>,
    /// Changed after: what a live page asks.
    pub changed_after: Option<EventTime>,
    /// A part of its title, accounts, hosts or story.
    pub text: String,
}

/// How many alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AlertCounts {
    /// In all.
    pub total: u64,
    /// By status, as JSON writes it.
    pub by_status: BTreeMap<String, u64>,
    /// By severity.
    pub by_severity: BTreeMap<Severity, u64>,
    /// By detector.
    pub by_detector: BTreeMap<String, u64>,
}

impl Store {
    /// Alerts, those seen last first.
    ///
    /// # Errors
    /// As any reading.
    pub fn alerts(
        &self,
        filter: &AlertFilter,
        page: &Page,
    ) -> Result<Listing<AlertRecord>, StoreError> {
        self.read(|it| {
            list(it, COLUMNS, conditions(filter, "a"), BY_END, page, |row| {
                record(row, 2)
            })
        })
    }

    /// One alert.
    ///
    /// # Errors
    /// As any reading.
    pub fn alert(&self, id: u64) -> Result<Option<AlertRecord>, StoreError> {
        self.read(|it| one(it, id))
    }

    /// The highest number that an alert ever had; 0 if there was none.
    ///
    /// # Errors
    /// As any reading.
    pub fn last_alert(&self) -> Result<u64, StoreError> {
        self.read(|it| {
            let last = "SELECT max(coalesce((SELECT max(id) FROM alerts), 0), \
                 coalesce((SELECT max(alert) FROM judgements), 0))";
            Ok(it.query_row(last, [], |row| count(row, 0))?)
        })
    }

    /// How many alerts, by what people sort them by.
    ///
    /// # Errors
    /// As any reading.
    pub fn alert_counts(&self, filter: &AlertFilter) -> Result<AlertCounts, StoreError> {
        self.read(|it| {
            let conditions = conditions(filter, "a");
            let mut statement = it.prepare_cached(&format!(
                "SELECT a.status, a.severity, a.detector, count(*) FROM alerts AS a{} \
                 GROUP BY a.status, a.severity, a.detector",
                conditions.clause()
            ))?;
            let mut rows = statement.query(conditions.values())?;
            let mut counts = AlertCounts::default();
            while let Some(row) = rows.next()? {
                let number = count(row, 3)?;
                counts.total += number;
                *counts.by_status.entry(text(row, 0)?).or_default() += number;
                *counts.by_severity.entry(severity(row.get(1)?)).or_default() += number;
                *counts.by_detector.entry(text(row, 2)?).or_default() += number;
            }
            Ok(counts)
        })
    }
}

/// What a filter asks of the table of alerts that a query calls `of`.
fn conditions(filter: &AlertFilter, of: &str) -> Conditions {
    let mut it = Conditions::default();
    let detectors = filter.detectors.iter().map(ToString::to_string);
    it.any_of(&format!("{of}.status"), filter.statuses.iter().map(word));
    it.any_of(&format!("{of}.detector"), detectors);
    if let Some(severity) = filter.severity {
        it.add(&format!("? <= {of}.severity"), [rank(severity).into()]);
    }
    if let Some(incident) = filter.incident {
        it.add(&format!("{of}.incident = ?"), [number(incident).into()]);
    }
    parties(&mut it, filter, of);
    let mut time = |condition: &str, time: Option<EventTime>| {
        if let Some(time) = time {
            it.add(condition, [time.unix_nanoseconds().into()]);
        }
    };
    time(&format!("? <= {of}.end_time"), filter.since);
    time(&format!("{of}.start_time < ?"), filter.until);
    time(&format!("? < {of}.changed_at"), filter.changed_after);
    search::alerts_with(&mut it, of, &filter.text);
    it
}

/// What a filter asks of who takes part.
fn parties(it: &mut Conditions, filter: &AlertFilter, of: &str) {
    let folded = |domain: &DomainName| domain.folded().as_str().to_owned();
    match (&filter.account, filter.domain.as_ref().map(folded)) {
        (Some(account), domain) => it.add(
            &format!(
                "{of}.id IN (SELECT alert FROM alert_accounts \
                 WHERE account = ? AND domain = coalesce(?, domain))"
            ),
            [account.folded().as_str().to_owned().into(), domain.into()],
        ),
        (None, Some(domain)) => it.add(
            &format!("{of}.id IN (SELECT alert FROM alert_accounts WHERE domain = ?)"),
            [domain.into()],
        ),
        (None, None) => {}
    }
    if let Some(address) = filter.address {
        it.add(
            &format!("{of}.id IN (SELECT alert FROM alert_hosts WHERE address = ?)"),
            [canonical(address).into()],
        );
    }
    if let Some(host) = &filter.host {
        it.add(
            &format!("{of}.id IN (SELECT alert FROM alert_hosts WHERE name = ?)"),
            [host.folded().as_str().to_owned().into()],
        );
    }
}

pub(crate) fn one(it: &Connection, id: u64) -> Result<Option<AlertRecord>, Fault> {
    Ok(it
        .prepare_cached(&format!("SELECT {COLUMNS} WHERE a.id = ?"))?
        .query_row([number(id)], |row| record(row, 0))
        .optional()?)
}

/// Writes those that are newer than what is there.
pub(crate) fn put(it: &Connection, records: &[AlertRecord]) -> Result<(), Fault> {
    let mut statement = it.prepare_cached(
        "INSERT INTO alerts (id, revision, detector, severity, status, outcome, start_time, \
         end_time, comment, judged_by, judged_at, changed_at, body, incident) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?1) ON CONFLICT (id) DO UPDATE SET \
         revision = excluded.revision, detector = excluded.detector, \
         severity = excluded.severity, status = excluded.status, outcome = excluded.outcome, \
         start_time = excluded.start_time, end_time = excluded.end_time, \
         comment = excluded.comment, judged_by = excluded.judged_by, \
         judged_at = excluded.judged_at, changed_at = excluded.changed_at, \
         body = excluded.body WHERE alerts.revision < excluded.revision",
    )?;
    for record in records {
        let alert = &record.alert;
        let changed = statement.execute(params![
            number(alert.id.0),
            number(record.revision),
            alert.detector.as_str(),
            rank(alert.severity),
            word(&record.status),
            word(&alert.outcome),
            alert.start.unix_nanoseconds(),
            alert.end.unix_nanoseconds(),
            record.comment,
            record.judged_by,
            nanoseconds(record.judged_at),
            record.changed_at.unix_nanoseconds(),
            to_json(alert, "an alert")?,
        ])?;
        if 0 < changed {
            put_parties(it, alert)?;
            search::put_alert(it, alert)?;
            incidents::join(it, alert)?;
        }
    }
    Ok(())
}

fn put_parties(it: &Connection, alert: &Alert) -> Result<(), Fault> {
    let id = number(alert.id.0);
    for table in ["alert_accounts", "alert_hosts", "alert_packets"] {
        it.prepare_cached(&format!("DELETE FROM {table} WHERE alert = ?"))?
            .execute([id])?;
    }
    let mut statement = it.prepare_cached(
        "INSERT INTO alert_accounts (alert, account, domain, role, detector) \
         VALUES (?, ?, ?, ?, ?) \
         ON CONFLICT DO NOTHING",
    )?;
    for party in &alert.accounts {
        let (name, domain) = (party.name.folded(), party.domain.folded());
        statement.execute(params![
            id,
            name.as_str(),
            domain.as_str(),
            word(&party.role),
            alert.detector.as_str()
        ])?;
    }
    let mut statement = it.prepare_cached(
        "INSERT INTO alert_hosts (alert, address, name, role, detector) \
         VALUES (?, ?, ?, ?, ?) \
         ON CONFLICT DO NOTHING",
    )?;
    for host in &alert.hosts {
        let name = host.name.as_ref().map(HostName::folded).unwrap_or_default();
        let address = host.ip.map(canonical).unwrap_or_default();
        statement.execute(params![
            id,
            address,
            name.as_str(),
            word(&host.role),
            alert.detector.as_str()
        ])?;
    }
    let mut statement = it.prepare_cached(
        "INSERT INTO alert_packets (alert, file, packet) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    )?;
    for packet in &alert.evidence {
        statement.execute(params![id, packet.file.0, number(packet.packet)])?;
    }
    Ok(())
}

fn record(row: &Row<'_>, from: usize) -> rusqlite::Result<AlertRecord> {
    Ok(AlertRecord {
        alert: json(row, from)?,
        revision: count(row, from + 1)?,
        status: from_word(row, from + 2)?,
        comment: text(row, from + 3)?,
        judged_by: text(row, from + 4)?,
        judged_at: time_if(row, from + 5)?,
        changed_at: time(row, from + 6)?,
    })
}

const fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 0,
        Severity::Medium => 1,
        Severity::High => 2,
    }
}

const fn severity(rank: i64) -> Severity {
    match rank {
        2.. => Severity::High,
        1 => Severity::Medium,
        _ => Severity::Low,
    }
}

const COLUMNS: &str = "a.body, a.revision, a.status, a.comment, a.judged_by, a.judged_at, \
     a.changed_at FROM alerts AS a";
const BY_END: Order = Order {
    key: "a.end_time",
    id: "a.id",
};
