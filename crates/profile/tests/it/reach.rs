use crate::world::*;
use realmward_profile::{Node, Relation};
use realmward_vocab::AccountName;

fn device(address: &str) -> Node {
    Node::Device(ip(address))
}

/// alice works at ws1 and reaches ws2; bob works at ws2 and reaches ws3.
fn world() -> World {
    let mut world = World::new();
    for (number, (user, from, to)) in [("alice", WS1, WS2), ("bob", WS2, WS3)]
        .into_iter()
        .enumerate()
    {
        let number = number as u128 * 10;
        let service = ticket(number + 2, "cifs/x");
        world.kdc(1, from, granted(user, tgt(number + 1)));
        world.kdc(
            2,
            from,
            issued(user, tgt(number + 1), service.clone(), ORDINARY),
        );
        for second in 3..6 {
            world.see(second, from, (to, 445), presents(service.clone()));
        }
    }
    world
}

#[test]
fn a_neighbourhood_grows_by_hops() {
    let world = world();
    let alice = Node::Account(AccountName::new("alice"));
    let ends = |hops| {
        let edges = world
            .profile
            .reach()
            .around(std::slice::from_ref(&alice), hops);
        edges
            .iter()
            .map(|it| (it.from.clone(), it.to.clone(), it.relation))
            .collect::<Vec<_>>()
    };
    let bob = Node::Account(AccountName::new("bob"));
    let first = (alice.clone(), device(WS1), Relation::WorkedFrom);
    let second = (device(WS1), device(WS2), Relation::LoggedOn);
    let third = [
        (bob, device(WS2), Relation::WorkedFrom),
        (device(WS2), device(WS3), Relation::LoggedOn),
    ];
    assert_eq!(ends(1), std::slice::from_ref(&first));
    assert_eq!(ends(2), [first.clone(), second.clone()]);
    assert_eq!(ends(3), [first, third[0].clone(), second, third[1].clone()]);
}

#[test]
fn an_edge_counts_and_keeps_its_first_and_last_time() {
    let world = world();
    let edges = world.profile.reach().around(&[device(WS3)], 1);
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].count, 3);
    let seconds = |it: realmward_vocab::EventTime| it.unix_nanoseconds() / 1_000_000_000;
    assert_eq!((seconds(edges[0].first), seconds(edges[0].last)), (3, 5));
}

#[test]
fn nobody_has_no_neighbours() {
    assert!(
        world()
            .profile
            .reach()
            .around(&[device(THIEF)], 9)
            .is_empty()
    );
}
