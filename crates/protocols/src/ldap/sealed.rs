//! What can be measured of a session whose content is sealed.

use crate::{Facts, Stamp};
use realmward_event::ldap::DirectorySessionSealed;
use realmward_event::{Fact, SessionPrincipal};
use realmward_vocab::Direction;

/// Measures of what is sealed between two binds.
#[derive(Debug, Default)]
pub(crate) struct Sealed {
    fact: DirectorySessionSealed,
    first: Option<Stamp>,
    last: Stamp,
}

impl Sealed {
    /// A sealed buffer went by.
    pub(crate) fn saw(
        &mut self,
        direction: Direction,
        octets: usize,
        at: Stamp,
        principal: &SessionPrincipal,
    ) {
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        let (count, sum) = match direction {
            Direction::ToServer => (&mut self.fact.requests, &mut self.fact.request_octets),
            Direction::ToClient => (&mut self.fact.answers, &mut self.fact.answer_octets),
        };
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(octets);
        if self.first.is_none() {
            self.first = Some(at);
            self.fact.principal.clone_from(principal);
        }
        self.last = at;
    }

    /// Tells of it, if there was any.
    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        let Self {
            mut fact,
            first,
            last,
        } = std::mem::take(self);
        let Some(first) = first else { return };
        let duration = last.time.saturating_since(first.time);
        fact.duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let packets = [first.packet, last.packet];
        facts.report(last, &packets, Fact::DirectorySessionSealed(fact));
    }
}
