//! What keeps the engine from keeping things, for who asks how the server is.

use realmward_store::StoreError;
use std::sync::{Mutex, PoisonError};

/// By place, why the latest try failed; empty where it succeeded.
#[derive(Default)]
pub(super) struct Trouble(Mutex<[Option<String>; 2]>);

impl Trouble {
    /// Notes how the latest try at a place went.
    pub(super) fn set(&self, place: usize, error: Option<&StoreError>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(one) = all.get_mut(place) {
            *one = error.map(ToString::to_string);
        }
    }

    /// What is wrong now.
    pub(super) fn now(&self) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().flatten().next().cloned()
    }
}
