//! When an address was at work: which tells a device that moved from two devices.

use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The latest time without a long pause in which something came from an address.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Activity {
    since: EventTime,
    until: EventTime,
}

impl Activity {
    pub(super) fn at(&mut self, time: EventTime) {
        if PAUSE < time.saturating_since(self.until) {
            self.since = time;
        }
        self.until = self.until.max(time);
    }

    /// Whether there was no long pause between `then` and `now`.
    pub(super) fn spans(&self, then: EventTime, now: EventTime) -> bool {
        let is_current = now.saturating_since(self.until) <= PAUSE;
        let since = if is_current { self.since } else { now };
        since.saturating_since(then) <= PAUSE
    }

    /// Whether `other` went on for a while after this one had begun, and this one did not stop.
    pub(super) fn overlaps(&self, other: &Self, now: EventTime) -> bool {
        let is_current = now.saturating_since(self.until) <= PAUSE;
        is_current && BESIDE < other.until.saturating_since(self.since)
    }
}

/// A lease that ended is not given to another device within ten minutes.
const PAUSE: Duration = Duration::from_secs(600);

/// A laptop that is plugged in speaks from both of its addresses for seconds.
const BESIDE: Duration = Duration::from_secs(60);
