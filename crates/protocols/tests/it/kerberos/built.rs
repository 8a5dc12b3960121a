//! What `kerberos_asn1` writes, we read: values at their bounds and names of every kind.
//!
//! `kerberos_asn1` panics on what it does not expect, so it runs behind `catch_unwind`.

use kerberos_asn1::{
    ApReq, AsRep, AsReq, EncryptedData, HostAddress, KdcReqBody, KerberosFlags, KerberosTime,
    KrbError, PaData, PaForUser, PrincipalName, TgsReq, Ticket,
};
use realmward_protocols::Facts;
use realmward_protocols::kerberos::message::{Body, Message};
use realmward_protocols::kerberos::{facts, parse};
use red_asn1::Asn1Object;

/// One row: what goes in must come out.
struct Row {
    name: &'static [&'static str],
    name_type: i32,
    nonce: u32,
    kvno: Option<u32>,
    etypes: &'static [i32],
    cipher_octets: usize,
}

const ROWS: &[Row] = &[
    Row {
        name: &["alice"],
        name_type: 1,
        nonce: 0,
        kvno: None,
        etypes: &[18],
        cipher_octets: 1,
    },
    Row {
        name: &["krbtgt", "LAB.EXAMPLE"],
        name_type: 2,
        nonce: 1,
        kvno: Some(2),
        etypes: &[18, 17, 23, -133, -128, 24, -135],
        cipher_octets: 127,
    },
    Row {
        name: &["a", "b", "c", "d"],
        name_type: -128,
        nonce: 0x7fff_ffff,
        kvno: Some(0x1234_0001),
        etypes: &[],
        cipher_octets: 128,
    },
    Row {
        name: &["LAB\\alice"],
        name_type: 10,
        nonce: 0x8000_0000,
        kvno: Some(u32::MAX),
        etypes: &[i32::MIN, i32::MAX],
        cipher_octets: 255,
    },
    Row {
        name: &[""],
        name_type: i32::MAX,
        nonce: u32::MAX,
        kvno: Some(0),
        etypes: &[0],
        cipher_octets: 65_536,
    },
];

impl Row {
    fn principal(&self) -> PrincipalName {
        PrincipalName {
            name_type: self.name_type,
            name_string: self.name.iter().map(|it| (*it).to_string()).collect(),
        }
    }

    fn sealed(&self) -> EncryptedData {
        let etype = self.etypes.first().copied().unwrap_or(23);
        EncryptedData::new(etype, self.kvno, vec![0xa5; self.cipher_octets])
    }

    fn ticket(&self) -> Ticket {
        Ticket::new("LAB.EXAMPLE".to_string(), self.principal(), self.sealed())
    }

    fn body(&self) -> KdcReqBody {
        KdcReqBody {
            kdc_options: flags(self.nonce),
            cname: Some(self.principal()),
            realm: "LAB.EXAMPLE".to_string(),
            sname: Some(self.principal()),
            from: None,
            till: time(),
            rtime: Some(time()),
            nonce: self.nonce,
            etypes: self.etypes.to_vec(),
            addresses: Some(vec![
                HostAddress::new(2, vec![10, 0, 0, 1]),
                HostAddress::new(20, b"WS1             ".to_vec()),
            ]),
            enc_authorization_data: Some(self.sealed()),
            additional_tickets: Some(vec![self.ticket(), self.ticket()]),
        }
    }

    fn joined(&self) -> String {
        self.name.join("/")
    }

    fn check_ticket(&self, ticket: &realmward_event::kerberos::Ticket) {
        assert_eq!(ticket.service.as_str(), self.joined());
        assert_eq!(ticket.service_name_type, self.name_type);
        assert_eq!(ticket.realm.as_str(), "LAB.EXAMPLE");
        assert_eq!(ticket.etype.0, self.etypes.first().copied().unwrap_or(23));
        assert_eq!(ticket.kvno, self.kvno);
        assert_eq!(ticket.cipher_octets as usize, self.cipher_octets);
    }
}

/// A fixed time: the library's default would ask the clock.
fn time() -> KerberosTime {
    let octets = b"\x18\x0f20370913024805Z";
    built(|| KerberosTime::parse(octets).unwrap().1)
}

fn flags(word: u32) -> KerberosFlags {
    KerberosFlags::from(word)
}

fn built<T>(make: impl FnOnce() -> T) -> T {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(make)).expect("kerberos_asn1 panicked")
}

fn read(octets: &[u8]) -> Body<'_> {
    let Message { body, fault } = parse::message(octets).unwrap();
    assert_eq!(fault, None);
    body
}

#[test]
fn a_built_as_req_comes_back_field_by_field() {
    for row in ROWS {
        let timestamp = PaData::new(2, built(|| row.sealed().build()));
        let request = AsReq {
            padata: Some(vec![PaData::new(128, vec![0x30, 0]), timestamp]),
            req_body: row.body(),
            ..AsReq::default()
        };
        let octets = built(|| request.build());
        let Body::AsReq(found) = read(&octets) else {
            panic!("no AS-REQ")
        };
        let fact = facts::ticket_grant_requested(&found, true, &mut Facts::default());
        assert_eq!(fact.client.unwrap().as_str(), row.joined());
        assert_eq!(fact.service.as_str(), row.joined());
        let timestamp = fact.timestamp.unwrap();
        assert_eq!(timestamp.cipher_octets as usize, row.cipher_octets);
        let shape = fact.shape;
        assert_eq!(shape.options.0, row.nonce);
        assert_eq!(shape.nonce, row.nonce);
        assert!(
            shape
                .etypes
                .iter()
                .map(|it| it.0)
                .eq(row.etypes.iter().copied())
        );
        assert!(shape.padata.iter().map(|it| it.0).eq([128, 2]));
        assert_eq!(shape.till, "20370913024805Z");
        assert_eq!(shape.rtime.as_deref(), Some("20370913024805Z"));
        assert_eq!(shape.netbios_address.unwrap().as_str(), "WS1");
        assert!(shape.over_udp && shape.has_cname);
    }
}

#[test]
fn a_built_tgs_req_comes_back_field_by_field() {
    for row in ROWS {
        let ap_req = ApReq {
            ticket: row.ticket(),
            authenticator: row.sealed(),
            ..ApReq::default()
        };
        let for_user = PaForUser {
            username: row.principal(),
            ..PaForUser::default()
        };
        let request = TgsReq {
            padata: Some(vec![
                PaData::new(1, built(|| ap_req.build())),
                PaData::new(129, built(|| for_user.build())),
            ]),
            req_body: row.body(),
            ..TgsReq::default()
        };
        let octets = built(|| request.build());
        let Body::TgsReq(found) = read(&octets) else {
            panic!("no TGS-REQ")
        };
        let fact = facts::service_ticket_requested(&found, false, &mut Facts::default());
        row.check_ticket(&fact.presented);
        assert_eq!(fact.additional_tickets.len(), 2);
        fact.additional_tickets
            .iter()
            .for_each(|it| row.check_ticket(it));
        assert_eq!(fact.authenticator.cipher_octets as usize, row.cipher_octets);
        assert_eq!(
            fact.enc_authorization_data_octets as usize,
            row.cipher_octets
        );
        let named = fact.for_user.map(|it| it.to_string());
        assert_eq!(named.unwrap_or_default(), row.joined());
    }
}

#[test]
fn a_built_reply_comes_back_field_by_field() {
    for row in ROWS {
        let reply = AsRep {
            padata: None,
            crealm: "LAB.EXAMPLE".to_string(),
            cname: row.principal(),
            ticket: row.ticket(),
            enc_part: row.sealed(),
            ..AsRep::default()
        };
        let octets = built(|| reply.build());
        let Body::AsRep(found) = read(&octets) else {
            panic!("no AS-REP")
        };
        let ticket = facts::ticket(&found.ticket.unwrap());
        row.check_ticket(&ticket);
        let fact = facts::ticket_granted(&found, ticket, None);
        assert_eq!(fact.client.as_str(), row.joined());
        assert_eq!(
            fact.reply_etype.0,
            row.etypes.first().copied().unwrap_or(23)
        );
    }
}

#[test]
fn a_built_error_comes_back_field_by_field() {
    for (row, code) in ROWS.iter().zip([0, 6, 127, 128, i32::MAX]) {
        let error = KrbError {
            stime: time(),
            error_code: code,
            cname: Some(row.principal()),
            realm: "LAB.EXAMPLE".to_string(),
            sname: row.principal(),
            e_data: Some(vec![0xff; row.cipher_octets]),
            ..KrbError::default()
        };
        let octets = built(|| error.build());
        let Body::KrbError(found) = read(&octets) else {
            panic!("no KRB-ERROR")
        };
        let fact = facts::refused(&found, realmward_event::kerberos::Exchange::Unknown);
        assert_eq!(fact.code.0, code);
        assert_eq!(fact.client.unwrap().as_str(), row.joined());
        assert_eq!(fact.service.as_str(), row.joined());
        assert!(fact.offered_etypes.is_empty());
    }
}
