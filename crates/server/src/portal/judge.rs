//! Verdicts on one alert or many.

use super::frame::done;
use crate::api::alerts::judged;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{ANALYST, Route};
use crate::web::state::AppState;
use axum::extract::{Form, State};
use axum::response::Response;
use realmward_event::operator::AlertStatus;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/alerts/judge", ANALYST, judge)]
}

async fn judge(
    State(state): State<AppState>,
    person: Person,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let field = |name: &str| {
        let found = sent.iter().find(|it| it.0 == name);
        found.map_or("", |it| it.1.as_str())
    };
    let status: AlertStatus = serde_json::from_value(field("status").into())
        .map_err(|_| Refusal::Bad("choose a verdict".into()))?;
    let alerts = sent
        .iter()
        .filter(|it| it.0 == "alert")
        .map(|it| it.1.parse())
        .collect::<Result<Vec<u64>, _>>()
        .map_err(|_| Refusal::Bad("`alert` is no number".into()))?;
    if AT_ONCE_MAX < alerts.len() {
        return Err(Refusal::TooLarge);
    }
    for alert in &alerts {
        judged(&state, &person, *alert, status, field("comment")).await?;
    }
    let code = if alerts.is_empty() {
        "nothing"
    } else {
        "judged"
    };
    Ok(done(field("back"), code))
}

/// A page of the timeline.
const AT_ONCE_MAX: usize = 200;
