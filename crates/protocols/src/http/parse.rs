//! Octets to heads, by httparse, and what their fields mean. No state.

use super::message::{Body, Credentials, Request, Response, Scheme};
use crate::Recognised;
use crate::wire::{ParseError, begins_with};
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use httparse::{EMPTY_HEADER, Header};
use realmward_vocab::Direction;

/// Reads the head of a request.
///
/// # Errors
///
/// [`ParseError`] when it is none, or has more fields than we look at.
pub(crate) fn request(octets: &[u8]) -> Result<Request<'_>, ParseError> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut head = httparse::Request::new(&mut headers);
    complete(head.parse(octets))?;
    let mut request = Request {
        method: head.method.unwrap_or_default(),
        target: head.path.unwrap_or_default(),
        ..Request::default()
    };
    for Header { name, value } in head.headers {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("Host") {
            request.host = value;
        } else if is("User-Agent") {
            request.user_agent = value;
        } else if is("Authorization") || is("Proxy-Authorization") {
            request.credentials = scheme(value).map(|scheme| Credentials {
                scheme,
                to_proxy: is("Proxy-Authorization"),
            });
        } else {
            delimit(&mut request.body, name, value);
        }
    }
    Ok(request)
}

/// Reads the head of a response.
///
/// # Errors
///
/// As [`request`].
pub(crate) fn response(octets: &[u8]) -> Result<Response<'_>, ParseError> {
    let mut headers = [EMPTY_HEADER; HEADERS_MAX];
    let mut head = httparse::Response::new(&mut headers);
    let mut config = httparse::ParserConfig::default();
    config.allow_obsolete_multiline_headers_in_responses(true);
    complete(config.parse_response(&mut head, octets))?;
    let mut response = Response {
        status: head.code.unwrap_or_default(),
        ..Response::default()
    };
    for Header { name, value } in head.headers {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        if is("Server") {
            response.server = value;
        } else if is("WWW-Authenticate") || is("Proxy-Authenticate") {
            challenges(value, &mut response.challenges);
        } else {
            delimit(&mut response.body, name, value);
        }
    }
    Ok(response)
}

fn complete(parsed: Result<httparse::Status<usize>, httparse::Error>) -> Result<(), ParseError> {
    match parsed {
        Ok(httparse::Status::Complete(_)) => Ok(()),
        Ok(httparse::Status::Partial) => Err(ParseError::Incomplete { needed: 1 }),
        Err(httparse::Error::TooManyHeaders) => Err(ParseError::Limit {
            bound: "http_fields",
        }),
        Err(_) => Err(ParseError::Malformed { field: "head" }),
    }
}

fn delimit(body: &mut Body, name: &str, value: &[u8]) {
    if name.eq_ignore_ascii_case("Content-Length") && *body != Body::Chunked {
        let text = std::str::from_utf8(value).unwrap_or_default().trim();
        if let Ok(length) = text.parse() {
            *body = Body::Length(length);
        }
    } else if name.eq_ignore_ascii_case("Transfer-Encoding") {
        let last = value.rsplit(|octet| *octet == b',').next();
        if last.is_some_and(|it| it.trim_ascii().eq_ignore_ascii_case(b"chunked")) {
            *body = Body::Chunked;
        }
    }
}

/// The scheme of credentials or of a challenge.
fn scheme(value: &[u8]) -> Option<Scheme<'_>> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let is_token = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
    let is_name = !name.is_empty() && name.len() <= SCHEME_OCTETS_MAX && name.chars().all(is_token);
    is_name.then(|| Scheme {
        name,
        rest: rest.trim_start(),
    })
}

/// The challenges of one field; a part that is only a parameter of the one before is passed over.
fn challenges<'a>(value: &'a [u8], list: &mut Vec<Scheme<'a>>) {
    let mut quoted = false;
    let parts = value.split(move |octet| {
        quoted ^= *octet == b'"';
        *octet == b',' && !quoted
    });
    for part in parts {
        if CHALLENGES_MAX <= list.len() {
            return;
        }
        list.extend(scheme(part));
    }
}

/// The octets of a token68; padding may be missing.
pub(crate) fn token68(text: &str) -> Option<Vec<u8>> {
    if TOKEN_OCTETS_MAX < text.len() {
        return None;
    }
    BASE64.decode(text.trim()).ok().filter(|it| !it.is_empty())
}

/// The user in the credentials of `Basic` (RFC 7617), and whether a password follows. The password is
/// dropped here.
pub(crate) fn basic(text: &str) -> Option<(String, bool)> {
    let decoded = token68(text)?;
    let mut parts = decoded.splitn(2, |octet| *octet == b':');
    let user = String::from_utf8_lossy(parts.next()?).into_owned();
    let has_password = parts.next().is_some_and(|it| !it.is_empty());
    Some((user, has_password))
}

/// `username` of the credentials of `Digest` (RFC 7616 section 3.4).
pub(crate) fn digest_user(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("username=\"")?;
    after.split('"').next()
}

/// The size that begins a chunk (RFC 9112 section 7.1).
pub(crate) fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = line.iter().take_while(|it| it.is_ascii_hexdigit()).count();
    let text = std::str::from_utf8(line.get(..digits)?).ok()?;
    usize::from_str_radix(text, 16).ok()
}

/// Where a head ends, if it does: behind an empty line that begins at `from` or later.
pub(crate) fn head_end(octets: &[u8], from: usize) -> Option<usize> {
    let rest = octets.get(from..)?;
    let ends = rest.iter().enumerate().filter(|(_, it)| **it == b'\n');
    for (place, _) in ends {
        match rest.get(place + 1..) {
            Some([b'\n', ..]) => return Some(from + place + 2),
            Some([b'\r', b'\n', ..]) => return Some(from + place + 3),
            _ => {}
        }
    }
    None
}

/// Whether octets begin a head of this direction; `None` if there are too few to tell.
pub(crate) fn begins(direction: Direction, octets: &[u8]) -> Option<bool> {
    match direction {
        Direction::ToServer => begins_request(octets),
        Direction::ToClient => begins_with(octets, b"HTTP/1."),
    }
}

/// A method in capitals, a space, and a path, a URL or `*`; `CONNECT` names a host.
fn begins_request(octets: &[u8]) -> Option<bool> {
    let head = octets.get(..METHOD_OCTETS_MAX + 2).unwrap_or(octets);
    let is_method = |octet: &u8| octet.is_ascii_uppercase() || matches!(octet, b'_' | b'-');
    let method = head.iter().take_while(|octet| is_method(octet)).count();
    // Where a head may begin, is sought by its first letter.
    let is_letter = head.first().is_none_or(u8::is_ascii_uppercase);
    if METHOD_OCTETS_MAX < method || !is_letter {
        return Some(false);
    }
    match head.get(method..)? {
        [] => None,
        [b' '] if 3 <= method => None,
        [b' ', b'/' | b'*', ..] => Some(3 <= method),
        [b' ', ..] if head.starts_with(b"CONNECT ") => Some(true),
        [b' ', rest @ ..] if 3 <= method => begins_with(rest, b"http"),
        _ => Some(false),
    }
}

/// Whether these first octets of a direction are this protocol.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    let request = begins(Direction::ToServer, octets);
    let response = begins(Direction::ToClient, octets);
    match (request, response) {
        (Some(true), _) => Recognised::Yes(Direction::ToServer),
        (_, Some(true)) => Recognised::Yes(Direction::ToClient),
        (None, _) | (_, None) => Recognised::TooShort,
        _ => Recognised::No,
    }
}

/// Clients in the wild leave padding out, and some leave bits in the last letter.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Browsers send up to thirty. Lost at the bound: the exchange, which is counted.
const HEADERS_MAX: usize = 96;

/// Servers offer two or three schemes; what stands behind the eighth is not kept.
const CHALLENGES_MAX: usize = 8;

/// `CredSSP` is among the longest.
const SCHEME_OCTETS_MAX: usize = 32;

/// Letters of a token of 64 KiB in base64. Lost at the bound: the token.
const TOKEN_OCTETS_MAX: usize = 88 << 10;

/// `BASELINE-CONTROL` is the longest registered method.
const METHOD_OCTETS_MAX: usize = 17;
