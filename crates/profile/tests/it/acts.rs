//! What an account does day by day.

use crate::world::*;
use realmward_event::rpc::{RpcBound, RpcCalled};
use realmward_event::{Fact, Outcome, SessionPrincipal};
use realmward_profile::{Habit, Profile, Settings};
use realmward_vocab::interface::SVCCTL;

const DAY: i64 = 86_400;

fn alice() -> SessionPrincipal {
    SessionPrincipal::Ntlm {
        user: "alice".into(),
        domain: "LAB".into(),
    }
}

/// Makes a service.
fn makes(principal: SessionPrincipal, outcome: Outcome) -> Fact {
    Fact::RpcCalled(RpcCalled {
        interface: Some(SVCCTL),
        opnum: 12,
        request_octets: 200,
        outcome,
        principal,
        ..RpcCalled::default()
    })
}

fn makes_one(world: &mut World, second: i64, from: &str, on: &str) -> Habit {
    let fact = makes(alice(), Outcome::Success);
    world.see(second, from, (on, 445), fact).habit.unwrap()
}

#[test]
fn a_day_counts_once_and_only_when_it_is_over() {
    let mut world = World::new();
    for second in 0..50 {
        assert_eq!(makes_one(&mut world, second, WS1, WS2).days, 0);
    }
    assert_eq!(makes_one(&mut world, DAY, WS1, WS2).days, 1);
    assert_eq!(makes_one(&mut world, 3 * DAY, WS1, WS2).days, 2);
    let habit = makes_one(&mut world, 31 * DAY, WS1, WS2);
    assert_eq!(habit.days, 2, "the first day is more than a month ago");
    assert_eq!(makes_one(&mut world, 90 * DAY, WS1, WS2).days, 0);
}

#[test]
fn a_habit_is_of_one_account_one_address_one_kind_of_host_and_one_end() {
    let settings = Settings {
        domain_controllers: vec![ip(DC1)],
        ..Settings::default()
    };
    let mut world = World::told(&settings);
    for day in 0..3 {
        makes_one(&mut world, day * DAY, WS1, WS2);
    }
    let now = 3 * DAY;
    assert_eq!(makes_one(&mut world, now, WS1, WS3).days, 3);
    assert_eq!(makes_one(&mut world, now, THIEF, WS2).days, 0);
    assert_eq!(makes_one(&mut world, now, WS1, DC1).days, 0);
    let refused = makes(alice(), Outcome::Failure);
    let refused = world.see(now, WS1, (WS2, 445), refused).habit.unwrap();
    assert_eq!(refused.days, 0);
    let bound = Fact::RpcBound(RpcBound::default());
    assert_eq!(world.see(now, WS1, (WS2, 445), bound).habit, None);
}

#[test]
fn whose_act_it_is_must_be_known_from_its_own_session() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("alice", tgt(1)));
    let guessed = makes(SessionPrincipal::Unknown, Outcome::Success);
    let sighting = world.see(1, WS1, (WS2, 445), guessed);
    assert!(sighting.actor.is_some());
    assert_eq!(sighting.habit, None);
}

#[test]
fn hosts_of_the_busiest_day_and_of_today_are_counted() {
    let mut world = World::new();
    for on in [WS2, WS3, WS3] {
        makes_one(&mut world, 0, WS1, on);
    }
    makes_one(&mut world, DAY, WS1, WS2);
    let habit = makes_one(&mut world, 2 * DAY, WS1, WS2);
    assert_eq!((habit.hosts_usual, habit.hosts_today), (2, 1));
    let habit = makes_one(&mut world, 2 * DAY, WS1, WS3);
    assert_eq!((habit.hosts_usual, habit.hosts_today), (2, 2));
}

#[test]
fn a_profile_that_was_saved_knows_the_habit() {
    let mut world = World::new();
    for day in 0..3 {
        makes_one(&mut world, day * DAY, WS1, WS2);
    }
    let mut saved = Vec::new();
    ciborium::into_writer(&world.profile, &mut saved).unwrap();
    world.profile = ciborium::from_reader::<Profile, _>(saved.as_slice()).unwrap();
    assert_eq!(makes_one(&mut world, 3 * DAY, WS1, WS2).days, 3);
}
