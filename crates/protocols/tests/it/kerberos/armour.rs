//! What stands in clear around sealed requests: built here, for the laboratory has none.

use super::samples::sample;
use realmward_event::Fact;
use realmward_event::kerberos::{ServiceTicketRequested, TicketGrantRequested};
use realmward_protocols::kerberos::{Conversation, parse};
use realmward_protocols::{Dissector, Facts, Stamp};
use realmward_vocab::{Direction, EncryptionType};

/// An element of any length.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84][..], &length, &content].concat()
}

fn padata(number: u8, value: &[u8]) -> Vec<u8> {
    let kind = element(0xa1, &[&[2, 2, 0, number]]);
    let value = element(0xa2, &[&element(4, &[value])]);
    element(0x30, &[&kind, &value])
}

/// A request of this application tag with these padata, for `krbtgt/R` in the realm `R`.
fn told(tag: u8, padata: &[Vec<u8>]) -> Facts {
    let strings = element(
        0xa1,
        &[&element(0x30, &[&[0x1b, 1, b'k'], &[0x1b, 1, b'R']])],
    );
    let name = element(0x30, &[&[0xa0, 3, 2, 1, 2], &strings]);
    let body = element(
        0x30,
        &[
            &[0xa0, 7, 3, 5, 0, 0x40, 0x83, 0, 0x08],
            &element(0xa2, &[&[0x1b, 1, b'R']]),
            &element(0xa3, &[&name]),
        ],
    );
    let padata = element(0xa3, &[&element(0x30, &[&padata.concat()])]);
    let request = element(tag, &[&element(0x30, &[&padata, &element(0xa4, &[&body])])]);
    let mut facts = Facts::default();
    let mut conversation = Conversation::new(true);
    conversation.feed(Direction::ToServer, &request, Stamp::default(), &mut facts);
    facts
}

fn told_as(padata: &[Vec<u8>]) -> (TicketGrantRequested, Facts) {
    let facts = told(0x6a, padata);
    match &facts.pending[0].fact {
        Fact::TicketGrantRequested(it) => (it.clone(), facts),
        other => panic!("{other:?}"),
    }
}

fn told_tgs(padata: &[Vec<u8>]) -> (ServiceTicketRequested, Facts) {
    let facts = told(0x6c, padata);
    match &facts.pending[0].fact {
        Fact::ServiceTicketRequested(it) => (it.clone(), facts),
        other => panic!("{other:?}"),
    }
}

/// PA-FX-FAST-REQUEST with this armour.
fn fast(armour: Option<(u8, &[u8])>) -> Vec<u8> {
    let armour = armour.map_or(Vec::new(), |(kind, value)| {
        let kind = element(0xa0, &[&[2, 1, kind]]);
        let value = element(0xa1, &[&element(4, &[value])]);
        element(0xa0, &[&element(0x30, &[&kind, &value])])
    });
    let sealed = element(0x30, &[&[0xa0, 3, 2, 1, 18], &[0xa2, 6, 4, 4, 9, 9, 9, 9]]);
    let request = element(0x30, &[&armour, &element(0xa2, &[&sealed])]);
    element(0xa0, &[&request])
}

#[test]
fn the_ticket_that_armours_a_request_is_told() {
    let ap_req = sample("ap-req-dce");
    let (asked, facts) = told_as(&[padata(136, &fast(Some((1, ap_req))))]);
    assert_eq!(facts.counters.faults, []);
    let tunnel = asked.shape.fast.unwrap();
    let ticket = parse::ap_req(ap_req).unwrap().ticket;
    let expected = realmward_protocols::kerberos::facts::ticket(&ticket);
    assert_eq!(tunnel.armour, Some(expected));
    assert!(tunnel.authenticator.is_some());
    assert_eq!(
        tunnel.request.etype,
        EncryptionType::AES256_CTS_HMAC_SHA1_96
    );
    assert_eq!(tunnel.request.cipher_octets, 4);
    assert_eq!(facts.counters.opaque.len(), 1);
}

#[test]
fn a_tunnel_without_armour_or_with_a_strange_one_is_a_tunnel() {
    let (asked, facts) = told_tgs(&[padata(136, &fast(None))]);
    assert!(asked.shape.fast.is_some_and(|it| it.armour.is_none()));
    assert_eq!(facts.counters.opaque.len(), 1);
    let (asked, facts) = told_as(&[padata(136, &fast(Some((9, b"?"))))]);
    assert!(asked.shape.fast.is_some());
    assert_eq!(facts.counters.faults, [("kerberos", 1)]);
    let (asked, facts) = told_as(&[padata(136, &[])]);
    assert_eq!((asked.shape.fast, facts.counters.opaque.len()), (None, 0));
}

#[test]
fn wishes_are_read() {
    // { flags [0] 10000000 }, { include-pac [0] TRUE }, { 18, 23 }
    let options = [0x30, 9, 0xa0, 7, 3, 5, 0, 0x10, 0, 0, 0];
    let pac = [0x30, 5, 0xa0, 3, 1, 1, 0xff];
    let keys = [0x30, 6, 2, 1, 18, 2, 1, 23];
    let wishes = [padata(167, &options), padata(128, &pac), padata(161, &keys)];
    let (asked, facts) = told_tgs(&wishes);
    assert_eq!(asked.shape.pac_options, Some(0x1000_0000));
    assert_eq!(asked.shape.include_pac, Some(true));
    assert_eq!(asked.key_list, [18, 23].map(EncryptionType));
    assert!(
        asked
            .shape
            .options
            .has(realmward_vocab::KdcOptions::ENC_TKT_IN_SKEY)
    );
    // No PA-TGS-REQ, which is a fault of the request.
    assert_eq!(facts.counters.faults, []);
    for broken in [&[0x30][..], &[0x30, 5, 0xa0, 3], &[4, 1, 1]] {
        let (asked, _) = told_tgs(&[
            padata(167, broken),
            padata(128, broken),
            padata(161, broken),
        ]);
        assert_eq!(
            (asked.shape.pac_options, asked.shape.include_pac),
            (None, None)
        );
        assert_eq!(asked.key_list, []);
    }
}

#[test]
fn a_refusal_may_say_why() {
    let status = [0x72, 0, 0, 0xc0, 0, 0, 0, 0, 1, 0, 0, 0];
    let alone = element(
        0x30,
        &[
            &[0xa1, 3, 2, 1, 3],
            &element(0xa2, &[&element(4, &[&status])]),
        ],
    );
    assert_eq!(parse::error_data(&alone), Some(0xc000_0072));
    assert_eq!(
        parse::error_data(&element(0x30, &[&alone])),
        Some(0xc000_0072)
    );
    for cut in 0..alone.len() {
        assert_eq!(parse::error_data(&alone[..cut]), None);
    }
    let salt = padata(3, b"LAB.EXAMPLEjane");
    assert_eq!(parse::error_data(&element(0x30, &[&salt])), None);
}

#[test]
fn every_cut_of_armour_and_certificate_is_survived() {
    let tunnel = fast(Some((1, sample("ap-req-dce"))));
    for cut in 0..tunnel.len() {
        assert!(parse::armored(&tunnel[..cut]).is_err(), "cut at {cut}");
    }
    let message = sample("as-req-certificate");
    let start = message
        .windows(2)
        .position(|it| it == [0x80, 0x82])
        .unwrap();
    let body = element(0x30, &[&message[start..start + 4 + 2048]]);
    assert_eq!(parse::certificates(&body).unwrap().count, 2);
    for cut in 0..body.len() {
        assert!(parse::certificates(&body[..cut]).is_err(), "cut at {cut}");
    }
    for place in 0..body.len() {
        for poke in [0x00, 0x30, 0x7f, 0x80, 0x84, 0xa0, 0xff] {
            let mut poked = body.clone();
            poked[place] = poke;
            if let Ok(found) = parse::certificates(&poked) {
                let _ = realmward_protocols::certificate::read(found.signer);
            }
        }
    }
}
