//! Which RPC interface a call belongs to when its bind was not captured.
//!
//! Replication partners bind once and call for days, so a capture often holds calls and no bind.
//! What the endpoint mapper answered and what others bound at the same server and port tells.

use crate::limits::{Bounded, ENDPOINTS_MAX, remember};
use crate::{Certainty, Interface};
use realmward_event::rpc::Transport;
use realmward_event::{Event, Fact};
use realmward_vocab::Guid;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Interfaces by server and port, or by name of the pipe.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Interfaces {
    by_endpoint: Bounded<(IpAddr, u16), Vec<Guid>>,
}

impl Default for Interfaces {
    fn default() -> Self {
        Self {
            by_endpoint: Bounded::new(ENDPOINTS_MAX),
        }
    }
}

impl Interfaces {
    pub(crate) fn learn(&mut self, event: &Event) {
        let Some(server) = event.server.address else {
            return;
        };
        let (port, interface) = match &event.fact {
            Fact::RpcBound(it) if it.transport == Transport::Tcp && it.accepted != Some(false) => {
                (event.server.port, it.interface)
            }
            Fact::EndpointMapped(it) => match it.port {
                Some(port) => (port, it.interface),
                None => return,
            },
            _ => return,
        };
        let known = self.by_endpoint.entry(&(server, port), Vec::new);
        remember(known, interface, INTERFACES_MAX);
    }

    /// The interface of a call, and how sure that is.
    pub(crate) fn resolve(&self, event: &Event) -> Option<Interface> {
        let Fact::RpcCalled(call) = &event.fact else {
            return None;
        };
        if let Some(guid) = call.interface {
            return Some(Interface {
                guid,
                certainty: Certainty::High,
            });
        }
        let guid = match &call.transport {
            Transport::Tcp => {
                let known = self
                    .by_endpoint
                    .get(&(event.server.address?, event.server.port))?;
                let [only] = known.as_slice() else {
                    return None;
                };
                *only
            }
            Transport::Pipe(name) => by_pipe(name)?,
        };
        Some(Interface {
            guid,
            certainty: Certainty::Medium,
        })
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.by_endpoint.evicted()
    }
}

/// Pipes that serve one interface and bear its name (MS-SCMR, MS-TSCH, MS-SRVS ... section 2.1).
fn by_pipe(name: &str) -> Option<Guid> {
    let guid = match name {
        "svcctl" => 0x367a_bb81_9844_35f1_ad32_98f0_3800_1003,
        "srvsvc" => 0x4b32_4fc8_1670_01d3_1278_5a47_bf6e_e188,
        "wkssvc" => 0x6bff_d098_a112_3610_9833_46c3_f87e_345a,
        "winreg" => 0x338c_d001_2244_31f1_aaaa_9000_3800_1003,
        "samr" => 0x1234_5778_1234_abcd_ef00_0123_4567_89ac,
        _ => return None,
    };
    Some(Guid(guid))
}

/// A port of a domain controller serves a handful: LSARPC, SAMR, NETLOGON and DRSUAPI share one.
const INTERFACES_MAX: usize = 8;
