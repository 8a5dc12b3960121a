//! Names come from attackers: a name may hold an escape sequence that clears the screen, or a mark
//! that turns the reading direction so that `exe.cod` looks like `doc.exe`. Such characters are
//! written out as numbers.

/// The text with every deceptive or control character written as `\u{..}`.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_deceptive(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Whether the character shows nothing itself and changes how others are shown or taken: C1
/// controls, line separators, direction marks (Unicode TR 36 section 3), joiners and tags.
pub(crate) fn is_deceptive(character: char) -> bool {
    matches!(
        character,
        '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        for (name, shown) in [
            ("\u{1b}[2Jadmin", "\\u{1b}[2Jadmin"),
            ("a\nb", "a\\u{a}b"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("\u{202e}exe.cod", "\\u{202e}exe.cod"),
            ("Иванов-李", "Иванов-李"),
        ] {
            assert_eq!(clean(name), shown);
        }
    }
}
