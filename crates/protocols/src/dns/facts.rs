//! Responses to facts.

use super::message::Response;
use crate::{Facts, Stamp};
use realmward_event::Fact;
use realmward_event::dns::NameResolved;
use realmward_vocab::PacketRef;
use std::collections::VecDeque;

/// The last answers told in this conversation, so that repeated ones are not told again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    last: VecDeque<NameResolved>,
}

impl Told {
    /// Reports what a response teaches, unless this conversation just taught it.
    pub(crate) fn report(
        &mut self,
        response: Response,
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) {
        if response.qname.is_empty() || (response.addresses.is_empty() && response.names.is_empty())
        {
            return;
        }
        let resolved = NameResolved {
            name: response.qname,
            query_type: response.qtype,
            response_code: response.rcode,
            addresses: response.addresses,
            names: response.names,
        };
        if self.last.contains(&resolved) {
            return;
        }
        if TOLD_MAX <= self.last.len() {
            self.last.pop_front();
        }
        self.last.push_back(resolved.clone());
        facts.report(at, &[first, at.packet], Fact::NameResolved(resolved));
    }
}

/// A resolver that keeps one socket repeats itself within a few answers. Lost at the bound: nothing,
/// a fact is told again.
const TOLD_MAX: usize = 8;
