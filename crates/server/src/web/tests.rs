//! Walks the whole table of routes as everybody who might come.

mod full;

use super::peer::Peer;
use super::role::Role;
use super::route::{Least, Route, router, table};
use super::secret::Secret;
use super::state::{AppState, Parts, now};
use crate::engine::Engine;
use crate::serve::authority::Authority;
use crate::serve::folder::Folder;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use realmward_store::{Account, SensorId, Session, Store, Token};
use realmward_vocab::EventTime;
use std::collections::BTreeSet;
use std::sync::Arc;
use tower::ServiceExt as _;

/// Who comes.
#[derive(Clone)]
struct Visitor {
    name: &'static str,
    role: Option<Role>,
    session: Option<Secret>,
    certificate: Option<&'static str>,
    bearer: Option<Secret>,
}

struct House {
    router: Router,
    table: Vec<Route>,
    visitors: Vec<Visitor>,
    _folder: tempfile::TempDir,
    _stop: tokio::sync::watch::Sender<bool>,
}

/// The real table and guard; behind each door stands "passed" instead of its handler.
fn house() -> House {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut visitors = strangers();
    for (name, role, seen, disabled) in [
        ("viewer", Role::Viewer, now(), false),
        ("analyst", Role::Analyst, now(), false),
        ("administrator", Role::Administrator, now(), false),
        ("expired", Role::Administrator, EventTime::default(), false),
        ("disabled", Role::Administrator, now(), true),
    ] {
        let secret = log_in(&store, name, role, seen, disabled);
        visitors.push(Visitor {
            session: Some(secret),
            ..visitor(name, (!disabled && name != "expired").then_some(role))
        });
    }
    visitors.push(Visitor {
        bearer: Some(crate::metrics::token::make(&store).unwrap()),
        ..visitor(READER, None)
    });
    enrol(&store, "enrolled");
    let revoked = enrol(&store, "revoked");
    assert!(store.revoke_sensor(revoked, now()).unwrap());
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let (state, _) = state(&store, folder.path(), stopping);
    let behind = table()
        .into_iter()
        .map(Route::with_nothing_behind)
        .collect();
    House {
        router: router(behind, &state),
        table: table(),
        visitors,
        _folder: folder,
        _stop: stop,
    }
}

/// All that handlers have at hand, and the engine.
fn state(
    store: &Store,
    folder: &std::path::Path,
    stopping: tokio::sync::watch::Receiver<bool>,
) -> (AppState, Arc<Engine>) {
    let settings = realmward_pipeline::PipelineSettings::default();
    let engine = Arc::new(Engine::start(store, &settings).unwrap());
    let state = AppState::new(Parts {
        engine: Arc::clone(&engine),
        store: store.clone(),
        authority: Authority::open(&Folder::open(folder).unwrap()).unwrap(),
        place: Arc::new(crate::outputs::Place {
            address: String::new(),
            host: String::new(),
            folder: folder.into(),
        }),
        retention: realmward_store::Retention::default(),
        stopping,
    });
    (state.unwrap(), engine)
}

/// Makes an account and a session of it.
fn log_in(store: &Store, name: &str, role: Role, seen: EventTime, disabled: bool) -> Secret {
    let secret = Secret::fresh().unwrap();
    let account = Account {
        name: name.into(),
        password: String::new(),
        role,
        disabled,
    };
    store.put_account(&account).unwrap();
    let session = Session {
        account: name.into(),
        begun: seen,
        seen,
        address: String::new(),
    };
    store.put_session(secret.hash(), &session).unwrap();
    secret
}

/// Who comes without an account.
fn strangers() -> Vec<Visitor> {
    vec![
        visitor("nobody", None),
        Visitor {
            session: Some(Secret::fresh().unwrap()),
            ..visitor("a guessed session", None)
        },
        Visitor {
            bearer: Some(Secret::fresh().unwrap()),
            ..visitor("a guessed token", None)
        },
        Visitor {
            certificate: Some("enrolled"),
            ..visitor("a sensor", None)
        },
        Visitor {
            certificate: Some("revoked"),
            ..visitor("a revoked sensor", None)
        },
    ]
}

/// A sensor with this certificate.
fn enrol(store: &Store, certificate: &str) -> SensorId {
    let token = Token {
        purpose: "sensor".into(),
        subject: certificate.into(),
        expires: EventTime::from_unix_seconds(i64::MAX / 1_000_000_000),
    };
    let hash = Secret::fresh().unwrap().hash();
    store.put_token(hash, &token).unwrap();
    let sensor = store.enrol(hash, certificate, certificate, now()).unwrap();
    sensor.unwrap().id
}

fn visitor(name: &'static str, role: Option<Role>) -> Visitor {
    Visitor {
        name,
        role,
        session: None,
        certificate: None,
        bearer: None,
    }
}

/// How a form proves that a page of ours asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    Right,
    InHeader,
    Wrong,
    Missing,
    FromElsewhere,
    /// As the first part of a form with files.
    FirstPart,
    WrongPart,
    /// After the file.
    LatePart,
}

impl Proof {
    const ALL: [Self; 8] = [
        Self::Right,
        Self::InHeader,
        Self::Wrong,
        Self::Missing,
        Self::FromElsewhere,
        Self::FirstPart,
        Self::WrongPart,
        Self::LatePart,
    ];

    fn media(self) -> &'static str {
        match self {
            Self::FirstPart | Self::WrongPart | Self::LatePart => "multipart/form-data; boundary=b",
            _ => "application/x-www-form-urlencoded",
        }
    }

    /// The form, and its token if it is in the header.
    fn body(self, token: &str, other: &str) -> String {
        let part = |name: &str, value: &str| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        match self {
            Self::Right | Self::FromElsewhere => format!("a=b&csrf={token}"),
            Self::Wrong => format!("csrf={other}"),
            Self::Missing => "a=b".into(),
            Self::InHeader => String::new(),
            Self::FirstPart => part("csrf", token) + &part("a", "b") + "--b--\r\n",
            Self::WrongPart => part("csrf", other) + &part("a", "b") + "--b--\r\n",
            Self::LatePart => part("a", "b") + &part("csrf", token) + "--b--\r\n",
        }
    }
}

impl House {
    async fn ask(&self, route: &Route, visitor: &Visitor, proof: Proof) -> StatusCode {
        let path = filled(route.path);
        let mut request = Request::builder().method(&route.method).uri(&path);
        let form = Secret::fresh().unwrap();
        let mut cookies = vec![format!("__Host-form={}", form.text())];
        let mut token = form.text();
        if let Some(session) = &visitor.session {
            cookies.push(format!("__Host-session={}", session.text()));
            if matches!(route.least, Least::Person(_)) {
                token = session.derived("csrf").text();
            }
        }
        request = request
            .header("cookie", cookies.join("; "))
            .header("host", "rw.example")
            .header("content-type", proof.media());
        if let Some(bearer) = &visitor.bearer {
            request = request.header("authorization", format!("Bearer {}", bearer.text()));
        }
        let other = Secret::fresh().unwrap().text();
        let body = proof.body(&token, &other);
        if proof == Proof::InHeader {
            request = request.header("x-csrf-token", &token);
        }
        if proof == Proof::FromElsewhere {
            request = request.header("origin", "https://evil.example");
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(Peer {
            address: "192.0.2.1:5000".parse().unwrap(),
            certificate: visitor.certificate.map(str::to_owned),
        });
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers();
        assert!(headers.contains_key("content-security-policy"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let to_login = headers
            .get("location")
            .is_some_and(|it| it.as_bytes().starts_with(b"/login"));
        match response.status() {
            StatusCode::SEE_OTHER if to_login => StatusCode::UNAUTHORIZED,
            StatusCode::OK => {
                let body = to_bytes(response.into_body(), 100).await.unwrap();
                assert!(body.is_empty() || body == "passed", "{path}");
                StatusCode::OK
            }
            other => other,
        }
    }
}

/// A program with the token for metrics.
const READER: &str = "a reader of metrics";

/// A path with something in its places.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "1" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn expected(route: &Route, visitor: &Visitor, proof: Proof) -> StatusCode {
    let changes = !matches!(route.method, Method::GET | Method::HEAD);
    match (route.least, visitor.role) {
        (Least::Metrics, None) if visitor.name != READER => StatusCode::UNAUTHORIZED,
        (Least::Metrics, _) => StatusCode::OK,
        (Least::Sensor, _) => match visitor.certificate {
            Some("enrolled") => StatusCode::OK,
            Some(_) => StatusCode::FORBIDDEN,
            None => StatusCode::UNAUTHORIZED,
        },
        (Least::Person(_), None) => StatusCode::UNAUTHORIZED,
        (Least::Person(least), Some(role)) if role < least => StatusCode::FORBIDDEN,
        // No browser shows a token because another site asks it to.
        (Least::Public, _) if visitor.bearer.is_some() && proof != Proof::FromElsewhere => {
            StatusCode::OK
        }
        _ if changes && !proves(route, proof) => StatusCode::FORBIDDEN,
        _ => StatusCode::OK,
    }
}

/// Whether this shows that a page of ours asked. A form with files is read by those that take files.
fn proves(route: &Route, proof: Proof) -> bool {
    match proof {
        Proof::Right | Proof::InHeader => true,
        Proof::FirstPart => route.takes_files(),
        _ => false,
    }
}

#[tokio::test]
async fn every_route_lets_in_whom_it_should_and_nobody_else() {
    let house = house();
    let mut asked = 0;
    for route in &house.table {
        for visitor in &house.visitors {
            for proof in Proof::ALL {
                assert_eq!(
                    house.ask(route, visitor, proof).await,
                    expected(route, visitor, proof),
                    "{} {} as {}, proof {proof:?}",
                    route.method,
                    route.path,
                    visitor.name
                );
                asked += 1;
            }
        }
    }
    assert_eq!(asked, house.table.len() * 11 * Proof::ALL.len());
}

#[tokio::test]
async fn no_address_is_there_twice() {
    let table = table();
    let places: BTreeSet<(&str, &str)> = table
        .iter()
        .map(|it| (it.method.as_str(), it.path))
        .collect();
    assert_eq!(places.len(), table.len());
}

#[test]
fn what_everybody_reaches_is_a_short_list_that_somebody_has_looked_at() {
    let public: Vec<String> = table()
        .iter()
        .filter(|it| it.least == Least::Public)
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    let known = [
        "GET /assets/{file}",
        "GET /login",
        "POST /login",
        "GET /setup",
        "POST /setup",
        "POST /sensor/v1/join",
        "GET /healthz",
        "GET /api/openapi.json",
        "POST /api/v1/session",
    ];
    for route in public {
        assert!(known.contains(&route.as_str()), "{route}");
    }
}
