//! Our decoder and rasn-kerberos agree on every real message.
//!
//! One thing they cannot agree on: MIT and Heimdal write a nonce above 2^31 as a negative number,
//! which rasn-kerberos refuses. It is shown a copy whose nonce is without its top bit.

use super::samples::KERBEROS;
use rasn_kerberos as other;
use realmward_protocols::kerberos::message::{
    ApReq, Body, EncryptedData, KdcRep, KdcReq, KrbError, PrincipalName, Ticket,
};
use realmward_protocols::kerberos::parse;

#[test]
fn two_decoders_read_the_same_in_every_real_message() {
    for (name, octets) in KERBEROS {
        let ours = parse::message(octets).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(ours.fault, None, "{name}");
        match ours.body {
            Body::AsReq(it) => same_request(&it, &decoded::<other::AsReq>(&positive(octets)).0),
            Body::TgsReq(it) => same_request(&it, &decoded::<other::TgsReq>(&positive(octets)).0),
            Body::AsRep(it) => same_reply(&it, &decoded::<other::AsRep>(octets).0),
            Body::TgsRep(it) => same_reply(&it, &decoded::<other::TgsRep>(octets).0),
            Body::ApReq(it) => same_ap_req(&it, &decoded(octets)),
            Body::KrbError(it) => same_error(&it, &decoded(octets)),
            Body::Other(number) => assert!(matches!(number, 15 | 21), "{name}: {number}"),
        }
    }
}

#[test]
fn the_ticket_of_a_tgs_req_is_the_one_in_its_padata() {
    let octets = super::samples::sample("tgs-req-mit");
    let Ok(Body::TgsReq(request)) = parse::message(octets).map(|it| it.body) else {
        panic!("no TGS-REQ");
    };
    let ours = parse::ap_req(request.padata.find(1).unwrap()).unwrap();
    let theirs = decoded::<other::TgsReq>(&positive(octets))
        .0
        .padata
        .unwrap();
    let theirs = theirs.iter().find(|it| it.r#type == 1).unwrap();
    same_ap_req(&ours, &decoded(&theirs.value));
}

/// A copy with the top bit of a four-octet `nonce [7] INTEGER` cleared.
fn positive(octets: &[u8]) -> Vec<u8> {
    let mut octets = octets.to_vec();
    let nonce = octets
        .windows(4)
        .rposition(|it| it == [0xa7, 0x06, 0x02, 0x04]);
    if let Some(nonce) = nonce {
        octets[nonce + 4] &= 0x7f;
    }
    octets
}

fn decoded<T: rasn::Decode>(octets: &[u8]) -> T {
    rasn::der::decode(octets).unwrap()
}

fn same_request(ours: &KdcReq<'_>, theirs: &other::KdcReq) {
    let (body, other) = (&ours.req_body, &theirs.req_body);
    assert!(
        ours.padata
            .iter()
            .map(|it| (it.padata_type, it.padata_value))
            .eq(theirs
                .padata
                .iter()
                .flatten()
                .map(|it| (it.r#type, &*it.value)))
    );
    let flags = other.kdc_options.0.clone().into_vec();
    assert_eq!(body.kdc_options.to_be_bytes(), flags[..4]);
    assert_eq!(body.realm, other.realm.as_bytes());
    assert_eq!(body.nonce & 0x7fff_ffff, other.nonce);
    assert!(body.etype.iter().eq(other.etype.iter().copied()));
    same_optional_name(body.cname, other.cname.as_ref());
    same_optional_name(body.sname, other.sname.as_ref());
    let written = |time: &other::KerberosTime| time.0.format("%Y%m%d%H%M%SZ").to_string();
    assert_eq!(body.till, written(&other.till).as_bytes());
    let rtime = other.rtime.as_ref().map(written);
    assert_eq!(body.rtime, rtime.as_ref().map(String::as_bytes));
    match (&body.enc_authorization_data, &other.enc_authorization_data) {
        (Some(ours), Some(theirs)) => same_sealed(ours, theirs),
        (ours, theirs) => assert!(ours.is_none() && theirs.is_none()),
    }
    let theirs: Vec<_> = other.additional_tickets.iter().flatten().collect();
    assert_eq!(body.additional_tickets.iter().count(), theirs.len());
    for (ours, theirs) in body.additional_tickets.iter().zip(theirs) {
        same_ticket(&ours, theirs);
    }
}

fn same_reply(ours: &KdcRep<'_>, theirs: &other::KdcRep) {
    assert_eq!(ours.crealm, theirs.crealm.as_bytes());
    same_name(&ours.cname, &theirs.cname);
    same_ticket(&ours.ticket.unwrap(), &theirs.ticket);
    same_sealed(&ours.enc_part, &theirs.enc_part);
}

fn same_ap_req(ours: &ApReq<'_>, theirs: &other::ApReq) {
    let flags = theirs.ap_options.0.clone().into_vec();
    assert_eq!(ours.ap_options.to_be_bytes(), flags[..4]);
    same_ticket(&ours.ticket, &theirs.ticket);
    same_sealed(&ours.authenticator, &theirs.authenticator);
}

fn same_error(ours: &KrbError<'_>, theirs: &other::KrbError) {
    assert_eq!(ours.error_code, Some(theirs.error_code));
    assert_eq!(ours.realm, theirs.realm.as_bytes());
    same_name(&ours.sname, &theirs.sname);
    same_optional_name(ours.cname, theirs.cname.as_ref());
    assert_eq!(ours.susec, Some(theirs.susec.to_string().parse().unwrap()));
    assert_eq!(ours.cusec.is_some(), theirs.cusec.is_some());
    assert_eq!(ours.e_data, theirs.e_data.as_deref().unwrap_or_default());
}

fn same_ticket(ours: &Ticket<'_>, theirs: &other::Ticket) {
    assert_eq!(ours.realm, theirs.realm.as_bytes());
    same_name(&ours.sname, &theirs.sname);
    same_sealed(&ours.enc_part, &theirs.enc_part);
}

fn same_sealed(ours: &EncryptedData<'_>, theirs: &other::EncryptedData) {
    assert_eq!((ours.etype, ours.kvno), (theirs.etype, theirs.kvno));
    assert_eq!(ours.cipher, &*theirs.cipher);
}

fn same_optional_name(ours: Option<PrincipalName<'_>>, theirs: Option<&other::PrincipalName>) {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => same_name(&ours, theirs),
        (ours, theirs) => assert!(ours.is_none() && theirs.is_none()),
    }
}

fn same_name(ours: &PrincipalName<'_>, theirs: &other::PrincipalName) {
    assert_eq!(ours.name_type, theirs.r#type);
    assert!(
        ours.name_string.iter().eq(theirs
            .string
            .iter()
            .map(rasn::types::GeneralString::as_bytes))
    );
}
