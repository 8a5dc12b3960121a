//! The book of alerts: findings that belong together become one.

use crate::{Alert, AlertId, Exclusion};
use realmward_detect::Finding;
use realmward_event::operator::AlertStatus;
use realmward_vocab::{AccountName, DetectorId, EventTime};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// What the book did with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// It opened an alert.
    Opened(AlertId),
    /// It joined an open alert.
    Joined(AlertId),
    /// An exclusion hid it.
    Excluded,
    /// The book is full; it was counted and dropped.
    Dropped,
}

/// Findings of one detector, source and actor belong to one incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Group {
    detector: DetectorId,
    source: Option<IpAddr>,
    actor: Option<AccountName>,
}

/// All alerts of a run, and the exclusions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    alerts: Vec<Alert>,
    open: BTreeMap<Group, AlertId>,
    exclusions: Vec<Exclusion>,
    dropped: u64,
    /// The highest number of an alert that was forgotten: it is not given again.
    #[serde(default)]
    retired: u64,
    #[serde(skip)]
    changed: BTreeSet<AlertId>,
}

impl Book {
    /// An empty book with these exclusions.
    #[must_use]
    pub fn new(exclusions: Vec<Exclusion>) -> Self {
        Self {
            exclusions,
            ..Self::default()
        }
    }

    /// A book that goes on with `alerts` as they are kept elsewhere, when its own state is lost.
    ///
    /// `last` is the highest number that was ever given to an alert: none is given twice.
    #[must_use]
    pub fn resumed(mut alerts: Vec<Alert>, exclusions: Vec<Exclusion>, last: u64) -> Self {
        alerts.sort_by_key(|it| it.id);
        alerts.dedup_by_key(|it| it.id);
        let open = alerts.iter().map(|it| (Group::of_alert(it), it.id));
        let highest = alerts.last().map_or(0, |it| it.id.0);
        Self {
            open: open.collect(),
            retired: if highest < last { last } else { 0 },
            alerts,
            exclusions,
            ..Self::default()
        }
    }

    /// Files a finding. Findings must come in event order.
    pub fn file(&mut self, finding: Finding) -> Update {
        if self.exclusions.iter_mut().any(|it| it.hides(&finding)) {
            return Update::Excluded;
        }
        let group = Group::of(&finding);
        let before = self.open.get(&group).copied();
        let mut follows = None;
        if let Some(alert) = before.and_then(|id| self.alert_mut(id))
            && finding.start.saturating_since(alert.end) <= JOIN_WITHIN
        {
            let id = alert.id;
            if !alert.status.is_closed() {
                alert.join(finding);
                self.changed.insert(id);
                return Update::Joined(id);
            }
            follows = Some(id);
        }
        self.retire(finding.start);
        if ALERTS_MAX <= self.alerts.len() {
            self.dropped += 1;
            return Update::Dropped;
        }
        let last = self.alerts.last().map_or(0, |it| it.id.0).max(self.retired);
        let id = AlertId(last + 1);
        self.open.insert(group, id);
        self.alerts.push(Alert {
            follows,
            ..Alert::open(id, finding)
        });
        self.changed.insert(id);
        Update::Opened(id)
    }

    /// Takes a person's judgement; `false` if there is no such alert, or it is so already.
    ///
    /// What comes after an alert was closed is a new alert that [`Alert::follows`] it.
    pub fn judge(&mut self, id: AlertId, status: AlertStatus) -> bool {
        let Some(alert) = self.alert_mut(id).filter(|it| it.status != status) else {
            return false;
        };
        alert.status = status;
        alert.revision += 1;
        self.changed.insert(id);
        true
    }

    /// Hides findings from now on.
    pub fn exclude(&mut self, exclusion: Exclusion) {
        if self.exclusions.len() < EXCLUSIONS_MAX {
            self.exclusions.push(exclusion);
        }
    }

    /// Drops the exclusions with this number.
    pub fn include(&mut self, id: u64) {
        self.exclusions.retain(|it| it.id != id);
    }

    /// The alerts that changed since the last call.
    pub fn take_changed(&mut self) -> Vec<Alert> {
        let changed = std::mem::take(&mut self.changed);
        changed
            .iter()
            .filter_map(|id| self.alert(*id).cloned())
            .collect()
    }

    /// An alert by its number.
    #[must_use]
    pub fn alert(&self, id: AlertId) -> Option<&Alert> {
        self.alerts.get(self.place(id)?)
    }

    fn alert_mut(&mut self, id: AlertId) -> Option<&mut Alert> {
        let place = self.place(id)?;
        self.alerts.get_mut(place)
    }

    fn place(&self, id: AlertId) -> Option<usize> {
        self.alerts.binary_search_by_key(&id, |it| it.id).ok()
    }

    /// Forgets alerts that ended long ago; whoever stores alerts still has them.
    fn retire(&mut self, now: EventTime) {
        let old = self
            .alerts
            .iter()
            .take_while(|it| RETIRED_AFTER < now.saturating_since(it.end))
            .count();
        let gone: BTreeSet<AlertId> = self.alerts.drain(..old).map(|it| it.id).collect();
        if let Some(last) = gone.last() {
            self.retired = self.retired.max(last.0);
            self.open.retain(|_, id| !gone.contains(id));
        }
    }

    /// The alerts, in the order in which they were opened.
    #[must_use]
    pub fn alerts(&self) -> &[Alert] {
        &self.alerts
    }

    /// The exclusions with what they hid.
    #[must_use]
    pub fn exclusions(&self) -> &[Exclusion] {
        &self.exclusions
    }

    /// Findings dropped because the book was full.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl Group {
    /// That of the finding that opened the alert: what joined it has the same.
    fn of_alert(alert: &Alert) -> Self {
        Self {
            detector: alert.detector.clone(),
            source: alert.sources().find_map(|host| host.ip),
            actor: alert.actors().next().map(|party| party.name.folded()),
        }
    }

    fn of(finding: &Finding) -> Self {
        Self {
            detector: finding.detector.clone(),
            source: finding.sources().find_map(|host| host.ip),
            actor: finding.actors().next().map(|party| party.name.folded()),
        }
    }
}

/// A pause of a working day ends an incident: what comes later deserves a new look.
const JOIN_WITHIN: Duration = Duration::from_secs(8 * 3_600);

/// Priorities look back weeks, not seasons. What is lost: nothing that is stored elsewhere.
const RETIRED_AFTER: Duration = Duration::from_secs(180 * 86_400);

/// More exclusions than anybody keeps track of. What is lost: later ones do not hide.
const EXCLUSIONS_MAX: usize = 10_000;

/// Far more than a person reads. What is lost: later alerts of a run, counted in [`Book::dropped`].
const ALERTS_MAX: usize = 50_000;
