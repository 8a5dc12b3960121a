//! Times of the wire as event time.

use realmward_vocab::EventTime;

/// `KerberosTime ::= GeneralizedTime`, always `YYYYMMDDHHMMSSZ` (RFC 4120 section 5.2.3), with its
/// microseconds.
pub(super) fn instant(time: &[u8], microseconds: Option<u32>) -> Option<EventTime> {
    let [year, month, day, hour, minute, second] = fields(time)?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || 23 < hour || 59 < minute {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let microseconds = i64::from(microseconds.unwrap_or_default().min(999_999));
    let nanoseconds = seconds
        .checked_mul(1_000_000_000)?
        .checked_add(microseconds * 1_000)?;
    Some(EventTime::from_unix_nanoseconds(nanoseconds))
}

fn fields(time: &[u8]) -> Option<[i64; 6]> {
    let digits = time.get(..14)?;
    if time.get(14) != Some(&b'Z') || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let part = digits.get(from..to)?;
        Some(
            part.iter()
                .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')),
        )
    };
    Some([
        number(0, 4)?,
        number(4, 6)?,
        number(6, 8)?,
        number(8, 10)?,
        number(10, 12)?,
        number(12, 14)?,
    ])
}

/// Days since 1970-01-01 in the Gregorian calendar, counted from the first of March so that the leap
/// day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - DAYS_TO_1970
}

/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_over_leap_days_and_ends_of_years() {
        for (text, seconds) in [
            ("19700101000000Z", 0),
            ("20261124160927Z", 1_795_536_567),
            ("20240229235959Z", 1_709_251_199),
            ("20000301000000Z", 951_868_800),
            ("20370913024805Z", 2_136_422_885),
        ] {
            let expected = EventTime::from_unix_seconds(seconds);
            assert_eq!(instant(text.as_bytes(), None), Some(expected), "{text}");
        }
        let micro = instant(b"19700101000001Z", Some(5)).unwrap();
        assert_eq!(micro.unix_nanoseconds(), 1_000_005_000);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "20261124160927",
            "2026112416092xZ",
            "20261324160927Z",
            "99991231235959Z",
        ] {
            assert_eq!(instant(text.as_bytes(), None), None, "{text}");
        }
    }
}
