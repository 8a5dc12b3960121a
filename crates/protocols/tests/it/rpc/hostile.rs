//! Hostile input: no panic, bounded state, and what was readable before stays told.

use super::build::{LITTLE, NDR, SVCCTL, WHOLE, client, server};
use super::real::{ALL, records};
use super::{Record, binds, calls, run};
use realmward_event::rpc::Transport;
use realmward_protocols::dcerpc::Conversation;
use realmward_protocols::{Dissector, Facts, Stamp};
use realmward_vocab::{Direction, Guid};

/// The count of a bound that was reached.
fn limit(facts: &Facts, name: &str) -> u64 {
    let reached = facts
        .counters
        .limits
        .iter()
        .find(|(known, _)| *known == name);
    reached.map_or(0, |(_, count)| *count)
}

#[test]
fn no_truncation_panics_or_tells_more() {
    for (name, _) in ALL {
        let whole = run(Transport::Tcp, &records(name)).pending.len();
        let count = records(name).len();
        for cut in 0..count {
            let mut truncated = records(name);
            let rest = truncated.split_off(cut);
            let (direction, packet, octets) = &rest[0];
            for length in 0..octets.len() {
                truncated.push((*direction, *packet, octets[..length].to_vec()));
                let facts = run(Transport::Tcp, &truncated).pending.len();
                assert!(facts <= whole, "{name} cut in record {cut} at {length}");
                truncated.pop();
            }
        }
    }
}

#[test]
fn no_poked_octet_panics() {
    for (name, _) in ALL {
        let original = records(name);
        for record in 0..original.len() {
            for place in 0..original[record].2.len() {
                for poke in [0, 0x7f, 0xff] {
                    let mut poked = original.clone();
                    poked[record].2[place] = poke;
                    run(Transport::Tcp, &poked);
                }
            }
        }
    }
}

#[test]
fn no_random_edit_panics() {
    let mut seed = 0x5eed_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    for round in 0..2000 {
        let mut edited = records(ALL[round % ALL.len()].0);
        for _ in 0..=random(8) {
            let record = random(edited.len());
            let octets = &mut edited[record].2;
            let place = random(octets.len());
            match random(4) {
                0 => octets.truncate(place),
                1 => octets.insert(place.min(octets.len()), u8::try_from(random(256)).unwrap()),
                2 => edited.swap(record, 0),
                _ => {
                    if let Some(octet) = octets.get_mut(place) {
                        *octet = u8::try_from(random(256)).unwrap();
                    }
                }
            }
        }
        run(Transport::Tcp, &edited);
    }
}

#[test]
fn calls_that_nobody_answers_are_told_and_counted() {
    let mut flood = LITTLE.bound(SVCCTL);
    for call_id in 0..1000 {
        flood.push(client(3, LITTLE.request(WHOLE, call_id, 0, 16, &[])));
    }
    let facts = run(Transport::Tcp, &flood);
    assert_eq!(calls(&facts).len(), 1000);
    assert_eq!(limit(&facts, "rpc_pending_calls"), 1000 - 64);
}

#[test]
fn binds_that_nobody_answers_are_told_and_counted() {
    let flood: Vec<Record> = (0..50)
        .map(|call_id| client(1, LITTLE.bind(call_id, &[(0, SVCCTL, NDR)])))
        .collect();
    let facts = run(Transport::Tcp, &flood);
    assert_eq!(binds(&facts).len(), 50);
    assert_eq!(limit(&facts, "rpc_pending_binds"), 50 - 4);
}

#[test]
fn contexts_past_the_bound_are_counted_and_their_calls_have_no_interface() {
    let mut flood: Vec<Record> = Vec::new();
    for bind in 0..30_u16 {
        let elements: Vec<(u16, Guid, Guid)> =
            (0..20).map(|it| (bind * 20 + it, SVCCTL, NDR)).collect();
        flood.push(client(1, LITTLE.bind(bind.into(), &elements)));
        flood.push(server(2, LITTLE.bind_ack(bind.into(), &[(0, NDR); 20])));
    }
    flood.push(client(3, LITTLE.request(WHOLE, 99, 511, 16, &[])));
    flood.push(client(3, LITTLE.request(WHOLE, 100, 512, 16, &[])));
    let facts = run(Transport::Tcp, &flood);
    assert_eq!(limit(&facts, "rpc_contexts"), 600 - 512);
    let interfaces: Vec<bool> = calls(&facts)
        .iter()
        .map(|it| it.interface.is_some())
        .collect();
    assert_eq!(interfaces, [true, false]);
}

#[test]
fn an_endless_call_is_counted_and_not_kept() {
    let mut flood = LITTLE.bound(SVCCTL);
    let stub = vec![0; 60_000];
    flood.push(client(3, LITTLE.request(1, 2, 0, 16, &stub)));
    for _ in 0..200 {
        flood.push(client(4, LITTLE.request(0, 2, 0, 16, &stub)));
    }
    let facts = run(Transport::Tcp, &flood);
    let called = calls(&facts);
    assert_eq!(called.len(), 1);
    assert_eq!(called[0].request_octets, 201 * 60_000);
    assert_eq!(limit(&facts, "rpc_stubs"), 1, "once a call");
}

#[test]
fn a_stub_that_no_decoder_wants_is_no_loss() {
    let mut records = LITTLE.bound(SVCCTL);
    records.push(client(3, LITTLE.request(WHOLE, 2, 0, 99, &[0; 60_000])));
    let facts = run(Transport::Tcp, &records);
    assert_eq!(calls(&facts)[0].request_octets, 60_000);
    assert_eq!(limit(&facts, "rpc_stubs"), 0);
}

#[test]
fn fragments_cut_by_a_snap_length_are_one_call_with_its_sizes_and_no_return_code() {
    let mut records = LITTLE.bound(SVCCTL);
    records.extend([
        client(3, LITTLE.request(WHOLE, 2, 0, 99, &[7; 300])),
        server(4, LITTLE.response(1, 2, &[7; 400])),
        server(5, LITTLE.response(2, 2, &[0; 500])),
    ]);
    let mut conversation = Conversation::new(Transport::Tcp);
    let mut facts = Facts::default();
    for (direction, packet, octets) in records {
        let (there, lost) = octets.split_at(octets.len().min(100));
        let mut at = Stamp::default();
        at.packet.packet = packet;
        conversation.feed(direction, there, at, &mut facts);
        if !lost.is_empty() {
            conversation.gap(direction, lost.len() as u64, &mut facts);
        }
    }
    let called = calls(&facts);
    assert_eq!(called.len(), 1, "told when its answer is there");
    assert_eq!(called[0].request_octets, 300);
    assert_eq!(called[0].response_octets, Some(900));
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn what_a_hole_took_the_place_of_is_no_fault() {
    // A fragment cut by a snap length, then a whole one; then a hole of unknown place.
    let request = LITTLE.request(WHOLE, 2, 0, 16, &[7; 300]);
    let (head, tail) = request.split_at(100);
    let mut conversation = Conversation::new(Transport::Tcp);
    let mut facts = Facts::default();
    let mut tell = |lost: u64, octets: &[u8]| {
        if 0 < lost {
            conversation.gap(Direction::ToServer, lost, &mut facts);
        }
        conversation.feed(Direction::ToServer, octets, Stamp::default(), &mut facts);
    };
    tell(0, head);
    tell(tail.len() as u64, &request);
    tell(50, &request[50..]);
    tell(0, &request);
    conversation.finish(&mut facts);
    // Of the first call the head is told, with the size it had; the rest of a third is passed over.
    let octets: Vec<u32> = calls(&facts).iter().map(|it| it.request_octets).collect();
    assert_eq!(octets, [300, 300, 300]);
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn an_answer_from_the_client_is_a_fault() {
    let mut records = LITTLE.bound(SVCCTL);
    records.push((Direction::ToServer, 3, LITTLE.response(WHOLE, 1, &[])));
    let facts = run(Transport::Tcp, &records);
    assert_eq!(facts.counters.faults, [("dcerpc", 1)]);
}

#[test]
fn noise_is_passed_over_and_counted() {
    let mut records = vec![client(1, vec![5; 100_000])];
    records.extend(LITTLE.bound(SVCCTL));
    let facts = run(Transport::Tcp, &records);
    assert_eq!(binds(&facts).len(), 1);
    assert!(!facts.counters.faults.is_empty());
}

#[test]
fn a_stream_of_one_octet_segments_tells_the_same_and_keeps_one_fragment() {
    let mut records = LITTLE.bound(SVCCTL);
    for call_id in 2..40 {
        records.push(client(
            3,
            LITTLE.request(WHOLE, call_id, 0, 99, &[7; 5_000]),
        ));
        records.push(server(4, LITTLE.response(WHOLE, call_id, &[0; 5_000])));
    }
    let whole = run(Transport::Tcp, &records);
    let octets: Vec<Record> = records
        .iter()
        .flat_map(|(from, at, octets)| octets.iter().map(|octet| (*from, *at, vec![*octet])))
        .collect();
    assert_eq!(calls(&run(Transport::Tcp, &octets)), calls(&whole));
}

#[test]
fn fragments_without_end_are_counted_and_not_kept_in_a_pipe_too() {
    let mut flood = LITTLE.bound(SVCCTL);
    for call_id in 2..40 {
        for _ in 0..20 {
            flood.push(client(4, LITTLE.request(0, call_id, 0, 16, &[7; 60_000])));
        }
    }
    let facts = run(Transport::Pipe("svcctl".into()), &flood);
    assert_eq!(calls(&facts).len(), 38);
    assert!(38 <= limit(&facts, "rpc_stubs"), "counted for each call");
}

#[test]
fn an_answer_to_a_bind_with_more_or_fewer_results_than_were_asked_for_is_read_as_far_as_it_goes() {
    for results in [0, 1, 3, 255] {
        let records = [
            client(1, LITTLE.bind(1, &[(0, SVCCTL, NDR), (1, Guid(7), NDR)])),
            server(2, LITTLE.bind_ack(1, &vec![(0, NDR); results])),
        ];
        let facts = run(Transport::Tcp, &records);
        let accepted: Vec<bool> = binds(&facts)
            .iter()
            .map(|it| it.accepted == Some(true))
            .collect();
        assert_eq!(accepted, [1 <= results, 2 <= results], "{results} results");
    }
}
