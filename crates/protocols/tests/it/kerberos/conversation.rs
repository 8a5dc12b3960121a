//! Whole conversations: framing, pairing, holes and faults.

use super::samples::{record, sample};
use realmward_event::kerberos::{Exchange, KerberosRefused};
use realmward_event::{Fact, Outcome};
use realmward_protocols::kerberos::Conversation;
use realmward_protocols::{Dissector, Facts, Stamp};
use realmward_vocab::Direction::{self, ToClient, ToServer};
use realmward_vocab::{EncryptionType, EventTime, FileId, KdcOptions, KerberosError, PacketRef};

fn stamp(packet: u64) -> Stamp {
    Stamp {
        time: EventTime::from_unix_seconds(i64::try_from(packet).unwrap()),
        packet: PacketRef {
            file: FileId(0),
            packet,
        },
    }
}

/// Feeds datagrams (or records) in order, each in a packet of its own.
fn spoken(over_udp: bool, messages: &[(Direction, &str)]) -> Facts {
    let mut facts = Facts::default();
    let mut conversation = Conversation::new(over_udp);
    for (packet, (direction, name)) in (1..).zip(messages) {
        let octets = if over_udp {
            sample(name).to_vec()
        } else {
            record(name)
        };
        conversation.feed(*direction, &octets, stamp(packet), &mut facts);
    }
    conversation.finish(&mut facts);
    facts
}

fn kinds(facts: &Facts) -> Vec<&'static str> {
    facts.pending.iter().map(|it| it.fact.kind()).collect()
}

fn packets(facts: &Facts, place: usize) -> Vec<u64> {
    let evidence = &facts.pending[place].evidence;
    evidence.iter().map(|it| it.packet).collect()
}

fn refused(facts: &Facts) -> Vec<&KerberosRefused> {
    facts
        .pending
        .iter()
        .filter_map(|it| match &it.fact {
            Fact::KerberosRefused(it) => Some(it),
            _ => None,
        })
        .collect()
}

#[test]
fn a_logon_is_three_packets_of_proof_and_one_story() {
    let facts = spoken(
        true,
        &[
            (ToServer, "as-req-rc4"),
            (ToClient, "error-preauth-required"),
            (ToServer, "as-req-timestamp"),
            (ToClient, "as-rep-rc4"),
        ],
    );
    assert_eq!(
        kinds(&facts),
        [
            "TicketGrantRequested",
            "KerberosRefused",
            "TicketGrantRequested",
            "TicketGranted"
        ]
    );
    assert_eq!(packets(&facts, 1), [1, 2]);
    assert_eq!(packets(&facts, 3), [3, 4]);
    let refused = refused(&facts)[0];
    assert_eq!(refused.code, KerberosError::KDC_ERR_PREAUTH_REQUIRED);
    assert_eq!(refused.exchange, Exchange::As);
    assert_eq!(refused.client.as_ref().unwrap().as_str(), "adm-jane");
    assert!(refused.offered_etypes.contains(&EncryptionType::RC4_HMAC));
    let Fact::TicketGranted(granted) = &facts.pending[3].fact else {
        panic!()
    };
    assert_eq!(granted.client.as_str(), "adm-jane");
    assert_eq!(granted.reply_etype, EncryptionType::RC4_HMAC);
    assert_eq!(granted.ticket.service.as_str(), "krbtgt/LAB.EXAMPLE");
    let request = granted.request.as_ref().unwrap();
    assert_eq!(request.timestamp.unwrap().etype, EncryptionType::RC4_HMAC);
    assert_eq!(request.shape.options, KdcOptions(0x5080_0000));
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn a_delegation_names_its_user_and_carries_its_second_ticket() {
    let facts = spoken(
        false,
        &[
            (ToServer, "s4u2self-req"),
            (ToClient, "s4u2self-rep"),
            (ToServer, "s4u2proxy-req"),
            (ToClient, "s4u2proxy-rep"),
        ],
    );
    let issued: Vec<_> = facts
        .pending
        .iter()
        .filter_map(|it| match &it.fact {
            Fact::ServiceTicketIssued(it) => Some(it),
            _ => None,
        })
        .collect();
    let [to_self, proxy] = issued[..] else {
        panic!("two tickets")
    };
    let asked = to_self.request.as_ref().unwrap();
    assert_eq!(
        asked.for_user.as_ref().unwrap().as_str(),
        to_self.client.as_str()
    );
    let asked = proxy.request.as_ref().unwrap();
    assert!(asked.shape.options.has(KdcOptions::CNAME_IN_ADDL_TKT));
    assert_eq!(asked.additional_tickets.len(), 1);
    assert_eq!(asked.additional_tickets[0].hash, to_self.ticket.hash);
    assert_eq!(asked.for_user, None);
}

#[test]
fn the_ticket_of_a_reply_with_armour_is_its_ticket_field() {
    let facts = spoken(
        true,
        &[(ToServer, "tgs-req-mit"), (ToClient, "tgs-rep-fast")],
    );
    let Fact::ServiceTicketIssued(issued) = &facts.pending[1].fact else {
        panic!()
    };
    assert_eq!(issued.ticket.realm.as_str(), "LAB.EXAMPLE");
    let asked = issued.request.as_ref().unwrap();
    assert_eq!(asked.service.as_ref(), Some(&issued.ticket.service));
    assert_eq!(facts.counters.opaque, [("armoured_kerberos_request", 1)]);
}

#[test]
fn an_error_shows_the_ticket_that_was_presented() {
    let facts = spoken(
        false,
        &[
            (ToServer, "tgs-req-impacket"),
            (ToClient, "error-etype-nosupp"),
        ],
    );
    let refused = refused(&facts)[0];
    assert_eq!(refused.code, KerberosError::KDC_ERR_ETYPE_NOSUPP);
    assert_eq!(refused.exchange, Exchange::Tgs);
    let presented = refused.presented.as_ref().unwrap();
    assert_eq!(presented.service.as_str(), "krbtgt/LAB.EXAMPLE");
}

#[test]
fn a_datagram_sent_twice_is_one_request_and_pairs_once() {
    let facts = spoken(
        true,
        &[
            (ToServer, "as-req-timestamp"),
            (ToServer, "as-req-timestamp"),
            (ToClient, "as-rep-rc4"),
            (ToClient, "as-rep-rc4"),
        ],
    );
    assert_eq!(kinds(&facts), ["TicketGrantRequested", "TicketGranted"]);
}

#[test]
fn a_reply_never_pairs_with_a_request_of_another_kind() {
    let facts = spoken(
        false,
        &[
            (ToServer, "as-req-timestamp"),
            (ToClient, "tgs-rep-impacket"),
        ],
    );
    let Fact::ServiceTicketIssued(issued) = &facts.pending[1].fact else {
        panic!()
    };
    assert_eq!(issued.request, None);
    assert_eq!(packets(&facts, 1), [2]);
}

#[test]
fn nothing_pairs_across_a_hole_and_the_next_record_is_found() {
    let mut facts = Facts::default();
    let mut conversation = Conversation::new(false);
    conversation.feed(ToServer, &record("as-req-timestamp"), stamp(1), &mut facts);
    conversation.gap(ToClient, 700, &mut facts);
    let mut tail = record("tgs-rep-fast").split_off(600);
    tail.extend(record("as-rep-rc4"));
    conversation.feed(ToClient, &tail, stamp(2), &mut facts);
    assert_eq!(kinds(&facts), ["TicketGrantRequested", "TicketGranted"]);
    let Fact::TicketGranted(granted) = &facts.pending[1].fact else {
        panic!()
    };
    assert_eq!(granted.request, None);
}

#[test]
fn every_cut_of_a_stream_gives_the_same_facts() {
    let whole = spoken(
        false,
        &[(ToServer, "as-req-mit"), (ToServer, "tgs-req-mit")],
    );
    let stream = [record("as-req-mit"), record("tgs-req-mit")].concat();
    for cut in 0..=stream.len() {
        let mut facts = Facts::default();
        let mut conversation = Conversation::new(false);
        conversation.feed(ToServer, &stream[..cut], stamp(1), &mut facts);
        conversation.feed(ToServer, &stream[cut..], stamp(2), &mut facts);
        let told = |facts: &Facts| {
            facts
                .pending
                .iter()
                .map(|it| it.fact.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&facts), told(&whole), "cut at {cut}");
    }
}

#[test]
fn a_month_that_is_none_is_written_down_and_harms_nothing() {
    let mut octets = sample("as-req-mit").to_vec();
    let till = octets.windows(2).position(|it| it == [0x18, 0x0f]).unwrap() + 2;
    octets[till..till + 15].copy_from_slice(b"20371332250000Z");
    let mut facts = Facts::default();
    Conversation::new(true).feed(ToServer, &octets, stamp(1), &mut facts);
    let Fact::TicketGrantRequested(asked) = &facts.pending[0].fact else {
        panic!()
    };
    assert_eq!(asked.shape.till, "20371332250000Z");
    assert_eq!(facts.counters.faults, []);
}

#[test]
fn of_a_message_cut_short_what_is_there_is_told_and_the_fault_counted() {
    let octets = sample("as-req-mit");
    let mut facts = Facts::default();
    let cut = &octets[..octets.len() - 4];
    Conversation::new(true).feed(ToServer, cut, stamp(1), &mut facts);
    let Fact::TicketGrantRequested(asked) = &facts.pending[0].fact else {
        panic!()
    };
    assert_eq!(asked.realm.as_str(), "LAB.EXAMPLE");
    assert!(asked.client.is_some());
    assert_eq!(facts.counters.faults, [("kerberos", 1)]);
}

#[test]
fn a_password_change_is_told_once_with_the_ticket_that_it_used() {
    let messages = [(ToServer, "password-request"), (ToClient, "password-reply")];
    for over_udp in [true, false] {
        let facts = spoken(over_udp, &messages);
        assert_eq!(facts.counters.faults, []);
        let [told] = &facts.pending[..] else {
            panic!("{:?}", facts.pending)
        };
        assert_eq!(packets(&facts, 0), [1, 2]);
        let Fact::PasswordChangeRequested(it) = &told.fact else {
            panic!("{told:?}")
        };
        assert!(!it.is_set);
        assert_eq!(it.ticket.service.as_str(), "kadmin/changepw");
        assert_eq!((it.sealed_octets, it.answer_octets), (67, 79));
        assert_eq!(it.outcome, Outcome::Attempt);
    }
    let facts = spoken(true, &messages[..1]);
    assert_eq!(kinds(&facts), ["PasswordChangeRequested"]);
    let facts = spoken(true, &messages[1..]);
    assert_eq!((kinds(&facts).len(), facts.counters.faults.len()), (0, 0));
}

#[test]
fn a_password_set_and_refused_has_its_result_in_clear() {
    // RFC 3244: message length, version, AP-REQ length, AP-REQ, KRB-PRIV.
    let (ap_req, sealed) = (sample("ap-req-dce"), sample("krb-priv"));
    let part = |length: usize| u16::try_from(length).unwrap().to_be_bytes();
    let request = [
        &part(6 + ap_req.len() + sealed.len())[..],
        &[0xff, 0x80],
        &part(ap_req.len()),
        ap_req,
        sealed,
    ]
    .concat();
    let error = sample("error-no-names");
    let answer = [&part(6 + error.len())[..], &[0, 1], &[0, 0], error].concat();
    let mut facts = Facts::default();
    let mut conversation = Conversation::new(true);
    conversation.feed(ToServer, &request, stamp(1), &mut facts);
    conversation.feed(ToClient, &answer, stamp(2), &mut facts);
    let Fact::PasswordChangeRequested(it) = &facts.pending[0].fact else {
        panic!()
    };
    assert!(it.is_set);
    assert_eq!(it.error, Some(KerberosError::KRB_AP_ERR_BADKEYVER));
    assert_eq!((it.result_code, it.outcome), (None, Outcome::Failure));
}

#[test]
fn an_error_without_names_takes_those_of_its_request() {
    let messages = [
        (ToServer, "tgs-req-wrong-key"),
        (ToClient, "error-no-names"),
    ];
    let facts = spoken(false, &messages);
    let all = refused(&facts);
    let refused = all[0];
    assert_eq!(refused.code, KerberosError::KRB_AP_ERR_BADKEYVER);
    assert_eq!(refused.exchange, Exchange::Tgs);
    assert_eq!(refused.realm.as_str(), "LAB.EXAMPLE");
    assert_eq!(refused.service.as_str(), "cifs/dc1.lab.example");
    assert_eq!(refused.presented.as_ref().unwrap().kvno, Some(2));
    let server_time = EventTime::from_unix_nanoseconds(1_795_536_567_966_949_000);
    assert_eq!(refused.server_time, Some(server_time));
    // Without its request it says only what it says.
    let facts = spoken(false, &messages[1..]);
    let refused = self::refused(&facts)[0];
    assert_eq!(
        (refused.presented.clone(), refused.exchange),
        (None, Exchange::Unknown)
    );
}

#[test]
fn a_logon_by_certificate_says_whose() {
    let facts = spoken(true, &[(ToServer, "as-req-certificate")]);
    assert_eq!(facts.counters.faults, []);
    let Fact::TicketGrantRequested(asked) = &facts.pending[0].fact else {
        panic!()
    };
    assert_eq!(asked.shape.include_pac, Some(false));
    assert_eq!(asked.certificates, 2);
    let found = asked.certificate.as_deref().unwrap();
    assert_eq!(found.subject, "CN=Jane Adm, OU=Users, DC=lab");
    assert_eq!(found.issuer, found.subject);
    assert!(found.is_self_issued);
    assert_eq!(found.serial, "1234567890abcdef");
    assert_eq!(found.upns, ["adm-jane@lab.example"]);
    assert_eq!(found.dns_names, ["ws1.lab.example"]);
    let sid = "S-1-5-21-1111111111-2222222222-3333333333-1104";
    assert_eq!(found.sid.as_deref(), Some(sid));
    assert_eq!(found.template.as_deref(), Some("User"));
    assert_eq!(found.key_algorithm, "1.2.840.113549.1.1.1");
    assert_eq!(found.key_bits, 2048);
    assert_eq!(found.fingerprint.len(), 64);
}

#[test]
fn a_ticket_that_cannot_be_read_has_no_identity() {
    let mut octets = sample("tgs-req-mit").to_vec();
    let ap_req = octets.windows(2).position(|it| it == [0x6e, 0x82]).unwrap();
    octets[ap_req] = 0x6f;
    let mut facts = Facts::default();
    Conversation::new(true).feed(ToServer, &octets, stamp(1), &mut facts);
    let Fact::ServiceTicketRequested(asked) = &facts.pending[0].fact else {
        panic!()
    };
    assert_eq!(
        asked.presented,
        realmward_event::kerberos::Ticket::default()
    );
    assert!(asked.service.is_some());
    assert_eq!(facts.counters.faults, [("kerberos", 1)]);
}
