//! Users by priority, with every reason and a sum that can be checked by hand.

use super::page::Page;
use super::style::{PLAIN, QUIET, STRONG};
use crate::report::{Reason, ReasonAbout, Report, User};
use crate::words;

pub(super) fn write(report: &Report, page: &mut Page) {
    if report.users.is_empty() {
        return;
    }
    page.heading("Users by priority");
    page.paragraph(0, words::POINTS, QUIET);
    for user in report.users.iter().take(USERS_SHOWN) {
        page.gap();
        one(user, page);
    }
    let more = report.users.len().saturating_sub(USERS_SHOWN);
    if 0 < more {
        page.gap();
        page.paragraph(0, &format!("and {more} more with lower priority"), QUIET);
    }
}

fn one(user: &User, page: &mut Page) {
    let priority = format!("{:>3}", user.priority);
    let bar = format!("  {}  ", bar(user.priority));
    let name = if user.domain.is_empty() {
        user.name.clone()
    } else {
        format!("{}@{}", user.name, user.domain)
    };
    page.headed(0, &[(&priority, STRONG), (&bar, QUIET)], (&name, STRONG));
    for reason in &user.reasons {
        let amount = format!("{:>6}", words::points(reason.evidence));
        page.row_styled(INDENT, (&amount, PLAIN), COLUMN, (&text(reason), PLAIN));
    }
    let sum = format!("={:>5}", words::points(user.sum));
    let meaning = format!("points in all: priority {} of 100", user.priority);
    page.row_styled(INDENT, (&sum, STRONG), COLUMN, (&meaning, STRONG));
}

fn text(reason: &Reason) -> String {
    match reason.about {
        ReasonAbout::Alert(number) => {
            let text = format!("alert {number}: {}", reason.text);
            format!(
                "{text} (priority\u{a0}{}\u{a0}without\u{a0}it)",
                reason.without
            )
        }
        ReasonAbout::Repetition(number) => format!("alert {number}: {}", reason.text),
        ReasonAbout::Chain | ReasonAbout::Prior => reason.text.clone(),
    }
}

/// Ten cells, one for each ten of the priority.
fn bar(priority: u8) -> String {
    let full = usize::from(priority.min(100)).div_ceil(10);
    format!("{}{}", "█".repeat(full), "░".repeat(10 - full))
}

const INDENT: usize = 5;

/// Wide enough for `−33.0` and a gap.
const COLUMN: usize = 8;

/// A list to work through today.
const USERS_SHOWN: usize = 20;
