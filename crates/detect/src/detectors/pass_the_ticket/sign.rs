//! What tells the device that got a ticket and the one that uses it apart.

use crate::Severity;
use realmward_profile::{Certainty, Holder, Sighting, Stack};

/// The strongest sign that they are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Each has a name, and somebody else vouches for both.
    Names,
    /// A tool uses what an operating system got.
    Tool,
    /// Another program uses it than the one that got it.
    Program,
    /// Both were at work at the same time.
    Beside,
    /// Both were at work at the same time, and each uses what the other got.
    Swap,
    /// Each has a name, of which one may be old or made up.
    UnsureNames,
    /// Only the address.
    Address,
}

impl Sign {
    pub(super) fn of(sighting: &Sighting, holder: &Holder) -> Self {
        let ticket = sighting.ticket.as_ref();
        let got_by = ticket
            .and_then(|it| it.issued.as_ref())
            .map_or(Stack::Unknown, |it| it.stack);
        let used_by = sighting
            .stack
            .as_ref()
            .map_or(Stack::Unknown, |it| it.stack);
        let tool = used_by.is_attack_tool() || ticket.is_some_and(|it| !it.tells.is_empty());
        let named = holder.name.is_some() && sighting.source.name.is_some();
        let sure = holder.name_certainty.min(sighting.source.name_certainty);
        let current = ticket.is_some_and(|it| it.name_is_current);
        if named && current && Certainty::Medium <= sure {
            Self::Names
        } else if tool && !got_by.is_attack_tool() {
            Self::Tool
        } else if is_another_program(got_by, used_by) {
            Self::Program
        } else if holder.works_beside && holder.swaps_tickets {
            Self::Swap
        } else if holder.works_beside {
            Self::Beside
        } else if named {
            Self::UnsureNames
        } else {
            Self::Address
        }
    }

    pub(super) const fn weight(self) -> (Severity, f64) {
        match self {
            Self::Names => (Severity::High, 0.9),
            Self::Tool => (Severity::High, 0.8),
            Self::Program => (Severity::Medium, 0.6),
            Self::Beside => (Severity::Medium, 0.5),
            Self::UnsureNames => (Severity::Low, 0.4),
            Self::Swap => (Severity::Low, 0.3),
            Self::Address => (Severity::Low, 0.3),
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Names => "they have different names",
            Self::Tool => "an attack tool uses what another program got",
            Self::UnsureNames => "they have different names, of which one may be old or made up",
            Self::Program => "another program uses it than the one that got it",
            Self::Beside => "both were at work at the same time",
            Self::Swap => {
                "both are at work, and each uses tickets of the other, as a device does that goes back and forth"
            }
            Self::Address => "not shown: only the addresses differ",
        }
    }
}

/// Windows that got a ticket with stored keys and uses it with the words of its usual ones is one
/// program: what it had of the password differs from request to request.
fn is_another_program(got_by: Stack, used_by: Stack) -> bool {
    let both_known = got_by != Stack::Unknown && used_by != Stack::Unknown;
    both_known && got_by != used_by && !(got_by.is_windows() && used_by.is_windows())
}
