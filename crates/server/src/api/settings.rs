//! What people decide about what is shown: exclusions and tags; and the record of who did what.

use super::query::Asked;
use super::view;
use crate::analyze;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, ANALYST, Route, VIEWER};
use crate::web::state::{AppState, now};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use realmward_event::operator::Decision;
use realmward_store::{Store, Tag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/exclusions", VIEWER, exclusions),
        Route::post("/api/v1/exclusions", ANALYST, exclude),
        Route::delete("/api/v1/exclusions/{id}", ANALYST, include),
        Route::get("/api/v1/tags", VIEWER, tags),
        Route::post("/api/v1/tags", ANALYST, tag),
        Route::get("/api/v1/audit", ADMINISTRATOR, audit),
        Route::get("/api/v1/audit/verification", ADMINISTRATOR, verify),
    ]
}

/// Exclusions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Exclusions {
    /// The latest first, with those that were removed.
    exclusions: Vec<ExclusionView>,
}

/// An exclusion.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExclusionView {
    /// Its number.
    id: u64,
    /// Conditions, all of which must hold.
    rule: String,
    /// Who answers for it.
    owner: String,
    /// Why.
    reason: String,
    /// Who added it.
    added_by: String,
    /// When.
    added_at: String,
    /// Until when it hides.
    expires: Option<String>,
    /// When it was removed.
    removed_at: Option<String>,
    /// Findings that it hid.
    hits: u64,
}

/// A new exclusion.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NewExclusion {
    /// `account=NAME`, `host=NAME`, `ip=ADDR`, `ip=NET/BITS`, `detector=ID`; joined by commas.
    pub(crate) rule: String,
    /// Who answers for it.
    pub(crate) owner: String,
    /// Why.
    pub(crate) reason: String,
    /// Until when it hides, in RFC 3339; for ever if left out.
    pub(crate) expires: Option<String>,
}

/// Tags.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tags {
    /// By account.
    tags: Vec<TagView>,
}

/// A tag of an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct TagView {
    /// The account.
    account: String,
    /// `sensitive` or `honeytoken`.
    #[schema(value_type = String)]
    tag: Tag,
    /// Who set it.
    set_by: String,
    /// When.
    set_at: String,
}

/// A tag to set or to take away.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TagChange {
    /// The account.
    pub(crate) account: String,
    /// `sensitive` or `honeytoken`.
    #[schema(value_type = String)]
    pub(crate) tag: Tag,
    /// Whether it is so.
    pub(crate) is: bool,
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct Audit {
    /// The latest first.
    entries: Vec<AuditView>,
    /// As `after`, asks for the next page; null on the last.
    next: Option<String>,
}

/// Something that somebody did.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditView {
    /// Its number, from 1, without gaps.
    id: u64,
    /// When.
    time: String,
    /// Who.
    who: String,
    /// From where.
    address: String,
    /// What.
    action: String,
    /// To what.
    subject: String,
}

/// Whether the log is what was written.
#[derive(Serialize, ToSchema)]
pub(crate) struct Verification {
    /// Rows that hold.
    rows: u64,
    /// Number of the first row that does not hold.
    broken: Option<u64>,
    /// Hash of the last row that holds, in hex: note it down elsewhere to compare later.
    head: String,
}

/// List exclusions.
#[utoipa::path(get, path = "/api/v1/exclusions", tag = "settings",
    responses((status = 200, body = Exclusions)))]
pub(crate) async fn exclusions(State(state): State<AppState>) -> Result<Json<Exclusions>, Refusal> {
    let found = state.ask(Store::exclusions).await?;
    Ok(Json(Exclusions {
        exclusions: found
            .into_iter()
            .map(|it| ExclusionView {
                id: it.id,
                rule: it.rule,
                owner: it.owner,
                reason: it.reason,
                added_by: it.added_by,
                added_at: view::time(it.added_at),
                expires: it.expires.map(view::time),
                removed_at: it.removed.map(|(_, at)| view::time(at)),
                hits: it.hits,
            })
            .collect(),
    }))
}

/// Hide what matches from now on.
#[utoipa::path(post, path = "/api/v1/exclusions", tag = "settings", request_body = NewExclusion,
    responses((status = 202, description = "It is on record."), (status = 400, description = "The rule is none.")))]
pub(crate) async fn exclude(
    State(state): State<AppState>,
    person: Person,
    Json(sent): Json<NewExclusion>,
) -> Result<StatusCode, Refusal> {
    analyze::exclusion(&sent.rule).map_err(|error| Refusal::Bad(error.to_string()))?;
    for (what, text) in [("owner", &sent.owner), ("reason", &sent.reason)] {
        if text.trim().is_empty() || TEXT_OCTETS_MAX < text.len() {
            return Err(Refusal::Bad(format!("an exclusion needs its {what}")));
        }
    }
    let expires = match sent.expires.as_deref() {
        None => None,
        Some(text) => {
            Some(view::read_time(text).ok_or_else(|| Refusal::Bad("`expires` is no time".into()))?)
        }
    };
    if expires.is_some_and(|it| it <= now()) {
        return Err(Refusal::Bad("it would be over before it begins".into()));
    }
    let subject = format!("{}: {}", sent.rule, sent.reason);
    let decision = Decision::ExclusionAdded {
        id: 0,
        rule: sent.rule,
        owner: sent.owner,
        reason: sent.reason,
        expires,
    };
    state
        .decide(&person, decision, "exclusion added", &subject)
        .await?;
    Ok(StatusCode::ACCEPTED)
}

/// Remove an exclusion: what it would hide is shown from now on.
#[utoipa::path(delete, path = "/api/v1/exclusions/{id}", tag = "settings",
    params(("id" = u64, Path)),
    responses((status = 204, description = "Done."), (status = 404, description = "None.")))]
pub(crate) async fn include(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<u64>,
) -> Result<StatusCode, Refusal> {
    let found = state.ask(Store::exclusions).await?;
    if !found.iter().any(|it| it.id == id && it.removed.is_none()) {
        return Err(Refusal::Missing);
    }
    let decision = Decision::ExclusionRemoved { id };
    let subject = format!("exclusion {id}");
    state
        .decide(&person, decision, "exclusion removed", &subject)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the tags that people gave.
#[utoipa::path(get, path = "/api/v1/tags", tag = "settings",
    responses((status = 200, body = Tags)))]
pub(crate) async fn tags(State(state): State<AppState>) -> Result<Json<Tags>, Refusal> {
    let found = state.ask(Store::tags).await?;
    Ok(Json(Tags {
        tags: found
            .into_iter()
            .map(|it| TagView {
                account: it.account.as_str().to_owned(),
                tag: it.tag,
                set_by: it.set_by,
                set_at: view::time(it.set_at),
            })
            .collect(),
    }))
}

/// Say that an account is sensitive or a honeytoken, or that it is not.
#[utoipa::path(post, path = "/api/v1/tags", tag = "settings", request_body = TagChange,
    responses((status = 204, description = "Done.")))]
pub(crate) async fn tag(
    State(state): State<AppState>,
    person: Person,
    Json(sent): Json<TagChange>,
) -> Result<StatusCode, Refusal> {
    if sent.account.trim().is_empty() || TEXT_OCTETS_MAX < sent.account.len() {
        return Err(Refusal::Bad("`account` is no name".into()));
    }
    let (account, is) = (sent.account.trim().into(), sent.is);
    let (decision, word) = match sent.tag {
        Tag::Sensitive => (Decision::SensitiveSet { account, is }, "sensitive"),
        Tag::Honeytoken => (Decision::HoneytokenSet { account, is }, "honeytoken"),
    };
    let action = if is { "tag set" } else { "tag removed" };
    let subject = format!("{}: {word}", sent.account.trim());
    state.decide(&person, decision, action, &subject).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read who did what, the latest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit",
    params(("who" = Option<String>, Query),
        ("limit" = Option<usize>, Query), ("after" = Option<String>, Query)),
    responses((status = 200, body = Audit)))]
pub(crate) async fn audit(
    State(state): State<AppState>,
    asked: Asked,
) -> Result<Json<Audit>, Refusal> {
    asked.only(&["who"])?;
    let (who, page) = (asked.text("who"), asked.page()?);
    let found = state.ask(move |store| store.audit(&who, &page)).await?;
    Ok(Json(Audit {
        entries: found
            .items
            .into_iter()
            .map(|it| AuditView {
                id: it.id,
                time: view::time(it.entry.time),
                who: it.entry.who,
                address: it.entry.address,
                action: it.entry.action,
                subject: it.entry.subject,
            })
            .collect(),
        next: found.next.map(|it| it.to_string()),
    }))
}

/// Follow the chain of the audit log from its first row to its last.
#[utoipa::path(get, path = "/api/v1/audit/verification", tag = "audit",
    responses((status = 200, body = Verification)))]
pub(crate) async fn verify(State(state): State<AppState>) -> Result<Json<Verification>, Refusal> {
    let found = state.ask(Store::verify_audit).await?;
    Ok(Json(Verification {
        rows: found.rows,
        broken: found.broken,
        head: found.head.iter().map(|it| format!("{it:02x}")).collect(),
    }))
}

/// A paragraph.
const TEXT_OCTETS_MAX: usize = 1024;
