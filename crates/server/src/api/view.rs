//! The shapes of answers. The words are those of `docs/jsonl.md`, so that who reads the lines of
//! `analyze` reads these; what only a lasting server knows is added.

mod alert;
mod user;

pub(crate) use alert::AlertView;
pub(crate) use user::UserView;

use jiff::Timestamp;
use realmward_vocab::EventTime;

/// RFC 3339 in UTC, with microseconds.
pub(crate) fn time(time: EventTime) -> String {
    let stamp = Timestamp::from_nanosecond(time.unix_nanoseconds().into());
    format!("{:.6}", stamp.unwrap_or_default())
}

/// Reads RFC 3339.
pub(crate) fn read_time(text: &str) -> Option<EventTime> {
    let stamp: Timestamp = text.parse().ok()?;
    i64::try_from(stamp.as_nanosecond())
        .ok()
        .map(EventTime::from_unix_nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let text = "2026-11-24T08:19:31.176703Z";
        assert_eq!(time(read_time(text).unwrap()), text);
        assert_eq!(
            read_time("2026-11-24T09:19:31.176703+01:00"),
            read_time(text)
        );
        assert_eq!(read_time("yesterday"), None);
    }
}
