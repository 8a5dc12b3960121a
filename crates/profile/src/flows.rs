//! What a connection said of its client before it logged on: the identifier of SMB2.

use crate::bounded::Bounded;
use crate::limits::FLOWS;
use realmward_event::{Event, Fact, Source};
use realmward_vocab::{FlowId, Guid};
use serde::{Deserialize, Serialize};

/// Client identifiers by connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flows {
    clients: Bounded<FlowId, Guid>,
}

impl Default for Flows {
    fn default() -> Self {
        Self {
            clients: Bounded::new(FLOWS),
        }
    }
}

impl Flows {
    pub(crate) fn learn(&mut self, event: &Event) {
        if let (Fact::SmbNegotiated(it), Some(flow)) = (&event.fact, flow(event))
            && let Some(guid) = it.client_guid
        {
            self.clients.insert(event.time, &flow, guid);
        }
    }

    /// `ClientGuid` of the SMB2 negotiation on the same connection.
    pub(crate) fn client_guid(&self, event: &Event) -> Option<Guid> {
        self.clients.get(event.time, &flow(event)?).copied()
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.clients.evicted()
    }
}

fn flow(event: &Event) -> Option<FlowId> {
    match event.source {
        Source::Wire(flow) => Some(flow),
        _ => None,
    }
}
