//! Passwords: argon2id with OWASP's parameters (19 MiB, 2 passes), off the async threads, one
//! at a time so that logins cannot take the box's memory.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Hasher {
    turn: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)) }
    }
}

/// A hash to spend time on when the user does not exist, so that the answer takes as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
    kQGz8q9r8bqNf2m1QmHq0H0n0Kj2sD3oQx1tq7yq0uE";

/// The password could not be hashed (out of memory or of randomness).
#[derive(Debug, thiserror::Error)]
#[error("the password cannot be hashed")]
pub struct HashError;

/// Hashes on the calling thread, in PHC format.
pub fn hash_now(password: &str) -> Result<String, HashError> {
    let hash: PasswordHash = Argon2::default().hash_password(password.as_bytes()).map_err(|_| HashError)?;
    Ok(hash.to_string())
}

impl Hasher {
    /// Hashes.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        let _turn = self.turn.acquire().await.map_err(|_| HashError)?;
        tokio::task::spawn_blocking(move || hash_now(&password)).await.map_err(|_| HashError)?
    }

    /// Is it the password? `None` = there is no such user; it takes as long.
    pub async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_turn) = self.turn.acquire().await else {
            return false;
        };
        let check = move || {
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| NOBODY.to_owned());
            let Ok(parsed) = PasswordHash::new(&text) else {
                return false;
            };
            let fits = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
            known && fits
        };
        tokio::task::spawn_blocking(check).await.unwrap_or(false)
    }
}
