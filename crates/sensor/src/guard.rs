//! A share of the machine that the sensor keeps to, beside a busy host's real work.
//!
//! About once a second the processor time of the whole process is set against the clock. Over its share
//! it gives up, a step a second and in this order, what costs most and is missed least:
//! 1. the octets of bulk: long segments of connections that carried much, like files that are read and
//!    written, are passed over as if they were not captured; the messages between them are read;
//! 2. the packets of proof: events are told without them.
//!
//! Kerberos, and messages of any other protocol in connections that are no bulk, so also every logon of
//! NTLM, are always read. Below four fifths of its share it takes a step back. All of it is counted. If
//! that is not enough, frames are lost in the ring, and the kernel counts them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// How much is given up now, shared by all who follow packets.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    share: Option<f64>,
    level: Arc<AtomicU8>,
}

/// What is given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    #[default]
    Nothing,
    Bulk,
    Proof,
}

/// When the processor was last looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    at: Instant,
    spent: Duration,
}

impl Guard {
    /// Keeps to so many cores, like 0.5; none: to no share.
    #[must_use]
    pub fn new(share: Option<f64>) -> Self {
        Self {
            share,
            level: Arc::default(),
        }
    }

    pub(crate) fn level(&self) -> Level {
        match self.level.load(Ordering::Relaxed) {
            0 => Level::Nothing,
            1 => Level::Bulk,
            _ => Level::Proof,
        }
    }

    /// To be called several times a second, from one place.
    pub(crate) fn look(&self, last: &mut Option<Look>) {
        let Some(share) = self.share else { return };
        let now = Look {
            at: Instant::now(),
            spent: spent(),
        };
        let Some(before) = *last else {
            *last = Some(now);
            return;
        };
        let passed = now.at.saturating_duration_since(before.at);
        if passed < LOOK_EVERY {
            return;
        }
        *last = Some(now);
        let used = now.spent.saturating_sub(before.spent).as_secs_f64() / passed.as_secs_f64();
        self.judge(used, share);
    }

    fn judge(&self, used: f64, share: f64) {
        let level = self.level.load(Ordering::Relaxed);
        let next = if share < used {
            (level + 1).min(Level::Proof as u8)
        } else if used < share * CALM {
            level.saturating_sub(1)
        } else {
            level
        };
        if next != level {
            tracing::info!(used, share, given_up = next, "share of the processor");
            self.level.store(next, Ordering::Relaxed);
        }
    }
}

/// Processor time of all threads so far.
fn spent() -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
        return Duration::ZERO;
    };
    let (user, system) = (usage.user_time(), usage.system_time());
    let seconds = user.tv_sec() + system.tv_sec();
    let microseconds = seconds * 1_000_000 + user.tv_usec() + system.tv_usec();
    Duration::from_micros(u64::try_from(microseconds).unwrap_or_default())
}

const LOOK_EVERY: Duration = Duration::from_secs(1);
const CALM: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::Level::{Bulk, Nothing, Proof};
    use super::*;

    #[test]
    fn over_its_share_it_gives_up_step_by_step_and_takes_back_when_calm() {
        let guard = Guard::new(Some(0.5));
        let levels: Vec<Level> = [0.4, 0.6, 0.6, 0.9, 0.45, 0.3, 0.1, 0.1]
            .into_iter()
            .map(|used| {
                guard.judge(used, 0.5);
                guard.level()
            })
            .collect();
        assert_eq!(
            levels,
            [Nothing, Bulk, Proof, Proof, Proof, Bulk, Nothing, Nothing]
        );
    }

    #[test]
    fn work_is_measured() {
        let before = spent();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(200) {
            std::hint::black_box(begun);
        }
        assert!(before < spent());
    }
}
