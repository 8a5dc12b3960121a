//! Our own certificate authority: it vouches for the server to sensors and for sensors to the server.
//!
//! It is made at the first start and never leaves the data folder. It may sign end certificates only
//! (path length 0). A sensor's certificate holds for a season and is renewed by the sensor well before;
//! what ends it earlier is that the store no longer knows its fingerprint, and that is asked with every
//! batch. Deliberately absent: revocation lists, because nobody but this server needs to know.

use super::folder::Folder;
use anyhow::{Context as _, Result, anyhow};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

/// The authority, ready to sign.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
}

/// A certificate chain, end first, and its key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Authority {
    /// That of the folder; a new one if it has none.
    pub(crate) fn open(folder: &Folder) -> Result<Self> {
        match (folder.read(CERTIFICATE)?, folder.read(KEY)?) {
            (Some(certificate), Some(key)) => Self::of(certificate, &key)
                .with_context(|| format!("{CERTIFICATE} and {KEY} in {}", folder.path().display())),
            (None, None) => Self::make(folder),
            _ => Err(anyhow!(
                "{} has one of {CERTIFICATE} and {KEY} and not the other; put the other back, or \
                 remove both and let every sensor join again",
                folder.path().display()
            )),
        }
    }

    fn make(folder: &Folder) -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&format!("Realmward authority {}", random_name()?));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid_for(&mut params, AUTHORITY_VALID_FOR)?;
        let certificate = params.self_signed(&key)?.pem();
        // The key first: a certificate without its key would be of no use.
        folder.write(KEY, &key.serialize_pem())?;
        folder.write(CERTIFICATE, &certificate)?;
        Self::of(certificate, &key.serialize_pem())
    }

    fn of(pem: String, key: &str) -> Result<Self> {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())?;
        let issuer = Issuer::from_ca_cert_der(&certificate, KeyPair::from_pem(key)?)?;
        Ok(Self {
            issuer,
            certificate,
            pem,
        })
    }

    /// Its own certificate.
    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Its own certificate, as PEM.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A fresh certificate for the server, by these names and addresses.
    ///
    /// It is made anew at every start, so it is never too old and always fits the names.
    pub(crate) fn server(&self, names: &[String]) -> Result<Identity> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(names.first().map_or("realmward", String::as_str));
        params.subject_alt_names = names
            .iter()
            .map(|it| alternative(it))
            .collect::<Result<_>>()?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid_for(&mut params, SERVER_VALID_FOR)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|it| anyhow!(it))?;
        Ok(Identity { chain, key })
    }

    /// A certificate for a sensor that proves with a request (PEM, RFC 2986) that it has a key. Only
    /// the key is taken from the request.
    pub(crate) fn sensor(&self, name: &str, request: &str) -> Result<rcgen::Certificate> {
        let request = CertificateSigningRequestDer::from_pem_slice(request.as_bytes())?;
        let mut request = CertificateSigningRequestParams::from_der(&request)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = named(name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        valid_for(&mut params, SENSOR_VALID_FOR)?;
        request.params = params;
        Ok(request.signed_by(&self.issuer)?)
    }
}

/// A chain and key that the operator supplied, in PEM.
pub(crate) fn supplied(certificate: &std::path::Path, key: &std::path::Path) -> Result<Identity> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| certificate.display().to_string())?;
    if chain.is_empty() {
        return Err(anyhow!("{}: no certificate in it", certificate.display()));
    }
    let key = PrivateKeyDer::from_pem_file(key).with_context(|| key.display().to_string())?;
    Ok(Identity { chain, key })
}

fn alternative(name: &str) -> Result<SanType> {
    Ok(match name.parse::<IpAddr>() {
        Ok(address) => SanType::IpAddress(address),
        Err(_) => SanType::DnsName(name.to_owned().try_into()?),
    })
}

fn named(name: &str) -> DistinguishedName {
    let mut out = DistinguishedName::new();
    out.push(DnType::CommonName, name);
    out
}

/// Two authorities that a browser has met must not have one name.
fn random_name() -> Result<String> {
    Ok(crate::web::secret::Secret::fresh()?
        .text()
        .chars()
        .take(8)
        .collect())
}

fn valid_for(params: &mut CertificateParams, span: Duration) -> Result<()> {
    let now = SystemTime::now();
    params.not_before = now
        .checked_sub(CLOCK_SKEW)
        .ok_or_else(|| anyhow!("the clock is before 1970"))?
        .into();
    params.not_after = (now + span).into();
    Ok(())
}

const CERTIFICATE: &str = "authority.pem";
const KEY: &str = "authority.key";

/// A sensor whose clock is behind can still join.
const CLOCK_SKEW: Duration = Duration::from_secs(24 * 3600);
/// A sensor that was off for longer than this joins again.
pub(crate) const SENSOR_VALID_FOR: Duration = Duration::from_secs(90 * 24 * 3600);
/// A sensor renews its certificate from this age on: it has two months of tries.
pub(crate) const SENSOR_RENEWS_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
/// Ten years: as long as a machine stands.
const AUTHORITY_VALID_FOR: Duration = Duration::from_secs(3650 * 24 * 3600);
/// The longest that all browsers take of a private authority. A server runs shorter than that.
const SERVER_VALID_FOR: Duration = Duration::from_secs(800 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let above = tempfile::tempdir().unwrap();
        let folder = Folder::open(above.path()).unwrap();
        (above, folder)
    }

    #[test]
    fn the_authority_stays_the_same_over_a_restart() {
        let (_above, folder) = folder();
        let first = Authority::open(&folder).unwrap();
        let second = Authority::open(&folder).unwrap();
        assert_eq!(first.certificate(), second.certificate());
    }

    #[test]
    fn half_an_authority_is_not_replaced_in_silence() {
        let (above, folder) = folder();
        Authority::open(&folder).unwrap();
        std::fs::remove_file(above.path().join(KEY)).unwrap();
        let fault = Authority::open(&folder).err().unwrap().to_string();
        assert!(fault.contains("put the other back"), "{fault}");
    }

    #[test]
    fn a_sensor_gets_the_name_that_it_was_given_and_nothing_that_it_asked_for() {
        let (_above, folder) = folder();
        let authority = Authority::open(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut wanted = CertificateParams::new(vec!["server.example".to_owned()]).unwrap();
        wanted.distinguished_name = named("administrator");
        let request = wanted.serialize_request(&key).unwrap().pem().unwrap();
        let given = authority.sensor("dc1-tap", &request).unwrap();
        let has = |text: &str| {
            given
                .der()
                .windows(text.len())
                .any(|it| it == text.as_bytes())
        };
        assert!(has("dc1-tap"));
        assert!(!has("administrator"));
        assert!(!has("server.example"));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let (_above, folder) = folder();
        let authority = Authority::open(&folder).unwrap();
        let key = KeyPair::generate().unwrap();
        let good = CertificateParams::default()
            .serialize_request(&key)
            .unwrap();
        let mut forged = good.der().to_vec();
        *forged.last_mut().unwrap() ^= 1;
        let forged = format!(
            "-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n",
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, forged)
        );
        for request in ["", "nonsense", authority.pem(), &forged] {
            assert!(authority.sensor("x", request).is_err(), "{request}");
        }
    }
}
