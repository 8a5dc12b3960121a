//! Which sensor sees which domain controller, and how things were over time.

use crate::made::{activity, at, batch, computer, store};
use realmward_event::Fact;
use realmward_event::batch::{Batch, SensorHealth};
use realmward_store::{Activity, Appended, Position, Produced, SensorId, Store};
use std::time::Duration;

/// What the engine makes of one fact that a server said, told by a batch of this sensor.
fn told(store: &Store, sensor: u32, sequence: u64, server: &str, fact: Fact) -> Produced {
    let appended = store
        .append_batch(SensorId(sensor), &batch(sequence))
        .unwrap();
    let Appended::New(Position(position)) = appended else {
        panic!("{appended:?}");
    };
    let mut activity: Activity = activity(position << 20, 50 + i64::from(sensor), "ann", "x");
    activity.event.server.address = server.parse().ok();
    activity.event.fact = fact;
    Produced {
        position: Position(position),
        activities: vec![activity],
        ..Produced::default()
    }
}

#[test]
fn a_domain_controller_is_covered_by_the_sensors_that_saw_it_answer_and_others_are_not_counted() {
    let (_folder, store) = store();
    let mut first = told(
        &store,
        1,
        1,
        "10.0.0.1",
        Fact::TicketGranted(Default::default()),
    );
    let mut controller = computer("10.0.0.1", "dc1", 50);
    controller.is_domain_controller = true;
    first.computers = vec![controller, computer("10.0.0.2", "files", 50)];
    store.commit(&first).unwrap();
    store.commit(&first).unwrap();
    for (sequence, server, fact) in [
        (1, "10.0.0.1", Fact::DirectoryBound(Default::default())),
        (2, "10.0.0.2", Fact::NtlmAuthenticated(Default::default())),
        (3, "10.0.0.3", Fact::NtlmAuthenticated(Default::default())),
    ] {
        let produced = told(&store, 2, sequence, server, fact);
        store.commit(&produced).unwrap();
    }
    let found: Vec<_> = store
        .coverage()
        .unwrap()
        .into_iter()
        .map(|it| (it.sensor.0, it.address.to_string(), it.protocol, it.events))
        .collect();
    let expected = [(1, "Kerberos"), (2, "LDAP")]
        .map(|(sensor, protocol)| (sensor, "10.0.0.1".to_owned(), protocol.to_owned(), 1));
    assert_eq!(found, expected);
}

#[test]
fn reports_are_summed_in_steps_and_sizes_are_noted() {
    let (_folder, store) = store();
    for (sequence, seconds, dropped) in [(1, 100, 1), (2, 110, 2), (3, 700, 4), (4, 20, 8)] {
        let report = Batch {
            sequence,
            health: Some(SensorHealth {
                time: at(seconds),
                span_s: 10.0,
                packets: 5,
                dropped_packets: dropped,
                lag_s: 0.5,
                ..SensorHealth::default()
            }),
            ..Batch::default()
        };
        store.append_batch(SensorId(1), &report).unwrap();
    }
    let steps = store
        .sensor_history(SensorId(1), at(60), Duration::from_secs(600))
        .unwrap();
    let sums: Vec<_> = steps.iter().map(|it| (it.packets, it.dropped)).collect();
    assert_eq!(sums, [(10, 3), (5, 4)]);
    assert!((steps[0].span_s - 20.0).abs() < 1e-9);
    store.note_size(at(10)).unwrap();
    store.note_size(at(3610)).unwrap();
    let notes = store.size_notes(at(11)).unwrap();
    assert_eq!(notes.len(), 1);
    assert!(0 < notes[0].1);
}
