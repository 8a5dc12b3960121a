//! How a person gets an account: a link that works once, made at the first start or by
//! `realmward-server user add`, on which the person chooses a password that nobody else ever sees.

use super::login::FormToken;
use super::page;
use super::password;
use super::peer::Peer;
use super::refusal::Refusal;
use super::role::{Role, Word as _};
use super::route::{PUBLIC, Route};
use super::secret::Secret;
use super::session;
use super::state::{self, AppState, now};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use realmward_store::{Account, Store, Token};
use realmward_vocab::EventTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/setup", PUBLIC, form),
        Route::post("/setup", PUBLIC, set_up),
    ]
}

/// Whom a link makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Invited {
    /// Name of the account; `None` if the person chooses it.
    pub(crate) name: Option<String>,
    /// What the person may.
    pub(crate) role: Role,
    /// Whether there is an account already, whose password is to be replaced.
    pub(crate) is_renewal: bool,
}

/// A secret for a link and what to store of it.
pub(crate) fn invite(invited: &Invited, now: EventTime) -> anyhow::Result<(Secret, Token)> {
    let token = Token {
        purpose: PURPOSE.into(),
        subject: serde_json::to_string(invited)?,
        expires: now.saturating_add(VALID_FOR),
    };
    Ok((Secret::fresh()?, token))
}

/// The path of a link.
pub(crate) fn link(secret: &Secret) -> String {
    format!("/setup?token={}", secret.text())
}

#[derive(Deserialize)]
struct Shown {
    token: Option<String>,
}

async fn form(
    State(state): State<AppState>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let secret = shown
        .token
        .as_deref()
        .and_then(Secret::read)
        .ok_or_else(spent)?;
    let invited = invited(&state, &secret).await?;
    let sent = SetUp {
        token: secret.text(),
        name: String::new(),
        password: String::new(),
        again: String::new(),
    };
    page_of(&invited, &sent, None, &headers)
}

#[derive(Deserialize)]
struct SetUp {
    token: String,
    name: String,
    password: String,
    again: String,
}

async fn set_up(
    State(state): State<AppState>,
    peer: Peer,
    headers: HeaderMap,
    Form(sent): Form<SetUp>,
) -> Result<Response, Refusal> {
    let secret = Secret::read(&sent.token).ok_or_else(spent)?;
    let invited = invited(&state, &secret).await?;
    match make(&state, &peer, &secret, &invited, &sent).await {
        Ok(account) => {
            let mut response = Redirect::to("/").into_response();
            session::begin(&state, &account, &peer, response.headers_mut()).await?;
            Ok(response)
        }
        Err(Refusal::Bad(fault) | Refusal::Conflict(fault)) => {
            let mut response = page_of(&invited, &sent, Some(fault), &headers)?;
            *response.status_mut() = axum::http::StatusCode::BAD_REQUEST;
            Ok(response)
        }
        Err(other) => Err(other),
    }
}

/// Makes the account; the link is spent only if that succeeds, and works for one of two who come.
async fn make(
    state: &AppState,
    peer: &Peer,
    secret: &Secret,
    invited: &Invited,
    sent: &SetUp,
) -> Result<String, Refusal> {
    let name = invited.name.as_deref().unwrap_or(&sent.name).trim();
    acceptable_name(name)?;
    password::acceptable(&sent.password)?;
    if sent.password != sent.again {
        return Err(Refusal::Bad("the two passwords are not the same".into()));
    }
    let password = state.passwords().hash(sent.password.clone()).await?;
    let what = if invited.is_renewal {
        "password chosen"
    } else {
        "account made"
    };
    let entry = state::entry(name, peer.ip(), what, invited.role.word());
    let (hash, wanted, invited) = (secret.hash(), name.to_owned(), invited.clone());
    let made = move |store: &Store| {
        let old = store.account(&wanted)?;
        // Who comes first with a link that makes the first administrator ends all such links.
        let is_late = invited.name.is_none() && !store.accounts()?.is_empty();
        if is_late || store.take_token(hash)?.is_none_or(|it| it.expires <= now()) {
            return Err(spent());
        }
        if old.is_some() != invited.is_renewal {
            return Err(Refusal::Conflict("there is an account of this name".into()));
        }
        let account = Account {
            name: old.as_ref().map_or(wanted, |it| it.name.clone()),
            password,
            role: old.as_ref().map_or(invited.role, |it| it.role),
            disabled: old.is_some_and(|it| it.disabled),
        };
        store.end_sessions_of(&account.name)?;
        store.put_account(&account)?;
        Ok(account.name)
    };
    state.act_as(entry, made).await
}

async fn invited(state: &AppState, secret: &Secret) -> Result<Invited, Refusal> {
    let hash = secret.hash();
    let token = state.ask(move |store| store.token(hash)).await?;
    token
        .filter(|it| it.purpose == PURPOSE && now() < it.expires)
        .and_then(|it| serde_json::from_str(&it.subject).ok())
        .ok_or_else(spent)
}

fn page_of(
    invited: &Invited,
    sent: &SetUp,
    fault: Option<String>,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let form = FormToken::of(headers)?;
    let template = Page {
        form: form.text(),
        token: &sent.token,
        name: invited.name.as_deref().unwrap_or(&sent.name),
        name_is_free: invited.name.is_none(),
        role: invited.role.word(),
        is_renewal: invited.is_renewal,
        fault,
        characters_min: password::CHARACTERS_MIN,
    };
    form.sent_with(page::render(&template)?)
}

/// Whether a name can be an account's: what fits into a log line without being quoted.
pub(crate) fn acceptable_name(name: &str) -> Result<(), Refusal> {
    let fits = !name.is_empty()
        && name.len() <= NAME_OCTETS_MAX
        && name
            .chars()
            .all(|it| it.is_alphanumeric() || "._-@".contains(it));
    if fits {
        Ok(())
    } else {
        Err(Refusal::Bad(format!(
            "a name has 1 to {NAME_OCTETS_MAX} letters, digits, dots, hyphens, underscores or @"
        )))
    }
}

fn spent() -> Refusal {
    Refusal::Forbidden(
        "this link was used already or is too old; `realmward-server user add` makes a new one"
            .into(),
    )
}

#[derive(Template)]
#[template(path = "setup.html")]
struct Page<'a> {
    form: String,
    token: &'a str,
    name: &'a str,
    name_is_free: bool,
    role: &'a str,
    is_renewal: bool,
    fault: Option<String>,
    characters_min: usize,
}

const PURPOSE: &str = "account";
const VALID_FOR: Duration = Duration::from_secs(3600);
const NAME_OCTETS_MAX: usize = 64;
