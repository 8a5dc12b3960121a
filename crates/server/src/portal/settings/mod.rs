//! What can be set, each on a page of its own.

mod accounts;
mod audit;
mod exclusions;
mod outputs;
mod own;
mod sensors;
mod tags;

use super::frame::Frame;
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use askama::Template;
use axum::response::Response;

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/settings", VIEWER, page),
        Route::get("/help", VIEWER, help),
    ];
    routes.extend(sensors::routes());
    routes.extend(exclusions::routes());
    routes.extend(tags::routes());
    routes.extend(outputs::routes());
    routes.extend(accounts::routes());
    routes.extend(audit::routes());
    routes.extend(own::routes());
    routes
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings<'a> {
    frame: &'a Frame,
}

async fn page(frame: Frame) -> Result<Response, Refusal> {
    frame.show(&Settings { frame: &frame })
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help<'a> {
    frame: &'a Frame,
    keys: &'static [(&'static str, &'static str)],
}

async fn help(frame: Frame) -> Result<Response, Refusal> {
    frame.show(&Help {
        frame: &frame,
        keys: KEYS,
    })
}

/// As `portal.js` has them.
const KEYS: &[(&str, &str)] = &[
    ("Ctrl K", "search everything"),
    ("/", "to the filter of the page, or to the search"),
    ("j  k", "next and previous row"),
    ("Enter", "open the row"),
    ("x", "choose the row"),
    ("o", "open or close the incident"),
    ("e", "to the verdict"),
    ("c", "to the comment"),
    ("p", "download the packets"),
    ("r", "show what is new"),
    ("[  ]", "previous and next part of a list"),
    ("g t", "go to the timeline"),
    ("g u", "go to users"),
    ("g c", "go to computers"),
    ("g l", "go to the activity log"),
    ("g h", "go to health"),
    ("g d", "go to dropped captures"),
    ("g s", "go to settings"),
    ("u", "times in UTC or where you are"),
    ("m", "dark or light"),
    ("Esc", "close, or leave a field"),
    ("?", "this page"),
];
