//! Sums over all sources since the beginning.

use super::watch::Seen;
use realmward_vocab::EventTime;
use std::collections::BTreeMap;

pub(crate) type Counts = BTreeMap<String, u64>;

/// What all sources saw and told.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) packets: u64,
    pub(crate) octets: u64,
    pub(crate) dropped: u64,
    pub(crate) events: Counts,
    pub(crate) faults: Counts,
    pub(crate) limits: Counts,
    pub(crate) opaque: Counts,
    pub(crate) wire: Counts,
    pub(crate) one_sided: u64,
    pub(crate) connections: u64,
    /// Of the sources that heard anything, the one that is furthest behind.
    pub(crate) until: Option<EventTime>,
}

impl Totals {
    /// Of what was seen and of the events by kind, with `bounds` that were reached on the way out.
    pub(crate) fn of(
        seen: &[Seen],
        events: &BTreeMap<&'static str, u64>,
        bounds: &[(&'static str, u64)],
    ) -> Self {
        let mut totals = Self {
            until: seen.iter().filter_map(|it| it.until).min(),
            ..Self::default()
        };
        events
            .iter()
            .for_each(|(kind, count)| add(&mut totals.events, &[(kind, *count)]));
        for source in seen {
            totals.packets += source.packets;
            totals.octets += source.octets;
            totals.dropped += source.dropped;
            totals.one_sided += source.sight.one_sided;
            totals.connections += source.sight.connections;
            let counters = &source.workers.counters;
            add(&mut totals.faults, &counters.faults);
            add(&mut totals.limits, &counters.limits);
            add(&mut totals.opaque, &counters.opaque);
            add(&mut totals.limits, &source.bounds());
            add(&mut totals.wire, &source.wire());
        }
        add(&mut totals.limits, bounds);
        totals
    }
}

fn add(sum: &mut Counts, counts: &[(&'static str, u64)]) {
    for (name, count) in counts {
        *sum.entry((*name).to_owned()).or_default() += count;
    }
}
