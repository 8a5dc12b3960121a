//! The sentences of what names machines and people around a domain.

use realmward_event::Outcome;
use realmward_event::dhcp::{AddressLeased, LeaseStep};
use realmward_event::dns::{NamesAsked, RecordChanged, ZoneTransferred, ZoneUpdated};
use realmward_event::local_name::{
    HostAnnounced, LocalNameAnswered, LocalNameAsked, NameClaim, NameService, NetbiosNameClaimed,
};
use realmward_event::radius::{
    AccountingStatus, NetworkAccessAsked, NetworkClient, NetworkSessionReported,
};
use realmward_event::rdp::RemoteDesktopAsked;
use realmward_event::tds::DatabaseLogon;
use realmward_event::tls::TlsNegotiated;
use std::net::IpAddr;

pub(super) fn names_asked(it: &NamesAsked) -> String {
    let mut text = format!(
        "asked for {} names in {} questions",
        it.distinct, it.questions
    );
    for (count, what) in [
        (it.missing, "do not exist"),
        (it.refused, "were refused"),
        (it.unanswered, "were not answered"),
        (it.reverse, "are addresses"),
    ] {
        if 0 < count {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if let Some(parent) = it.parents.first() {
        text.push_str(&format!("; {} of them in {}", parent.distinct, parent.name));
    }
    text
}

pub(super) fn zone_transferred(it: &ZoneTransferred) -> String {
    let what = if it.incremental {
        "the changes of the zone"
    } else {
        "the whole zone"
    };
    let end = match it.outcome {
        Outcome::Success => format!(" and got {} records", it.records),
        Outcome::Failure => " and was refused".to_owned(),
        Outcome::Attempt | Outcome::Unknown => String::new(),
    };
    format!("asked for {what} {}{end}", it.zone)
}

pub(super) fn zone_updated(it: &ZoneUpdated) -> String {
    let signed = match &it.signature {
        Some(algorithm) => format!("signed with {algorithm}"),
        None => "unsigned".to_owned(),
    };
    let mut parts = Vec::new();
    for (verb, records) in [("added", &it.added), ("deleted", &it.deleted)] {
        if let Some(first) = records.first() {
            let more = match records.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            parts.push(format!("{verb} {}{more}", record(first)));
        }
    }
    let refused = if it.outcome == Outcome::Failure {
        ", refused"
    } else {
        ""
    };
    if parts.is_empty() {
        return format!(
            "asked about the zone {} to change it ({signed}){refused}",
            it.zone
        );
    }
    format!(
        "{} in the zone {} ({signed}){refused}",
        parts.join(", "),
        it.zone
    )
}

fn record(it: &RecordChanged) -> String {
    match (&it.address, &it.host) {
        (Some(address), _) => format!("{} at {address}", it.name),
        (_, Some(host)) => format!("{} for {host}", it.name),
        (None, None) => it.name.to_string(),
    }
}

pub(super) fn address_leased(it: &AddressLeased) -> String {
    let host = match it.host.as_ref().or(it.full_name.as_ref()) {
        Some(host) => format!("{host} ({})", it.hardware_address),
        None => it.hardware_address.clone(),
    };
    let address = it
        .address
        .map_or("an address".to_owned(), |address| address.to_string());
    match it.step {
        LeaseStep::Requested => format!("{host} asked for {address}"),
        LeaseStep::Granted => format!("{host} was given {address}"),
        LeaseStep::Refused => format!("{host} was refused {address}"),
        LeaseStep::Declined => format!("{host} found {address} taken"),
        LeaseStep::Released => format!("{host} gave {address} back"),
        LeaseStep::Informed => format!("{host} has {address}"),
    }
}

pub(super) fn access_asked(it: &NetworkAccessAsked) -> String {
    let answer = match it.outcome {
        Outcome::Success => "let in",
        Outcome::Failure => "not let in",
        Outcome::Attempt | Outcome::Unknown => "not answered",
    };
    format!(
        "{} asked to come in ({}): {answer}",
        visitor(&it.client),
        it.method
    )
}

pub(super) fn session_reported(it: &NetworkSessionReported) -> String {
    let who = visitor(&it.client);
    match it.status {
        AccountingStatus::START => format!("{who} came in"),
        AccountingStatus::STOP => format!("{who} left"),
        AccountingStatus::INTERIM_UPDATE => format!("{who} is in"),
        AccountingStatus::ACCOUNTING_ON => "the gateway started".to_owned(),
        AccountingStatus::ACCOUNTING_OFF => "the gateway stops".to_owned(),
        other => format!("{who}: {other}"),
    }
}

fn visitor(it: &NetworkClient) -> String {
    let mut text = it.user.to_string();
    if let Some(outside) = it.tunnel_client.as_ref().or(it.calling_station.as_ref()) {
        text.push_str(&format!(" from {outside}"));
    }
    if let Some(address) = it.address {
        text.push_str(&format!(" as {address}"));
    }
    text
}

const fn service(it: NameService) -> &'static str {
    match it {
        NameService::Netbios => "NetBIOS",
        NameService::Llmnr => "LLMNR",
        NameService::Mdns => "mDNS",
    }
}

pub(super) fn local_name_asked(it: &LocalNameAsked) -> String {
    let names: Vec<&str> = it.names.iter().map(|it| it.name.as_str()).collect();
    format!(
        "asked its network for {} ({})",
        names.join(", "),
        service(it.service)
    )
}

pub(super) fn local_name_answered(it: &LocalNameAnswered) -> String {
    let addresses: Vec<String> = it.addresses.iter().map(IpAddr::to_string).collect();
    let what = match (it.response_code, addresses.is_empty()) {
        (0, true) => format!("described {}", it.name.name),
        (0, false) => format!("said that {} is at {}", it.name.name, addresses.join(", ")),
        (code, _) => format!("said no to {} (code {code})", it.name.name),
    };
    let who = if it.by_client { "" } else { "the other side " };
    format!("{who}{what} ({})", service(it.service))
}

pub(super) fn name_claimed(it: &NetbiosNameClaimed) -> String {
    let verb = match it.claim {
        NameClaim::Registered => "claimed",
        NameClaim::Refreshed => "confirmed",
        NameClaim::Released => "gave up",
    };
    let group = if it.is_group { " of a group" } else { "" };
    format!(
        "{verb} the NetBIOS name {}<{:02x}>{group}",
        it.name, it.suffix
    )
}

pub(super) fn host_announced(it: &HostAnnounced) -> String {
    let (major, minor) = it.version;
    format!(
        "announced {} (version {major}.{minor}, type {:#x})",
        it.name, it.server_type
    )
}

pub(super) fn desktop_asked(it: &RemoteDesktopAsked) -> String {
    let mut text = "asked for a remote desktop".to_owned();
    if let Some(user) = &it.cookie {
        text.push_str(&format!(" for {user}"));
    }
    if let Some(name) = &it.client_name {
        text.push_str(&format!(" as {name}"));
    }
    if it.request_flags & RESTRICTED_ADMINISTRATION != 0 {
        text.push_str(", without handing over the password");
    }
    if it.outcome == Outcome::Failure {
        text.push_str(", refused");
    }
    text
}

pub(super) fn tls_negotiated(it: &TlsNegotiated) -> String {
    let version = match it.version {
        Some(0x0300) => "SSL 3.0".to_owned(),
        Some(version @ 0x0301..=0x0304) => format!("TLS 1.{}", (version & 0xff) - 1),
        Some(version) => format!("TLS {version:#06x}"),
        None => "TLS".to_owned(),
    };
    let mut text = format!("spoke {version}");
    if let Some(name) = &it.server_name {
        text.push_str(&format!(" with {name}"));
    }
    if let Some(certificate) = &it.certificate {
        text.push_str(&format!(", which is {}", certificate.subject));
    }
    if let Some(certificate) = &it.client_certificate {
        text.push_str(&format!(
            ", and showed the certificate {}",
            certificate.subject
        ));
    }
    text
}

pub(super) fn database_logon(it: &DatabaseLogon) -> String {
    let who = if it.integrated || it.user.is_empty() {
        String::new()
    } else {
        format!(" as {}", it.user)
    };
    let end = match it.error {
        Some(error) => format!(", refused: error {error}"),
        None => String::new(),
    };
    format!("logged on to a database{who}{end}")
}

/// `RESTRICTED_ADMIN_MODE_REQUIRED` (MS-RDPBCGR section 2.2.1.1.1).
const RESTRICTED_ADMINISTRATION: u8 = 1;
