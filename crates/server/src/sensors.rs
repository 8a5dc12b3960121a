//! What sensors ask: to join, and to be heard.
//!
//! ```text
//! POST /sensor/v1/join   Authorization: Bearer TOKEN; body: a certificate request, in PEM
//!                     -> {"certificate": PEM, "ca": PEM, "sensor": 1, "name": "dc1-tap",
//!                         "renew_after": SECONDS}
//! POST /sensor/v1/renew with that certificate; body: a request for another one
//!                     -> as join
//! POST /sensor/v1/batch  with that certificate; body as `realmward_sensor::wire` packs it
//!                     -> {"acknowledged": 17}
//! ```
//!
//! A renewed certificate ends the one before as soon as it is used; until then both are good. Who is
//! revoked renews nothing.
//!
//! The token is what `realmward-server sensor add` printed, or the part before its dot; what stands
//! behind the dot is for the sensor, which learns by it that this is the right server. It works once.
//! A batch is acknowledged when it is on disk and not before; one that was known already is
//! acknowledged again. Sensors cannot read anything.

use crate::serve::authority::{Authority, SENSOR_RENEWS_AFTER};
use crate::web::peer::Peer;
use crate::web::person::Person;
use crate::web::refusal::Refusal;
use crate::web::route::{PUBLIC, Route, SENSOR};
use crate::web::secret::{Secret, fingerprint};
use crate::web::state::{self, AppState, now};
use crate::web::{session, setup};
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::Json;
use realmward_sensor::wire;
use realmward_store::{Sensor, SensorId, Store, Token};
use realmward_vocab::EventTime;
use serde::Serialize;
use std::time::{Duration, Instant};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post("/sensor/v1/join", PUBLIC, join),
        Route::post("/sensor/v1/renew", SENSOR, renew),
        Route::post("/sensor/v1/batch", SENSOR, batch).body_max(wire::OCTETS_MAX),
    ]
}

#[derive(Serialize)]
struct Joined {
    certificate: String,
    ca: String,
    sensor: u32,
    name: String,
    renew_after: u64,
}

async fn join(
    State(state): State<AppState>,
    peer: Peer,
    headers: HeaderMap,
    request: String,
) -> Result<Json<Joined>, Refusal> {
    state
        .attempts()
        .charge_address(peer.ip(), Instant::now())
        .map_err(|wait| Refusal::TooOften(wait.as_secs().saturating_add(1)))?;
    let hash = bearer(&headers).ok_or_else(spent)?.hash();
    let token = state.ask(move |store| store.token(hash)).await?;
    let name = token
        .filter(|it| it.purpose == PURPOSE && now() < it.expires)
        .ok_or_else(spent)?
        .subject;
    let certificate = state
        .authority()
        .sensor(&name, &request)
        .map_err(|error| Refusal::Bad(format!("the request for a certificate: {error}")))?;
    let (known_as, called) = (fingerprint(certificate.der()), name.clone());
    let enrol = move |store: &Store| {
        let sensor = store.enrol(hash, &called, &known_as, now())?;
        sensor.ok_or_else(spent)
    };
    let entry = state::entry(&name, peer.ip(), "sensor joined", &name);
    let sensor = state.act_as(entry, enrol).await?;
    state.attempts().forgive_address(peer.ip());
    Ok(granted(&state, &certificate, sensor.id, name))
}

async fn renew(
    State(state): State<AppState>,
    Extension(sensor): Extension<Sensor>,
    peer: Peer,
    request: String,
) -> Result<Json<Joined>, Refusal> {
    let certificate = state
        .authority()
        .sensor(&sensor.name, &request)
        .map_err(|error| Refusal::Bad(format!("the request for a certificate: {error}")))?;
    let (id, known_as) = (sensor.id, fingerprint(certificate.der()));
    let renewed = move |store: &Store| match store.renew_sensor(id, &known_as, now())? {
        true => Ok(()),
        false => Err(session::revoked()),
    };
    let subject = format!("sensor {}", id.0);
    let entry = state::entry(&sensor.name, peer.ip(), "sensor renewed", &subject);
    state.act_as(entry, renewed).await?;
    Ok(granted(&state, &certificate, id, sensor.name))
}

fn granted(
    state: &AppState,
    certificate: &rcgen::Certificate,
    id: SensorId,
    name: String,
) -> Json<Joined> {
    let renew_after = now().saturating_add(SENSOR_RENEWS_AFTER).unix_nanoseconds() / 1_000_000_000;
    Json(Joined {
        certificate: certificate.pem(),
        ca: state.authority().pem().to_owned(),
        sensor: id.0,
        name,
        renew_after: u64::try_from(renew_after).unwrap_or(0),
    })
}

#[derive(Serialize)]
struct Acknowledged {
    acknowledged: u64,
}

async fn batch(
    State(state): State<AppState>,
    Extension(sensor): Extension<Sensor>,
    body: Bytes,
) -> Result<Json<Acknowledged>, Refusal> {
    let batch = tokio::task::spawn_blocking(move || wire::decode(&body))
        .await
        .map_err(|_| Refusal::Stopping)?
        .map_err(|error| match error {
            wire::WireError::Version(_) => Refusal::Unsupported(error.to_string()),
            error => Refusal::Bad(error.to_string()),
        })?;
    let acknowledged = batch.sequence;
    state.take(&sensor, batch).await?;
    Ok(Json(Acknowledged { acknowledged }))
}

/// The secret in the header; a whole token is taken too.
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let line = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = line.strip_prefix("Bearer ")?.trim();
    Secret::read(token.split_once('.').map_or(token, |(secret, _)| secret))
}

/// A token with which a new sensor of this name joins.
pub(crate) async fn invite(state: &AppState, by: &Person, name: &str) -> Result<String, Refusal> {
    setup::acceptable_name(name)?;
    refuse_taken(state, name).await?;
    let (secret, kept) = token(name, now()).map_err(|error| Refusal::fault(&error))?;
    let hash = secret.hash();
    let kept = move |store: &Store| Ok(store.put_token(hash, &kept)?);
    state.act(by, "sensor invited", name, kept).await?;
    Ok(text(&secret, state.authority()))
}

/// Gives a sensor another name.
pub(crate) async fn rename(
    state: &AppState,
    by: &Person,
    id: SensorId,
    name: &str,
) -> Result<(), Refusal> {
    setup::acceptable_name(name)?;
    refuse_taken(state, name).await?;
    let wanted = name.to_owned();
    let renamed = move |store: &Store| found(store.rename_sensor(id, &wanted)?);
    let subject = format!("sensor {} is {name}", id.0);
    state.act(by, "sensor renamed", &subject, renamed).await
}

/// From now on a sensor is not heard.
pub(crate) async fn revoke(state: &AppState, by: &Person, id: SensorId) -> Result<(), Refusal> {
    let revoked = move |store: &Store| found(store.revoke_sensor(id, now())?);
    let subject = format!("sensor {}", id.0);
    state.act(by, "sensor revoked", &subject, revoked).await
}

fn found(is_found: bool) -> Result<(), Refusal> {
    if is_found {
        Ok(())
    } else {
        Err(Refusal::Missing)
    }
}

/// A secret for a sensor of this name, and what to store of it.
pub(crate) fn token(name: &str, now: EventTime) -> anyhow::Result<(Secret, Token)> {
    let token = Token {
        purpose: PURPOSE.into(),
        subject: name.to_owned(),
        expires: now.saturating_add(VALID_FOR),
    };
    Ok((Secret::fresh()?, token))
}

/// The token as it is given to people: the secret, and by what the sensor knows this server.
pub(crate) fn text(secret: &Secret, authority: &Authority) -> String {
    format!("{}.{}", secret.text(), fingerprint(authority.certificate()))
}

async fn refuse_taken(state: &AppState, name: &str) -> Result<(), Refusal> {
    let sensors = state.ask(Store::sensors).await?;
    if sensors
        .iter()
        .any(|it| it.revoked.is_none() && it.name == name)
    {
        return Err(Refusal::Conflict(
            "there is a sensor of this name; revoke it first, or choose another".into(),
        ));
    }
    Ok(())
}

fn spent() -> Refusal {
    Refusal::Forbidden(
        "this token was used already, is too old or was never given; `realmward-server sensor \
         add` makes a new one"
            .into(),
    )
}

const PURPOSE: &str = "sensor";

/// Long enough to walk to the other machine.
const VALID_FOR: Duration = Duration::from_secs(24 * 3600);
