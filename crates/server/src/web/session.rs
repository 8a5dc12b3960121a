//! Sessions of people.
//!
//! A session ends when it is not used for [`IDLE_MAX`], when it is [`AGE_MAX`] old, at logout, and
//! when its account is disabled. Its secret is in the cookie; the store knows only the hash. The
//! token against forged forms follows from the secret, so it needs no place of its own.

use super::cookie;
use super::peer::Peer;
use super::person::Person;
use super::refusal::Refusal;
use super::secret::Secret;
use super::state::{self, AppState, now};
use axum::http::{HeaderMap, header};
use realmward_store::{Sensor, Session, Store};
use realmward_vocab::EventTime;
use std::time::Duration;

/// Whose session this is, if it still holds.
pub(crate) async fn person(
    state: &AppState,
    secret: &Secret,
    peer: &Peer,
) -> Result<Option<Person>, Refusal> {
    let hash = secret.hash();
    let now = now();
    let found = state
        .ask(move |store| {
            let Some(session) = store.session(hash)? else {
                return Ok(None);
            };
            if is_over(&session, now) {
                store.end_session(hash)?;
                return Ok(None);
            }
            let account = store.account(&session.account)?;
            if TOUCH_AFTER <= now.saturating_since(session.seen) {
                touch(store, hash, session, now);
            }
            Ok::<_, realmward_store::StoreError>(account.filter(|it| !it.disabled))
        })
        .await?;
    Ok(found.map(|account| Person {
        name: account.name,
        role: account.role,
        csrf: csrf(secret),
        session: hash,
        address: peer.ip(),
    }))
}

/// Notes that a session is used. Where that cannot be kept, the person may read all the same.
fn touch(store: &Store, hash: [u8; 32], session: Session, now: EventTime) {
    let session = Session {
        seen: now,
        ..session
    };
    if let Err(error) = store.put_session(hash, &session) {
        tracing::warn!(%error, "the use of a session could not be noted");
    }
}

/// The sensor that shows its certificate.
pub(crate) async fn sensor(state: &AppState, peer: &Peer) -> Result<Sensor, Refusal> {
    let certificate = peer.certificate.clone().ok_or(Refusal::Unknown)?;
    state
        .ask(move |store| store.sensor(&certificate))
        .await?
        .ok_or_else(revoked)
}

/// To a sensor that is shut out.
pub(crate) fn revoked() -> Refusal {
    Refusal::Forbidden("this sensor was revoked; let it join again".into())
}

/// Begins a session, puts it on record and says so in the headers of the answer. Its secret is fresh:
/// whatever the browser had before is worth nothing.
pub(crate) async fn begin(
    state: &AppState,
    account: &str,
    peer: &Peer,
    headers: &mut HeaderMap,
) -> Result<Secret, Refusal> {
    let secret = Secret::fresh()?;
    let hash = secret.hash();
    let session = Session {
        account: account.to_owned(),
        begun: now(),
        seen: now(),
        address: peer.ip().to_string(),
    };
    let entry = state::entry(account, peer.ip(), "logged in", "");
    let begun = move |store: &Store| Ok(store.put_session(hash, &session)?);
    state.act_as(entry, begun).await?;
    headers.extend(cookie::set(cookie::SESSION, &secret.text()).map(|it| (header::SET_COOKIE, it)));
    Ok(secret)
}

/// The token against forged forms that belongs to a session.
pub(crate) fn csrf(secret: &Secret) -> String {
    secret.derived("csrf").text()
}

/// Takes the cookie of a session away.
pub(crate) fn forget(headers: &mut HeaderMap) {
    headers.extend(cookie::clear(cookie::SESSION).map(|it| (header::SET_COOKIE, it)));
}

fn is_over(session: &Session, now: EventTime) -> bool {
    IDLE_MAX <= now.saturating_since(session.seen) || AGE_MAX <= now.saturating_since(session.begun)
}

/// A shift.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(12 * 3600);
/// A week: after it a stolen cookie is worth nothing, however busy its thief.
pub(crate) const AGE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
/// How exactly "last used" is known; a write a minute is cheap.
const TOUCH_AFTER: Duration = Duration::from_secs(60);
