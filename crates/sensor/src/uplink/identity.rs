//! What a sensor is to its server: key, certificate and the server's authority, in its state folder.

use super::address::Address;
use anyhow::{Context as _, Result, anyhow, bail};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A sensor that has joined.
#[derive(Debug)]
pub struct Identity {
    /// Who it is and where its server is.
    pub joined: Joined,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
    pub(super) authority: Vec<CertificateDer<'static>>,
    pub(super) folder: PathBuf,
}

/// Who a sensor is and where its server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The server, as a URL.
    pub server: String,
    /// The sensor's number there.
    pub sensor: u32,
    /// The sensor's name there.
    pub name: String,
    /// From when on its certificate is to be renewed, in seconds since 1970.
    #[serde(default)]
    pub renew_after: u64,
}

/// The parts of an identity as PEM.
pub(crate) struct Parts<'a> {
    pub(crate) certificate: &'a str,
    pub(crate) key: &'a str,
    pub(crate) authority: &'a str,
}

impl Identity {
    /// Reads it from the state folder.
    ///
    /// # Errors
    ///
    /// When the sensor has not joined, or a file is missing or damaged.
    pub fn load(state: &Path) -> Result<Self> {
        let path = state.join(JOINED);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
                "this sensor has not joined a server: realmward-sensor join https://SERVER TOKEN"
            ),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let joined = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        let read = |name| {
            let path = state.join(name);
            fs::read_to_string(&path).with_context(|| path.display().to_string())
        };
        let (own, authority) = (read(OWN)?, read(AUTHORITY)?);
        let parts = Parts {
            certificate: &own,
            key: &own,
            authority: &authority,
        };
        Self::of(joined, &parts, state)
    }

    pub(super) fn of(joined: Joined, parts: &Parts<'_>, state: &Path) -> Result<Self> {
        let key = PrivateKeyDer::from_pem_slice(parts.key.as_bytes())
            .map_err(|error| anyhow!("{OWN}: {error}"))?;
        Ok(Self {
            joined,
            chain: certificates(OWN, parts.certificate)?,
            key,
            authority: certificates(AUTHORITY, parts.authority)?,
            folder: state.to_owned(),
        })
    }

    /// The server.
    ///
    /// # Errors
    ///
    /// When what was written down is no address.
    pub fn address(&self) -> Result<Address> {
        self.joined.server.parse()
    }
}

/// Keeps the identity of a sensor that joined otherwise than by [`super::join`]: its certificate and
/// key, and the certificate of the server's authority, in PEM.
///
/// # Errors
///
/// When the folder cannot be written.
pub fn keep(
    state: &Path,
    joined: &Joined,
    (certificate, key): (&str, &str),
    authority: &str,
) -> Result<()> {
    let parts = Parts {
        certificate,
        key,
        authority,
    };
    store(state, joined, &parts)
}

/// Writes an identity; what says that the sensor has joined comes last.
pub(crate) fn store(state: &Path, joined: &Joined, parts: &Parts<'_>) -> Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
        .create(state)
        .with_context(|| state.display().to_string())?;
    write(state, AUTHORITY, parts.authority)?;
    // One file, so that key and certificate never come from two.
    write(state, OWN, &format!("{}{}", parts.key, parts.certificate))?;
    write(state, JOINED, &serde_json::to_string_pretty(joined)?)
}

/// The certificate of the server's authority, in PEM.
pub(super) fn authority(state: &Path) -> Result<String> {
    let path = state.join(AUTHORITY);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

fn certificates(name: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow!("{name}: {error}"))?;
    if all.is_empty() {
        bail!("{name}: no certificate in it");
    }
    Ok(all)
}

/// Readable by its owner only, whole or not at all.
pub(crate) fn write(state: &Path, name: &str, content: &str) -> Result<()> {
    let path = state.join(name);
    let fresh = state.join(format!("{name}.new"));
    let _ = fs::remove_file(&fresh);
    let mut options = OpenOptions::new();
    let written = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&fresh, &path));
    written.with_context(|| path.display().to_string())
}

/// Key and certificate of the sensor.
const OWN: &str = "sensor.pem";
const AUTHORITY: &str = "authority.pem";
const JOINED: &str = "joined.json";
