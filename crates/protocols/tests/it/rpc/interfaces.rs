//! Built conversations: pairing, contexts, byte orders, fragments, arguments.

use super::build::{Build, FEATURES, LITTLE, NDR, NDR64, SVCCTL, WHOLE, client, server};
use super::{Record, binds, calls, run, stamp};
use realmward_event::rpc::{Arguments, RpcCalled, Transport};
use realmward_event::{Outcome, SessionPrincipal};
use realmward_protocols::dcerpc::{Conversation, recognise};
use realmward_protocols::{Dissector, Facts, Recognised};
use realmward_vocab::{AccountName, Direction, Guid};

const OPEN: u16 = 16;
const START: u16 = 19;
const HANDLE: [u8; 20] = *b"\0\0\0\0service's handle";

/// The calls of a conversation bound to the service control manager.
fn svcctl(build: Build, records: &[Record]) -> Vec<RpcCalled> {
    let records = [build.bound(SVCCTL), records.to_vec()].concat();
    calls(&run(Transport::Tcp, &records))
}

/// `ROpenServiceW` of a service, and its answer.
fn opened(build: Build, name: &str) -> [Record; 2] {
    let stub = [vec![0; 20], build.string(name), build.u32(0xf01ff)].concat();
    let answer = [HANDLE.to_vec(), build.u32(0)].concat();
    [
        client(3, build.request(WHOLE, 2, 0, OPEN, &stub)),
        server(4, build.response(WHOLE, 2, &answer)),
    ]
}

fn service(name: &str) -> Arguments {
    Arguments::Service {
        name: name.into(),
        binary_path: None,
    }
}

#[test]
fn both_byte_orders_say_the_same() {
    for build in [LITTLE, Build { big: true }] {
        let called = svcctl(build, &opened(build, "Spooler"));
        assert_eq!(called[0].arguments, service("Spooler"));
        assert_eq!(called[0].operation.as_deref(), Some("ROpenServiceW"));
        assert_eq!(called[0].outcome, Outcome::Success);
    }
}

#[test]
fn a_started_service_has_the_name_it_was_opened_by() {
    let start = [HANDLE.to_vec(), LITTLE.u32(0), LITTLE.u32(0)].concat();
    let mut records = opened(LITTLE, "PSEXESVC").to_vec();
    records.push(client(5, LITTLE.request(WHOLE, 3, 0, START, &start)));
    records.push(server(6, LITTLE.response(WHOLE, 3, &LITTLE.u32(0))));
    assert_eq!(svcctl(LITTLE, &records)[1].arguments, service("PSEXESVC"));
}

#[test]
fn a_closed_handle_has_no_name() {
    let mut records = opened(LITTLE, "PSEXESVC").to_vec();
    records.push(client(5, LITTLE.request(WHOLE, 3, 0, 0, &HANDLE)));
    records.push(server(6, LITTLE.response(WHOLE, 3, &[0; 24])));
    records.push(client(7, LITTLE.request(WHOLE, 4, 0, START, &HANDLE)));
    assert_eq!(svcctl(LITTLE, &records)[2].arguments, Arguments::None);
}

#[test]
fn fragments_of_a_call_are_one_call() {
    let stub = [vec![0; 20], LITTLE.string("Spooler"), LITTLE.u32(0xf01ff)].concat();
    let (a, rest) = stub.split_at(31);
    let (b, c) = rest.split_at(2);
    let called = svcctl(
        LITTLE,
        &[
            client(3, LITTLE.request(1, 2, 0, OPEN, a)),
            client(4, LITTLE.request(0, 2, 0, OPEN, b)),
            client(5, LITTLE.request(2, 2, 0, OPEN, c)),
            server(6, LITTLE.response(1, 2, &HANDLE)),
            server(7, LITTLE.response(2, 2, &LITTLE.u32(5))),
        ],
    );
    assert_eq!(called.len(), 1);
    assert_eq!(called[0].arguments, service("Spooler"));
    assert_eq!(called[0].return_code, Some(5));
    assert_eq!(called[0].outcome, Outcome::Failure);
    assert_eq!(called[0].request_octets, u32::try_from(stub.len()).unwrap());
    assert_eq!(called[0].response_octets, Some(24));
}

#[test]
fn the_same_interface_in_two_transfer_syntaxes_is_one_bind() {
    let elements = [(0, SVCCTL, NDR), (1, SVCCTL, NDR64), (2, SVCCTL, FEATURES)];
    let none = Guid(0);
    let bound = binds(&run(
        Transport::Tcp,
        &[
            client(1, LITTLE.bind(1, &elements)),
            server(2, LITTLE.bind_ack(1, &[(2, none), (0, NDR64), (3, none)])),
        ],
    ));
    let [bound] = bound.as_slice() else {
        panic!("{bound:?}");
    };
    assert_eq!((bound.context, bound.contexts_asked), (1, 3));
    assert!(bound.bind_time_features);
    assert_eq!(bound.accepted, Some(true));
}

#[test]
fn a_bind_without_an_answer_is_told_and_its_contexts_count() {
    let facts = run(
        Transport::Tcp,
        &[
            client(1, LITTLE.bind(1, &[(7, SVCCTL, NDR)])),
            client(2, LITTLE.request(WHOLE, 2, 7, OPEN, &[])),
        ],
    );
    assert_eq!(binds(&facts)[0].accepted, None);
    assert_eq!(calls(&facts)[0].interface, Some(SVCCTL));
    assert_eq!(calls(&facts)[0].outcome, Outcome::Attempt);
}

#[test]
fn a_fault_is_a_failure_with_its_status() {
    let called = svcctl(
        LITTLE,
        &[
            client(3, LITTLE.request(WHOLE, 2, 0, OPEN, &[])),
            server(4, LITTLE.fault(2, 0x1c01_0002)),
        ],
    );
    assert_eq!(called[0].fault, Some(0x1c01_0002));
    assert_eq!(called[0].outcome, Outcome::Failure);
}

#[test]
fn nothing_is_paired_across_a_hole() {
    let mut conversation = Conversation::new(Transport::Tcp);
    let mut facts = Facts::default();
    let [request, response] = opened(LITTLE, "Spooler");
    conversation.feed(request.0, &request.2, stamp(3), &mut facts);
    conversation.gap(Direction::ToClient, 100, &mut facts);
    conversation.feed(response.0, &response.2, stamp(4), &mut facts);
    conversation.finish(&mut facts);
    let called = calls(&facts);
    assert_eq!(called.len(), 1);
    assert_eq!(called[0].response_octets, None);
}

#[test]
fn after_a_hole_reading_goes_on_at_the_next_fragment() {
    let mut conversation = Conversation::new(Transport::Tcp);
    let mut facts = Facts::default();
    let [request, _] = opened(LITTLE, "Spooler");
    conversation.gap(Direction::ToServer, 100, &mut facts);
    let octets = [b"\x05\0tail of a fragment".to_vec(), request.2].concat();
    conversation.feed(Direction::ToServer, &octets, stamp(3), &mut facts);
    conversation.finish(&mut facts);
    assert_eq!(calls(&facts)[0].opnum, OPEN);
}

#[test]
fn a_pipe_belongs_to_its_session() {
    let mut conversation = Conversation::new(Transport::Pipe("svcctl".into()));
    let principal = SessionPrincipal::Named(AccountName::new("alice"));
    conversation.set_principal(principal.clone());
    let mut facts = Facts::default();
    let [request, _] = opened(LITTLE, "Spooler");
    conversation.feed(request.0, &request.2, stamp(3), &mut facts);
    conversation.finish(&mut facts);
    assert_eq!(calls(&facts)[0].principal, principal);
}

#[test]
fn a_task_is_told_by_path_and_command() {
    let scheduler = Guid(0x86d35949_83c9_4044_b424_db363231fd0c);
    let xml = "<Task><Actions><Exec><Command>cmd.exe</Command>\
               <Arguments>/C whoami &gt; a &amp;&amp; b</Arguments></Exec></Actions></Task>";
    let stub = [
        LITTLE.u32(0x20000),
        LITTLE.string("\\job"),
        LITTLE.string(xml),
    ]
    .concat();
    let request = client(3, LITTLE.request(WHOLE, 2, 0, 1, &stub));
    let records = [LITTLE.bound(scheduler), vec![request]].concat();
    assert_eq!(
        calls(&run(Transport::Tcp, &records))[0].arguments,
        Arguments::Task {
            path: "\\job".into(),
            command: Some("cmd.exe /C whoami > a && b".into()),
        }
    );
}

#[test]
fn sessions_given_away_are_told_by_user_and_client() {
    let srvsvc = Guid(0x4b324fc8_1670_01d3_1278_5a47bf6ee188);
    let row = |client: u32, user: u32| [client, user, 7, 9].map(|it| LITTLE.u32(it)).concat();
    let answer = [
        [10, 10, 1, 2, 1, 2].map(|it| LITTLE.u32(it)).concat(), // level, switch, container
        row(1, 1),
        row(1, 0), // a session without a user
        LITTLE.string("\\\\10.0.0.7"),
        LITTLE.string("alice"),
        LITTLE.string("\\\\10.0.0.8"),
        [2, 0, 0].map(|it| LITTLE.u32(it)).concat(), // TotalEntries, ResumeHandle, status
    ]
    .concat();
    let records = [
        LITTLE.bound(srvsvc),
        vec![
            client(3, LITTLE.request(WHOLE, 2, 0, 12, &[0; 40])),
            server(4, LITTLE.response(WHOLE, 2, &answer)),
        ],
    ]
    .concat();
    let session = |user: &str, client: &str| (user.to_owned(), client.to_owned());
    assert_eq!(
        calls(&run(Transport::Tcp, &records))[0].arguments,
        Arguments::Sessions(vec![
            session("alice", "\\\\10.0.0.7"),
            session("", "\\\\10.0.0.8")
        ])
    );
}

#[test]
fn first_octets_tell_protocol_and_side() {
    let request = LITTLE.request(WHOLE, 1, 0, 0, &[]);
    let response = LITTLE.response(WHOLE, 1, &[]);
    let too_short = LITTLE.pdu(0, WHOLE, 1, &[]);
    for (octets, expected) in [
        (&request[..], Recognised::Yes(Direction::ToServer)),
        (&response, Recognised::Yes(Direction::ToClient)),
        (&request[..15], Recognised::TooShort),
        (&[], Recognised::TooShort),
        (&too_short, Recognised::No), // no request is as short as its header
        (b"\x05\x02", Recognised::No),
        (b"\x05\x00\x01", Recognised::No), // a type of the connectionless protocol
        (b"\x05\x00\x00\x03\x20", Recognised::No), // EBCDIC
        (b"GET / HTTP/1.1\r\n", Recognised::No),
    ] {
        assert_eq!(recognise(octets), expected, "{octets:?}");
    }
}
