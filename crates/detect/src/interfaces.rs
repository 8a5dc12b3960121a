//! Calls of RPC interfaces, as detectors look at them.

use realmward_event::rpc::RpcCalled;
use realmward_event::{Event, Fact};
use realmward_profile::{Certainty, Sighting};
use realmward_vocab::Guid;

/// The call in a sighting and its interface, if it is known well enough to act on.
pub(crate) fn call(sighting: &Sighting) -> Option<(Guid, &RpcCalled)> {
    let interface = sighting
        .interface
        .filter(|it| Certainty::Medium <= it.certainty)?;
    Some((interface.guid, called(&sighting.event)?))
}

/// Whether the request has room for more than a handle. Every operation that runs or reveals
/// something takes more, so a shorter one is a test or a fault.
pub(crate) fn has_arguments(call: &RpcCalled) -> bool {
    call.request_octets == 0 || HANDLE_OCTETS < call.request_octets
}

const fn called(event: &Event) -> Option<&RpcCalled> {
    match &event.fact {
        Fact::RpcCalled(it) => Some(it),
        _ => None,
    }
}

/// A context handle (C706 section 2.3.8).
const HANDLE_OCTETS: u32 = 20;
