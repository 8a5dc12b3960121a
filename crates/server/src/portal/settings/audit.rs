//! Who did what, and whether the record of it is whole.

use crate::api::query::Asked;
use crate::portal::address::Address;
use crate::portal::frame::Frame;
use crate::portal::words::When;
use crate::web::refusal::Refusal;
use crate::web::route::{ADMINISTRATOR, Route};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::{AuditRow, StoreError};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/settings/audit", ADMINISTRATOR, page)]
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Audit<'a> {
    frame: &'a Frame,
    who: String,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    whole: String,
    /// Number of the first row that is not what it was.
    broken: Option<u64>,
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
    let (found, verdict) = state
        .ask(move |store| {
            Ok::<_, StoreError>((store.audit(&wanted, &place)?, store.verify_audit()?))
        })
        .await?;
    let part = |name: &str, at| address.without("").with(name, at).to_string();
    frame.show(&Audit {
        rows: found.items.into_iter().map(row).collect(),
        newer: found.previous.map(|it| part("before", it)),
        older: found.next.map(|it| part("after", it)),
        whole: number(verdict.rows),
        broken: verdict.broken,
        head: verdict.head.iter().map(|it| format!("{it:02x}")).collect(),
        frame: &frame,
        who,
    })
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
