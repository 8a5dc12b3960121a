//! Which RPC interface a call belongs to when its bind was not captured.
//!
//! Replication partners bind once and call for days, so a capture often holds calls and no bind.
//! What the endpoint mapper answered, and what was bound at the same server and port before, tells:
//! first what this very client bound there, then what anybody did, if that was one thing only.
//! A client that activated WMI on a server and then calls an object by the number of ExecMethod calls
//! a WMI method: COM clients keep their connections to an object exporter, so the bind is often older
//! than the capture.
//! Between two domain controllers the grammar of replication is a last hint, marked as a guess.

use crate::bounded::{Bounded, remember};
use crate::limits::{ENDPOINTS, INTERFACES_MAX, PIPE_OCTETS_MAX};
use crate::{Certainty, Interface, Roster};
use compact_str::CompactString;
use realmward_event::rpc::{Arguments, RpcCalled, Transport};
use realmward_event::{Event, Fact, Outcome};
use realmward_vocab::Guid;
use realmward_vocab::interface::{DRSUAPI, SAMR, SRVSVC, SVCCTL, WBEM_SERVICES, WINREG, WKSSVC};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Interfaces by where they are served.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Interfaces {
    by_server: Bounded<(IpAddr, Place), Vec<Guid>>,
    by_client: Bounded<(IpAddr, IpAddr, Place), Vec<Guid>>,
}

/// Where a server serves an interface.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Place {
    Port(u16),
    Pipe(CompactString),
    /// Objects of WMI, on whatever port.
    Wmi,
}

impl Default for Interfaces {
    fn default() -> Self {
        Self {
            by_server: Bounded::new(ENDPOINTS),
            by_client: Bounded::new(ENDPOINTS),
        }
    }
}

impl Interfaces {
    pub(crate) fn learn(&mut self, event: &Event) {
        let Some(server) = event.server.address else {
            return;
        };
        match &event.fact {
            Fact::RpcBound(it) if it.accepted != Some(false) => {
                let Some(place) = place(event, &it.transport) else {
                    return;
                };
                self.learn_of_client(event, server, place.clone(), it.interface);
                let known = self.by_server.entry(event.time, &(server, place), Vec::new);
                remember(known, it.interface, INTERFACES_MAX);
            }
            Fact::EndpointMapped(it) => {
                if let Some(port) = it.port {
                    let key = (server, Place::Port(port));
                    let known = self.by_server.entry(event.time, &key, Vec::new);
                    remember(known, it.interface, INTERFACES_MAX);
                }
            }
            Fact::RpcCalled(it) if activates_wmi(it) => {
                self.learn_of_client(event, server, Place::Wmi, WBEM_SERVICES);
            }
            _ => {}
        }
    }

    fn learn_of_client(&mut self, event: &Event, server: IpAddr, place: Place, interface: Guid) {
        if let Some(client) = event.client.address {
            let key = (client, server, place);
            let known = self.by_client.entry(event.time, &key, Vec::new);
            remember(known, interface, INTERFACES_MAX);
        }
    }

    /// The interface of a call, and how sure that is.
    pub(crate) fn resolve(&self, event: &Event, roster: &Roster) -> Option<Interface> {
        let Fact::RpcCalled(call) = &event.fact else {
            return None;
        };
        let (guid, certainty) = call
            .interface
            .map(|guid| (guid, Certainty::High))
            .or_else(|| Some((self.seen(event, &call.transport)?, Certainty::Medium)))
            .or_else(|| Some((self.wmi(event, call)?, Certainty::Medium)))
            .or_else(|| Some((by_pipe(&call.transport)?, Certainty::Medium)))
            .or_else(|| Some((by_grammar(event, call.opnum, roster)?, Certainty::Low)))?;
        Some(Interface { guid, certainty })
    }

    pub(crate) const fn evicted(&self) -> u64 {
        self.by_server.evicted() + self.by_client.evicted()
    }

    /// A call of an object by the number of a WMI method, by a client that activated WMI there.
    fn wmi(&self, event: &Event, call: &RpcCalled) -> Option<Guid> {
        let (client, server) = (event.client.address?, event.server.address?);
        let is_method =
            call.object.is_some() && matches!(call.opnum, EXEC_METHOD | EXEC_METHOD_ASYNC);
        self.by_client
            .get(event.time, &(client, server, Place::Wmi))
            .filter(|_| is_method)
            .map(|_| WBEM_SERVICES)
    }

    /// The one interface that was seen at this place: by this client, or else by anybody.
    fn seen(&self, event: &Event, transport: &Transport) -> Option<Guid> {
        let (client, server) = (event.client.address?, event.server.address?);
        let place = place(event, transport)?;
        let own = (client, server, place.clone());
        let known = match self.by_client.get(event.time, &own) {
            Some(known) => known,
            None => self.by_server.get(event.time, &(server, place))?,
        };
        match known.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

fn activates_wmi(call: &RpcCalled) -> bool {
    call.arguments
        == Arguments::Activation {
            class: WBEM_LEVEL1_LOGIN,
        }
        && call.outcome != Outcome::Failure
}

fn place(event: &Event, transport: &Transport) -> Option<Place> {
    match transport {
        Transport::Tcp | Transport::Udp | Transport::Http => Some(Place::Port(event.server.port)),
        Transport::Pipe(name) if !name.is_empty() && name.len() <= PIPE_OCTETS_MAX => {
            Some(Place::Pipe(CompactString::from(name.as_str())))
        }
        Transport::Pipe(_) => None,
    }
}

/// Pipes that serve one interface and bear its name (MS-SCMR, MS-TSCH, MS-SRVS ... section 2.1).
fn by_pipe(transport: &Transport) -> Option<Guid> {
    let Transport::Pipe(name) = transport else {
        return None;
    };
    match name.as_str() {
        "svcctl" => Some(SVCCTL),
        "srvsvc" => Some(SRVSVC),
        "wkssvc" => Some(WKSSVC),
        "winreg" => Some(WINREG),
        "samr" => Some(SAMR),
        _ => None,
    }
}

/// DRSReplicaSync, DRSGetNCChanges and DRSUpdateRefs (MS-DRSR section 4.1) on a dynamic port between
/// two domain controllers: hardly anything else calls these numbers there. A guess all the same.
fn by_grammar(event: &Event, opnum: u16, roster: &Roster) -> Option<Guid> {
    let dynamic = DYNAMIC_PORTS <= event.server.port;
    let both = roster.domain_controller(event.client.address?).is_some()
        && roster.domain_controller(event.server.address?).is_some();
    (dynamic && both && matches!(opnum, 2..=4)).then_some(DRSUAPI)
}

/// Two operations of IWbemServices (MS-WMI section 3.1.4.3); no other interface of a WMI session has
/// so many.
const EXEC_METHOD: u16 = 24;
const EXEC_METHOD_ASYNC: u16 = 25;

/// The class that a client activates to log on to WMI: CLSID_WbemLevel1Login (MS-WMI section 1.9).
const WBEM_LEVEL1_LOGIN: Guid = Guid(0x8bc3_f05e_d86b_11d0_a075_00c0_4fb6_8820);

/// First port of the dynamic range (RFC 6335 section 6; Windows since Vista).
pub(crate) const DYNAMIC_PORTS: u16 = 49_152;
