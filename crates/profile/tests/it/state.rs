use crate::world::*;
use realmward_event::kerberos::Exchange;
use realmward_event::{Event, Fact};
use realmward_profile::{Profile, Settings, Sighting};

fn saved(profile: &Profile) -> Vec<u8> {
    let mut octets = Vec::new();
    ciborium::into_writer(profile, &mut octets).unwrap();
    octets
}

/// An hour of work of fifty people on thirty devices, with a thief among them.
fn hour() -> Vec<Event> {
    let mut events = Vec::new();
    let mut push = |second: i64, from: &str, to: (&str, u16), fact: Fact| {
        let count = events.len() as u64 + 1;
        events.push(event(second, count, from, to, fact));
    };
    for person in 0..50_u32 {
        let from = format!("10.0.1.{}", person % 30 + 1);
        let (user, second) = (format!("user{person}"), i64::from(person) * 60);
        let number = u128::from(person) * 10 + 1;
        let service = ticket(number + 1, "cifs/ws2.lab.example");
        push(
            second,
            &from,
            (DC1, 53),
            resolved("ws2.lab.example", 1, &[WS2], &[]),
        );
        push(
            second,
            &from,
            (DC1, 88),
            refused(25, Exchange::As, &user, &[18, 23]),
        );
        push(second, &from, (DC1, 88), granted(&user, tgt(number)));
        push(second, &from, (DC1, 88), asks(tgt(number)));
        push(
            second,
            &from,
            (DC1, 88),
            issued(&user, tgt(number), service.clone(), ORDINARY),
        );
        push(second + 1, &from, (WS2, 445), presents(service));
        push(second + 2, THIEF, (DC1, 88), asks(tgt(number)));
    }
    events
}

fn run(profile: &mut Profile, events: &[Event]) -> Vec<Sighting> {
    events
        .iter()
        .map(|it| profile.observe(it.clone()).1)
        .collect()
}

#[test]
fn the_same_events_leave_the_same_octets() {
    let (mut one, mut two) = (
        Profile::new(&Settings::default()),
        Profile::new(&Settings::default()),
    );
    assert_eq!(run(&mut one, &hour()), run(&mut two, &hour()));
    assert_eq!(saved(&one), saved(&two));
}

#[test]
fn a_profile_restored_in_the_middle_says_what_it_would_have_said() {
    let events = hour();
    let mut whole = Profile::new(&Settings::default());
    let expected = run(&mut whole, &events);
    for cut in [0, 1, 7, 100, 349] {
        let mut before = Profile::new(&Settings::default());
        let mut found = run(&mut before, &events[..cut]);
        let mut after: Profile = ciborium::from_reader(saved(&before).as_slice()).unwrap();
        found.extend(run(&mut after, &events[cut..]));
        assert_eq!(found, expected, "cut at {cut}");
        assert_eq!(after.roster(), whole.roster());
    }
}

#[test]
fn the_changes_given_out_make_an_equal_roster() {
    let mut profile = Profile::new(&Settings::default());
    let mut copy = profile.roster().clone();
    for event in hour() {
        let (changes, _) = profile.observe(event);
        changes.iter().for_each(|it| copy.apply(it));
    }
    assert_eq!(copy, *profile.roster());
}

#[test]
fn a_flood_is_counted_and_leaves_the_working_machine_known() {
    let mut world = World::new();
    world.kdc(0, WS1, granted("WS1$", tgt(1)));
    let mut known = true;
    for number in 0..130_000_u32 {
        let [_, b, c, d] = number.to_be_bytes();
        let from = format!("172.{}.{c}.{d}", 16 + b);
        let hash = u128::from(number) + 10;
        world.kdc(1, &from, granted(&format!("M{number}$"), tgt(hash)));
        if number % 1_000 == 0 {
            let again = world.kdc(2, WS1, granted("WS1$", tgt(1)));
            known &= again.source.name.is_some() && again.stack.unwrap().account_known_on_device;
        }
    }
    assert!(known);
    assert!(
        30_000 <= world.profile.evicted(),
        "{}",
        world.profile.evicted()
    );
    let first = world.see(3, "172.16.0.0", (DC1, 88), asks(tgt(999_999)));
    assert_eq!(first.source.name, None, "the quietest went");
}
