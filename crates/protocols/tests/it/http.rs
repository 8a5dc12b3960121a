//! HTTP: who proves themself to whom, whatever the heads and bodies around it.

use crate::conversation::{Record, abuse, count, in_pieces_of, play};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use realmward_event::http::HttpAuthenticated;
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_protocols::http::{Conversation, recognise};
use realmward_protocols::{Dissector as _, Facts, Recognised, Stamp};
use realmward_vocab::Direction::{self, ToClient, ToServer};

fn client(packet: u64, text: &str) -> Record {
    (ToServer, packet, text.as_bytes().to_vec())
}

fn server(packet: u64, text: &str) -> Record {
    (ToClient, packet, text.as_bytes().to_vec())
}

fn run(records: &[Record]) -> Facts {
    play(Conversation::new(), records)
}

fn web(facts: &Facts) -> Vec<&HttpAuthenticated> {
    let facts = facts.pending.iter();
    facts
        .filter_map(|it| match &it.fact {
            Fact::HttpAuthenticated(it) => Some(it),
            _ => None,
        })
        .collect()
}

fn ntlm(facts: &Facts) -> Vec<&NtlmAuthenticated> {
    let facts = facts.pending.iter();
    facts
        .filter_map(|it| match &it.fact {
            Fact::NtlmAuthenticated(it) => Some(it),
            _ => None,
        })
        .collect()
}

macro_rules! token {
    ($name:literal) => {
        BASE64.encode(include_bytes!(concat!("../data/gss/", $name, ".bin")))
    };
}

/// A logon with NTLM at a page of certificate enrolment, and one more request on the connection.
fn enrolment(scheme: &str, tokens: [String; 3], last: u16) -> Vec<Record> {
    let [negotiate, challenge, authenticate] = tokens;
    let get = |authorization: &str| {
        format!(
            "GET /certsrv/?a=b HTTP/1.1\r\nHost: ca1.lab.example:80\r\nUser-Agent: curl/8\r\n{authorization}\r\n"
        )
    };
    let refused = |challenges: &str| {
        format!(
            "HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\nContent-Length: 11\r\n{challenges}\r\n<h1>no</h1>"
        )
    };
    vec![
        client(1, &get("")),
        server(
            2,
            &refused("WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n"),
        ),
        client(3, &get(&format!("Authorization: {scheme} {negotiate}\r\n"))),
        server(
            4,
            &refused(&format!("WWW-Authenticate: {scheme} {challenge}\r\n")),
        ),
        client(
            5,
            &get(&format!("Authorization: {scheme} {authenticate}\r\n")),
        ),
        server(
            6,
            &format!(
                "HTTP/1.1 {last} x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
            ),
        ),
        client(
            7,
            "POST /certsrv/certfnsh.asp HTTP/1.1\r\nHost: ca1.lab.example\r\ncontent-length: 5\r\n\r\nHTTP/GET /certsrv/ HTTP/1.1\r\nHost: ca1.lab.example\r\n\r\n",
        ),
        server(
            8,
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ),
    ]
}

fn raw() -> [String; 3] {
    let challenge = include_bytes!("../data/gss/ntlm-challenge-spnego.bin");
    let start = challenge
        .windows(8)
        .position(|it| it == b"NTLMSSP\0")
        .unwrap();
    [
        token!("ntlm-negotiate-no-version"),
        BASE64.encode(&challenge[start..]),
        token!("ntlm-authenticate-no-version"),
    ]
}

#[test]
fn an_ntlm_logon_tells_who_asked_for_which_page() {
    let spnego = [
        token!("ntlm-negotiate-spnego"),
        token!("ntlm-challenge-spnego"),
        token!("ntlm-authenticate-spnego"),
    ];
    for (scheme, tokens) in [("NTLM", raw()), ("Negotiate", spnego), ("nEgotiate", raw())] {
        let facts = run(&enrolment(scheme, tokens, 200));
        assert_eq!(facts.counters.faults, [], "{scheme}");
        let [logon] = &ntlm(&facts)[..] else {
            panic!("{:?}", facts.pending)
        };
        assert_eq!(
            (logon.carrier, logon.outcome),
            (Carrier::Http, Outcome::Success)
        );
        assert!(logon.server_challenge.is_some());
        let [first, second] = &web(&facts)[..] else {
            panic!("{:?}", web(&facts))
        };
        assert_eq!(first.host.as_str(), "ca1.lab.example");
        assert_eq!(
            (first.path.as_str(), first.status),
            ("/certsrv/", Some(200))
        );
        assert_eq!(first.user_agent, "curl/8");
        assert_eq!(first.offered, [scheme]);
        assert!(first.scheme.eq_ignore_ascii_case(scheme));
        let SessionPrincipal::Ntlm { user, .. } = &first.principal else {
            panic!("{first:?}")
        };
        assert_eq!(*user, logon.user);
        assert_eq!(
            (second.method.as_str(), second.path.as_str()),
            ("POST", "/certsrv/certfnsh.asp")
        );
        assert_eq!(second.principal, first.principal);
    }
}

#[test]
fn an_ntlm_logon_refused_is_a_failure() {
    let mut records = enrolment("NTLM", raw(), 401);
    records.truncate(6);
    let facts = run(&records);
    assert_eq!(ntlm(&facts)[0].outcome, Outcome::Failure);
    let [told] = &web(&facts)[..] else { panic!() };
    assert_eq!((told.outcome, told.status), (Outcome::Failure, Some(401)));
    // Without the last answer it is an attempt.
    records.truncate(5);
    let facts = run(&records);
    assert_eq!(ntlm(&facts)[0].outcome, Outcome::Attempt);
    assert_eq!(
        (web(&facts)[0].outcome, web(&facts)[0].status),
        (Outcome::Attempt, None)
    );
}

#[test]
fn a_ticket_in_remote_management_is_presented() {
    let token = token!("kerberos-spnego");
    for scheme in ["Negotiate", "Kerberos"] {
        let facts = run(&[
            client(
                1,
                &format!(
                    "POST /wsman HTTP/1.1\r\nHost: ws1:5985\r\nUser-Agent: Microsoft WinRM Client\r\nAuthorization: {scheme} {token}\r\nContent-Length: 0\r\n\r\n"
                ),
            ),
            server(
                2,
                "HTTP/1.1 200 \r\nServer: Microsoft-HTTPAPI/2.0\r\nWWW-Authenticate: Negotiate oQcwBaADCgEA\r\nContent-Length: 0\r\n\r\n",
            ),
        ]);
        assert_eq!(facts.counters.faults, []);
        let kinds: Vec<_> = facts.pending.iter().map(|it| it.fact.kind()).collect();
        assert_eq!(kinds, ["TicketPresented", "HttpAuthenticated"]);
        let Fact::TicketPresented(ticket) = &facts.pending[0].fact else {
            panic!()
        };
        assert_eq!(ticket.carrier, Carrier::Http);
        let told = web(&facts)[0];
        assert_eq!(told.principal, SessionPrincipal::Ticket(ticket.ticket.hash));
        assert_eq!(told.server_software, "Microsoft-HTTPAPI/2.0");
        assert_eq!(
            (told.path.as_str(), told.outcome),
            ("/wsman", Outcome::Success)
        );
    }
}

#[test]
fn a_password_in_clear_is_said_and_never_told() {
    let credentials = BASE64.encode("LAB\\jane:s3cret:word");
    let request = format!(
        "GET http://ws1/a HTTP/1.1\r\nHost: ws1\r\nProxy-Authorization: basic {credentials}\r\n\r\n"
    );
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    let refused = "HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"a, b\", Digest qop=\"auth\", nonce=\"x\"\r\nContent-Length: 0\r\n\r\n";
    let facts = run(&[
        client(1, &request),
        server(2, refused),
        client(3, &request),
        server(4, refused),
        client(5, &request),
        server(6, ok),
        client(7, &request),
        server(8, ok),
    ]);
    let told: Vec<_> = web(&facts).iter().map(|it| it.outcome).collect();
    // Every refusal is a guess; one success is enough.
    assert_eq!(told, [Outcome::Failure, Outcome::Failure, Outcome::Success]);
    let first = web(&facts)[0];
    assert!(first.cleartext_password && first.to_proxy);
    assert_eq!(first.principal, SessionPrincipal::Named("LAB\\jane".into()));
    assert_eq!(first.scheme, "Basic");
    assert_eq!(first.offered, ["Basic", "Digest"]);
    assert_eq!(first.path, "/a");
    let all = format!("{facts:?}");
    assert!(!all.contains("s3cret") && !all.contains(&credentials));
    let digest = "GET / HTTP/1.1\r\nHost: [::1]:80\r\nAuthorization: Digest username=\"joe\", realm=\"r\"\r\n\r\n";
    let facts = run(&[client(1, digest), server(2, ok)]);
    let told = web(&facts)[0];
    assert_eq!(told.principal, SessionPrincipal::Named("joe".into()));
    assert_eq!(
        (told.host.as_str(), told.cleartext_password),
        ("::1", false)
    );
}

#[test]
fn every_cut_tells_the_same_and_abuse_is_survived() {
    let records = enrolment("NTLM", raw(), 200);
    let facts =
        |facts: &Facts| -> Vec<_> { facts.pending.iter().map(|it| it.fact.clone()).collect() };
    let whole = facts(&run(&records));
    for size in [1, 2, 3, 5, 16, 100] {
        assert_eq!(facts(&run(&in_pieces_of(size, &records))), whole, "{size}");
    }
    let short: Vec<Record> = records
        .iter()
        .map(|(direction, packet, octets)| {
            let text = String::from_utf8_lossy(octets).replace(&raw()[2], "TlRMTVNTUAADAAAA");
            (*direction, *packet, text.into_bytes())
        })
        .collect();
    abuse(Conversation::new, &short);
}

#[test]
fn bodies_are_passed_over_even_when_they_are_lost() {
    let mut conversation = Conversation::new();
    let mut facts = Facts::default();
    let at = Stamp::default();
    let credentials = BASE64.encode("jane:x");
    let upload = "POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nGET ";
    conversation.feed(ToServer, upload.as_bytes(), at, &mut facts);
    conversation.gap(ToServer, 999_996, &mut facts);
    let next = format!("GET /b HTTP/1.1\r\nHost: h\r\nAuthorization: Basic {credentials}\r\n\r\n");
    conversation.feed(ToServer, next.as_bytes(), at, &mut facts);
    let answers =
        "HTTP/1.1 204 x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end: HTTP/1.1 200 OK\r\n\r\n";
    conversation.feed(ToClient, answers.as_bytes(), at, &mut facts);
    conversation.finish(&mut facts);
    assert_eq!(web(&facts).len(), 1);
    assert_eq!(web(&facts)[0].path, "/b");
    assert_eq!(web(&facts)[0].status, Some(200));
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn a_connection_without_proofs_is_soon_done() {
    let mut conversation = Conversation::new();
    let mut facts = Facts::default();
    let mut asked = 0;
    while !conversation.is_done() {
        let (request, answer) = ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 304 x\r\n\r\n");
        conversation.feed(ToServer, request.as_bytes(), Stamp::default(), &mut facts);
        conversation.feed(ToClient, answer.as_bytes(), Stamp::default(), &mut facts);
        asked += 1;
        assert!(asked < 100);
    }
    assert_eq!((asked, facts.pending.len()), (32, 0));
    for (request, answer) in [
        (
            "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 101 x\r\n\r\n",
        ),
        ("CONNECT h:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 x\r\n\r\n"),
    ] {
        let mut conversation = Conversation::new();
        conversation.feed(ToServer, request.as_bytes(), Stamp::default(), &mut facts);
        conversation.feed(ToClient, answer.as_bytes(), Stamp::default(), &mut facts);
        assert!(conversation.is_done(), "{request}");
    }
}

#[test]
fn hostile_heads_stay_in_their_bounds() {
    let endless = format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(300_000));
    let facts = run(&[client(1, &endless)]);
    assert_ne!(count(&facts.counters.limits, "http_head_octets"), 0);
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "X: a\r\n".repeat(500));
    let facts = run(&[client(1, &many)]);
    assert_eq!(count(&facts.counters.limits, "http_fields"), 1);
    let flood = "GET / HTTP/1.1\r\n\r\n".repeat(1_000);
    let facts = run(&[client(1, &flood)]);
    assert_ne!(count(&facts.counters.limits, "http_requests_waiting"), 0);
    for garbage in [
        "GET \u{1}",
        "HTTP/1.",
        "A",
        "\r\n\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
    ] {
        for direction in [ToServer, ToClient] {
            run(&[(direction, 1, garbage.repeat(200).into_bytes())]);
        }
    }
    let chunks = format!(
        "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "ffffffffffffffffff\r\n".repeat(50)
    );
    run(&[server(1, &chunks)]);
}

#[test]
fn first_octets_tell_the_protocol_and_the_side() {
    for (octets, wanted) in [
        (&b"GET / HTTP/1.1\r\n"[..], Recognised::Yes(ToServer)),
        (b"RPC_IN_DATA /rpc/x", Recognised::Yes(ToServer)),
        (b"OPTIONS * HTTP/1.1", Recognised::Yes(ToServer)),
        (b"GET http://a/", Recognised::Yes(ToServer)),
        (b"CONNECT a:443 ", Recognised::Yes(ToServer)),
        (b"HTTP/1.1 200 OK", Recognised::Yes(ToClient)),
        (b"HTTP", Recognised::TooShort),
        (b"GE", Recognised::TooShort),
        (b"GET ", Recognised::TooShort),
        (b"HTTP/2.0", Recognised::No),
        (b"OPTIONS sip:a", Recognised::No),
        (b"SSH-2.0-x", Recognised::No),
        (b"PRI * HTTP/2.0", Recognised::Yes(ToServer)),
        (b"\x16\x03\x01", Recognised::No),
        (b"GET\r\n", Recognised::No),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ /", Recognised::No),
    ] {
        assert_eq!(
            recognise(octets),
            wanted,
            "{}",
            String::from_utf8_lossy(octets)
        );
    }
    let _: Direction = ToServer;
}
