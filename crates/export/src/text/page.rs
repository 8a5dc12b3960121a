//! A page under construction: pieces of styled text, rows with a label, hanging indents.

use super::Look;
use super::clean::clean;
use super::style::{PLAIN, QUIET, STRONG};
use super::wrap::{cells, split, wrap};
use anstyle::Style;

/// The page and where it stands.
pub(super) struct Page {
    out: String,
    width: usize,
    colour: bool,
}

impl Page {
    pub(super) fn new(look: Look) -> Self {
        Self {
            out: String::new(),
            width: look.width.clamp(WIDTH_MIN, WIDTH_MAX),
            colour: look.colour,
        }
    }

    /// Cells of a line.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// A heading with an empty line before it.
    pub(super) fn heading(&mut self, text: &str) {
        self.gap();
        self.line(0, &[(text, STRONG)]);
    }

    /// One line of styled pieces, not wrapped; for what is short by construction.
    pub(super) fn line(&mut self, indent: usize, pieces: &[(&str, Style)]) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        for (text, style) in pieces {
            self.piece(&clean(text), *style);
        }
        self.out.push('\n');
    }

    /// Text wrapped at `indent`.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str, style: Style) {
        self.hanging(indent, indent, text, style);
    }

    /// Text whose first line starts at `indent` and whose others start at `hang`.
    pub(super) fn hanging(&mut self, indent: usize, hang: usize, text: &str, style: Style) {
        let text = clean(text);
        let first = indent.saturating_sub(hang);
        let lines = wrap(&text, self.width.saturating_sub(hang), first);
        for (place, line) in lines.iter().enumerate() {
            let indent = if place == 0 { indent } else { hang };
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.piece(line, style);
            self.out.push('\n');
        }
    }

    /// A quiet label in a column of `column` cells, and text wrapped beside it.
    pub(super) fn row(&mut self, indent: usize, label: &str, column: usize, text: &str) {
        self.row_styled(indent, (label, QUIET), column, (text, PLAIN));
    }

    /// As [`Self::row`] with styles.
    pub(super) fn row_styled(
        &mut self,
        indent: usize,
        label: (&str, Style),
        column: usize,
        text: (&str, Style),
    ) {
        self.row_pieces(indent, label, column, &[text]);
    }

    /// As [`Self::row_styled`] with text of several styles.
    pub(super) fn row_pieces(
        &mut self,
        indent: usize,
        label: (&str, Style),
        column: usize,
        pieces: &[(&str, Style)],
    ) {
        let hang = indent + column;
        let name = clean(label.0);
        let used = cells(&name).max(column.saturating_sub(1)) + 1;
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.piece(&name, label.1);
        let cleaned: Vec<(String, Style)> = (pieces.iter())
            .map(|(text, style)| (clean(text), *style))
            .collect();
        let body: String = cleaned.iter().map(|(text, _)| text.as_str()).collect();
        let taken = used.saturating_sub(column);
        // The first line is wider by the indent of those that follow it.
        let width = self.width.saturating_sub(hang + INDENT);
        let (head, rest) = split(&body, self.width.saturating_sub(hang), taken);
        let mut lines = vec![head];
        if !rest.is_empty() {
            lines.extend(wrap(&rest, width, 0));
        }
        let mut brush = Brush::new(&cleaned);
        for (place, line) in lines.iter().enumerate() {
            let pad = if place == 0 {
                used - cells(&name)
            } else {
                hang + INDENT
            };
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', pad));
                for (text, style) in brush.paint(line) {
                    self.piece(&text, style);
                }
            }
            self.out.push('\n');
        }
    }

    /// Left and right on one line if both fit, else one below the other.
    pub(super) fn ends(&mut self, indent: usize, left: &[(&str, Style)], right: (&str, Style)) {
        let used: usize = left.iter().map(|(text, _)| cells(&clean(text))).sum();
        let needed = indent + used + 2 + cells(right.0);
        if needed <= self.width {
            let pad = self.width - needed + 2;
            let space = " ".repeat(pad);
            let mut pieces = left.to_vec();
            pieces.push((&space, PLAIN));
            pieces.push(right);
            self.line(indent, &pieces);
            return;
        }
        let [head @ .., last] = left else { return };
        self.headed(indent, head, *last);
        let hang = indent + head.iter().map(|(text, _)| cells(text)).sum::<usize>();
        self.paragraph(hang, right.0, right.1);
    }

    /// Short pieces, then text wrapped beside them.
    pub(super) fn headed(&mut self, indent: usize, head: &[(&str, Style)], text: (&str, Style)) {
        let hang = indent + head.iter().map(|(text, _)| cells(text)).sum::<usize>();
        self.out.extend(std::iter::repeat_n(' ', indent));
        for (text, style) in head {
            self.piece(text, *style);
        }
        let lines = wrap(&clean(text.0), self.width.saturating_sub(hang), 0);
        for (place, line) in lines.iter().enumerate() {
            let pad = if place == 0 { 0 } else { hang };
            self.out.extend(std::iter::repeat_n(' ', pad));
            self.piece(line, text.1);
            self.out.push('\n');
        }
    }

    fn piece(&mut self, text: &str, style: Style) {
        if self.colour && style != PLAIN && !text.trim().is_empty() {
            self.out.push_str(&style.render().to_string());
            self.out.push_str(text);
            self.out.push_str(&style.render_reset().to_string());
        } else {
            self.out.push_str(text);
        }
    }
}

/// Finds the style of each letter again after wrapping, which moves spaces only.
struct Brush(Vec<(usize, Style)>);

impl Brush {
    fn new(pieces: &[(String, Style)]) -> Self {
        let letters = |text: &str| text.chars().filter(|it| !is_space(*it)).count();
        let left = pieces.iter().map(|(text, style)| (letters(text), *style));
        Self(left.rev().collect())
    }

    /// The line in pieces of one style each.
    fn paint(&mut self, line: &str) -> Vec<(String, Style)> {
        let mut pieces: Vec<(String, Style)> = Vec::new();
        for letter in line.chars() {
            while !is_space(letter) && self.0.last().is_some_and(|it| it.0 == 0) {
                self.0.pop();
            }
            let style = self.0.last().map_or(PLAIN, |it| it.1);
            if !is_space(letter)
                && let Some((left, _)) = self.0.last_mut()
            {
                *left -= 1;
            }
            match pieces.last_mut() {
                Some((text, known)) if *known == style => text.push(letter),
                _ => pieces.push((letter.to_string(), style)),
            }
        }
        pieces
    }
}

const fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}')
}

/// How much further the lines after the first of a row stand, so that rows can be told apart.
const INDENT: usize = 2;

/// Narrower than this, lines stick out rather than break into syllables.
const WIDTH_MIN: usize = 40;

/// Longer lines tire the eye, however wide the terminal.
const WIDTH_MAX: usize = 160;
