//! TLS 1.3 on the one port. A certificate of our authority is asked for and not demanded: browsers
//! have none, and the routes of sensors look at it.
//!
//! Sensors believe our own authority and nobody else. Where the operator supplied a certificate, it
//! is for browsers and programs; a sensor says in its greeting (ALPN, RFC 7301) that it is one, and
//! gets the certificate of our authority. So do its first words, with which it joins.

use super::authority::{Authority, Identity};
use anyhow::{Context as _, Result};
use realmward_sensor::uplink::PROTOCOL as SENSOR;
use rustls::RootCertStore;
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// How the server talks: by its own identity, and to browsers by the supplied one if there is one.
pub(crate) fn settings(
    authority: &Authority,
    own: Identity,
    supplied: Option<Identity>,
) -> Result<Arc<ServerConfig>> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone())?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()?;
    let identities = Identities {
        own: key(own, &provider)?,
        supplied: match supplied {
            Some(it) => Some(key(it, &provider).context("the supplied certificate and its key")?),
            None => None,
        },
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(identities));
    config.alpn_protocols = vec![SENSOR.to_vec(), b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct Identities {
    own: Arc<CertifiedKey>,
    supplied: Option<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Identities {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let is_sensor = hello
            .alpn()
            .is_some_and(|mut offers| offers.any(|it| it == SENSOR));
        let for_others = self.supplied.as_ref().filter(|_| !is_sensor);
        Some(Arc::clone(for_others.unwrap_or(&self.own)))
    }
}

fn key(identity: Identity, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>> {
    Ok(Arc::new(CertifiedKey::from_der(
        identity.chain,
        identity.key,
        provider,
    )?))
}
