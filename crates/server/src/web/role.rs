//! What a person may do.

use serde::{Deserialize, Serialize};

/// Roles, from the least to the most; each may all that those before it may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Sees everything but the configuration.
    Viewer,
    /// Judges alerts, adds exclusions and tags, downloads evidence.
    Analyst,
    /// Configures sensors, accounts and outputs.
    Administrator,
}

impl Role {
    /// As people and programs write it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
        }
    }
}
