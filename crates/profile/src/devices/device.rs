//! What is known of one address.

use super::activity::Activity;
use super::names::Naming;
use crate::limits::IDENTITIES_MAX;
use crate::{Actor, Certainty};
use realmward_vocab::{EventTime, HostName};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Its name, who logged on from it, and what shows that it is several devices.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Device {
    pub(super) name: Option<Named>,
    /// Accounts that got in from here, the latest last.
    pub(super) logons: Vec<(Actor, EventTime)>,
    /// Host names that were accepted from here, with the time of the last.
    pub(super) names: Vec<(HostName, EventTime)>,
    pub(super) active: Activity,
    /// Network cards that SMB client identifiers show, with the time of the last.
    pub(super) cards: Vec<(u64, EventTime)>,
}

/// A name and what speaks for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) name: HostName,
    pub(super) certainty: Certainty,
    pub(super) confirmed: EventTime,
    /// When it took the place of another name, if it did.
    #[serde(default)]
    pub(super) replaced: Option<EventTime>,
}

impl Device {
    /// Takes a name over if it is as good as the one known; the new one, if that changed.
    pub(super) fn take_name(&mut self, naming: &Naming, now: EventTime) -> Option<HostName> {
        let Some(known) = &mut self.name else {
            self.name = Some(Named {
                name: naming.name.clone(),
                certainty: naming.certainty,
                confirmed: now,
                replaced: None,
            });
            return Some(naming.name.clone());
        };
        if known.name.short().folded() == naming.name.short().folded() {
            known.certainty = known.certainty.max(naming.certainty);
            known.confirmed = known.confirmed.max(now);
            if known.name.as_str().len() < naming.name.as_str().len() {
                known.name = naming.name.clone();
                return Some(naming.name.clone());
            }
            return None;
        }
        let is_old = NAME_LIFE < now.saturating_since(known.confirmed);
        if known.certainty <= naming.certainty || is_old {
            known.name = naming.name.clone();
            known.certainty = naming.certainty;
            known.confirmed = now;
            known.replaced = Some(now);
            return Some(naming.name.clone());
        }
        None
    }

    pub(super) fn is_shared(&self, now: EventTime) -> bool {
        SHARED_MIN <= recent(&self.names, now) || SHARED_MIN <= recent(&self.cards, now)
    }
}

fn recent<T>(seen: &[(T, EventTime)], now: EventTime) -> usize {
    seen.iter()
        .filter(|(_, time)| now.saturating_since(*time) <= SHARED_WITHIN)
        .count()
}

pub(super) fn identify<T: PartialEq>(seen: &mut Vec<(T, EventTime)>, identity: T, now: EventTime) {
    seen.retain(|(it, _)| *it != identity);
    if IDENTITIES_MAX <= seen.len() {
        seen.remove(0);
    }
    seen.push((identity, now));
}

/// Half a day: leases of addresses last from hours to days.
pub(super) const NAME_LIFE: Duration = Duration::from_secs(43_200);

/// Two names may be one device that was renamed or a new lease; three within an hour are many devices.
const SHARED_MIN: usize = 3;
const SHARED_WITHIN: Duration = Duration::from_secs(3_600);
