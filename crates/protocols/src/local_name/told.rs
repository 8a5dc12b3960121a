//! Facts told last: on these protocols everything is said several times.

use crate::{Facts, Stamp};
use realmward_event::Fact;
use realmward_vocab::PacketRef;
use std::collections::VecDeque;

/// The last facts of one conversation.
#[derive(Debug, Default)]
pub(super) struct Told(VecDeque<Fact>);

impl Told {
    /// Reports a fact, unless it was told lately.
    pub(super) fn report(&mut self, at: Stamp, first: &[PacketRef], fact: Fact, facts: &mut Facts) {
        if self.0.contains(&fact) {
            return;
        }
        if TOLD_MAX <= self.0.len() {
            self.0.pop_front();
        }
        self.0.push_back(fact.clone());
        facts.report(at, &[first, &[at.packet]].concat(), fact);
    }
}

/// A host repeats itself within some ten messages. Lost at the bound: a fact is told again.
const TOLD_MAX: usize = 16;
