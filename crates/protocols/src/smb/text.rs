//! Names on the wire: UTF-16 or the sender's code page.

use super::limits::NAME_OCTETS_MAX;
use std::char::{REPLACEMENT_CHARACTER, decode_utf16};

/// The text up to its first NUL. Octets of an unknown code page that are no UTF-8 are read as
/// Latin-1: wrong letters still tell two names apart.
pub(crate) fn decode(octets: &[u8], unicode: bool) -> String {
    if unicode {
        let (pairs, _) = octets.as_chunks::<2>();
        let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
        return decode_utf16(units.take_while(|unit| *unit != 0))
            .map(|unit| unit.unwrap_or(REPLACEMENT_CHARACTER))
            .collect();
    }
    let text = octets.split(|octet| *octet == 0).next().unwrap_or_default();
    match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().copied().map(char::from).collect(),
    }
}

/// The end of a name, at most `NAME_OCTETS_MAX` octets.
pub(crate) fn ending(name: &str) -> &str {
    let excess = name.len().saturating_sub(NAME_OCTETS_MAX);
    let start = (excess..name.len()).find(|start| name.is_char_boundary(*start));
    start
        .and_then(|start| name.get(start..))
        .unwrap_or_default()
}

/// The name of a pipe as the profile of pipes knows it: lower case, without leading `\` or `\PIPE\`.
pub(crate) fn pipe_name(name: &str) -> String {
    let name = ending(name).to_lowercase();
    let bare = name.trim_start_matches('\\');
    bare.strip_prefix("pipe\\").unwrap_or(bare).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_nul_and_keep_their_ending() {
        assert_eq!(decode(b"a\0b\0\0\0c\0", true), "ab");
        assert_eq!(decode(b"IPC\0junk", false), "IPC");
        assert_eq!(decode(b"\xfcber", false), "über");
        assert_eq!(ending(&format!("{}é.exe", "a".repeat(300))).len(), 256);
        assert!(ending(&format!("{}é.exe", "é".repeat(300))).ends_with("éé.exe"));
        assert_eq!(pipe_name("\\PIPE\\SvcCtl"), "svcctl");
        assert_eq!(pipe_name("\\lsarpc"), "lsarpc");
    }
}
