//! The content security policy (W3C CSP 3): only this style and this script, named by hash.

use sha2::{Digest as _, Sha256};

/// The style sheet of the page.
pub(super) const STYLE: &str = include_str!("../../templates/report.css");

/// The script of the page.
pub(super) const SCRIPT: &str = include_str!("../../templates/report.js");

/// The policy for the page's `meta` element, and for whoever serves the page.
#[must_use]
pub fn policy() -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(STYLE)),
        base64(&Sha256::digest(SCRIPT))
    )
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (word >> (18 - 6 * place)) & 63;
            let letter = ALPHABET.chars().nth(digit as usize).unwrap_or('=');
            out.push(if place <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_vectors_in_rfc_4648_section_10() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_inlined_parts_cannot_end_their_element() {
        assert!(!STYLE.contains("</"));
        assert!(!SCRIPT.contains("</"));
    }
}
