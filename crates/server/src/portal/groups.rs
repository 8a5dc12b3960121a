//! Groups whose members can do much harm, and what traffic tells of them.
//!
//! Who is in a group does not show in traffic: in tickets it is encrypted, and answers of the directory
//! are sealed as a rule. So this page names no members. It says what is needed for that, and shows what
//! is seen: who asked about such a group. Whoever asks is listed by the activity log, not judged here.

use super::address::Address;
use super::frame::Frame;
use super::words::When;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::{Activity, ActivityFilter, Page, Store, StoreError, Tag, TagRecord};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/groups", VIEWER, page)]
}

#[derive(Template)]
#[template(path = "groups.html")]
struct Groups<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
    sensitive: u64,
}

struct Row {
    name: &'static str,
    harm: &'static str,
    /// How often it was asked about, in words, and when last.
    asked: Option<(String, When)>,
    place: String,
}

async fn page(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    let (rows, tags) = state
        .ask(|store| {
            let rows: Result<Vec<Row>, StoreError> =
                GROUPS.iter().map(|group| row(store, group)).collect();
            Ok::<_, StoreError>((rows?, store.tags()?))
        })
        .await?;
    let is_sensitive = |it: &&TagRecord| it.tag == Tag::Sensitive;
    frame.show(&Groups {
        sensitive: tags.iter().filter(is_sensitive).count() as u64,
        rows,
        frame: &frame,
    })
}

fn row(store: &Store, (name, harm): &(&'static str, &'static str)) -> Result<Row, StoreError> {
    let filter = ActivityFilter {
        text: (*name).to_owned(),
        ..ActivityFilter::default()
    };
    let found = store.activities(&filter, &Page::first(COUNTED_MAX))?;
    // The words are found wherever they stand; the name is counted where it stands as one.
    let wanted = name.to_lowercase();
    let named = |it: &&Activity| it.detail.to_lowercase().contains(&wanted);
    let asked: Vec<&Activity> = found.items.iter().filter(named).collect();
    let more = if found.items.len() < COUNTED_MAX {
        ""
    } else {
        " or more"
    };
    Ok(Row {
        name,
        harm,
        asked: asked.first().map(|it| {
            let times = number(asked.len() as u64);
            (format!("{times}{more}"), When::new(it.time))
        }),
        place: Address::of("/activities").with("text", name).to_string(),
    })
}

/// More are "or more".
const COUNTED_MAX: usize = 100;

/// Built-in groups that are as good as the domain, as MS-ADTS and Microsoft's appendices B and C of
/// "Best practices for securing Active Directory" name them.
const GROUPS: &[(&str, &str)] = &[
    ("Domain Admins", "may do everything in the domain"),
    ("Enterprise Admins", "may do everything in the forest"),
    ("Schema Admins", "may change what every object is"),
    ("Administrators", "may do everything on domain controllers"),
    ("Account Operators", "may make and change most accounts"),
    (
        "Backup Operators",
        "may read every file of a domain controller, its database too",
    ),
    (
        "Server Operators",
        "may change services on domain controllers",
    ),
    ("Print Operators", "may load drivers on domain controllers"),
    (
        "DnsAdmins",
        "may load code into the DNS service, often on domain controllers",
    ),
    (
        "Group Policy Creator Owners",
        "may make policies that run anywhere",
    ),
    ("Key Admins", "may add keys with which accounts log on"),
    ("Enterprise Key Admins", "likewise in the forest"),
    (
        "Cert Publishers",
        "may publish certificates that are believed",
    ),
];
