//! When to look for idle flows: told by packet times alone, so it is the same in every run.

use realmward_stream::EPOCH_S;
use realmward_vocab::EventTime;

/// Says once an epoch of packet time that time has come further.
#[derive(Debug, Default)]
pub(crate) struct Ticker {
    epoch: Option<i64>,
}

impl Ticker {
    /// Whether flows should be looked at before the packet at `time`.
    pub(crate) fn is_due(&mut self, time: EventTime) -> bool {
        let epoch = time.unix_nanoseconds().div_euclid(EPOCH_S * 1_000_000_000);
        let Some(before) = self.epoch else {
            self.epoch = Some(epoch);
            return false;
        };
        // A clock set back is followed; jitter around the edge of an epoch is not.
        if before < epoch || epoch < before - 1 {
            self.epoch = Some(epoch);
        }
        before < epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_ticks_forward_only_and_follows_a_clock_set_back() {
        let mut ticker = Ticker::default();
        let ticks: Vec<bool> = [0, 5, 10, 9, 11, 100, 0, 5, 10]
            .into_iter()
            .map(|second| ticker.is_due(EventTime::from_unix_seconds(second)))
            .collect();
        assert_eq!(
            ticks,
            [false, false, true, false, false, true, false, false, true]
        );
    }
}
