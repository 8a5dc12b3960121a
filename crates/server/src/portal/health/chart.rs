//! How a sensor was in the last hours, in three small pictures.

use realmward_export::words::{number, size};
use realmward_store::HealthStep;
use realmward_vocab::EventTime;
use std::time::Duration;

/// A picture of bars, 10 across for each step and 100 high.
pub(super) struct Chart {
    pub(super) name: &'static str,
    pub(super) path: String,
    /// Steps that reported nothing to draw: they are not those of which nothing is known.
    pub(super) nothing: String,
    pub(super) width: usize,
    /// What it shows, in words.
    pub(super) words: String,
    pub(super) class: &'static str,
}

/// One value of a step.
type Value = fn(&HealthStep) -> f64;

/// The charts of a sensor; none if it reported nothing.
pub(super) fn charts(steps: &[HealthStep], now: EventTime) -> Vec<Chart> {
    if steps.is_empty() {
        return Vec::new();
    }
    let traffic = |it: f64| format!("{} a second", size(whole(it)));
    let packets = |it: f64| count_of(it, "packets");
    let seconds = |it: f64| format!("{it:.1} s");
    vec![
        chart("Traffic", "low", steps, now, octets_a_second, &traffic),
        chart("Packets dropped", "high", steps, now, dropped, &packets),
        chart("Lag", "medium", steps, now, |it| it.lag_s, &seconds),
    ]
}

fn chart(
    name: &'static str,
    class: &'static str,
    steps: &[HealthStep],
    now: EventTime,
    value: Value,
    word: &dyn Fn(f64) -> String,
) -> Chart {
    let most = steps.iter().map(value).fold(0.0, f64::max);
    let (mut path, mut nothing) = (String::new(), String::new());
    for step in steps {
        let Some(at) = place(step.begin, now) else {
            continue;
        };
        let is_nothing = value(step) <= 0.0;
        let part = if is_nothing { 0.0 } else { value(step) / most };
        let height = whole((part * 98.0).clamp(0.0, 98.0)) + 2;
        let bars = if is_nothing { &mut nothing } else { &mut path };
        bars.push_str(&format!("M{} 100v-{height}h8v{height}z", at * 10 + 1));
    }
    let words = if most <= 0.0 {
        "none".to_owned()
    } else {
        format!("at most {}", word(most))
    };
    Chart {
        name,
        path,
        nothing,
        width: STEPS * 10,
        words,
        class,
    }
}

/// At which bar a step stands, the latest last.
fn place(begin: EventTime, now: EventTime) -> Option<usize> {
    let ago = now.saturating_since(begin).as_secs() / STEP.as_secs();
    (STEPS - 1).checked_sub(usize::try_from(ago).ok()?)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for eyes")]
fn octets_a_second(it: &HealthStep) -> f64 {
    // Captures that are told at once cover no time of their own.
    let span_s = if 0.0 < it.span_s {
        it.span_s
    } else {
        STEP.as_secs_f64()
    };
    it.octets as f64 / span_s
}

#[expect(clippy::cast_precision_loss, reason = "a height for eyes")]
fn dropped(it: &HealthStep) -> f64 {
    it.dropped as f64
}

fn count_of(it: f64, what: &str) -> String {
    format!("{} {what}", number(whole(it)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "for eyes; casts saturate"
)]
const fn whole(it: f64) -> u64 {
    it as u64
}

/// Bars of a chart: half a day.
pub(super) const STEPS: usize = 72;
/// What a bar stands for.
pub(super) const STEP: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stands_where_its_time_is_and_what_is_too_old_is_left_out() {
        let now = EventTime::from_unix_seconds(100_000);
        let step = |seconds: i64, dropped| HealthStep {
            begin: EventTime::from_unix_seconds(100_000 - seconds),
            dropped,
            ..HealthStep::default()
        };
        let found = charts(
            &[step(600 * 80, 5), step(1200, 0), step(600, 5), step(0, 10)],
            now,
        );
        let drops = found
            .iter()
            .find(|it| it.name == "Packets dropped")
            .unwrap();
        assert_eq!(drops.path, "M701 100v-51h8v51zM711 100v-100h8v100z");
        assert_eq!(drops.nothing, "M691 100v-2h8v2z");
        assert_eq!(drops.words, "at most 10 packets");
        assert!(charts(&[], now).is_empty());
    }
}
