//! Joining: a one-time token becomes a client certificate. The key never leaves the sensor.

use super::address::{Address, Fingerprint};
use super::client::{Client, Question};
use super::identity::{self, Identity, Joined, Parts};
use super::trust;
use anyhow::{Context as _, Result, bail};
use rcgen::{CertificateParams, KeyPair};
use serde::Deserialize;
use std::path::Path;

/// What the server grants to who joins, and to who renews.
#[derive(Deserialize)]
pub(super) struct Granted {
    pub(super) certificate: String,
    ca: String,
    sensor: u32,
    name: String,
    #[serde(default)]
    pub(super) renew_after: u64,
}

/// Joins the server and writes the identity to the state folder.
///
/// # Errors
///
/// When the server cannot be reached, is not the one the token came from, or does not take the token.
pub fn join(
    server: &Address,
    token: &str,
    fingerprint: Option<Fingerprint>,
    state: &Path,
) -> Result<Joined> {
    let fingerprint = match fingerprint {
        Some(fingerprint) => fingerprint,
        None => Fingerprint::of_token(token)?,
    };
    let (key, request) = request()?;
    let granted = ask(server, token, fingerprint, request)?;
    let joined = Joined {
        server: server.to_string(),
        sensor: granted.sensor,
        name: granted.name,
        renew_after: granted.renew_after,
    };
    let parts = Parts {
        certificate: &granted.certificate,
        key: &key.serialize_pem(),
        authority: &granted.ca,
    };
    let identity =
        Identity::of(joined.clone(), &parts, state).context("what the server granted")?;
    // The connection was pinned; what it brought must be what it was pinned to.
    if !identity
        .authority
        .iter()
        .any(|it| Fingerprint::of(it) == fingerprint)
    {
        bail!("the server sent another authority than the one that vouches for it");
    }
    trust::mutual(&identity)?;
    identity::store(state, &joined, &parts)?;
    Ok(joined)
}

/// Looks whether the server that was joined can be reached and proves to be it.
///
/// # Errors
///
/// What is in the way.
pub fn greet(identity: &Identity) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut client = Client::new(identity.address()?, trust::mutual(identity)?);
    runtime.block_on(client.greet())
}

/// A fresh key, and a request for a certificate of it.
pub(super) fn request() -> Result<(KeyPair, String)> {
    let key = KeyPair::generate().context("making a key")?;
    let request = CertificateParams::default()
        .serialize_request(&key)?
        .pem()?;
    Ok((key, request))
}

fn ask(
    server: &Address,
    token: &str,
    fingerprint: Fingerprint,
    request: String,
) -> Result<Granted> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut client = Client::new(server.clone(), trust::pinned(fingerprint)?);
    let answer = runtime.block_on(client.post(Question {
        path: "/sensor/v1/join",
        content_type: "application/x-pem-file",
        token: Some(token),
        body: request.into_bytes(),
    }))?;
    match answer.status.as_u16() {
        200..=299 => {
            serde_json::from_slice(&answer.body).context("the server's answer is not understood")
        }
        401 | 403 => {
            bail!("the server does not take the token: it was used, has expired or is wrong")
        }
        status => bail!(
            "the server said {status}: {}",
            String::from_utf8_lossy(&answer.body)
                .chars()
                .take(200)
                .collect::<String>()
        ),
    }
}
