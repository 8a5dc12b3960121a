//! Rows of users with their reasons as a waterfall: each bar starts where the one before ended,
//! so the eye can check that they add up.

use crate::report::{Reason, ReasonAbout, Report, User};
use crate::words;

/// A user and the bars of the reasons.
pub(super) struct UserRow<'a> {
    pub(super) user: &'a User,
    pub(super) sum: String,
    pub(super) bars: Vec<Bar<'a>>,
}

/// One reason as a bar.
pub(super) struct Bar<'a> {
    pub(super) amount: String,
    pub(super) text: &'a str,
    pub(super) alert: Option<u64>,
    pub(super) without: Option<u8>,
    /// Left edge and width in thousandths of the scale.
    pub(super) x: i64,
    pub(super) width: i64,
    /// `for`, `against` or `sum`, the class in the style sheet.
    pub(super) class: &'static str,
}

/// The scale that all users share.
pub(super) struct Scale {
    least: i64,
    span: i64,
}

impl Scale {
    pub(super) fn new(report: &Report) -> Self {
        let (mut least, mut most) = (0, 1);
        for user in &report.users {
            for (from, to, _) in steps(user) {
                least = least.min(from).min(to);
                most = most.max(from).max(to);
            }
        }
        Self {
            least,
            span: most - least,
        }
    }

    /// Where a sum stands, in thousandths.
    pub(super) fn place(&self, tenths: i64) -> i64 {
        (tenths - self.least) * 1_000 / self.span.max(1)
    }

    pub(super) fn row<'a>(&self, user: &'a User) -> UserRow<'a> {
        UserRow {
            user,
            sum: words::points(user.sum),
            bars: steps(user)
                .into_iter()
                .map(|(from, to, reason)| self.bar(from, to, reason))
                .collect(),
        }
    }

    fn bar<'a>(&self, from: i64, to: i64, reason: &'a Reason) -> Bar<'a> {
        let (alert, without) = match reason.about {
            ReasonAbout::Alert(number) | ReasonAbout::Repetition(number) => {
                (Some(number), Some(reason.without))
            }
            ReasonAbout::Chain => (None, Some(reason.without)),
            ReasonAbout::Prior => (None, None),
        };
        let (a, b) = (self.place(from.min(to)), self.place(from.max(to)));
        Bar {
            amount: words::points(reason.evidence),
            text: &reason.text,
            alert,
            without,
            x: a,
            width: (b - a).max(6),
            class: if to < from { "against" } else { "for" },
        }
    }
}

/// Each reason with the sum before and after it: first what is expected of anyone, then the rest.
fn steps(user: &User) -> Vec<(i64, i64, &Reason)> {
    let is_prior = |it: &&Reason| it.about == ReasonAbout::Prior;
    let mut sum = 0;
    user.reasons
        .iter()
        .filter(is_prior)
        .chain(user.reasons.iter().filter(|it| !is_prior(it)))
        .map(|reason| {
            let from = sum;
            sum += i64::from(reason.evidence);
            (from, sum, reason)
        })
        .collect()
}
