//! Event time in the words of people and of RFC 3339.

use jiff::Timestamp;
use realmward_vocab::EventTime;
use std::time::Duration;

/// RFC 3339 in UTC, with microseconds: `2026-11-24T08:19:31.176703Z`.
pub fn rfc3339(time: EventTime) -> String {
    format!("{:.6}", stamp(time))
}

/// Date and time of day in UTC: `2026-11-24 08:19:31`.
pub fn plain(time: EventTime) -> String {
    stamp(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// As RFC 3164 section 4.1.2 wants it, in UTC: `Nov 24 08:19:31`.
pub fn rfc3164(time: EventTime) -> String {
    stamp(time).strftime("%b %e %H:%M:%S").to_string()
}

/// Time of day in UTC: `08:19:31`.
pub fn of_day(time: EventTime) -> String {
    stamp(time).strftime("%H:%M:%S").to_string()
}

/// A span as `1 d 02:03:04`, `00:14:09` or, under a minute, `4.1 s`.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", span.as_secs_f64());
    }
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!(
        "{:02}:{:02}:{:02}",
        rest / 3_600,
        rest % 3_600 / 60,
        rest % 60
    );
    if days == 0 {
        clock
    } else {
        format!("{days} d {clock}")
    }
}

/// Two instants as briefly as can be: the date is not repeated.
pub fn between(start: EventTime, end: EventTime) -> String {
    let (a, b) = (plain(start), plain(end));
    if a == b {
        return a;
    }
    if a.split(' ').next() == b.split(' ').next() {
        return format!("{a} to {}", of_day(end));
    }
    format!("{a} to {b}")
}

/// A capture may claim any time; what no calendar holds is shown as the nearest that one does.
fn stamp(time: EventTime) -> Timestamp {
    let nanoseconds = i128::from(time.unix_nanoseconds());
    Timestamp::from_nanosecond(nanoseconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_of_fixed_width() {
        let time = EventTime::from_unix_nanoseconds(1_795_489_176_703_000_100);
        assert_eq!(rfc3339(time), "2026-11-24T02:59:36.703000Z");
        assert_eq!(rfc3339(EventTime::default()), "1970-01-01T00:00:00.000000Z");
        assert_eq!(plain(time), "2026-11-24 02:59:36");
    }

    #[test]
    fn a_span_counts_days_apart() {
        assert_eq!(span(Duration::from_millis(4_120)), "4.1 s");
        assert_eq!(span(Duration::from_secs(849)), "00:14:09");
        assert_eq!(span(Duration::from_secs(93_784)), "1 d 02:03:04");
    }

    #[test]
    fn a_date_is_not_repeated() {
        let day = EventTime::from_unix_seconds(0);
        let later = EventTime::from_unix_seconds(61);
        assert_eq!(between(day, later), "1970-01-01 00:00:00 to 00:01:01");
        assert_eq!(between(day, day), "1970-01-01 00:00:00");
    }
}
