//! Heads to facts: from the standard's words to the defender's.

use super::message::{Credentials, Request, Scheme};
use super::parse;
use crate::wire::cut;
use realmward_event::SessionPrincipal;
use realmward_event::http::HttpAuthenticated;
use realmward_vocab::{AccountName, HostName};

/// What a request says of itself.
pub(crate) fn asked(request: &Request<'_>) -> HttpAuthenticated {
    let (authority, path) = parts(request.target);
    let host = if request.host.is_empty() {
        authority.to_owned()
    } else {
        text(request.host)
    };
    HttpAuthenticated {
        method: cut(request.method, TEXT_OCTETS_MAX),
        host: HostName::new(without_port(&host)),
        path: cut(path, TEXT_OCTETS_MAX),
        user_agent: text(request.user_agent),
        to_proxy: request.credentials.is_some_and(|it| it.to_proxy),
        ..HttpAuthenticated::default()
    }
}

/// What credentials claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// A token of NTLM, Kerberos or SPNEGO, if it can be read.
    Token(Vec<u8>),
    /// A name, and whether its password is in clear.
    Name(SessionPrincipal, bool),
}

/// Reads credentials; gives the scheme as the standards write it, and the claim.
pub(crate) fn claim(credentials: &Credentials<'_>) -> (String, Claim) {
    let Scheme { name, rest } = credentials.scheme;
    let known = SCHEMES.iter().find(|it| it.eq_ignore_ascii_case(name));
    let claim = match known.copied() {
        Some(NEGOTIATE | NTLM | KERBEROS) => Claim::Token(parse::token68(rest).unwrap_or_default()),
        Some(BASIC) => match parse::basic(rest) {
            Some((user, has_password)) => Claim::Name(named(&user), has_password),
            None => Claim::Name(SessionPrincipal::Unknown, false),
        },
        Some(DIGEST) => {
            let user = parse::digest_user(rest).unwrap_or_default();
            Claim::Name(named(user), false)
        }
        _ => Claim::Name(SessionPrincipal::Unknown, false),
    };
    (
        known.map_or_else(|| name.to_owned(), |it| (*it).to_owned()),
        claim,
    )
}

/// The token of a challenge, if its scheme carries tokens and it has one.
pub(crate) fn token(challenge: &Scheme<'_>) -> Option<Vec<u8>> {
    let carries = [NEGOTIATE, NTLM, KERBEROS];
    let is_known = carries
        .iter()
        .any(|it| it.eq_ignore_ascii_case(challenge.name));
    is_known.then(|| parse::token68(challenge.rest)).flatten()
}

fn named(user: &str) -> SessionPrincipal {
    if user.is_empty() {
        SessionPrincipal::Anonymous
    } else {
        SessionPrincipal::Named(AccountName::new(user))
    }
}

/// The authority of an absolute target, if it is one, and its path without the query.
fn parts(target: &str) -> (&str, &str) {
    let (authority, path) = match target.split_once("://") {
        Some((scheme, rest)) if scheme.len() <= 5 => {
            let slash = rest.find('/').unwrap_or(rest.len());
            rest.split_at(slash)
        }
        _ => ("", target),
    };
    (authority, path.split(['?', '#']).next().unwrap_or_default())
}

/// A host without its port; an IPv6 address stands in brackets.
fn without_port(host: &str) -> &str {
    if let Some(address) = host.strip_prefix('[') {
        return address.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

/// Octets of a field as text.
pub(crate) fn text(octets: &[u8]) -> String {
    let shown = octets.get(..TEXT_OCTETS_MAX).unwrap_or(octets);
    cut(&String::from_utf8_lossy(shown), TEXT_OCTETS_MAX)
}

const NEGOTIATE: &str = "Negotiate";
const NTLM: &str = "NTLM";
const KERBEROS: &str = "Kerberos";
const BASIC: &str = "Basic";
const DIGEST: &str = "Digest";

const SCHEMES: [&str; 8] = [
    NEGOTIATE, NTLM, KERBEROS, BASIC, DIGEST, "Bearer", "CredSSP", "OAuth",
];

/// Paths, names of programs and hosts are cut here, as the fact promises.
const TEXT_OCTETS_MAX: usize = 256;
