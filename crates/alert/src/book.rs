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
    /// Alerts that were forgotten, the oldest first: the number of the first that is kept, less one.
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
        let id = AlertId(self.retired + self.alerts.len() as u64 + 1);
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
        usize::try_from(id.0.checked_sub(self.retired)?)
            .ok()?
            .checked_sub(1)
    }

    /// Forgets alerts that ended long ago; whoever stores alerts still has them.
    fn retire(&mut self, now: EventTime) {
        let old = self
            .alerts
            .iter()
            .take_while(|it| RETIRED_AFTER < now.saturating_since(it.end))
            .count();
        if 0 < old {
            self.alerts.drain(..old);
            self.retired += old as u64;
            let retired = self.retired;
            self.open.retain(|_, id| retired < id.0);
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
