//! A sighting as a line of the activity log.

use realmward_export::activity::{outcome, sentence};
use realmward_profile::{Device, Sighting};
use realmward_store::Activity;
use std::net::IpAddr;

/// The activity in a sighting.
pub(crate) fn activity(sighting: &Sighting) -> Activity {
    let event = &sighting.event;
    let actor = sighting.actor.as_ref();
    Activity {
        id: event.order.packet,
        time: event.time,
        kind: event.fact.kind().to_owned(),
        account: actor.map(|it| it.name.clone()).unwrap_or_default(),
        domain: actor.map(|it| it.domain.clone()).unwrap_or_default(),
        source_ip: sighting.source.address,
        source_name: sighting.source.name.clone(),
        target_ip: sighting.target.address,
        target_name: sighting.target.name.clone(),
        outcome: outcome(event),
        detail: sentence(event),
        event: event.clone(),
    }
}

/// The devices in a sighting, by address.
pub(crate) fn devices(sighting: &Sighting) -> impl Iterator<Item = (IpAddr, &Device)> {
    [&sighting.source, &sighting.target]
        .into_iter()
        .filter_map(|it| Some((it.address?, it)))
}
