//! Whom outputs believe: the authorities that were named for them, or those of the system.

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// A connector that believes the authorities in `pem`, or, if that is empty, those of the system.
///
/// # Errors
/// When there is none.
pub(super) fn connector(pem: &str, protocol: Option<&str>) -> Result<TlsConnector, String> {
    let roots = if pem.is_empty() {
        system()?
    } else {
        roots(pem)?
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocol
        .map(|it| it.as_bytes().to_vec())
        .into_iter()
        .collect();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The certificates in a text.
///
/// # Errors
/// When there is none, or one is damaged.
pub(super) fn roots(pem: &str) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("the authority: {error}"))?;
        roots
            .add(certificate)
            .map_err(|error| format!("the authority: {error}"))?;
    }
    if roots.is_empty() {
        return Err("the authority is no certificate in PEM".into());
    }
    Ok(roots)
}

fn system() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("the system knows no authority; name one in the options".into());
    }
    Ok(roots)
}
