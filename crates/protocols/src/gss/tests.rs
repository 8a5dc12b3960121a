//! What carriers rely on, shown with tokens of the project's own laboratory.

use super::Exchange;
use crate::{Facts, Stamp};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{
    AccountName, Direction, DomainName, EncryptionType, EventTime, FileId, NtStatus, PacketRef,
};

const NEGOTIATE: &[u8] = include_bytes!("../../tests/data/gss/ntlm-negotiate-spnego.bin");
const CHALLENGE: &[u8] = include_bytes!("../../tests/data/gss/ntlm-challenge-spnego.bin");
const AUTHENTICATE: &[u8] = include_bytes!("../../tests/data/gss/ntlm-authenticate-spnego.bin");
const RAW_AUTHENTICATE: &[u8] =
    include_bytes!("../../tests/data/gss/ntlm-authenticate-relayed.bin");
const ACCEPTED: &[u8] = include_bytes!("../../tests/data/gss/accept-completed.bin");
const TICKET: &[u8] = include_bytes!("../../tests/data/gss/kerberos-spnego.bin");
const BARE_AP_REQ: &[u8] = include_bytes!("../../tests/data/kerberos/ap-req-dce.bin");

/// Drives an exchange, one packet a step.
struct Carried {
    exchange: Exchange,
    facts: Facts,
    packet: u64,
}

impl Carried {
    fn new() -> Self {
        Self {
            exchange: Exchange::new(Carrier::Smb),
            facts: Facts::default(),
            packet: 0,
        }
    }

    fn stamp(&mut self) -> Stamp {
        self.packet += 1;
        Stamp {
            time: EventTime::from_unix_seconds(i64::try_from(self.packet).unwrap()),
            packet: packet(self.packet),
        }
    }

    fn client(&mut self, token: &[u8]) -> &mut Self {
        let at = self.stamp();
        self.exchange
            .token(Direction::ToServer, token, at.packet, at, &mut self.facts);
        self
    }

    fn server(&mut self, token: &[u8]) -> &mut Self {
        let at = self.stamp();
        self.exchange
            .token(Direction::ToClient, token, at.packet, at, &mut self.facts);
        self
    }

    fn answered(&mut self, outcome: Outcome) -> &mut Self {
        let at = self.stamp();
        let status = Some(NtStatus::STATUS_SUCCESS);
        self.exchange.answered(outcome, status, at, &mut self.facts);
        self
    }

    fn ntlm(&self) -> Vec<&NtlmAuthenticated> {
        self.facts
            .pending
            .iter()
            .filter_map(|it| match &it.fact {
                Fact::NtlmAuthenticated(fact) => Some(fact),
                _ => None,
            })
            .collect()
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.facts.pending.iter().map(|it| it.fact.kind()).collect()
    }
}

fn packet(packet: u64) -> PacketRef {
    PacketRef {
        file: FileId(0),
        packet,
    }
}

fn jane() -> SessionPrincipal {
    SessionPrincipal::Ntlm {
        user: AccountName::new("adm-jane"),
        domain: DomainName::new("LAB"),
    }
}

#[test]
fn three_messages_and_an_answer_make_one_fact_proven_by_four_packets() {
    let mut seen = Carried::new();
    seen.client(NEGOTIATE)
        .server(CHALLENGE)
        .client(AUTHENTICATE)
        .answered(Outcome::Success)
        .server(ACCEPTED);
    assert_eq!(seen.kinds(), ["NtlmAuthenticated"]);
    let evidence = &seen.facts.pending[0].evidence;
    assert_eq!(*evidence, [packet(1), packet(2), packet(3), packet(4)]);
    assert_eq!(seen.exchange.principal(), jane());
    let fact = seen.ntlm()[0];
    assert_eq!(fact.user.as_str(), "adm-jane");
    assert_eq!(fact.domain.as_str(), "LAB");
    assert_eq!(fact.workstation.as_str(), "WS2");
    assert_eq!(fact.server_challenge, Some(0x8ebd_90ed_e49d_e6ca));
    assert_eq!(fact.negotiate_flags, Some(0x6208_8215));
    assert_eq!(fact.response_version, 2);
    assert_eq!(fact.client_version, Some((6, 1, 0)));
    assert!(fact.has_mic);
    assert_eq!(fact.outcome, Outcome::Success);
    assert_eq!(fact.status, Some(NtStatus::STATUS_SUCCESS));
    assert_eq!(seen.facts.counters, crate::Counters::default());
}

#[test]
fn a_ticket_in_iakerb_is_presented_as_in_kerberos() {
    // thisMech 1.3.6.1.5.2.5, token id of KRB_AP_REQ
    let inner = [b"\x06\x06\x2b\x06\x01\x05\x02\x05\x01\x00", BARE_AP_REQ].concat();
    let length = u16::try_from(inner.len()).unwrap().to_be_bytes();
    let token = [&[0x60, 0x82], &length[..], &inner].concat();
    let mut seen = Carried::new();
    seen.client(&token);
    assert_eq!(seen.kinds(), ["TicketPresented"]);
}

#[test]
fn a_capture_that_starts_at_the_third_message_still_names_the_user() {
    let mut seen = Carried::new();
    seen.client(RAW_AUTHENTICATE).answered(Outcome::Failure);
    let fact = seen.ntlm()[0];
    assert_eq!(fact.user.as_str(), "adm-jane");
    assert_eq!((fact.negotiate_flags, fact.server_challenge), (None, None));
    assert_eq!(fact.outcome, Outcome::Failure);
}

#[test]
fn without_an_answer_the_logon_is_an_attempt_at_the_time_of_the_third_message() {
    let mut seen = Carried::new();
    seen.client(NEGOTIATE)
        .server(CHALLENGE)
        .client(AUTHENTICATE);
    seen.exchange.finish(&mut seen.facts);
    seen.exchange.finish(&mut seen.facts);
    assert_eq!(seen.kinds(), ["NtlmAuthenticated"]);
    assert_eq!(seen.ntlm()[0].outcome, Outcome::Attempt);
    assert_eq!(seen.facts.pending[0].time, EventTime::from_unix_seconds(3));
}

#[test]
fn after_an_answer_the_next_token_begins_anew() {
    let mut seen = Carried::new();
    seen.client(NEGOTIATE)
        .server(CHALLENGE)
        .client(AUTHENTICATE)
        .answered(Outcome::Failure)
        .client(AUTHENTICATE)
        .answered(Outcome::Success);
    let seen = seen.ntlm();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].server_challenge, None);
}

#[test]
fn a_second_round_without_an_answer_leaves_the_first_an_attempt() {
    let mut seen = Carried::new();
    seen.client(AUTHENTICATE)
        .client(NEGOTIATE)
        .server(CHALLENGE)
        .client(AUTHENTICATE)
        .answered(Outcome::Success);
    let outcomes: Vec<Outcome> = seen.ntlm().iter().map(|it| it.outcome).collect();
    assert_eq!(outcomes, [Outcome::Attempt, Outcome::Success]);
}

#[test]
fn a_ticket_is_presented_in_any_wrapping() {
    // The second is the GSS token inside the first: 6082053706 092a864886f712010202 0100 6e...
    let start = TICKET.windows(3).rposition(|it| it == [0x60, 0x82, 0x05]);
    let wrapped = &TICKET[start.unwrap()..];
    let bare = &TICKET[TICKET.windows(2).position(|it| it == [0x6e, 0x82]).unwrap()..];
    let mut hashes = Vec::new();
    for token in [TICKET, wrapped, bare] {
        let mut seen = Carried::new();
        seen.client(token).answered(Outcome::Success);
        let Fact::TicketPresented(fact) = &seen.facts.pending[0].fact else {
            panic!("no ticket in {} octets", token.len());
        };
        assert_eq!(seen.facts.pending.len(), 1);
        assert_eq!(fact.ticket.service.as_str(), "cifs/ws1.lab.example");
        assert_eq!(fact.ticket.realm.as_str(), "LAB.EXAMPLE");
        assert!(fact.ticket.etype.is_aes());
        assert_eq!(fact.authenticator.etype, EncryptionType::RC4_HMAC);
        assert_eq!(
            seen.exchange.principal(),
            SessionPrincipal::Ticket(fact.ticket.hash)
        );
        hashes.push(fact.ticket.hash);
    }
    assert!(hashes.iter().all(|it| *it == hashes[0]));
    let mut seen = Carried::new();
    seen.client(BARE_AP_REQ);
    assert_eq!(seen.kinds(), ["TicketPresented"]);
}

#[test]
fn a_token_split_anywhere_is_read_once_it_is_whole() {
    for token in [TICKET, AUTHENTICATE] {
        for cut in 4..token.len() {
            let mut seen = Carried::new();
            seen.client(&token[..cut]).client(&token[cut..]);
            seen.answered(Outcome::Success);
            assert_eq!(seen.facts.pending.len(), 1, "cut at {cut}");
            assert_eq!(seen.facts.pending[0].evidence[0], packet(1), "cut at {cut}");
        }
    }
}

#[test]
fn an_endless_token_is_dropped_and_counted() {
    let mut seen = Carried::new();
    // InitialContextToken of 16 MiB, of which 4 KiB come at a time.
    seen.client(&[0x60, 0x84, 0x01, 0x00, 0x00, 0x00]);
    for _ in 0..64 {
        seen.client(&[0; 4096]);
    }
    assert_eq!(seen.facts.counters.limits, [("gss_token_octets", 1)]);
    seen.client(AUTHENTICATE).answered(Outcome::Success);
    assert_eq!(seen.kinds(), ["NtlmAuthenticated"]);
}

#[test]
fn a_ticket_in_the_servers_direction_says_nothing() {
    let mut seen = Carried::new();
    seen.server(TICKET);
    assert_eq!(seen.facts.pending, []);
    assert_eq!(seen.exchange.principal(), SessionPrincipal::Unknown);
}

#[test]
fn every_cut_and_every_changed_octet_is_survived() {
    for token in [NEGOTIATE, CHALLENGE, AUTHENTICATE, RAW_AUTHENTICATE, TICKET] {
        for cut in 0..token.len() {
            let mut seen = Carried::new();
            seen.client(&token[..cut]).answered(Outcome::Success);
        }
        for place in 0..token.len() {
            for octet in [0, 1, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = token.to_vec();
                changed[place] = octet;
                let mut seen = Carried::new();
                seen.client(&changed).server(&changed);
                seen.exchange.finish(&mut seen.facts);
            }
        }
    }
}
