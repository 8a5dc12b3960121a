//! How a priority went, as a picture and as words.

use super::words::When;
use realmward_export::words::count;
use realmward_store::TrendPoint;
use realmward_vocab::EventTime;

/// A line of steps: a priority holds until the next.
pub(super) struct Trend {
    /// The path of the line, 0 to 1000 across and 0 to 100 down.
    pub(super) line: String,
    /// The same, closed at the bottom.
    pub(super) area: String,
    /// What the picture says.
    pub(super) words: String,
    pub(super) from: When,
}

/// `None` if there is nothing that changed. Before the first change nothing spoke against the account:
/// it was as urgent as anyone, which rounds to 0.
pub(super) fn trend(
    points: &[TrendPoint],
    first_seen: Option<EventTime>,
    now: EventTime,
) -> Option<Trend> {
    let mut points: Vec<TrendPoint> = points.to_vec();
    points.sort_by_key(|it| it.time);
    let first = *points.first()?;
    if let Some(time) = first_seen.filter(|it| *it < first.time) {
        points.insert(
            0,
            TrendPoint {
                time,
                priority: 0,
                ..first
            },
        );
    }
    let (first, last) = (points.first()?, points.last()?);
    let begin = first.time.unix_nanoseconds();
    let end = now.max(last.time).unix_nanoseconds();
    let span = i128::from(end - begin).max(1);
    let across = |time: EventTime| i128::from(time.unix_nanoseconds() - begin) * 1_000 / span;
    let mut line = format!("M0 {}", 100 - u32::from(first.priority));
    for point in points.iter().skip(1) {
        let x = across(point.time);
        line.push_str(&format!("H{x}V{}", 100 - u32::from(point.priority)));
    }
    line.push_str("H1000");
    let most = points.iter().map(|it| it.priority).max().unwrap_or(0);
    Some(Trend {
        area: format!("{line}V100H0Z"),
        words: format!(
            "From {} to {}, at most {most}, in {}",
            first.priority,
            last.priority,
            count((points.len() as u64).saturating_sub(1), "step")
        ),
        from: When::new(first.time),
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_score::Decibans;

    #[test]
    fn a_priority_holds_until_the_next() {
        let point = |seconds, priority| TrendPoint {
            time: EventTime::from_unix_seconds(seconds),
            priority,
            evidence: Decibans(0),
        };
        let points = [point(50, 90), point(0, 10)];
        let end = EventTime::from_unix_seconds(100);
        let found = trend(&points, None, end);
        assert_eq!(found.unwrap().line, "M0 90H500V10H1000");
        let seen = Some(EventTime::from_unix_seconds(-100));
        let found = trend(&points, seen, end).unwrap();
        assert_eq!(found.line, "M0 100H500V90H750V10H1000");
        assert_eq!(found.words, "From 0 to 90, at most 90, in 2 steps");
        assert!(trend(&[], seen, end).is_none());
    }
}
