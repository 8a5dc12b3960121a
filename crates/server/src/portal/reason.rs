//! Reasons of a priority as a waterfall: each bar starts where the one before ended, so the eye can
//! check that they add up.

use realmward_export::words::points;
use realmward_score::{Reason, ReasonKind, UserPriority};

/// The reasons, and their sum.
pub(super) struct Reasons {
    pub(super) bars: Vec<Bar>,
    pub(super) sum: String,
    /// Where even odds are, in thousandths of the scale.
    pub(super) zero: i64,
}

/// One reason.
pub(super) struct Bar {
    pub(super) amount: String,
    pub(super) text: String,
    pub(super) alert: Option<u64>,
    pub(super) without: Option<u8>,
    /// Left edge and width in thousandths of the scale.
    pub(super) x: i64,
    pub(super) width: i64,
    /// `for` or `against`, the class in the style sheet.
    pub(super) class: &'static str,
}

/// First what is expected of anyone, then the rest.
pub(super) fn reasons(user: &UserPriority) -> Reasons {
    let steps = steps(user);
    let ends = || steps.iter().flat_map(|(from, to, _)| [*from, *to]);
    let least = ends().min().unwrap_or(0).min(0);
    let span = (ends().max().unwrap_or(0).max(0) - least).max(1);
    let place = |tenths: i64| (tenths - least) * 1_000 / span;
    Reasons {
        bars: steps
            .iter()
            .map(|(from, to, reason)| {
                let (a, b) = (place(*from.min(to)), place(*from.max(to)));
                bar(reason, a, (b - a).max(6), to < from)
            })
            .collect(),
        sum: points(user.evidence.0),
        zero: place(0),
    }
}

fn bar(reason: &Reason, x: i64, width: i64, is_against: bool) -> Bar {
    let alert = match reason.kind {
        ReasonKind::Alert(id) | ReasonKind::Repetition(id) => Some(id.0),
        ReasonKind::Chain | ReasonKind::Prior => None,
    };
    Bar {
        amount: points(reason.evidence.0),
        text: reason.text.clone(),
        alert,
        without: (reason.kind != ReasonKind::Prior).then_some(reason.without),
        x,
        width,
        class: if is_against { "against" } else { "for" },
    }
}

/// Each reason with the sum before and after it.
fn steps(user: &UserPriority) -> Vec<(i64, i64, &Reason)> {
    let is_prior = |it: &&Reason| it.kind == ReasonKind::Prior;
    let (prior, rest): (Vec<_>, Vec<_>) = user.reasons.iter().partition(is_prior);
    let mut sum = 0;
    prior
        .into_iter()
        .chain(rest)
        .map(|reason| {
            let from = sum;
            sum += i64::from(reason.evidence.0);
            (from, sum, reason)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_score::Decibans;

    #[test]
    fn bars_join_and_end_at_the_sum() {
        let reason = |kind, evidence| Reason {
            kind,
            evidence: Decibans(evidence),
            text: String::new(),
            without: 1,
        };
        let user = UserPriority {
            name: "a".into(),
            domain: "d".into(),
            priority: 50,
            evidence: Decibans(0),
            reasons: vec![
                reason(ReasonKind::Chain, 230),
                reason(ReasonKind::Chain, 100),
                reason(ReasonKind::Prior, -330),
            ],
        };
        let found = reasons(&user);
        let classes: Vec<_> = found.bars.iter().map(|it| it.class).collect();
        assert_eq!(classes, ["against", "for", "for"]);
        assert_eq!(found.bars[0].amount, "−33.0");
        assert_eq!(found.bars[1].x + found.bars[1].width, found.bars[2].x);
        assert_eq!(found.bars[2].x + found.bars[2].width, found.zero);
        assert_eq!(found.sum, "+0.0");
    }
}
