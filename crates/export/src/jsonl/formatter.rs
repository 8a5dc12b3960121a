//! JSON without characters that a terminal or an eye could be fooled by: they are escaped, which
//! every reader of JSON undoes.

use crate::text::clean::is_deceptive;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Compact JSON with C1 controls, line separators and direction marks escaped.
pub(super) struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(place) = rest.find(is_deceptive) {
            let (before, from) = rest.split_at(place);
            writer.write_all(before.as_bytes())?;
            let mut characters = from.chars();
            if let Some(character) = characters.next() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}
