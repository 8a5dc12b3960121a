//! One user: how urgent a look is, why exactly, and what was done.

use super::activity::ActivityRow;
use super::address::Address;
use super::alert::controllers;
use super::frame::Frame;
use super::graph::graph;
use super::reason::{Reasons, reasons};
use super::row::AlertRow;
use super::trend::{Trend, trend};
use super::words::{self, Link, When};
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::{AppState, now};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use realmward_export::words::number;
use realmward_store::{
    Activity, ActivityFilter, AlertFilter, AlertRecord, ComputerRecord, Page, Store, StoreError,
    Tag, TrendPoint, UserFilter, UserKey, UserRecord,
};
use std::collections::BTreeMap;
use std::net::IpAddr;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/users/{account}", VIEWER, page)]
}

/// Class of a priority in the style sheet.
pub(super) const fn urgency(priority: u8) -> &'static str {
    match priority {
        50.. => "high",
        10.. => "medium",
        _ => "",
    }
}

/// A tag in a word.
pub(super) const fn tag_word(tag: Tag) -> &'static str {
    match tag {
        Tag::Sensitive => "sensitive",
        Tag::Honeytoken => "honeytoken",
    }
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage<'a> {
    frame: &'a Frame,
    user: &'a UserRecord,
    name: String,
    class: &'static str,
    first_seen: Option<When>,
    last_seen: Option<When>,
    activities: String,
    reasons: Reasons,
    trend: Option<Trend>,
    alerts: Vec<AlertRow>,
    alerts_place: String,
    graph: String,
    hosts: Vec<HostRow>,
    rows: Vec<ActivityRow>,
    rows_place: String,
    taggings: [Tagging; 2],
    here: String,
}

/// A tag that can be set or taken away.
struct Tagging {
    tag: &'static str,
    is: bool,
    what: &'static str,
}

fn tagging(user: &UserRecord, tag: Tag) -> Tagging {
    Tagging {
        tag: tag_word(tag),
        is: user.tags.contains(&tag),
        what: match tag {
            Tag::Sensitive => "Sensitive: it can do much harm.",
            Tag::Honeytoken => "Honeytoken: nobody uses it honestly.",
        },
    }
}

/// A computer that the user was seen at.
struct HostRow {
    link: Link,
    times: String,
    times_number: u64,
    last: When,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    Path(account): Path<String>,
) -> Result<Response, Refusal> {
    let (name, domain) = account.rsplit_once('@').unwrap_or((&account, ""));
    let key = UserKey::new(&name.into(), &domain.into());
    let wanted = key.clone();
    let known = state.ask(move |store| Known::ask(store, &wanted)).await?;
    let Some(known) = known else {
        return elsewhere(&state, &key).await;
    };
    let user = &known.user;
    let here = words::account_place(&user.priority.name, &user.priority.domain);
    let filtered = |path: &str| {
        let address = Address::of(path).with("account", &user.priority.name);
        address.with("domain", &user.priority.domain)
    };
    frame.show(&UserPage {
        name: words::account(&user.priority.name, &user.priority.domain).text,
        class: urgency(user.priority.priority),
        first_seen: user.first_seen.map(When::new),
        last_seen: user.last_seen.map(When::new),
        activities: number(user.activities),
        reasons: reasons(&user.priority),
        trend: trend(&known.trend, user.first_seen, now()),
        alerts: known.alerts.iter().map(AlertRow::new).collect(),
        alerts_place: filtered("/").with("status", "all").to_string(),
        graph: graph(&known.alerts, &known.controllers),
        hosts: hosts(&known.activities),
        rows: known
            .activities
            .iter()
            .take(ROWS)
            .map(|it| ActivityRow::new(it, &filtered("/activities")))
            .collect(),
        rows_place: filtered("/activities").to_string(),
        taggings: [Tag::Sensitive, Tag::Honeytoken].map(|it| tagging(user, it)),
        frame: &frame,
        user,
        here,
    })
}

/// An alert may name an account without its domain, or by the domain's short name. Who never got in
/// is no user, and has nothing but what was tried under the name.
async fn elsewhere(state: &AppState, key: &UserKey) -> Result<Response, Refusal> {
    let filter = UserFilter {
        text: key.account.to_string(),
        ..UserFilter::default()
    };
    let found = state
        .ask(move |store| store.users(&filter, &Page::first(100)))
        .await?;
    let mut same = found
        .items
        .iter()
        .filter(|it| it.key.account == key.account);
    match (same.next(), same.next()) {
        (Some(user), None) => Ok(Redirect::to(&words::account_place(
            &user.key.account,
            &user.key.domain,
        ))
        .into_response()),
        (Some(_), Some(_)) => {
            let place = Address::of("/users").with("text", &key.account);
            Ok(Redirect::to(&place.to_string()).into_response())
        }
        _ => tried(state, key).await,
    }
}

/// What was tried under a name that never got in.
async fn tried(state: &AppState, key: &UserKey) -> Result<Response, Refusal> {
    let filter = ActivityFilter {
        account: Some(key.account.clone()),
        ..ActivityFilter::default()
    };
    let found = state
        .ask(move |store| store.activities(&filter, &Page::first(1)))
        .await?;
    if found.items.is_empty() {
        return Err(Refusal::Missing);
    }
    let place = Address::of("/activities").with("account", &key.account);
    Ok(Redirect::to(&place.to_string()).into_response())
}

/// What the store knows of a user.
struct Known {
    user: UserRecord,
    trend: Vec<TrendPoint>,
    alerts: Vec<AlertRecord>,
    activities: Vec<Activity>,
    controllers: Vec<ComputerRecord>,
}

impl Known {
    fn ask(store: &Store, key: &UserKey) -> Result<Option<Self>, StoreError> {
        let Some(user) = store.user(key)? else {
            return Ok(None);
        };
        let domain = (!key.domain.is_empty()).then(|| key.domain.clone());
        let alerts = AlertFilter {
            account: Some(key.account.clone()),
            domain: domain.clone(),
            ..AlertFilter::default()
        };
        let activities = ActivityFilter {
            account: Some(key.account.clone()),
            domain,
            ..ActivityFilter::default()
        };
        Ok(Some(Self {
            trend: store.priority_trend(key)?,
            alerts: store.alerts(&alerts, &Page::first(ROWS))?.items,
            activities: store
                .activities(&activities, &Page::first(ACTIVITIES_READ))?
                .items,
            controllers: controllers(store)?,
            user,
        }))
    }
}

/// Where the user acted from lately, the most frequent first.
fn hosts(activities: &[Activity]) -> Vec<HostRow> {
    let mut seen: BTreeMap<IpAddr, (u64, &Activity)> = BTreeMap::new();
    for activity in activities {
        if let Some(address) = activity.source_ip {
            seen.entry(address).or_insert((0, activity)).0 += 1;
        }
    }
    let mut hosts: Vec<_> = seen.into_iter().collect();
    hosts.sort_by_key(|(_, (times, _))| std::cmp::Reverse(*times));
    hosts
        .into_iter()
        .take(ROWS)
        .map(|(address, (times, latest))| HostRow {
            link: Link {
                text: match &latest.source_name {
                    Some(name) => format!("{name} ({address})"),
                    None => address.to_string(),
                },
                href: words::computer_place(address),
            },
            times: number(times),
            times_number: times,
            last: When::new(latest.time),
        })
        .collect()
}

/// Rows of each list on a user's page; the lists themselves have all.
const ROWS: usize = 20;

/// From so many of the latest activities the computers are told.
const ACTIVITIES_READ: usize = 1000;
