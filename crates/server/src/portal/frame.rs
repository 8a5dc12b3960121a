//! What every page of a person shows around its own: places to go, the person, a short message
//! about what was just done.

use crate::web::cookie;
use crate::web::page;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::role::{Role, Word as _};
use crate::web::state::{AppState, now};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use realmward_event::operator::AlertStatus;
use realmward_export::html;
use realmward_store::{AlertFilter, Sensor, StoreError};
use realmward_vocab::EventTime;
use std::time::Duration;

/// What is around a page.
pub(super) struct Frame {
    /// Who looks at it.
    pub(super) person: Person,
    /// What was just done, in words; empty if nothing.
    pub(super) said: &'static str,
    /// `dark`, `light` or empty: as the system is.
    pub(super) theme: &'static str,
    /// Alerts that nobody has closed.
    pub(super) open: u64,
    /// Whether a sensor is silent or loses packets.
    pub(super) is_ailing: bool,
    path: String,
    /// Where this page is, with what it was asked.
    pub(super) place: String,
}

impl FromRequestParts<AppState> for Frame {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let person: Person = parts.extensions.get().cloned().ok_or(Refusal::Unknown)?;
        let (open, sensors) = state
            .ask(|store| {
                let open = store.alert_counts(&unclosed())?.total;
                Ok::<_, StoreError>((open, store.sensors()?))
            })
            .await?;
        let time = now();
        Ok(Self {
            said: said(&parts.headers),
            theme: theme(&parts.headers),
            open,
            is_ailing: sensors.iter().any(|it| is_silent(it, time)),
            path: parts.uri.path().to_owned(),
            place: parts
                .uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
            person,
        })
    }
}

impl Frame {
    /// A page, and the message is forgotten once it was shown.
    pub(super) fn show(&self, page: &impl Template) -> Result<Response, Refusal> {
        let page = page.render().map_err(|error| Refusal::fault(&error))?;
        let mut response = Html(html::harmless(&page)).into_response();
        if !self.said.is_empty()
            && let Some(cookie) = cookie::clear(SAID)
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// Whether the person may judge.
    pub(super) fn is_analyst(&self) -> bool {
        self.person.may(Role::Analyst)
    }

    /// Whether the person may configure.
    pub(super) fn is_administrator(&self) -> bool {
        self.person.may(Role::Administrator)
    }

    /// The person's role in a word.
    pub(super) fn role(&self) -> &'static str {
        self.person.role.word()
    }

    /// What marks the place in the navigation where this page belongs.
    pub(super) fn current(&self, place: &str) -> &'static str {
        let is_here = match place {
            "/" => self.path == "/" || self.path.starts_with("/alerts"),
            "/computers" => self.path.starts_with("/computers") || self.path.starts_with("/groups"),
            other => self.path.starts_with(other),
        };
        if is_here { "page" } else { "false" }
    }
}

/// Back to a page of ours, with a short message; `code` is a word of [`SAYINGS`].
pub(super) fn done(place: &str, code: &str) -> Response {
    let mut response = Redirect::to(page::own_place(Some(place))).into_response();
    if let Some(cookie) = cookie::set(SAID, code) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// A fixed text for a word, so that nobody can put words of theirs on our pages.
fn said(headers: &HeaderMap) -> &'static str {
    let code = cookie::read(headers, SAID).unwrap_or_default();
    SAYINGS
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("", |(_, text)| text)
}

fn theme(headers: &HeaderMap) -> &'static str {
    match cookie::read(headers, THEME) {
        Some("dark") => "dark",
        Some("light") => "light",
        _ => "",
    }
}

/// Which alerts nobody has closed.
pub(super) fn unclosed() -> AlertFilter {
    AlertFilter {
        statuses: UNCLOSED.to_vec(),
        ..AlertFilter::default()
    }
}

/// Whether nothing was heard of a sensor for longer than it may be quiet.
pub(super) fn is_silent(sensor: &Sensor, time: EventTime) -> bool {
    let seen = sensor.last_seen.unwrap_or(sensor.joined);
    sensor.revoked.is_none() && SILENCE_MAX < time.saturating_since(seen)
}

/// What is still to be done.
pub(super) const UNCLOSED: &[AlertStatus] = &[AlertStatus::Open, AlertStatus::InProgress];

/// Sensors report every minute; two lost reports are no news.
const SILENCE_MAX: Duration = Duration::from_secs(180);

/// Holds the word of a message until the next page.
const SAID: &str = "__Host-said";
/// Holds `dark` or `light`.
pub(super) const THEME: &str = "__Host-theme";

const SAYINGS: &[(&str, &str)] = &[
    ("judged", "Your verdict is on record."),
    ("excluded", "The exclusion holds from now on."),
    ("included", "The exclusion is removed."),
    ("tagged", "The tag is set."),
    ("untagged", "The tag is removed."),
    (
        "revoked",
        "The sensor is revoked: it is not heard any more.",
    ),
    ("renamed", "The sensor has its new name."),
    (
        "changed",
        "The account is changed, and logged out everywhere.",
    ),
    ("output", "The output is saved."),
    ("output-removed", "The output is removed."),
    (
        "password",
        "Your password is changed. Your other sessions are over.",
    ),
    ("verified", "The whole audit log was verified."),
    ("view", "The view is saved."),
    ("view-forgotten", "The view is forgotten."),
    ("ended", "The session is over."),
    ("report-removed", "The report is removed."),
    ("nothing", "No alert was chosen, so nothing was changed."),
];
