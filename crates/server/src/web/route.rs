//! The one table of routes.
//!
//! A [`Route`] says method, path, least role and handler in one line, and [`router`] wraps each in
//! the `guard` for that role. There is no other way to an address, so none can be
//! forgotten; a test walks the table with every role, without a session and with a forged form.

use super::state::AppState;
use super::{answer, guard};
use crate::web::role::Role;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};
use std::time::Duration;

/// Who may, at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Least {
    /// Everybody who reaches the port.
    Public,
    /// A sensor that shows its certificate.
    Sensor,
    /// A person who is logged in and has this role or a higher one.
    Person(Role),
    /// A person who is logged in, or a program that shows the token for metrics.
    Metrics,
}

/// Everybody who reaches the port.
pub(crate) const PUBLIC: Least = Least::Public;
/// A sensor that shows its certificate.
pub(crate) const SENSOR: Least = Least::Sensor;
/// Whoever is logged in.
pub(crate) const VIEWER: Least = Least::Person(Role::Viewer);
/// Whoever is logged in, or a program with the token for metrics.
pub(crate) const METRICS: Least = Least::Metrics;
/// Who may judge.
pub(crate) const ANALYST: Least = Least::Person(Role::Analyst);
/// Who may configure.
pub(crate) const ADMINISTRATOR: Least = Least::Person(Role::Administrator);

/// One line of the table.
pub(crate) struct Route {
    /// How.
    #[cfg_attr(not(test), expect(dead_code, reason = "for who walks the table"))]
    pub(crate) method: Method,
    /// Where, as axum writes it: `/alerts/{id}`.
    pub(crate) path: &'static str,
    /// By whom.
    pub(crate) least: Least,
    handler: MethodRouter<AppState>,
    body_max: usize,
    /// Whether it takes files, and how long they may be on their way.
    files: Option<Duration>,
}

impl Route {
    /// A page or a document; changes nothing.
    pub(crate) fn get<H, T>(path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        Self::on(Method::GET, MethodFilter::GET, path, least, handler)
    }

    /// A form or a call that changes something.
    pub(crate) fn post<H, T>(path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        Self::on(Method::POST, MethodFilter::POST, path, least, handler)
    }

    /// Changes what is there.
    pub(crate) fn patch<H, T>(path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        Self::on(Method::PATCH, MethodFilter::PATCH, path, least, handler)
    }

    /// Puts something in the place of what is there.
    pub(crate) fn put<H, T>(path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        Self::on(Method::PUT, MethodFilter::PUT, path, least, handler)
    }

    /// Takes something away.
    pub(crate) fn delete<H, T>(path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        Self::on(Method::DELETE, MethodFilter::DELETE, path, least, handler)
    }

    /// With another bound for what is sent than [`BODY_OCTETS_MAX`].
    pub(crate) fn body_max(self, octets: usize) -> Self {
        Self {
            body_max: octets,
            ..self
        }
    }

    /// A form with files in it: several parts, the first of them the token. Its handler takes an
    /// [`Upload`](super::upload::Upload).
    pub(crate) fn files<H, T>(path: &'static str, least: Least, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        Self {
            files: Some(FILES_TIME_MAX),
            ..Self::post(path, least, handler)
        }
    }

    /// The same door, with nothing behind it but "passed".
    #[cfg(test)]
    pub(crate) fn with_nothing_behind(self) -> Self {
        let filter = MethodFilter::try_from(self.method.clone()).unwrap();
        let handler = on(filter, || async { "passed" });
        Self { handler, ..self }
    }

    #[cfg(test)]
    pub(crate) fn takes_files(&self) -> bool {
        self.files.is_some()
    }

    fn on<H, T>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        least: Least,
        handler: H,
    ) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        Self {
            method,
            path,
            least,
            handler: on(filter, handler),
            body_max: BODY_OCTETS_MAX,
            files: None,
        }
    }
}

/// Every route of the server.
pub(crate) fn table() -> Vec<Route> {
    [
        super::asset::routes(),
        super::healthz::routes(),
        super::login::routes(),
        super::setup::routes(),
        crate::api::routes(),
        crate::metrics::routes(),
        crate::portal::routes(),
        crate::sensors::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The table as a service.
pub(crate) fn router(table: Vec<Route>, state: &AppState) -> Router {
    let mut router: Router<AppState> = Router::new();
    for route in table {
        let gate = guard::Gate {
            state: state.clone(),
            least: route.least,
            files: route.files,
            path: route.path,
        };
        let guarded = route
            .handler
            .route_layer(from_fn_with_state(gate, guard::guard))
            .route_layer(DefaultBodyLimit::max(route.body_max));
        router = router.route(route.path, guarded);
    }
    router
        .fallback(|| async { super::refusal::Refusal::Missing })
        .layer(from_fn(answer::finish))
        .with_state(state.clone())
}

/// A gigabyte over a slow network.
const FILES_TIME_MAX: Duration = Duration::from_secs(3600);

/// Forms and calls are small.
const BODY_OCTETS_MAX: usize = 1 << 20;
