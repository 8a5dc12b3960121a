//! Feeds within TLS 1.3. There is no TLS without knowing the other end: whoever connects checks the
//! listener's certificate, and a listener that was given an authority demands one of its.

use super::patient::Patient;
use anyhow::{Context as _, Result, anyhow, bail};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of TLS, all PEM.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Certificates of the authorities of the other ends.
    pub authority: Option<PathBuf>,
    /// Our certificate, those between it and its authority, and its key.
    pub identity: Option<PathBuf>,
}

/// How to begin TLS at either end.
#[derive(Clone, Debug)]
pub(super) struct Ends {
    client: Option<Arc<ClientConfig>>,
    server: Option<Arc<ServerConfig>>,
}

impl Tls {
    pub(super) fn load(&self) -> Result<Ends> {
        let roots = self.authority.as_deref().map(roots).transpose()?;
        let identity = self.identity.as_deref().map(identity).transpose()?;
        let client = roots.clone().map(|roots| client(roots, identity.as_ref()));
        let server = identity.map(|identity| server(identity, roots));
        Ok(Ends {
            client: client.transpose()?.map(Arc::new),
            server: server.transpose()?.map(Arc::new),
        })
    }
}

impl Ends {
    #[cfg(test)]
    pub(super) fn client_of_test(&self) -> Arc<ClientConfig> {
        Arc::clone(self.client.as_ref().unwrap())
    }

    pub(super) fn can_listen(&self) -> Result<()> {
        if self.server.is_none() {
            bail!("to listen with TLS takes a certificate and its key (--tls-identity)");
        }
        Ok(())
    }

    /// Begins at the connecting end.
    pub(super) fn call(&self, host: &str, stream: Patient) -> Result<Box<dyn Read + Send>> {
        let Some(config) = &self.client else {
            bail!("to connect with TLS takes an authority to believe (--tls-authority)");
        };
        let name = ServerName::try_from(host.to_owned())?;
        let mut connection = ClientConnection::new(Arc::clone(config), name)?;
        let mut stream = stream;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(Box::new(StreamOwned::new(connection, stream)))
    }

    /// Begins at the listening end; the handshake is part of the first reading.
    pub(super) fn answer(&self, stream: Patient) -> Result<Box<dyn Read + Send>> {
        let Some(config) = &self.server else {
            bail!("there is no certificate to listen with");
        };
        let connection = ServerConnection::new(Arc::clone(config))?;
        Ok(Box::new(StreamOwned::new(connection, stream)))
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn identity(path: &Path) -> Result<Identity> {
    let key = PrivateKeyDer::from_pem_file(path)
        .map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok((certificates(path)?, key))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let all: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| anyhow!("{}: {error}", path.display()))?;
    if all.is_empty() {
        bail!("{}: no certificate in it", path.display());
    }
    Ok(all)
}

fn client(roots: RootCertStore, identity: Option<&Identity>) -> Result<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots);
    Ok(match identity {
        Some((chain, key)) => config
            .with_client_auth_cert(chain.clone(), key.clone_key())
            .context("the certificate of the feed and its key")?,
        None => config.with_no_client_auth(),
    })
}

fn server((chain, key): Identity, roots: Option<RootCertStore>) -> Result<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let config = match roots {
        Some(roots) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build()?;
            config.with_client_cert_verifier(verifier)
        }
        None => config.with_no_client_auth(),
    };
    config
        .with_single_cert(chain, key)
        .context("the certificate of the feed and its key")
}
