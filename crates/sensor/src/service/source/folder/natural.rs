//! Names in the order of people: `file9` before `file10`.

use std::cmp::Ordering;

/// Compares digits as numbers, all else as it stands.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let (one, one_rest) = first(left);
        let (other, other_rest) = first(right);
        let number = |text: &str| text.trim_start_matches('0').len();
        let order = if one.starts_with(digit) && other.starts_with(digit) {
            number(one)
                .cmp(&number(other))
                .then_with(|| {
                    one.trim_start_matches('0')
                        .cmp(other.trim_start_matches('0'))
                })
                .then_with(|| one.cmp(other))
        } else {
            one.cmp(other)
        };
        if order != Ordering::Equal || one.is_empty() {
            return order;
        }
        (left, right) = (one_rest, other_rest);
    }
}

/// The digits, or what is none, at the beginning.
fn first(text: &str) -> (&str, &str) {
    let digits = text.starts_with(digit);
    let end = text.find(|it| digit(it) != digits).unwrap_or(text.len());
    text.split_at(end)
}

const fn digit(character: char) -> bool {
    character.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_count_as_numbers() {
        let mut names = [
            "dc.pcap10",
            "dc.pcap",
            "dc.pcap9",
            "dc.pcap010",
            "a2b10",
            "a2b9",
        ];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            [
                "a2b9",
                "a2b10",
                "dc.pcap",
                "dc.pcap9",
                "dc.pcap010",
                "dc.pcap10"
            ]
        );
    }
}
