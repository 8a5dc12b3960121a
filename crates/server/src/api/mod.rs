//! The API for programs: JSON below `/api/v1`, described at `/api/openapi.json`.
//!
//! It shows and does what the portal shows and does, with the same questions to the store and the
//! same roles. A program logs in as a person does: `POST /api/v1/session` gives a cookie and the
//! token that every change must carry as `X-CSRF-Token`. Times are RFC 3339 in UTC; lists come in
//! pages, each with the `next` that asks for the following one. Fields are added, never renamed.

mod accounts;
pub(crate) mod activities;
pub(crate) mod alerts;
mod document;
pub(crate) mod entities;
mod outputs;
pub(crate) mod query;
mod sensors;
mod session;
pub(crate) mod settings;
pub(crate) mod view;

pub(crate) use view::AlertView;

use crate::web::route::Route;

/// All calls.
pub(crate) fn routes() -> Vec<Route> {
    [
        document::routes(),
        session::routes(),
        accounts::routes(),
        sensors::routes(),
        alerts::routes(),
        activities::routes(),
        entities::routes(),
        settings::routes(),
        outputs::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
