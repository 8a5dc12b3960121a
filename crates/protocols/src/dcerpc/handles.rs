//! Context handles that mean something: an opened service has a name only in the call that opened it.

use super::limits::HANDLES_MAX;
use super::ndr::HANDLE_OCTETS;
use std::collections::VecDeque;

/// Handles of one conversation and the names they were opened by, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    named: VecDeque<([u8; HANDLE_OCTETS], String)>,
    /// How many were forgotten for want of room since last asked.
    evicted: u32,
}

impl Handles {
    /// The server gave `handle` for `name`; a null handle is none.
    pub fn remember(&mut self, handle: [u8; HANDLE_OCTETS], name: &str) {
        if handle == [0; HANDLE_OCTETS] {
            return;
        }
        self.forget(handle);
        if HANDLES_MAX <= self.named.len() {
            self.named.pop_front();
            self.evicted = self.evicted.saturating_add(1);
        }
        self.named.push_back((handle, name.to_owned()));
    }

    /// What `handle` was opened by.
    #[must_use]
    pub fn name(&self, handle: [u8; HANDLE_OCTETS]) -> Option<&str> {
        let (_, name) = self.named.iter().find(|(known, _)| *known == handle)?;
        Some(name)
    }

    /// `handle` was closed.
    pub fn forget(&mut self, handle: [u8; HANDLE_OCTETS]) {
        self.named.retain(|(known, _)| *known != handle);
    }

    /// How many handles were forgotten for want of room since this was last asked.
    pub fn take_evicted(&mut self) -> u32 {
        std::mem::take(&mut self.evicted)
    }
}
