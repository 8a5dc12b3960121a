//! From the three NTLM messages to one `NtlmAuthenticated`.

use crate::ntlm::message::{Authenticate, Challenge, Negotiate, Response, av, flags};
use realmward_event::SessionPrincipal;
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_vocab::{AccountName, DomainName, HostName};

/// Adds what the client's offer says.
pub(super) fn add_negotiate(fact: &mut NtlmAuthenticated, message: &Negotiate<'_>) {
    fact.negotiate_flags = Some(message.negotiate_flags);
    fact.client_version = version(message.version);
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
            fact.target_name = response
                .av_pairs
                .text(av::TARGET_NAME)
                .map(|text| text.decode().chars().take(TARGET_NAME_CHARS_MAX).collect());
        }
    }
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
