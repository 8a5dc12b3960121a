//! Synthetic Kerberos traffic: requests with one thing wrong that real software never sends.
//!
//! Real captures show what clients do; these show that what they never do costs nothing: a
//! month 13, two hundred key types, a name of a kilobyte. Built with `kerberos_asn1`.

use anyhow::{Context as _, Result};
use etherparse::PacketBuilder;
use kerberos_asn1::{
    AsReq, Asn1Object as _, KdcReqBody, KerbPaPacRequest, KerberosFlags, KerberosString, PaData,
    PrincipalName,
};
use std::fs;
use std::path::Path;

/// Writes the capture.
pub(crate) fn run(out: &Path) -> Result<()> {
    let requests = [
        ("plain", plain().build()),
        ("month 13", month_13()),
        ("200 key types", many_etypes()),
        ("name of a kilobyte", long_name()),
        ("no client", no_client()),
        ("cut in half", cut()),
    ];
    let mut capture = Vec::from(PCAP_HEADER);
    for (place, (name, message)) in (1_u32..).zip(&requests) {
        capture.extend(record(place, message).with_context(|| (*name).to_owned())?);
    }
    fs::write(out, &capture).with_context(|| out.display().to_string())?;
    eprintln!("wrote {} requests to {}", requests.len(), out.display());
    Ok(())
}

fn plain() -> AsReq {
    let mut request = AsReq {
        req_body: KdcReqBody {
            kdc_options: KerberosFlags::from(0x4081_0010),
            cname: Some(principal(1, &["alice"])),
            realm: KerberosString::from("LAB.EXAMPLE"),
            sname: Some(principal(2, &["krbtgt", "LAB.EXAMPLE"])),
            nonce: 0x1234_5678,
            etypes: vec![18, 17, 23],
            ..KdcReqBody::default()
        },
        ..AsReq::default()
    };
    let pac = KerbPaPacRequest::new(true).build();
    request.padata = Some(vec![PaData::new(128, pac)]);
    request
}

/// `till` in month 13: a decoder that turns times into dates must not stop here.
fn month_13() -> Vec<u8> {
    let mut message = plain().build();
    let digits = message
        .windows(15)
        .position(|it| it.ends_with(b"Z") && it.iter().take(14).all(u8::is_ascii_digit));
    if let Some(till) = digits.and_then(|at| message.get_mut(at..at + 15)) {
        till.copy_from_slice(b"20371332250000Z");
    }
    message
}

fn many_etypes() -> Vec<u8> {
    let mut request = plain();
    request.req_body.etypes = (1..=200).collect();
    request.build()
}

fn long_name() -> Vec<u8> {
    let mut request = plain();
    request.req_body.cname = Some(principal(1, &[&"a".repeat(1_024)]));
    request.build()
}

fn no_client() -> Vec<u8> {
    let mut request = plain();
    request.req_body.cname = None;
    request.build()
}

fn cut() -> Vec<u8> {
    let mut message = plain().build();
    message.truncate(message.len() / 2);
    message
}

fn principal(name_type: i32, components: &[&str]) -> PrincipalName {
    PrincipalName {
        name_type,
        name_string: components
            .iter()
            .map(|it| KerberosString::from(*it))
            .collect(),
    }
}

fn record(place: u32, message: &[u8]) -> Result<Vec<u8>> {
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([10, 77, 0, 21], [10, 77, 0, 10], 64)
        .udp(40_000 + u16::try_from(place)?, 88);
    let mut frame = Vec::new();
    builder.write(&mut frame, message)?;
    let length = u32::try_from(frame.len())?;
    let mut record = Vec::new();
    for word in [1_800_000_000 + place, 0, length, length] {
        record.extend(word.to_le_bytes());
    }
    record.extend(frame);
    Ok(record)
}

/// pcap, little-endian, microseconds, Ethernet.
const PCAP_HEADER: [u8; 24] = [
    0xd4, 0xc3, 0xb2, 0xa1, // magic
    2, 0, 4, 0, // version 2.4
    0, 0, 0, 0, // time zone
    0, 0, 0, 0, // accuracy
    0, 0, 4, 0, // snap length 262,144
    1, 0, 0, 0, // Ethernet
];
