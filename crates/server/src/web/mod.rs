//! The edge to browsers, programs and sensors: who asks, whether they may, and the form of answers.
//!
//! # How to add a page or a call
//!
//! 1. Write a handler: an `async fn` that takes what it needs and returns
//!    `Result<Response, Refusal>`:
//!
//!    ```text
//!    async fn alerts(
//!        State(state): State<AppState>,      // store, engine, settings
//!        person: Person,                     // who is logged in: name, role, csrf, may(role)
//!        Query(filter): Query<AlertQuery>,
//!    ) -> Result<Response, Refusal> {
//!        let alerts = state.ask(move |store| store.alerts(&filter.into(), page)).await?;
//!        page::render(&AlertsPage { person: &person, alerts })
//!    }
//!    ```
//!
//! 2. Give it a line in a table of its room (`pub(crate) fn routes() -> Vec<Route>`), and the
//!    room a line in [`route::table`]:
//!    `Route::get("/alerts", VIEWER, alerts)`, `Route::post("/alerts/{id}/judge", ANALYST, judge)`.
//!    The [guard] checks session, role and forged forms before the handler runs; a handler never
//!    checks them again. [`Person::may`](person::Person::may) is for what a page offers.
//!
//! 3. Every form has `<input type="hidden" name="csrf" value="{{ person.csrf }}">`; every call of
//!    a script sends it as `X-CSRF-Token`. A form with files has it as its first part, and its route
//!    is a [`Route::files`](route::Route::files).
//!
//! 4. Anything refused is a [`Refusal`](refusal::Refusal); [`answer`] gives it its form: JSON below
//!    `/api/`, a page elsewhere, the login page for who is not logged in.
//!
//! 5. Style sheets, scripts and pictures are lines in [`asset::FILES`](asset), and
//!    `{{ crate::web::asset::path("app.css") }}` in templates. No inline script or style: the policy
//!    in [`answer`] forbids it. `bare.html` is the frame of the pages without a session.
//!
//! 6. What a person did is put on record by `state.audit(&person, "what was done", "to what")`, after it is
//!    done and before it is answered.
//!
//! 7. What never ends (live updates) ends when [`AppState::stopping`](state::AppState::stopping)
//!    becomes true.
//!
//! Deliberately absent: whatever an alert or a user means. That is asked of the store.

pub(crate) mod answer;
pub(crate) mod asset;
pub(crate) mod cookie;
mod guard;
mod healthz;
mod limit;
pub(crate) mod login;
pub(crate) mod page;
pub(crate) mod password;
pub(crate) mod peer;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod refusal;
pub(crate) mod role;
pub(crate) mod route;
pub(crate) mod secret;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod state;
#[cfg(test)]
mod tests;
pub(crate) mod upload;
