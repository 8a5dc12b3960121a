//! What to simulate.

use realmward_vocab::EventTime;
use std::time::Duration;

/// An organisation and for how long; the same plan gives the same events.
#[derive(Clone, Debug)]
pub struct Plan {
    /// People with an account, 20 to some ten thousand.
    pub users: usize,
    /// Days, the first a Monday.
    pub days: u32,
    /// Decides everything that is left to chance.
    pub seed: u64,
    /// The part of events that the sensor loses, 0 to 1.
    pub loss: f64,
    /// The day at which some of a second domain begin to move into the first; `None` for never.
    pub migration: Option<u32>,
}

impl Plan {
    /// An organisation of so many people for so many days, with all that is in the model.
    #[must_use]
    pub const fn new(users: usize, days: u32, seed: u64) -> Self {
        Self {
            users,
            days,
            seed,
            loss: 0.0005,
            migration: Some(days * 2 / 5),
        }
    }

    /// Midnight before the first day.
    #[must_use]
    pub const fn start(&self) -> EventTime {
        EventTime::from_unix_seconds(MONDAY)
    }

    /// Midnight after the last day.
    #[must_use]
    pub fn end(&self) -> EventTime {
        self.at(self.days, 0.0)
    }

    /// An hour of a day, both from 0.
    #[must_use]
    pub fn at(&self, day: u32, hour: f64) -> EventTime {
        let seconds = f64::from(day) * 86_400.0 + hour * 3_600.0;
        self.start()
            .saturating_add(Duration::from_secs_f64(seconds.max(0.0)))
    }
}

/// 2026-01-05 00:00 UTC.
const MONDAY: i64 = 1_767_571_200;
