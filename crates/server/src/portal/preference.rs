//! How a person likes pages to look.

use super::frame::THEME;
use crate::web::cookie;
use crate::web::page;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use axum::extract::Form;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/theme", VIEWER, theme)]
}

#[derive(Deserialize)]
struct Theme {
    theme: String,
    back: Option<String>,
}

async fn theme(Form(sent): Form<Theme>) -> Result<Response, Refusal> {
    let cookie = match sent.theme.as_str() {
        it @ ("dark" | "light") => cookie::set(THEME, it),
        _ => cookie::clear(THEME),
    };
    let place = page::own_place(sent.back.as_deref());
    let mut response = Redirect::to(place).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
