//! Attributes to facts. Passwords, challenges and what answers them are not touched.

use super::message::{Attribute, MICROSOFT, Packet};
use realmward_event::radius::{
    AccountingStatus, NetworkAccessAsked, NetworkClient, NetworkSessionReported,
};
use realmward_vocab::{AccountName, HostName};
use std::net::IpAddr;

/// Who asks to come in, and how it proves itself.
pub(super) fn access(packet: &Packet<'_>) -> NetworkAccessAsked {
    let mut fact = NetworkAccessAsked {
        method: "none".to_owned(),
        ..NetworkAccessAsked::default()
    };
    for it in packet.attributes() {
        client(&mut fact.client, &it);
        if let Some(method) = method(&it) {
            method.clone_into(&mut fact.method);
        }
    }
    fact
}

/// What is told of a session.
pub(super) fn session(packet: &Packet<'_>) -> NetworkSessionReported {
    let mut fact = NetworkSessionReported::default();
    let (mut wraps_in, mut wraps_out) = (0, 0);
    for it in packet.attributes() {
        client(&mut fact.client, &it);
        if it.vendor != 0 {
            continue;
        }
        match it.kind {
            40 => fact.status = AccountingStatus(number(it.value).unwrap_or_default()),
            42 => fact.octets_in = number(it.value).map(u64::from),
            43 => fact.octets_out = number(it.value).map(u64::from),
            44 => fact.session = text(it.value),
            46 => fact.duration_s = number(it.value),
            49 => fact.terminate_cause = number(it.value),
            52 => wraps_in = number(it.value).unwrap_or_default(),
            53 => wraps_out = number(it.value).unwrap_or_default(),
            _ => {}
        }
    }
    fact.octets_in = fact.octets_in.map(|it| it | u64::from(wraps_in) << 32);
    fact.octets_out = fact.octets_out.map(|it| it | u64::from(wraps_out) << 32);
    fact
}

/// What the answer adds to the question: the address that was given.
pub(super) fn answered(fact: &mut NetworkAccessAsked, packet: &Packet<'_>) {
    let mut given = NetworkClient::default();
    for it in packet.attributes() {
        client(&mut given, &it);
    }
    let asked = &mut fact.client;
    asked.address = asked.address.or(given.address);
    if asked.user.is_empty() {
        asked.user = given.user;
    }
}

fn client(fact: &mut NetworkClient, it: &Attribute<'_>) {
    match (it.vendor, it.kind) {
        // None of these may be there twice (RFC 2865 section 5.44); servers go by the first.
        (0, 1) if fact.user.is_empty() => fact.user = AccountName::new(text(it.value)),
        (0, 4 | 95) => fact.gateway = fact.gateway.or(address(it.value)),
        (0, 6) => fact.service_type = number(it.value),
        (0, 8 | 168) => fact.address = fact.address.or(address(it.value)),
        (0, 30) => first(&mut fact.called_station, it.value),
        (0, 31) => first(&mut fact.calling_station, it.value),
        (0, 32) => fact.gateway_name = some(it.value).map(HostName::new),
        (0, 61) => fact.port_type = number(it.value),
        // A tag below 0x20 may come first (RFC 2868 section 3.3).
        (0, 66) => match it.value {
            [0..=0x1f, rest @ ..] | rest => fact.tunnel_client = some(rest),
        },
        (MICROSOFT, 34) => fact.host = some(it.value).map(HostName::new),
        _ => {}
    }
}

const fn method(it: &Attribute<'_>) -> Option<&'static str> {
    match (it.vendor, it.kind) {
        (0, 2) => Some("pap"),
        (0, 3) => Some("chap"),
        (0, 79) => Some("eap"),
        (MICROSOFT, 1) => Some("mschap"),
        (MICROSOFT, 25) => Some("mschapv2"),
        _ => None,
    }
}

fn number(value: &[u8]) -> Option<u32> {
    value.try_into().ok().map(u32::from_be_bytes)
}

fn address(value: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(value).map(IpAddr::from);
    let address = four.or_else(|_| <[u8; 16]>::try_from(value).map(IpAddr::from));
    // The gateway shall choose, or the client (RFC 2865 section 5.8).
    let is_wish = matches!(value, [255, 255, 255, 254 | 255] | [0, 0, 0, 0]);
    address.ok().filter(|_| !is_wish)
}

fn first(place: &mut Option<String>, value: &[u8]) {
    if place.is_none() {
        *place = some(value);
    }
}

fn some(value: &[u8]) -> Option<String> {
    let text = text(value);
    (!text.is_empty()).then_some(text)
}

fn text(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    text.trim_end_matches('\0').to_owned()
}
