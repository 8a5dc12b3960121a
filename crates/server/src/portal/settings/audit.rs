//! Who did what, and whether the record of it is whole.

use crate::api::query::Asked;
use crate::portal::address::Address;
use crate::portal::frame::{Frame, done};
use crate::portal::words::When;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, Route};
use crate::web::state::{AppState, Verified, now};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::{AuditRow, AuditVerdict, Store, StoreError};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/settings/audit", ADMINISTRATOR, page),
        Route::post("/settings/audit/verify", ADMINISTRATOR, verify),
    ]
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit<'a> {
    frame: &'a Frame,
    who: String,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    verdict: Verdict,
}

/// What is known of the chain, in words.
struct Verdict {
    /// Number of the first row that is not what it was.
    broken: Option<u64>,
    /// Rows that hold.
    rows: String,
    /// Rows that were not looked at yet.
    left: u64,
    /// Rows that were followed in one go from the first, and when.
    whole: Option<(String, When)>,
    /// Hash of the last row that holds.
    head: String,
}

struct Row {
    id: u64,
    when: When,
    who: String,
    action: String,
    subject: String,
    address: String,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    address: Address,
    asked: Asked,
) -> Result<Response, Refusal> {
    asked.only(&["who", "before"])?;
    let who = asked.text("who");
    let place = asked.page_either_way()?;
    let wanted = who.clone();
    let known = state.verified().clone();
    let (found, verdict, length) = state
        .ask(move |store| {
            let verdict = store.verify_audit_after(&known.verdict, AT_A_VIEW_MAX)?;
            let length = store.audit_length()?;
            Ok::<_, StoreError>((store.audit(&wanted, &place)?, verdict, length))
        })
        .await?;
    let known = note(&state, verdict);
    let part = |name: &str, at| address.without("").with(name, at).to_string();
    frame.show(&Audit {
        rows: found.items.into_iter().map(row).collect(),
        newer: found.previous.map(|it| part("before", it)),
        older: found.next.map(|it| part("after", it)),
        verdict: told(&known, length),
        frame: &frame,
        who,
    })
}

/// Follows the whole chain from the first row on, which a view does only in parts.
async fn verify(State(state): State<AppState>) -> Result<Response, Refusal> {
    let verdict = state.ask(Store::verify_audit).await?;
    *state.verified() = Verified {
        whole: Some((verdict.rows, now())),
        verdict,
    };
    Ok(done("/settings/audit", "verified"))
}

/// Remembers how far the chain holds; what came of two views at once is that of the farther one.
fn note(state: &AppState, verdict: AuditVerdict) -> Verified {
    let mut known = state.verified();
    let is_first = known.verdict.rows == 0 && known.whole.is_none();
    if is_first && verdict.broken.is_none() && verdict.rows < AT_A_VIEW_MAX as u64 {
        known.whole = Some((verdict.rows, now()));
    }
    let shown = Verified {
        verdict: verdict.clone(),
        whole: known.whole,
    };
    if verdict.broken.is_none() && known.verdict.rows <= verdict.rows {
        known.verdict = verdict;
    }
    shown
}

fn told(known: &Verified, length: u64) -> Verdict {
    let verdict = &known.verdict;
    Verdict {
        broken: verdict.broken,
        rows: number(verdict.rows),
        left: length.saturating_sub(verdict.rows),
        whole: known.whole.map(|(rows, at)| (number(rows), When::new(at))),
        head: verdict.head.iter().map(|it| format!("{it:02x}")).collect(),
    }
}

fn row(it: AuditRow) -> Row {
    Row {
        id: it.id,
        when: When::new(it.entry.time),
        who: it.entry.who,
        action: it.entry.action,
        subject: it.entry.subject,
        address: it.entry.address,
    }
}

/// Rows that a view looks at beyond those that were found whole: some hundredths of a second.
const AT_A_VIEW_MAX: usize = 10_000;
