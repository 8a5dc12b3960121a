//! Incidents: alerts that tell one story.
//!
//! Two alerts belong together if the same account acted in both, if both came from the same device,
//! or if one came from a device that the other acted upon (movement from host to host; domain
//! controllers aside, everybody acts upon those), and not more than a day lies between them. What
//! belongs together with one alert of an incident belongs to the incident; two incidents that a new
//! alert joins become one. The number of an incident is that of its first alert.
//!
//! This is found out when an alert is written, by looks at indexes: no page has to think about it.
//! Alerts that were written by an older version stand alone until they change.

use super::{BY_END, COLUMNS, conditions, record, severity};
use crate::codec::{count, number, time};
use crate::open::Fault;
use crate::page::list;
use crate::{AlertFilter, AlertRecord, Listing, Page, Store, StoreError, canonical};
use realmward_alert::Alert;
use realmward_detect::{PartyRole, Severity};
use realmward_vocab::EventTime;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use std::time::Duration;

/// Alerts that tell one story.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Its number: that of its first alert.
    pub id: u64,
    /// Its alerts that were asked for, those seen last first; at most [`Incident::SHOWN_MAX`].
    pub alerts: Vec<AlertRecord>,
    /// Detectors of all that were asked for, in the order in which they first saw something.
    pub steps: Vec<String>,
    /// How many were asked for.
    pub fitting: u64,
    /// How many there are in all.
    pub total: u64,
    /// The worst severity among those asked for.
    pub severity: Severity,
    /// When the first of those asked for began.
    pub start: EventTime,
    /// When the last of those asked for was seen.
    pub end: EventTime,
}

impl Incident {
    /// Alerts that a list has of each incident; the list of one incident has them all.
    pub const SHOWN_MAX: u32 = 12;
    /// So much may lie between two alerts of an incident: what an attacker does in a night and goes on
    /// with next evening is one story.
    pub const WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
    /// A source that raised more is noisy; a new incident begins.
    pub const ALERTS_MAX: u32 = 200;
}

impl Store {
    /// Incidents with alerts that fit, those with the latest of them first.
    ///
    /// # Errors
    /// As any reading.
    pub fn incidents(
        &self,
        filter: &AlertFilter,
        page: &Page,
    ) -> Result<Listing<Incident>, StoreError> {
        self.read(|it| {
            let mut latest = conditions(filter, "a");
            let mut later = conditions(filter, "b");
            later.add("b.incident = a.incident", []);
            later.add("(a.end_time, a.id) < (b.end_time, b.id)", []);
            latest.add_none("alerts AS b", later);
            let heads = list(
                it,
                "a.incident FROM alerts AS a",
                latest,
                BY_END,
                page,
                |row| row.get::<_, i64>(2),
            )?;
            let mut items = Vec::new();
            for id in heads.items {
                items.push(incident(it, id, filter)?);
            }
            Ok(Listing {
                items,
                next: heads.next,
                previous: heads.previous,
            })
        })
    }

    /// The incident of an alert, and how many alerts are in it.
    ///
    /// # Errors
    /// As any reading.
    pub fn incident_of(&self, alert: u64) -> Result<Option<(u64, u64)>, StoreError> {
        self.read(|it| {
            let sql = "SELECT this.incident, count(*) FROM alerts AS this \
                 JOIN alerts AS a ON a.incident = this.incident WHERE this.id = ? \
                 GROUP BY this.incident";
            Ok(it
                .prepare_cached(sql)?
                .query_row([number(alert)], |row| Ok((count(row, 0)?, count(row, 1)?)))
                .optional()?)
        })
    }
}

fn incident(it: &Connection, id: i64, filter: &AlertFilter) -> Result<Incident, Fault> {
    let mut fits = conditions(filter, "a");
    fits.add("a.incident = ?", [id.into()]);
    let mut incident = it
        .prepare_cached(&format!(
            "SELECT count(*), max(a.severity), min(a.start_time), max(a.end_time) \
             FROM alerts AS a{}",
            fits.clause()
        ))?
        .query_row(fits.values(), |row| {
            Ok(Incident {
                id: u64::try_from(id).unwrap_or(0),
                alerts: Vec::new(),
                steps: Vec::new(),
                fitting: count(row, 0)?,
                total: 0,
                severity: severity(row.get(1)?),
                start: time(row, 2)?,
                end: time(row, 3)?,
            })
        })?;
    incident.total = it
        .prepare_cached("SELECT count(*) FROM alerts WHERE incident = ?")?
        .query_row([id], |row| count(row, 0))?;
    let mut statement = it.prepare_cached(&format!(
        "SELECT {COLUMNS}{} ORDER BY a.end_time DESC, a.id DESC LIMIT {}",
        fits.clause(),
        Incident::SHOWN_MAX
    ))?;
    let rows = statement.query_map(fits.values(), |row| record(row, 0))?;
    incident.alerts = rows.collect::<rusqlite::Result<_>>()?;
    let mut statement = it.prepare_cached(&format!(
        "SELECT a.detector FROM alerts AS a{} GROUP BY a.detector \
         ORDER BY min(a.start_time), min(a.id)",
        fits.clause()
    ))?;
    let steps = statement.query_map(fits.values(), |row| row.get(0))?;
    incident.steps = steps.collect::<rusqlite::Result<_>>()?;
    Ok(incident)
}

/// Makes an alert that was just written part of the incidents it belongs to.
pub(super) fn join(it: &Connection, alert: &Alert) -> Result<(), Fault> {
    let id = number(alert.id.0);
    let own = it
        .prepare_cached("SELECT incident FROM alerts WHERE id = ?")?
        .query_row([id], |row| row.get::<_, i64>(0))?;
    let mut near = Near {
        it,
        alert,
        incidents: BTreeSet::from([own]),
    };
    for actor in alert.actors().filter(|it| !it.name.is_empty()) {
        let name = actor.name.folded();
        near.look(SAME_ACTOR, name.as_str(), actor.domain.folded().as_str())?;
    }
    for host in &alert.hosts {
        let Some(address) = host.ip.map(canonical) else {
            continue;
        };
        match host.role {
            PartyRole::Source => {
                near.look(SAME_SOURCE, &address, "source")?;
                near.look(MOVED, &address, "target")?;
            }
            _ => near.look(MOVED, &address, "source")?,
        }
    }
    merge(it, &near.incidents)
}

/// Incidents that an alert belongs to.
struct Near<'a> {
    it: &'a Connection,
    alert: &'a Alert,
    incidents: BTreeSet<i64>,
}

impl Near<'_> {
    /// Looks at the latest alerts that a query finds by two words.
    fn look(&mut self, related: &str, one: &str, other: &str) -> Result<(), Fault> {
        let window = i64::try_from(Incident::WINDOW.as_nanos()).unwrap_or(i64::MAX);
        let begin = self.alert.start.unix_nanoseconds().saturating_sub(window);
        let end = self.alert.end.unix_nanoseconds().saturating_add(window);
        let mut statement = self.it.prepare_cached(&format!(
            "SELECT DISTINCT b.incident FROM ({related} ORDER BY near.alert DESC LIMIT {NEAR_MAX}) \
             AS n JOIN alerts AS b ON b.id = n.alert WHERE ?3 <= b.end_time AND b.start_time <= ?4"
        ))?;
        let mut rows = statement.query(params![one, other, begin, end])?;
        while let Some(row) = rows.next()? {
            self.incidents.insert(row.get(0)?);
        }
        Ok(())
    }
}

/// Makes several incidents one; at each that would become too big another one begins.
fn merge(it: &Connection, incidents: &BTreeSet<i64>) -> Result<(), Fault> {
    if incidents.len() < 2 {
        return Ok(());
    }
    let mut target = (0, u64::from(Incident::ALERTS_MAX));
    for incident in incidents {
        let alerts = it
            .prepare_cached("SELECT count(*) FROM alerts WHERE incident = ?")?
            .query_row([incident], |row| count(row, 0))?;
        if u64::from(Incident::ALERTS_MAX) < target.1 + alerts {
            target = (*incident, alerts);
            continue;
        }
        it.prepare_cached("UPDATE alerts SET incident = ? WHERE incident = ?")?
            .execute(params![target.0, incident])?;
        target.1 += alerts;
    }
    Ok(())
}

const SAME_ACTOR: &str = "SELECT near.alert FROM alert_accounts AS near \
     WHERE near.account = ?1 AND near.role = 'actor' \
     AND (near.domain = ?2 OR near.domain = '' OR ?2 = '')";
const SAME_SOURCE: &str = "SELECT near.alert FROM alert_hosts AS near \
     WHERE near.address = ?1 AND near.role = ?2";
const MOVED: &str = "SELECT near.alert FROM alert_hosts AS near \
     WHERE near.address = ?1 AND near.role = ?2 AND NOT EXISTS (SELECT 1 FROM computers AS c \
     WHERE c.address = ?1 AND c.is_domain_controller)";

/// So many of the latest alerts that share a party are looked at. What is further back is chained by
/// those between, or it is noise.
const NEAR_MAX: u32 = 64;
