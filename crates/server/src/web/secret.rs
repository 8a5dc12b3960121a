//! Random secrets, and the hashes by which they are known.
//!
//! A secret is shown once and never stored: what is stored is its SHA-256, so that who reads the
//! data folder cannot log in. No salt is needed, because 256 random bits cannot be guessed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A random secret of 256 bits.
#[derive(Clone)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    /// A fresh one.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub(crate) fn fresh() -> Result<Self, getrandom::Error> {
        let mut octets = [0; 32];
        getrandom::fill(&mut octets)?;
        Ok(Self(octets))
    }

    /// Reads one as [`Secret::text`] writes it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let octets = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(octets.try_into().ok()?))
    }

    /// As text that may stand in an address or a cookie.
    pub(crate) fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// By what the store knows it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// Another secret that follows from this one and does not tell it.
    pub(crate) fn derived(&self, purpose: &str) -> Self {
        Self(
            Sha256::new_with_prefix(purpose)
                .chain_update([0])
                .chain_update(self.0)
                .finalize()
                .into(),
        )
    }
}

/// Whether two texts are equal, in a time that tells nothing but their lengths.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// SHA-256 as base64url.
pub(crate) fn fingerprint(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_survives_being_text_and_what_follows_from_it_is_another() {
        let secret = Secret::fresh().unwrap();
        let again = Secret::read(&secret.text()).unwrap();
        assert_eq!(secret.hash(), again.hash());
        let derived = secret.derived("csrf");
        assert_eq!(derived.text(), again.derived("csrf").text());
        assert_ne!(derived.text(), secret.text());
        assert_ne!(derived.text(), secret.derived("other").text());
    }

    #[test]
    fn what_is_no_secret_is_not_read() {
        for text in ["", "AAAA", "!!", &"A".repeat(42), &"A".repeat(44)] {
            assert!(Secret::read(text).is_none(), "{text}");
        }
    }
}
