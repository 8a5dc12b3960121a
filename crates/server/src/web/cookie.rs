//! The two cookies, `__Host-session` and `__Host-form`.
//!
//! The prefix makes browsers demand `Secure`, `Path=/` and no `Domain`, so no other host, nor this
//! one without TLS, can set them.

use axum::http::{HeaderMap, HeaderValue, header};

/// Proves a session.
pub(crate) const SESSION: &str = "__Host-session";
/// Proves that a form without a session was given out by us to this browser.
pub(crate) const FORM: &str = "__Host-form";

/// The value of a cookie. Sent twice, it proves nothing.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name);
    let (_, value) = found.next()?;
    found.next().is_none().then_some(value)
}

/// A header that sets a cookie until the browser is closed.
pub(crate) fn set(name: &str, value: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!(
        "{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"
    ))
    .ok()
}

/// A header that takes a cookie away.
pub(crate) fn clear(name: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!(
        "{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_by_its_whole_name_and_only_if_it_is_there_once() {
        let read_of = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(line));
            read(&headers, SESSION).map(str::to_owned)
        };
        assert_eq!(read_of("a=b; __Host-session=x").as_deref(), Some("x"));
        assert_eq!(read_of("x__Host-session=x"), None);
        assert_eq!(read_of("__Host-session=x; __Host-session=y"), None);
        assert_eq!(read_of(""), None);
    }
}
