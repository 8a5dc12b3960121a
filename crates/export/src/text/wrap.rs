//! Wrapping by terminal cells: wide characters count two, combining ones none.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Cells that `text` takes.
pub(super) fn cells(text: &str) -> usize {
    text.width()
}

/// `text` in lines of at most `width` cells, broken at spaces but not at no-break
/// spaces, which come out as plain ones; a word longer than a line is cut.
/// At least one line, even for no text. `first` cells of the first line are already taken.
pub(super) fn wrap(text: &str, width: usize, first: usize) -> Vec<String> {
    let width = width.max(WIDTH_MIN);
    let mut lines = vec![String::new()];
    let mut taken = first.min(width);
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let gap = usize::from(lines.last().is_some_and(|line| !line.is_empty()));
        let fits = taken + gap + cells(word) <= width;
        if !fits && 0 < taken {
            lines.push(String::new());
            taken = 0;
        } else if gap == 1 {
            push(&mut lines, ' ');
            taken += 1;
        }
        for character in word.chars() {
            let character = if character == '\u{a0}' {
                ' '
            } else {
                character
            };
            let cell = character.width().unwrap_or(0);
            if width < taken + cell {
                lines.push(String::new());
                taken = 0;
            }
            push(&mut lines, character);
            taken += cell;
        }
    }
    lines
}

/// The first line of [`wrap`], and the text that did not fit on it.
pub(super) fn split(text: &str, width: usize, first: usize) -> (String, String) {
    let mut lines = wrap(text, width, first).into_iter();
    let head = lines.next().unwrap_or_default();
    // Everything before the second line is the head and the space that was broken at.
    let written = head.chars().filter(|it| *it != ' ').count();
    let mut left = written;
    let rest = text
        .char_indices()
        .find(|(_, it)| {
            if left == 0 {
                return true;
            }
            left -= usize::from(!matches!(it, ' ' | '\u{a0}'));
            false
        })
        .map_or("", |(place, _)| text.get(place..).unwrap_or_default());
    (head, rest.trim_start_matches(' ').to_owned())
}

fn push(lines: &mut [String], character: char) {
    if let Some(line) = lines.last_mut() {
        line.push(character);
    }
}

/// Narrower than this nothing can be read; lines may then stick out.
const WIDTH_MIN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_no_line_is_too_long() {
        assert_eq!(wrap("one two three", 8, 0), ["one two", "three"]);
        assert_eq!(wrap("", 8, 0), [""]);
        assert_eq!(wrap("two three", 8, 4), ["two", "three"]);
    }

    #[test]
    fn a_split_loses_nothing() {
        for (text, head, rest) in [
            ("one two three", "one two", "three"),
            ("abcdefghijk lm", "abcdefgh", "ijk lm"),
            ("a\u{a0}b cdefgh", "a b", "cdefgh"),
            ("one", "one", ""),
        ] {
            assert_eq!(split(text, 8, 0), (head.to_owned(), rest.to_owned()));
        }
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut() {
        assert_eq!(wrap("abcdefghijk", 8, 0), ["abcdefgh", "ijk"]);
    }

    #[test]
    fn wide_characters_count_two() {
        assert_eq!(wrap("漢字漢字漢字", 8, 0), ["漢字漢字", "漢字"]);
    }
}
