//! A fresh certificate before the old one expires, asked for over the connection that the old one
//! opens. The key is fresh too. Until the fresh certificate was used the server takes the old one as
//! well, so a crash at any moment leaves the sensor with one that works.

use super::address::Address;
use super::client::{Client, Question};
use super::identity::{self, Identity, Joined, Parts};
use super::join::{Granted, request};
use super::trust;
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// When a certificate is to be renewed, and how.
pub(super) struct Renewal {
    folder: PathBuf,
    joined: Joined,
    address: Address,
    tried: Option<Instant>,
}

impl Renewal {
    pub(super) fn of(identity: &Identity) -> Result<Self> {
        Ok(Self {
            folder: identity.folder.clone(),
            joined: identity.joined.clone(),
            address: identity.address()?,
            tried: None,
        })
    }

    /// Whether it is time to ask; after a failure it is time again an hour later.
    pub(super) fn is_due(&self) -> bool {
        let rests = self.tried.is_some_and(|it| it.elapsed() < TRY_EVERY);
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        !rests && self.joined.renew_after <= now.map_or(0, |it| it.as_secs())
    }

    /// Asks for a fresh certificate, keeps it and gives a client that uses it.
    pub(super) async fn renew(&mut self, client: &mut Client) -> Result<Client> {
        self.tried = Some(Instant::now());
        let (key, request) = request()?;
        let answer = client.post(Question {
            path: "/sensor/v1/renew",
            content_type: "application/x-pem-file",
            token: None,
            body: request.into_bytes(),
        });
        let answer = answer.await?;
        if answer.status.as_u16() != 200 {
            bail!("the server said {}", answer.status);
        }
        let granted: Granted = serde_json::from_slice(&answer.body)
            .context("the server's answer is not understood")?;
        let joined = Joined {
            renew_after: granted.renew_after,
            ..self.joined.clone()
        };
        let authority = identity::authority(&self.folder)?;
        let parts = Parts {
            certificate: &granted.certificate,
            key: &key.serialize_pem(),
            authority: &authority,
        };
        let identity = Identity::of(joined.clone(), &parts, &self.folder)
            .context("what the server granted")?;
        let fresh = Client::new(self.address.clone(), trust::mutual(&identity)?);
        identity::store(&self.folder, &joined, &parts)?;
        self.joined = joined;
        Ok(fresh)
    }
}

const TRY_EVERY: Duration = Duration::from_secs(3600);
