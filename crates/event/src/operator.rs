//! What people decide. Decisions enter at the top like everything else, so that a replay of what
//! came in rebuilds the same alerts.

use realmward_vocab::{AccountName, EventTime};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A person decided something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Who, by the name of the person's account at the server.
    pub by: String,
    /// What.
    pub decision: Decision,
}

/// What can be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decision {
    /// An alert was taken up, closed or opened again.
    AlertJudged {
        /// Its number.
        alert: u64,
        /// What becomes of it.
        status: AlertStatus,
        /// Why, in the person's words.
        comment: String,
    },
    /// From now on findings of this kind are hidden.
    ExclusionAdded {
        /// Its number.
        id: u64,
        /// Conditions, as `KIND=VALUE[,KIND=VALUE...]`.
        rule: String,
        /// Who answers for it.
        owner: String,
        /// Why.
        reason: String,
        /// Until when; `None` for ever.
        expires: Option<EventTime>,
    },
    /// An exclusion holds no longer.
    ExclusionRemoved {
        /// Its number.
        id: u64,
    },
    /// An account is, or is no longer, sensitive.
    SensitiveSet {
        /// The account.
        account: AccountName,
        /// Whether it is.
        is: bool,
    },
    /// An account is, or is no longer, a bait that nobody uses honestly.
    HoneytokenSet {
        /// The account.
        account: AccountName,
        /// Whether it is.
        is: bool,
    },
    /// An address is a domain controller, whatever traffic shows.
    DomainControllerNamed {
        /// The address.
        address: IpAddr,
    },
}

/// What became of an alert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlertStatus {
    /// Nobody has judged it.
    #[default]
    Open,
    /// Somebody works on it.
    InProgress,
    /// Closed: it was an attack.
    TruePositive,
    /// Closed: it happened, and was allowed.
    BenignPositive,
    /// Closed: it did not happen, or means nothing.
    FalsePositive,
}

impl AlertStatus {
    /// Whether nobody needs to look any more: what comes later is a new alert.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(
            self,
            Self::TruePositive | Self::BenignPositive | Self::FalsePositive
        )
    }
}
