//! A glance at a user or computer: what a page shows beside a name while one looks at it.
//!
//! A piece of a page, asked for by the script when a name is pointed at or focused, with the same
//! check of the role as the page of that name.

use super::user::{tag_word, urgency};
use super::words::{self, When};
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Response};
use realmward_export::html;
use realmward_export::words::count;
use realmward_store::{AlertFilter, ComputerRecord, Store, StoreError, UserKey, UserRecord};
use std::net::IpAddr;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/cards/users/{account}", VIEWER, user),
        Route::get("/cards/computers/{ip}", VIEWER, computer),
    ]
}

#[derive(Template, Default)]
#[template(path = "card.html")]
struct Card {
    name: String,
    tags: Vec<&'static str>,
    priority: Option<(u8, &'static str)>,
    /// Sentences about it.
    lines: Vec<String>,
    alerts: String,
    last_seen: Option<When>,
}

async fn user(
    State(state): State<AppState>,
    Path(account): Path<String>,
) -> Result<Response, Refusal> {
    let (name, domain) = account.rsplit_once('@').unwrap_or((&account, ""));
    let key = UserKey::new(&name.into(), &domain.into());
    let filter = AlertFilter {
        account: Some(key.account.clone()),
        domain: (!key.domain.is_empty()).then(|| key.domain.clone()),
        ..super::frame::unclosed()
    };
    let asked = move |store: &Store| {
        let Some(user) = store.user(&key)? else {
            return Ok(None);
        };
        Ok::<_, StoreError>(Some((user, store.alert_counts(&filter)?.total)))
    };
    let (user, alerts) = state.ask(asked).await?.ok_or(Refusal::Missing)?;
    show(&of_user(&user, alerts))
}

fn of_user(user: &UserRecord, alerts: u64) -> Card {
    let priority = &user.priority;
    let foremost = priority.reasons.first();
    Card {
        name: words::account(&priority.name, &priority.domain).text,
        tags: user.tags.iter().map(|it| tag_word(*it)).collect(),
        priority: Some((priority.priority, urgency(priority.priority))),
        lines: foremost.map(|it| it.text.clone()).into_iter().collect(),
        alerts: count(alerts, "alert"),
        last_seen: user.last_seen.map(When::new),
    }
}

async fn computer(
    State(state): State<AppState>,
    Path(ip): Path<IpAddr>,
) -> Result<Response, Refusal> {
    let filter = AlertFilter {
        address: Some(ip),
        ..super::frame::unclosed()
    };
    let asked = move |store: &Store| {
        let Some(computer) = store.computer(ip)? else {
            return Ok(None);
        };
        Ok::<_, StoreError>(Some((computer, store.alert_counts(&filter)?.total)))
    };
    let (computer, alerts) = state.ask(asked).await?.ok_or(Refusal::Missing)?;
    show(&of_computer(&computer, alerts))
}

fn of_computer(it: &ComputerRecord, alerts: u64) -> Card {
    let account = &it.last_account;
    Card {
        name: match &it.name {
            Some(name) => format!("{name} ({})", it.address),
            None => it.address.to_string(),
        },
        tags: match it.is_domain_controller {
            true => vec!["domain controller"],
            false => Vec::new(),
        },
        lines: (!account.is_empty())
            .then(|| format!("{account} acted from it last."))
            .into_iter()
            .collect(),
        alerts: count(alerts, "alert"),
        last_seen: Some(When::new(it.last_seen)),
        ..Card::default()
    }
}

fn show(card: &Card) -> Result<Response, Refusal> {
    let card = card.render().map_err(|error| Refusal::fault(&error))?;
    Ok(Html(html::harmless(&card)).into_response())
}
