//! Messages to facts: from the standard's words to the defender's.

mod change;

pub(crate) use change::{added, controls, deleted, extended, modified, moved, win32_error};

use super::limits::{
    ATTRIBUTE_OCTETS_MAX, FILTER_OCTETS_MAX, MECHANISM_OCTETS_MAX, NAME_OCTETS_MAX,
};
use super::message::{AuthenticationChoice, BindRequest, SearchRequest};
use super::{filter, netlogon, normal};
use crate::Facts;
use crate::wire::{ParseError, Reader};
use realmward_event::ldap::{DirectoryBound, DirectorySearched};
use realmward_event::{Outcome, SessionPrincipal};
use realmward_vocab::{AccountName, ResultCode};

/// A bind as its request tells it.
pub(crate) fn bound(request: &BindRequest<'_>) -> DirectoryBound {
    let (mechanism, cleartext_password, principal) = match request.authentication {
        AuthenticationChoice::Simple { has_password } => {
            ("simple".into(), has_password, simple(request.name))
        }
        AuthenticationChoice::Sasl {
            mechanism,
            credentials,
        } => sasl(mechanism, credentials),
        AuthenticationChoice::Sicily { .. } => ("sicily".into(), false, SessionPrincipal::Unknown),
        AuthenticationChoice::Other => (String::new(), false, SessionPrincipal::Unknown),
    };
    DirectoryBound {
        principal,
        mechanism,
        cleartext_password,
        result: None,
        diagnostic: None,
    }
}

/// Whether the bind names someone but proves nothing: its session is anonymous (RFC 4513 section 5.1.2).
pub(crate) fn is_unauthenticated(bound: &DirectoryBound) -> bool {
    bound.mechanism == "simple" && !bound.cleartext_password
}

/// A search as its request tells it.
pub(crate) fn searched(
    request: SearchRequest<'_>,
    controls: &[u8],
    principal: SessionPrincipal,
    facts: &mut Facts,
) -> DirectorySearched {
    let attributes: Vec<String> = request
        .attributes
        .iter()
        .map(|attribute| text(attribute, ATTRIBUTE_OCTETS_MAX))
        .collect();
    let is_ping = request.base_object.is_empty()
        && attributes
            .iter()
            .any(|it| it.eq_ignore_ascii_case("netlogon"));
    DirectorySearched {
        base: text(request.base_object, NAME_OCTETS_MAX),
        scope: request.scope,
        normal_filter: normal_filter(&request, facts),
        ping: is_ping.then(|| Box::new(netlogon::question(request.encoded_filter))),
        filter: request.filter,
        attributes,
        principal,
        controls: change::controls(controls, facts),
        ..DirectorySearched::default()
    }
}

/// The normal form, if it says anything that the text does not.
fn normal_filter(request: &SearchRequest<'_>, facts: &mut Facts) -> String {
    if request.encoded_filter.is_empty() {
        return String::new();
    }
    match normal::normal(request.encoded_filter) {
        Ok(normal) if normal == request.filter => String::new(),
        Ok(normal) => text(normal.as_bytes(), FILTER_OCTETS_MAX),
        Err(ParseError::Limit { bound }) => {
            facts.limit(bound);
            String::new()
        }
        // What is wrong with the filter was said when its text was written.
        Err(_) => String::new(),
    }
}

/// A comparison, told as the search of one object for one value.
pub(crate) fn compared(
    entry: &[u8],
    assertion: &[u8],
    controls: &[u8],
    principal: SessionPrincipal,
    facts: &mut Facts,
) -> DirectorySearched {
    let length = u32::try_from(assertion.len()).unwrap_or(u32::MAX);
    let filter = [&[0xa3, 0x84][..], &length.to_be_bytes(), assertion].concat();
    let mut request = SearchRequest {
        base_object: entry,
        scope: 0,
        filter: String::new(),
        encoded_filter: &filter,
        attributes: Vec::new(),
        fault: None,
    };
    if let Err(fault) = filter::write(&mut Reader::new(&filter), &mut request.filter) {
        facts.fault("ldap", fault);
    }
    DirectorySearched {
        is_comparison: true,
        ..searched(request, controls, principal, facts)
    }
}

/// What a result says in one word; without a result it stays an attempt.
pub(crate) fn outcome(result: Option<ResultCode>) -> Outcome {
    match result {
        None => Outcome::Attempt,
        Some(ResultCode::SUCCESS) => Outcome::Success,
        Some(_) => Outcome::Failure,
    }
}

/// As [`outcome`]; a search cut short by a limit of time, size or administration that gave entries
/// did what was asked.
pub(crate) fn search_outcome(searched: &DirectorySearched) -> Outcome {
    match searched.result {
        Some(COMPARE_FALSE | COMPARE_TRUE) if searched.is_comparison => Outcome::Success,
        Some(ResultCode(3 | 4 | 11)) if searched.entries != 0 => Outcome::Success,
        result => outcome(result),
    }
}

/// The code after `data` in a diagnostic message of Active Directory, which is a Win32 error in hex:
/// `80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 52e, v3839`.
pub(crate) fn diagnostic(message: &[u8]) -> Option<String> {
    let marker = b", data ";
    let place = message
        .windows(marker.len())
        .position(|window| window == marker)?;
    let code: String = message
        .get(place + marker.len()..)?
        .iter()
        .map(|octet| char::from(*octet))
        .take_while(char::is_ascii_hexdigit)
        .take(WIN32_DIGITS_MAX)
        .collect();
    (!code.is_empty()).then_some(code)
}

fn simple(name: &[u8]) -> SessionPrincipal {
    if name.is_empty() {
        SessionPrincipal::Anonymous
    } else {
        named(name)
    }
}

/// PLAIN (RFC 4616) carries a password in clear, DIGEST-MD5 (RFC 2831) only a name.
/// The mechanisms of tokens are read by [`crate::gss`].
fn sasl(mechanism: &[u8], credentials: &[u8]) -> (String, bool, SessionPrincipal) {
    let mut cleartext = false;
    let mut principal = SessionPrincipal::Unknown;
    if mechanism.eq_ignore_ascii_case(b"PLAIN") {
        // [authzid] NUL authcid NUL passwd
        let mut parts = credentials.split(|octet| *octet == 0).skip(1);
        principal = parts.next().map_or(SessionPrincipal::Unknown, simple);
        cleartext = parts.next().is_some_and(|password| !password.is_empty());
    } else if mechanism.eq_ignore_ascii_case(b"DIGEST-MD5") {
        let mut quoted = credentials
            .strip_prefix(b"username=\"")
            .into_iter()
            .flat_map(|rest| rest.split(|octet| *octet == b'"'));
        principal = quoted.next().map_or(SessionPrincipal::Unknown, simple);
    }
    (text(mechanism, MECHANISM_OCTETS_MAX), cleartext, principal)
}

fn named(name: &[u8]) -> SessionPrincipal {
    SessionPrincipal::Named(AccountName::new(text(name, NAME_OCTETS_MAX)))
}

/// Octets of the wire as text, at most `octets_max` of them; what is no text is replaced.
pub(crate) fn text(octets: &[u8], octets_max: usize) -> String {
    let cut = octets.get(..octets_max).unwrap_or(octets);
    let mut text = String::with_capacity(cut.len());
    for chunk in cut.utf8_chunks() {
        text.push_str(chunk.valid());
        let is_cut_character = cut.len() < octets.len() && chunk.valid().len() + 4 > cut.len();
        if !chunk.invalid().is_empty() && !is_cut_character {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// Octets of a Win32 error in hex.
const WIN32_DIGITS_MAX: usize = 8;

const COMPARE_FALSE: ResultCode = ResultCode(5);
/// The answer to a comparison whose value is there.
pub(crate) const COMPARE_TRUE: ResultCode = ResultCode(6);
