//! Colours by meaning. The sixteen of the terminal's own theme, so that dark and light both work.

use anstyle::{AnsiColor, Color, Style};
use realmward_detect::Severity;

const fn coloured(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// Text without emphasis.
pub(super) const PLAIN: Style = Style::new();
/// What the eye should find first.
pub(super) const STRONG: Style = Style::new().bold();
/// Labels and what repeats.
pub(super) const QUIET: Style = Style::new().dimmed();
/// What is wrong with the input.
pub(super) const FAULT: Style = coloured(AnsiColor::Yellow).bold();
/// All is well.
pub(super) const GOOD: Style = coloured(AnsiColor::Green);

/// The colour of a severity.
pub(super) const fn severity(severity: Severity) -> Style {
    match severity {
        Severity::High => coloured(AnsiColor::Red).bold(),
        Severity::Medium => coloured(AnsiColor::Yellow).bold(),
        Severity::Low => coloured(AnsiColor::Cyan),
    }
}
