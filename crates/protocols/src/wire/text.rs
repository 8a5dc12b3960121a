//! Small questions about text and about first octets, which every protocol asks.

/// The beginning of a text: at most so many octets, and no half of a character.
#[must_use]
pub fn cut(text: &str, octets_max: usize) -> String {
    let end = text.floor_char_boundary(octets_max);
    text.get(..end).unwrap_or_default().to_owned()
}

/// Whether octets begin so; `None` if there are too few to tell.
#[must_use]
pub fn begins_with(octets: &[u8], pattern: &[u8]) -> Option<bool> {
    let shown = octets.len().min(pattern.len());
    let is = octets.get(..shown) == pattern.get(..shown);
    (!is || shown == pattern.len()).then_some(is)
}

/// Octets in lower-case hexadecimal.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        use std::fmt::Write as _;
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_a_character() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("", 3), "");
    }

    #[test]
    fn a_beginning_is_told_as_soon_as_it_can_be() {
        assert_eq!(begins_with(b"HTTP/1.1", b"HTTP/"), Some(true));
        assert_eq!(begins_with(b"HT", b"HTTP/"), None);
        assert_eq!(begins_with(b"HA", b"HTTP/"), Some(false));
    }
}
