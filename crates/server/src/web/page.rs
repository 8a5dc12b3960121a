//! From a template to an answer.

use super::refusal::Refusal;
use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};

/// A page of this template.
///
/// # Errors
/// When the template fails, which is a fault of ours.
pub(crate) fn render(template: &impl Template) -> Result<Response, Refusal> {
    match template.render() {
        Ok(text) => Ok(Html(text).into_response()),
        Err(error) => Err(Refusal::fault(&error)),
    }
}

/// The page that says why not.
pub(crate) fn refused(refusal: &Refusal) -> Response {
    let template = Refused {
        title: title(refusal),
        text: refusal.text(),
    };
    match template.render() {
        Ok(text) => (refusal.status(), Html(text)).into_response(),
        Err(_) => (refusal.status(), refusal.text()).into_response(),
    }
}

/// Text as part of a query.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(octet));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// `wanted`, if it is a place of ours: where a person is led must not come from elsewhere.
pub(crate) fn own_place(wanted: Option<&str>) -> &str {
    wanted
        .filter(|it| {
            let mut octets = it.bytes();
            octets.next() == Some(b'/')
                && !matches!(octets.next(), Some(b'/' | b'\\'))
                && it.bytes().all(|octet| octet.is_ascii_graphic())
        })
        .unwrap_or("/")
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused {
    title: &'static str,
    text: String,
}

fn title(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Missing => "Not found",
        Refusal::Forbidden(_) => "Not allowed",
        Refusal::Forged => "Out of date",
        Refusal::TooOften(_) => "Too many attempts",
        Refusal::Stopping | Refusal::Unavailable(_) => "Not now",
        Refusal::Fault => "A fault of ours",
        _ => "This did not work",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for foreign in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "",
            "alerts",
            "/\tx",
            "/a\r\nb",
        ] {
            assert_eq!(own_place(Some(foreign)), "/", "{foreign}");
        }
        assert_eq!(
            own_place(Some("/alerts?status=open")),
            "/alerts?status=open"
        );
        assert_eq!(own_place(None), "/");
    }

    #[test]
    fn a_place_survives_being_part_of_a_query() {
        assert_eq!(escaped("/alerts?a=1&b=ä"), "/alerts%3Fa%3D1%26b%3D%C3%A4");
    }
}
