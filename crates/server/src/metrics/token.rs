//! The token by which a program reads `/metrics`: one, of which the store knows the hash.

use crate::web::refusal::Refusal;
use crate::web::secret::Secret;
use crate::web::state::AppState;
use axum::http::{HeaderMap, header};
use realmward_store::{Store, StoreError};

/// Makes a token; the one before is worth nothing from now on.
pub(crate) fn make(store: &Store) -> anyhow::Result<Secret> {
    let secret = Secret::fresh()?;
    store.put_setting(SETTING, &Some(secret.hash()))?;
    Ok(secret)
}

/// Ends the token.
pub(crate) fn end(store: &Store) -> Result<(), StoreError> {
    store.put_setting(SETTING, &None::<[u8; 32]>)
}

/// Whether a request shows the token.
pub(crate) async fn is_shown(state: &AppState, headers: &HeaderMap) -> Result<bool, Refusal> {
    let line = headers.get(header::AUTHORIZATION);
    let shown = line
        .and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "))
        .and_then(|it| Secret::read(it.trim()));
    let Some(secret) = shown else {
        return Ok(false);
    };
    let known = state
        .ask(|store| store.setting::<Option<[u8; 32]>>(SETTING))
        .await?;
    Ok(known.flatten() == Some(secret.hash()))
}

const SETTING: &str = "metrics_token";
