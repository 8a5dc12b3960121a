//! What a promotion to domain controller does besides replicating.

use realmward_event::Outcome;
use realmward_event::rpc::RpcCalled;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Registration and copying, as far as seen.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Promotion {
    registers: bool,
    pulls: u32,
    octets: u64,
}

impl Promotion {
    /// Takes a call of the replication interface in. A registration that was refused is none.
    pub(crate) fn take(&mut self, call: &RpcCalled) {
        match call.opnum {
            ADD_ENTRY | UPDATE_REFS => self.registers |= call.outcome != Outcome::Failure,
            GET_NC_CHANGES => {
                self.pulls += 1;
                self.octets += u64::from(call.response_octets.unwrap_or(0));
            }
            _ => {}
        }
    }

    /// Whether it looks like a new domain controller and not like a thief of single objects.
    pub(crate) fn is_likely(&self) -> bool {
        self.registers && self.copies_partitions()
    }

    pub(crate) fn copies_partitions(&self) -> bool {
        PARTITION_OCTETS <= self.octets / u64::from(self.pulls.max(1))
    }

    /// How long to wait for its host to turn out to be a domain controller.
    pub(super) fn patience(&self) -> Duration {
        if self.copies_partitions() {
            SETTLE_PARTITIONS
        } else {
            SETTLE
        }
    }
}

/// IDL_DRSGetNCChanges (MS-DRSR section 4.1.10).
pub(crate) const GET_NC_CHANGES: u16 = 3;
/// IDL_DRSUpdateRefs (MS-DRSR section 4.1.26).
pub(crate) const UPDATE_REFS: u16 = 4;
/// IDL_DRSAddEntry (MS-DRSR section 4.1.1).
pub(crate) const ADD_ENTRY: u16 = 17;

/// A promoted host answers as a domain controller, or shows itself one, within a minute of its first pull.
const SETTLE: Duration = Duration::from_secs(60);

/// A large partition takes longer to copy before its new holder registers (DRSUpdateRefs).
const SETTLE_PARTITIONS: Duration = Duration::from_secs(300);

/// A reply to a tool that asks for one object has 4 to 8 kB; one that carries a partition has
/// hundreds. Measured on promotions of Samba and Windows and on three tools.
const PARTITION_OCTETS: u64 = 20_000;
