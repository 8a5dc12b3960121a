//! Users and computers, search and the health of sensors.

use super::query::Asked;
use super::view::{self, UserView};
use crate::engine::LeftOut;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use realmward_store::{ComputerFilter, ComputerRecord, HitKind, UserFilter, UserKey};
use serde::Serialize;
use serde_json::Value;
use std::net::IpAddr;
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/users", VIEWER, users),
        Route::get("/api/v1/users/{account}", VIEWER, user),
        Route::get("/api/v1/computers", VIEWER, computers),
        Route::get("/api/v1/computers/{ip}", VIEWER, computer),
        Route::get("/api/v1/search", VIEWER, search),
        Route::get("/api/v1/health", VIEWER, health),
    ]
}

/// A page of users.
#[derive(Serialize, ToSchema)]
pub(crate) struct Users {
    /// The most urgent first.
    users: Vec<UserView>,
    /// As `after`, asks for the next page; null on the last.
    next: Option<String>,
}

/// A page of computers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Computers {
    /// Those seen last first.
    computers: Vec<ComputerView>,
    /// As `after`, asks for the next page; null on the last.
    next: Option<String>,
}

/// A computer.
#[derive(Serialize, ToSchema)]
pub(crate) struct ComputerView {
    /// Its address.
    ip: String,
    /// Its name.
    name: Option<String>,
    /// Whether it is a domain controller.
    is_domain_controller: bool,
    /// When it was first seen.
    first_seen: String,
    /// When it was last seen.
    last_seen: String,
    /// Who acted from it last.
    last_account: String,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hits {
    /// Accounts, computers, alerts, activities.
    hits: Vec<HitView>,
}

/// Something that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct HitView {
    /// `account`, `computer`, `alert` or `activity`.
    #[schema(value_type = String)]
    kind: HitKind,
    /// `account@domain`, an address or a number.
    key: String,
    /// What to show.
    title: String,
}

/// How it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Sensors that have joined.
    sensors: Vec<SensorHealthView>,
    /// Entries that came in.
    appended: u64,
    /// Entries of which alerts and activities are made already.
    committed: u64,
    /// Why what comes in, or what comes of it, cannot be kept now; null if it can.
    trouble: Option<String>,
    /// What the engine left out because there was too much of it.
    #[schema(value_type = Object)]
    left_out: LeftOut,
}

/// How a sensor is.
#[derive(Serialize, ToSchema)]
pub(crate) struct SensorHealthView {
    /// Its number.
    id: u32,
    /// Its name.
    name: String,
    /// When it was last heard.
    seen: Option<String>,
    /// Batches that never came.
    missing_batches: u64,
    /// Its latest report.
    #[schema(value_type = Option<Object>)]
    report: Option<Value>,
}

/// List users, the most urgent first.
#[utoipa::path(get, path = "/api/v1/users", tag = "entities",
    params(("priority" = Option<u8>, Query, description = "At least."),
        ("domain" = Option<String>, Query), ("text" = Option<String>, Query),
        ("tag" = Option<String>, Query, description = "`sensitive` or `honeytoken`."),
        ("limit" = Option<usize>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Users)))]
pub(crate) async fn users(
    State(state): State<AppState>,
    asked: Asked,
) -> Result<Json<Users>, Refusal> {
    asked.only(USER_FILTERS)?;
    let filter = user_filter(&asked)?;
    let page = asked.page()?;
    let found = state.ask(move |store| store.users(&filter, &page)).await?;
    Ok(Json(Users {
        users: found.items.iter().map(UserView::new).collect(),
        next: found.next.map(|it| it.to_string()),
    }))
}

/// Which users are asked for; for the portal too.
pub(crate) fn user_filter(asked: &Asked) -> Result<UserFilter, Refusal> {
    Ok(UserFilter {
        priority: asked.parsed("priority")?,
        domain: asked.name("domain"),
        tag: asked.word("tag")?,
        machines: asked.parsed("machines")?,
        text: asked.text("text"),
    })
}

/// What [`user_filter`] reads.
pub(crate) const USER_FILTERS: &[&str] = &["priority", "domain", "tag", "machines", "text"];

/// Which computers are asked for; for the portal too.
pub(crate) fn computer_filter(asked: &Asked) -> Result<ComputerFilter, Refusal> {
    Ok(ComputerFilter {
        is_domain_controller: asked.parsed("is_domain_controller")?,
        since: asked.time("since")?,
        text: asked.text("text"),
    })
}

/// What [`computer_filter`] reads.
pub(crate) const COMPUTER_FILTERS: &[&str] = &["is_domain_controller", "since", "text"];

/// Look at one user.
#[utoipa::path(get, path = "/api/v1/users/{account}", tag = "entities",
    params(("account" = String, Path, description = "`name@domain`, or `name`.")),
    responses((status = 200, body = UserView), (status = 404, description = "None.")))]
pub(crate) async fn user(
    State(state): State<AppState>,
    Path(account): Path<String>,
) -> Result<Json<UserView>, Refusal> {
    let (name, domain) = account.rsplit_once('@').unwrap_or((&account, ""));
    let key = UserKey::new(&name.into(), &domain.into());
    let found = state.ask(move |store| store.user(&key)).await?;
    Ok(Json(UserView::new(&found.ok_or(Refusal::Missing)?)))
}

/// List computers, those seen last first.
#[utoipa::path(get, path = "/api/v1/computers", tag = "entities",
    params(("is_domain_controller" = Option<bool>, Query), ("since" = Option<String>, Query),
        ("text" = Option<String>, Query),
        ("limit" = Option<usize>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Computers)))]
pub(crate) async fn computers(
    State(state): State<AppState>,
    asked: Asked,
) -> Result<Json<Computers>, Refusal> {
    asked.only(COMPUTER_FILTERS)?;
    let filter = computer_filter(&asked)?;
    let page = asked.page()?;
    let found = state
        .ask(move |store| store.computers(&filter, &page))
        .await?;
    Ok(Json(Computers {
        computers: found.items.iter().map(ComputerView::new).collect(),
        next: found.next.map(|it| it.to_string()),
    }))
}

/// Look at one computer.
#[utoipa::path(get, path = "/api/v1/computers/{ip}", tag = "entities",
    params(("ip" = String, Path)),
    responses((status = 200, body = ComputerView), (status = 404, description = "None.")))]
pub(crate) async fn computer(
    State(state): State<AppState>,
    Path(ip): Path<IpAddr>,
) -> Result<Json<ComputerView>, Refusal> {
    let found = state.ask(move |store| store.computer(ip)).await?;
    Ok(Json(ComputerView::new(&found.ok_or(Refusal::Missing)?)))
}

/// Find whatever a text may mean.
#[utoipa::path(get, path = "/api/v1/search", tag = "entities",
    params(("text" = String, Query), ("limit" = Option<usize>, Query)),
    responses((status = 200, body = Hits)))]
pub(crate) async fn search(
    State(state): State<AppState>,
    asked: Asked,
) -> Result<Json<Hits>, Refusal> {
    asked.only(&["text"])?;
    let text = asked.text("text");
    let limit = asked.parsed("limit")?.unwrap_or(HITS).min(HITS_MAX);
    let found = state.ask(move |store| store.search(&text, limit)).await?;
    Ok(Json(Hits {
        hits: found
            .into_iter()
            .map(|it| HitView {
                kind: it.kind,
                key: it.key,
                title: it.title,
            })
            .collect(),
    }))
}

/// See how sensors and server are.
#[utoipa::path(get, path = "/api/v1/health", tag = "health",
    responses((status = 200, body = Health)))]
pub(crate) async fn health(State(state): State<AppState>) -> Result<Json<Health>, Refusal> {
    let (sensors, appended, committed, left_out) = state
        .ask(|store| {
            Ok::<_, realmward_store::StoreError>((
                store.health()?,
                store.appended()?,
                store.committed()?,
                store.summary::<LeftOut>()?.unwrap_or_default(),
            ))
        })
        .await?;
    Ok(Json(Health {
        sensors: sensors
            .into_iter()
            .map(|(sensor, report)| SensorHealthView {
                id: sensor.id.0,
                name: sensor.name,
                seen: sensor.last_seen.map(view::time),
                missing_batches: sensor.missing,
                report: report.and_then(|it| serde_json::to_value(it).ok()),
            })
            .collect(),
        appended: appended.0,
        committed: committed.0,
        trouble: state.trouble(),
        left_out,
    }))
}

impl ComputerView {
    fn new(it: &ComputerRecord) -> Self {
        Self {
            ip: it.address.to_string(),
            name: it.name.as_ref().map(|it| it.as_str().to_owned()),
            is_domain_controller: it.is_domain_controller,
            first_seen: view::time(it.first_seen),
            last_seen: view::time(it.last_seen),
            last_account: it.last_account.as_str().to_owned(),
        }
    }
}

/// Of each kind, if nobody says otherwise.
const HITS: usize = 10;
/// Of each kind.
const HITS_MAX: usize = 100;
