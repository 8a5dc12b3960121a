//! Logging in and out.
//!
//! The answer to a wrong name is that to a wrong password, in words and in time.

use super::cookie;
use super::page;
use super::peer::Peer;
use super::person::Person;
use super::refusal::Refusal;
use super::route::{PUBLIC, Route, VIEWER};
use super::secret::Secret;
use super::session;
use super::state::AppState;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use realmward_store::{Account, Store};
use serde::Deserialize;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/login", PUBLIC, form),
        Route::post("/login", PUBLIC, log_in),
        Route::post("/logout", VIEWER, log_out),
    ]
}

#[derive(Deserialize)]
struct Wanted {
    next: Option<String>,
}

async fn form(
    Query(wanted): Query<Wanted>,
    person: Option<Person>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let next = page::own_place(wanted.next.as_deref());
    if person.is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    let token = FormToken::of(&headers)?;
    let template = LogIn {
        form: token.text(),
        next,
        name: "",
        fault: None,
    };
    token.sent_with(page::render(&template)?)
}

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
    next: Option<String>,
}

async fn log_in(
    State(state): State<AppState>,
    peer: Peer,
    headers: HeaderMap,
    Form(sent): Form<Credentials>,
) -> Result<Response, Refusal> {
    let next = page::own_place(sent.next.as_deref());
    match admit(&state, &peer, &sent.name, sent.password).await? {
        Some(account) => {
            let mut response = Redirect::to(next).into_response();
            session::begin(&state, &account.name, &peer, response.headers_mut()).await?;
            Ok(response)
        }
        None => {
            let token = FormToken::of(&headers)?;
            let template = LogIn {
                form: token.text(),
                next,
                name: &sent.name,
                fault: Some("Name or password is wrong."),
            };
            let mut response = token.sent_with(page::render(&template)?)?;
            *response.status_mut() = axum::http::StatusCode::UNAUTHORIZED;
            Ok(response)
        }
    }
}

async fn log_out(State(state): State<AppState>, person: Person) -> Result<Response, Refusal> {
    let mut response = Redirect::to("/login").into_response();
    leave(&state, &person, response.headers_mut()).await?;
    Ok(response)
}

/// Ends the session of a person.
pub(crate) async fn leave(
    state: &AppState,
    person: &Person,
    headers: &mut HeaderMap,
) -> Result<(), Refusal> {
    let session = person.session;
    let ended = move |store: &Store| Ok(store.end_session(session)?);
    state.act(person, "logged out", "", ended).await?;
    session::forget(headers);
    Ok(())
}

/// The account, if name and password fit and there were not too many attempts; whoever is let in is
/// put on record when the session begins.
pub(crate) async fn admit(
    state: &AppState,
    peer: &Peer,
    name: &str,
    password: String,
) -> Result<Option<Account>, Refusal> {
    state.charge(peer.ip(), name)?;
    let wanted = name.to_owned();
    let account = state
        .ask(move |store| store.account(&wanted))
        .await?
        .filter(|it| !it.disabled);
    let stored = account.as_ref().map(|it| it.password.clone());
    if state.passwords().check(password, stored).await? {
        state.attempts().forgive(peer.ip(), name);
        return Ok(account);
    }
    state.audit_as(name, peer.ip(), "login refused", "").await?;
    Ok(None)
}

/// The token of a form that is shown to somebody without a session: in the form and as a cookie.
pub(crate) struct FormToken(Secret);

impl FormToken {
    /// That which the browser has, or a fresh one.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        match cookie::read(headers, cookie::FORM).and_then(Secret::read) {
            Some(secret) => Ok(Self(secret)),
            None => Ok(Self(Secret::fresh()?)),
        }
    }

    pub(crate) fn text(&self) -> String {
        self.0.text()
    }

    /// The answer, with the cookie.
    pub(crate) fn sent_with(&self, mut response: Response) -> Result<Response, Refusal> {
        let cookie = cookie::set(cookie::FORM, &self.text()).ok_or(Refusal::Fault)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LogIn<'a> {
    form: String,
    next: &'a str,
    name: &'a str,
    fault: Option<&'a str>,
}
