//! Addresses of our own pages, with the question that a page was asked: every filter is a link.

use crate::web::page::escaped;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use std::convert::Infallible;
use std::fmt;

/// A page and what it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

impl<S: Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            path: parts.uri.path().to_owned(),
            pairs: query.split('&').filter_map(pair).collect(),
        })
    }
}

/// The address by which this browser reaches the server: `https://server:8443`.
pub(super) struct Origin(pub(super) String);

impl<S: Sync> FromRequestParts<S> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let authority = parts.uri.authority().map(Authority::as_str);
        let named = parts
            .headers
            .get(header::HOST)
            .and_then(|it| it.to_str().ok());
        let host = authority.or(named).unwrap_or("SERVER");
        Ok(Self(format!("https://{host}")))
    }
}

impl Address {
    /// A page that is asked nothing.
    pub(super) fn of(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            pairs: Vec::new(),
        }
    }

    /// The page, without what it is asked.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The same question to another page.
    pub(super) fn at(&self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self.clone()
        }
    }

    /// With this value instead of the one that is there; from its first page on.
    pub(super) fn with(&self, name: &str, value: impl fmt::Display) -> Self {
        let mut address = self.without(name);
        let value = value.to_string();
        if !value.is_empty() {
            address.pairs.push((name.to_owned(), value));
        }
        address
    }

    /// With this value besides those that are there, separated by commas; from its first page on.
    pub(super) fn and(&self, name: &str, value: &str) -> Self {
        let others = self.value(name);
        match others.split(',').any(|it| it == value) {
            true => self.with(name, others),
            false if others.is_empty() => self.with(name, value),
            false => self.with(name, format!("{others},{value}")),
        }
    }

    /// Without this one of the values separated by commas; from its first page on.
    pub(super) fn except(&self, name: &str, value: &str) -> Self {
        let rest = self.value(name).split(',').filter(|it| *it != value);
        self.with(name, rest.collect::<Vec<_>>().join(","))
    }

    /// Without this; from its first page on.
    pub(super) fn without(&self, name: &str) -> Self {
        let keeps = |it: &&(String, String)| it.0 != name && !PLACES.contains(&it.0.as_str());
        Self {
            path: self.path.clone(),
            pairs: self.pairs.iter().filter(keeps).cloned().collect(),
        }
    }

    /// What is asked by this name; empty if nothing.
    pub(super) fn value(&self, name: &str) -> &str {
        self.pairs
            .iter()
            .find(|it| it.0 == name)
            .map_or("", |it| it.1.as_str())
    }

    /// The question without this and without the place, for the hidden fields of a form.
    pub(super) fn others(&self, name: &str) -> Vec<(String, String)> {
        self.without(name).pairs
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (index, (name, value)) in self.pairs.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{}={}", escaped(name), escaped(value))?;
        }
        Ok(())
    }
}

/// Text as one part of a path.
pub(super) fn segment(text: &str) -> String {
    match text {
        "." | ".." => text.replace('.', "%2E"),
        _ => escaped(text).replace('/', "%2F"),
    }
}

fn pair(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let value = plain(value);
    (!value.is_empty()).then(|| (plain(name), value))
}

/// Undoes the escapes of a query.
fn plain(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let hex = after.get(..2).filter(|_| *first == b'%');
        let octet = hex
            .and_then(|it| std::str::from_utf8(it).ok())
            .and_then(|it| u8::from_str_radix(it, 16).ok());
        match (octet, first) {
            (Some(octet), _) => {
                out.push(octet);
                rest = after.get(2..).unwrap_or_default();
            }
            (None, b'+') => out.push(b' '),
            (None, other) => out.push(*other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Where in a list: another question begins at its beginning.
const PLACES: &[&str] = &["after", "before"];

#[cfg(test)]
mod tests {
    use super::*;

    fn address(query: &str) -> Address {
        Address {
            path: "/".into(),
            pairs: query.split('&').filter_map(pair).collect(),
        }
    }

    #[test]
    fn another_filter_keeps_the_others_and_starts_at_the_first_page() {
        let asked = address("status=open&after=7_3&text=a%26b+c");
        assert_eq!(asked.value("text"), "a&b c");
        let other = asked.with("severity", "high");
        assert_eq!(
            other.to_string(),
            "/?status=open&text=a%26b%20c&severity=high"
        );
        assert_eq!(
            other.without("status").without("text").to_string(),
            "/?severity=high"
        );
        assert_eq!(other.with("severity", "").value("severity"), "");
        let several = other.and("not_kind", "a").and("not_kind", "b");
        assert_eq!(several.and("not_kind", "a").value("not_kind"), "a,b");
        assert_eq!(several.except("not_kind", "a").value("not_kind"), "b");
    }

    #[test]
    fn a_name_cannot_leave_its_part_of_a_path() {
        assert_eq!(segment("a/b?c#d"), "a%2Fb%3Fc%23d");
        assert_eq!(segment(".."), "%2E%2E");
        assert_eq!(plain("%zz%4"), "%zz%4");
    }
}
