//! What the register promises of every detector.

use realmward_detect::{Engine, detectors};
use std::collections::BTreeSet;

#[test]
fn ids_are_sorted_and_each_is_there_once() {
    let ids: Vec<&str> = detectors::ALL.iter().map(|it| it.metadata.id).collect();
    let sorted: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids, sorted.into_iter().collect::<Vec<_>>());
}

#[test]
fn metadata_is_complete_and_its_chances_are_in_order() {
    for it in detectors::ALL.iter().map(|it| it.metadata) {
        assert!(it.title.len() < 80, "{}: title is long", it.id);
        assert!(it.looks_for.ends_with('.'), "{}: not a sentence", it.id);
        assert!(
            !it.needs.is_empty() && !it.techniques.is_empty(),
            "{}",
            it.id
        );
        assert!(1 < it.next_steps.len(), "{}: no guidance", it.id);
        assert!(
            it.next_steps.iter().all(|step| step.ends_with('.')),
            "{}: a step is not a sentence",
            it.id
        );
        assert!(
            0.0 < it.probability_if_honest
                && it.probability_if_honest < it.probability_if_compromised
                && it.probability_if_compromised <= 0.5,
            "{}: chances",
            it.id
        );
    }
}

#[test]
fn a_snapshot_of_other_detectors_is_taken_as_far_as_it_fits() {
    let (first, rest) = detectors::ALL.split_first().unwrap();
    let older = Engine::new(rest, 0, 1).snapshot().unwrap();
    let mut engine = Engine::new(std::slice::from_ref(first), 0, 1);
    engine.restore(&older).unwrap();
    let newer = Engine::new(detectors::ALL, 0, 1).snapshot().unwrap();
    engine.restore(&newer).unwrap();
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let snapshot = Engine::new(detectors::ALL, 0, 1).snapshot().unwrap();
    let mut engine = Engine::new(detectors::ALL, 0, 1);
    for end in [0, 1, snapshot.len() / 2, snapshot.len() - 1] {
        assert!(engine.restore(&snapshot[..end]).is_err(), "cut at {end}");
    }
}
