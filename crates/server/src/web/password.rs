//! Passwords: Argon2id with the settings that OWASP names first (19 MiB, 2 passes, 1 lane).
//!
//! Checking a password takes tens of milliseconds on purpose. So at most [`AT_ONCE_MAX`] are
//! checked at once, whoever asks, and a name that nobody has costs the same as one that exists.

use super::refusal::Refusal;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use tokio::sync::Semaphore;

/// Checks passwords, a few at a time.
pub(crate) struct Passwords {
    gate: Semaphore,
    /// What is checked against where there is no account.
    nobody: String,
}

impl Passwords {
    /// # Errors
    /// When the system gives no randomness.
    pub(crate) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            gate: Semaphore::new(AT_ONCE_MAX),
            nobody: hash("nobody has this password")?,
        })
    }

    /// Whether `password` is that of `stored`, or would be if there were an account.
    pub(crate) async fn check(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, Refusal> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let _turn = self.gate.acquire().await.map_err(|_| Refusal::Stopping)?;
        let fits = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&stored).is_ok_and(|stored| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &stored)
                    .is_ok()
            })
        })
        .await
        .map_err(|_| Refusal::Stopping)?;
        Ok(known && fits)
    }

    /// What to store for a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Refusal> {
        acceptable(&password)?;
        let _turn = self.gate.acquire().await.map_err(|_| Refusal::Stopping)?;
        tokio::task::spawn_blocking(move || hash(&password))
            .await
            .map_err(|_| Refusal::Stopping)?
            .map_err(|error| Refusal::fault(&error))
    }
}

/// Whether a password may be taken. Length is what counts; no characters are demanded.
pub(crate) fn acceptable(password: &str) -> Result<(), Refusal> {
    let characters = password.chars().count();
    if characters < CHARACTERS_MIN {
        return Err(Refusal::Bad(format!(
            "the password has {characters} characters; it needs at least {CHARACTERS_MIN}"
        )));
    }
    if OCTETS_MAX < password.len() {
        return Err(Refusal::Bad(format!(
            "the password is over {OCTETS_MAX} octets long"
        )));
    }
    Ok(())
}

/// What to store for a new password.
pub(crate) fn hash(password: &str) -> anyhow::Result<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    let hash: PasswordHash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| anyhow::anyhow!("a password could not be hashed: {error}"))?;
    Ok(hash.to_string())
}

/// NIST SP 800-63B asks for 8 with a second factor and 15 without; users ask for mercy.
pub(crate) const CHARACTERS_MIN: usize = 12;

/// More is no password, but an attempt to keep us busy.
const OCTETS_MAX: usize = 1024;

/// Each takes 19 MiB and a core; two leave the rest of the server its share.
const AT_ONCE_MAX: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_an_existing_account_fits() {
        let passwords = Passwords::new().unwrap();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let check =
            |password: &str, stored: Option<String>| passwords.check(password.to_owned(), stored);
        assert!(check("correct horse", Some(stored.clone())).await.unwrap());
        assert!(!check("correct horsf", Some(stored)).await.unwrap());
        assert!(!check("correct horse", Some("broken".into())).await.unwrap());
        assert!(!check("nobody has this password", None).await.unwrap());
    }

    #[test]
    fn short_and_absurd_passwords_are_refused() {
        assert!(acceptable("elevenchars").is_err());
        assert!(acceptable("twelve chars").is_ok());
        assert!(acceptable("zwölfzeichen").is_ok());
        assert!(acceptable(&"a".repeat(1025)).is_err());
    }
}
