//! Saved views: questions to the timeline or the log that a person gave a name, each a link.
//!
//! They are kept by account, so a person finds them on any machine; nobody else sees them.

use super::address::Address;
use super::frame::done;
use crate::web::page::own_place;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use axum::extract::{Form, State};
use axum::response::Response;
use realmward_store::{Store, StoreError};
use serde::{Deserialize, Serialize};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/views", VIEWER, save),
        Route::post("/views/forget", VIEWER, forget),
    ]
}

/// What a person saved for one page.
pub(super) struct Views {
    pub(super) saved: Vec<View>,
    /// This page with its question, as it would be saved.
    pub(super) here: String,
}

/// A question with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) place: String,
}

impl Views {
    pub(super) async fn of(
        state: &AppState,
        person: &Person,
        address: &Address,
    ) -> Result<Self, Refusal> {
        let who = person.name.clone();
        let mut saved = state.ask(move |store| read(store, &who)).await?;
        let here = address.without("");
        let page = Address::of(here.path()).to_string();
        saved.retain(|it| it.place.split('?').next() == Some(&page));
        Ok(Self {
            saved,
            here: here.to_string(),
        })
    }

    /// Whether this is one of them.
    pub(super) fn is_saved(&self) -> bool {
        self.saved.iter().any(|it| it.place == self.here)
    }

    /// Whether it is worth a name.
    pub(super) fn is_question(&self) -> bool {
        self.here.contains('?')
    }
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    name: String,
    place: String,
}

async fn save(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let name: String = sent.name.trim().chars().take(NAME_MAX).collect();
    let place = own_place(Some(&sent.place)).to_owned();
    if name.is_empty() {
        return Err(Refusal::Bad("a view needs a name".into()));
    }
    if !PAGES.iter().any(|it| place.starts_with(it)) || PLACE_MAX < place.len() {
        return Err(Refusal::Bad("this page cannot be saved as a view".into()));
    }
    let view = View {
        name,
        place: place.clone(),
    };
    change(&state, &person, move |views| {
        views.retain(|it| it.name != view.name && it.place != view.place);
        views.push(view);
        views.len() <= VIEWS_MAX
    })
    .await?;
    Ok(done(&place, "view"))
}

async fn forget(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Sent>,
) -> Result<Response, Refusal> {
    let place = sent.place.clone();
    change(&state, &person, move |views| {
        views.retain(|it| it.place != place);
        true
    })
    .await?;
    Ok(done(&sent.place, "view-forgotten"))
}

/// Changes the views of a person; `false` from the change: there would be too many.
async fn change(
    state: &AppState,
    person: &Person,
    change: impl FnOnce(&mut Vec<View>) -> bool + Send + 'static,
) -> Result<(), Refusal> {
    let who = person.name.clone();
    let is_done = state
        .ask(move |store| {
            let mut views = read(store, &who)?;
            let fits = change(&mut views);
            if fits {
                store.put_setting(&key(&who), &views)?;
            }
            Ok::<_, StoreError>(fits)
        })
        .await?;
    match is_done {
        true => Ok(()),
        false => Err(Refusal::Bad(format!(
            "{VIEWS_MAX} views are saved; forget one first"
        ))),
    }
}

fn read(store: &Store, who: &str) -> Result<Vec<View>, StoreError> {
    Ok(store.setting(&key(who))?.unwrap_or_default())
}

fn key(who: &str) -> String {
    format!("views/{}", who.to_lowercase())
}

/// Pages that can be asked something.
const PAGES: &[&str] = &["/?", "/activities?"];

/// More are a list to search in.
const VIEWS_MAX: usize = 30;
/// Letters of a name that still fit a chip.
const NAME_MAX: usize = 40;
/// Longer than all filters together.
const PLACE_MAX: usize = 2_000;
