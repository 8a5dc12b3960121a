//! .NET message framing: built here, for the laboratory has none.

use crate::conversation::{Record, abuse, count, in_pieces_of, play};
use realmward_event::http::WebServiceBound;
use realmward_event::ldap::DirectorySessionSealed;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_protocols::nmf::{Conversation, recognise};
use realmward_protocols::{Facts, Recognised};
use realmward_vocab::Direction::{ToClient, ToServer};

const VIA: &str = "net.tcp://dc1:9389/ActiveDirectoryWebServices/Windows/Enumeration";

fn preamble() -> Vec<u8> {
    let upgrade = b"application/negotiate";
    [
        &[0, 1, 0, 1, 2, 2, u8::try_from(VIA.len()).unwrap()][..],
        VIA.as_bytes(),
        &[3, 8, 9, u8::try_from(upgrade.len()).unwrap()],
        upgrade,
    ]
    .concat()
}

fn handshake(id: u8, token: &[u8]) -> Vec<u8> {
    let size = u16::try_from(token.len()).unwrap().to_be_bytes();
    [&[id, 1, 0], &size[..], token].concat()
}

fn sealed(octets: usize) -> Vec<u8> {
    let size = u32::try_from(octets).unwrap().to_le_bytes();
    [&size[..], &vec![0x5a; octets]].concat()
}

const TICKET: &[u8] = include_bytes!("../data/gss/kerberos-spnego.bin");
const NTLM: [&[u8]; 3] = [
    include_bytes!("../data/gss/ntlm-negotiate-spnego.bin"),
    include_bytes!("../data/gss/ntlm-challenge-spnego.bin"),
    include_bytes!("../data/gss/ntlm-authenticate-spnego.bin"),
];

fn bound(facts: &Facts) -> Option<&WebServiceBound> {
    facts.pending.iter().find_map(|it| match &it.fact {
        Fact::WebServiceBound(it) => Some(it),
        _ => None,
    })
}

fn kinds(facts: &Facts) -> Vec<&'static str> {
    facts.pending.iter().map(|it| it.fact.kind()).collect()
}

fn by_ticket() -> Vec<Record> {
    vec![
        (ToServer, 1, preamble()),
        (ToClient, 2, vec![0x0a]),
        (ToServer, 3, handshake(0x16, TICKET)),
        (
            ToClient,
            4,
            handshake(0x14, &[0xa1, 7, 0x30, 5, 0xa0, 3, 0x0a, 1, 0]),
        ),
        (ToServer, 1_000_005, [sealed(100), sealed(50)].concat()),
        (ToClient, 2_000_006, sealed(60_000)),
    ]
}

#[test]
fn who_asks_the_web_services_of_a_directory_is_told_and_how_much_comes_back() {
    let records = by_ticket();
    let whole = play(Conversation::new(), &records);
    assert_eq!(
        kinds(&whole),
        [
            "TicketPresented",
            "WebServiceBound",
            "DirectorySessionSealed"
        ]
    );
    let told = bound(&whole).unwrap();
    assert_eq!((told.via.as_str(), told.outcome), (VIA, Outcome::Success));
    assert!(matches!(told.principal, SessionPrincipal::Ticket(_)));
    let expected = DirectorySessionSealed {
        principal: told.principal.clone(),
        requests: 2,
        request_octets: 158,
        answers: 1,
        answer_octets: 60_004,
        duration_ms: 1,
    };
    assert_eq!(
        whole.pending[2].fact,
        Fact::DirectorySessionSealed(expected)
    );
    for size in [1, 2, 3, 50, 1_000] {
        let cut = play(Conversation::new(), &in_pieces_of(size, &records));
        let facts =
            |facts: &Facts| -> Vec<_> { facts.pending.iter().map(|it| it.fact.clone()).collect() };
        assert_eq!(facts(&cut), facts(&whole), "{size}");
    }
}

#[test]
fn ntlm_takes_three_messages_and_may_be_refused() {
    let mut records = vec![
        (ToServer, 1, preamble()),
        (ToClient, 2, vec![0x0a]),
        (ToServer, 3, handshake(0x16, NTLM[0])),
        (ToClient, 4, handshake(0x16, NTLM[1])),
        (ToServer, 5, handshake(0x16, NTLM[2])),
        (
            ToClient,
            6,
            handshake(0x15, &[0, 0, 0, 0, 0x80, 9, 3, 0x0c]),
        ),
    ];
    let facts = play(Conversation::new(), &records);
    assert_eq!(kinds(&facts), ["NtlmAuthenticated", "WebServiceBound"]);
    let told = bound(&facts).unwrap();
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::Failure, Some(0x8009_030c))
    );
    let Fact::NtlmAuthenticated(logon) = &facts.pending[0].fact else {
        panic!()
    };
    assert_eq!(
        (logon.carrier, logon.outcome),
        (Carrier::WebService, Outcome::Failure)
    );
    records.pop();
    let facts = play(Conversation::new(), &records);
    assert_eq!(bound(&facts).unwrap().outcome, Outcome::Attempt);
}

#[test]
fn what_is_no_record_or_another_upgrade_ends_the_reading() {
    let tls = [&[0, 1, 0, 1, 2, 2, 1, b'x', 9, 3][..], b"tls"].concat();
    let facts = play(
        Conversation::new(),
        &[(ToServer, 1, tls), (ToServer, 2, vec![0x77; 99])],
    );
    assert_eq!(
        (kinds(&facts), facts.counters.faults.len()),
        (vec!["WebServiceBound"], 0)
    );
    for strange in [
        &[0xee][..],
        &[2, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[2, 0xff, 0xff, 0x7f],
    ] {
        let facts = play(Conversation::new(), &[(ToServer, 1, strange.repeat(50))]);
        assert_eq!(count(&facts.counters.faults, "nmf"), 1);
    }
    abuse(Conversation::new, &by_ticket()[..4]);
}

#[test]
fn first_octets_tell_the_protocol() {
    let preamble = preamble();
    assert_eq!(recognise(&preamble), Recognised::Yes(ToServer));
    for cut in 0..6 {
        assert_eq!(recognise(&preamble[..cut]), Recognised::TooShort);
    }
    assert_eq!(recognise(&[0, 0, 0, 85, 0xfe]), Recognised::No);
}
