//! From the three NTLM messages to one `NtlmAuthenticated`.

use crate::ntlm::message::{Authenticate, Challenge, Negotiate, Response, av, flags};
use realmward_event::SessionPrincipal;
use realmward_event::ntlm::{LmResponse, NtlmAuthenticated};
use realmward_vocab::{AccountName, DomainName, EventTime, HostName};

/// Adds what the client's offer says.
pub(super) fn add_negotiate(fact: &mut NtlmAuthenticated, message: &Negotiate<'_>) {
    fact.negotiate_flags = Some(message.negotiate_flags);
    fact.client_version = version(message.version);
    let supplied = |text: crate::ntlm::message::Text<'_>| {
        let text = text.decode().into_owned();
        (!text.is_empty()).then_some(text)
    };
    fact.negotiate_domain = supplied(message.domain_name).map(DomainName::new);
    fact.negotiate_workstation = supplied(message.workstation).map(HostName::new);
}

/// Adds what the server's challenge says.
pub(super) fn add_challenge(fact: &mut NtlmAuthenticated, message: &Challenge<'_>) {
    let name = |id| {
        let text = message.target_info.text(id)?.decode();
        (!text.is_empty()).then_some(text)
    };
    fact.server_challenge = Some(message.server_challenge);
    fact.server_name = name(av::NB_COMPUTER_NAME)
        .or_else(|| name(av::DNS_COMPUTER_NAME))
        .map(HostName::new);
    fact.server_dns_domain = name(av::DNS_DOMAIN_NAME).map(DomainName::new);
    fact.server_dns_name = name(av::DNS_COMPUTER_NAME).map(HostName::new);
    fact.server_netbios_domain = name(av::NB_DOMAIN_NAME).map(DomainName::new);
    fact.server_version = version(message.version);
    fact.server_time = message.target_info.timestamp().and_then(instant);
    fact.challenge_flags = Some(message.negotiate_flags);
}

/// Adds what the client's answer says.
pub(super) fn add_authenticate(fact: &mut NtlmAuthenticated, message: &Authenticate<'_>) {
    fact.user = AccountName::new(message.user_name.decode());
    fact.domain = DomainName::new(message.domain_name.decode());
    fact.workstation = HostName::new(message.workstation.decode());
    fact.flags = message.negotiate_flags;
    if message.negotiate_flags & flags::VERSION != 0 && message.version.is_some() {
        fact.client_version = version(message.version);
    }
    fact.has_mic = message.mic.is_some_and(|mic| mic != [0; 16]);
    let nt = message.nt_challenge_response;
    fact.lm_response = lm_response(message.lm_challenge_response, nt);
    fact.nt_response_octets = u16::try_from(nt.len()).unwrap_or(u16::MAX);
    match message.response() {
        Response::Anonymous => fact.response_version = 0,
        Response::V1 { nt } => {
            fact.response_version = 1;
            fact.proof = nt.first_chunk().copied().map(u64::from_be_bytes);
        }
        Response::V2(response) => {
            fact.response_version = 2;
            fact.proof = response
                .nt_proof_str
                .first_chunk()
                .copied()
                .map(u64::from_be_bytes);
            fact.client_challenge = Some(u64::from_le_bytes(response.challenge_from_client));
            fact.response_time = instant(response.time_stamp);
            fact.av_flags = response.av_pairs.number(av::FLAGS);
            fact.machine_id = response.av_pairs.machine_id();
            fact.has_channel_binding = response
                .av_pairs
                .find(av::CHANNEL_BINDINGS)
                .map(|hash| hash.iter().any(|octet| *octet != 0));
            fact.target_name = response
                .av_pairs
                .text(av::TARGET_NAME)
                .map(|text| text.decode().chars().take(TARGET_NAME_CHARS_MAX).collect());
        }
    }
}

/// What an LM response is, told by what else is there: a client that keeps the LM hash to itself fills
/// the field with something else.
fn lm_response(lm: &[u8], nt: &[u8]) -> LmResponse {
    let is_zero = |octets: &[u8]| octets.iter().all(|octet| *octet == 0);
    if is_zero(lm) {
        LmResponse::Absent
    } else if RESPONSE_1_OCTETS < nt.len() {
        LmResponse::V2
    } else if lm.len() == RESPONSE_1_OCTETS && lm.get(8..).is_some_and(is_zero) {
        LmResponse::SessionSecurity
    } else if lm == nt {
        LmResponse::SameAsNt
    } else {
        LmResponse::Lm
    }
}

/// A FILETIME: tenths of microseconds since 1601. Zero is no time.
fn instant(filetime: u64) -> Option<EventTime> {
    let since_1970 = i64::try_from(filetime).ok()?.checked_sub(TICKS_TO_1970)?;
    let nanoseconds = since_1970.checked_mul(100).filter(|_| filetime != 0)?;
    Some(EventTime::from_unix_nanoseconds(nanoseconds))
}

/// Whose session an answered `AUTHENTICATE` makes.
pub(super) fn principal(fact: &NtlmAuthenticated) -> SessionPrincipal {
    if fact.response_version == 0 {
        SessionPrincipal::Anonymous
    } else {
        SessionPrincipal::Ntlm {
            user: fact.user.clone(),
            domain: fact.domain.clone(),
        }
    }
}

fn version(version: Option<crate::ntlm::message::Version>) -> Option<(u8, u8, u16)> {
    version.map(|it| (it.major, it.minor, it.build))
}

/// A service principal name fits in 255 characters.
const TARGET_NAME_CHARS_MAX: usize = 256;

/// An LM or NT response of version 1.
const RESPONSE_1_OCTETS: usize = 24;

/// From 1601 to 1970.
const TICKS_TO_1970: i64 = 116_444_736_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lm_field_is_told_by_what_else_is_there() {
        let one = [1; 24];
        let mut session = [0; 24];
        session[..8].fill(7);
        for (lm, nt, wanted) in [
            (&[][..], &one[..], LmResponse::Absent),
            (&[0], &[], LmResponse::Absent),
            (&[0; 24], &[1; 60], LmResponse::Absent),
            (&one, &[1; 60], LmResponse::V2),
            (&session, &one, LmResponse::SessionSecurity),
            (&one, &one, LmResponse::SameAsNt),
            (&[2; 24], &one, LmResponse::Lm),
            (&[2; 24], &[], LmResponse::Lm),
            (&[2; 8], &one, LmResponse::Lm),
        ] {
            assert_eq!(lm_response(lm, nt), wanted, "{lm:?} {nt:?}");
        }
    }

    #[test]
    fn a_filetime_is_an_instant_unless_it_is_none() {
        let at = |seconds| Some(EventTime::from_unix_seconds(seconds));
        for (filetime, wanted) in [
            (0, None),
            (116_444_736_000_000_000, at(0)),
            (134_399_999_990_000_000, at(1_795_526_399)),
            (u64::MAX, None),
        ] {
            assert_eq!(instant(filetime), wanted, "{filetime}");
        }
    }
}
