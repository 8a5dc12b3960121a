//! Users, the most urgent first.

use super::address::Address;
use super::chip::{Chip, Chips};
use super::frame::Frame;
use super::user::{tag_word, urgency};
use super::words::{self, Link, When};
use crate::api::entities::{USER_FILTERS, user_filter};
use crate::api::query::Asked;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use realmward_export::words::number;
use realmward_store::UserRecord;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/users", VIEWER, list)]
}

#[derive(Template)]
#[template(path = "users.html")]
struct Users<'a> {
    frame: &'a Frame,
    chips: Vec<Chips>,
    text: String,
    hidden: Vec<(String, String)>,
    rows: Vec<UserRow>,
    newer: Option<String>,
    older: Option<String>,
    is_narrowed: bool,
}

struct UserRow {
    link: Link,
    domain: String,
    priority: u8,
    class: &'static str,
    reason: String,
    tags: Vec<&'static str>,
    activities: String,
    activities_number: u64,
    last_seen: Option<When>,
}

async fn list(
    State(state): State<AppState>,
    frame: Frame,
    address: Address,
    asked: Asked,
) -> Result<Response, Refusal> {
    asked.only(&[USER_FILTERS, &["before"]].concat())?;
    let filter = user_filter(&asked)?;
    let place = asked.page_either_way()?;
    let found = state.ask(move |store| store.users(&filter, &place)).await?;
    let chip = |name, value, text| Chip::new(&address, name, value, text);
    frame.show(&Users {
        chips: vec![
            Chips {
                name: "Priority",
                chips: vec![
                    chip("priority", "", "Any"),
                    chip("priority", "10", "10 and above"),
                    chip("priority", "50", "50 and above"),
                ],
            },
            Chips {
                name: "Kind",
                chips: vec![
                    chip("machines", "", "All"),
                    chip("machines", "false", "People and services"),
                    chip("machines", "true", "Machines"),
                ],
            },
            Chips {
                name: "Tag",
                chips: vec![
                    chip("tag", "", "Any"),
                    chip("tag", "sensitive", "Sensitive"),
                    chip("tag", "honeytoken", "Honeytoken"),
                ],
            },
        ],
        text: asked.text("text"),
        hidden: address.others("text"),
        newer: found
            .previous
            .map(|it| address.without("").with("before", it).to_string()),
        older: found
            .next
            .map(|it| address.without("").with("after", it).to_string()),
        is_narrowed: !address.others("").is_empty(),
        rows: found.items.iter().map(UserRow::new).collect(),
        frame: &frame,
    })
}

impl UserRow {
    fn new(user: &UserRecord) -> Self {
        let (name, domain) = (&user.priority.name, &user.priority.domain);
        Self {
            link: Link {
                text: name.to_string(),
                href: words::account_place(name, domain),
            },
            domain: domain.to_string(),
            priority: user.priority.priority,
            class: urgency(user.priority.priority),
            reason: user
                .priority
                .reasons
                .first()
                .map_or_else(String::new, |it| it.text.clone()),
            tags: user.tags.iter().map(|it| tag_word(*it)).collect(),
            activities: number(user.activities),
            activities_number: user.activities,
            last_seen: user.last_seen.map(When::new),
        }
    }
}
