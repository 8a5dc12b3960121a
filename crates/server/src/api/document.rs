//! The description of the API, in OpenAPI 3.1, for everybody.

use crate::web::refusal::Refusal;
use crate::web::route::{PUBLIC, Route};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/api/openapi.json", PUBLIC, document)]
}

async fn document() -> Result<Response, Refusal> {
    let text = Api::openapi()
        .to_json()
        .map_err(|error| Refusal::fault(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Realmward",
        description = "Alerts, users, computers and activities of an Active Directory under watch.\n\n\
            Log in with `POST /api/v1/session`; send the cookie with every call, and `csrf` of the \
            answer as header `X-CSRF-Token` with every call that changes something. A call that is \
            refused answers `{\"error\": {\"code\", \"message\"}}`: 401 not logged in, 403 role too low \
            or token wrong, 404 no such thing, 429 too often."
    ),
    paths(
        super::session::log_in,
        super::session::show,
        super::session::log_out,
        super::accounts::list,
        super::accounts::invite,
        super::accounts::change,
        super::accounts::renew,
        super::accounts::sessions,
        super::accounts::end_session,
        super::accounts::change_password,
        super::sensors::list,
        super::sensors::invite,
        super::sensors::rename,
        super::sensors::revoke,
        super::alerts::list,
        super::alerts::one,
        super::alerts::judge,
        super::alerts::evidence,
        super::activities::list,
        super::activities::export,
        super::entities::users,
        super::entities::user,
        super::entities::computers,
        super::entities::computer,
        super::entities::search,
        super::entities::health,
        super::settings::exclusions,
        super::settings::exclude,
        super::settings::include,
        super::settings::tags,
        super::settings::tag,
        super::settings::audit,
        super::settings::verify,
        super::outputs::list,
        super::outputs::add,
        super::outputs::change,
        super::outputs::enable,
        super::outputs::remove,
        super::outputs::test,
    ),
    modifiers(&Cookie),
    security(("session" = [])),
)]
struct Api;

/// Calls are made in a session.
struct Cookie;

impl utoipa::Modify for Cookie {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-session")));
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("session", cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::route::table;
    use std::collections::BTreeSet;

    #[test]
    fn every_call_is_described_and_nothing_else() {
        let document = serde_json::to_value(Api::openapi()).unwrap();
        let described: BTreeSet<String> = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, methods)| {
                methods
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let routed: BTreeSet<String> = table()
            .iter()
            .filter(|it| it.path.starts_with("/api/v1/"))
            .map(|it| format!("{} {}", it.method, it.path))
            .collect();
        assert_eq!(described, routed);
    }
}
