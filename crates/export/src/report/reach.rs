//! What was seen between accounts and devices around the alerts, attack or not.

use std::net::IpAddr;

/// A line of the graph of who reached what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Who.
    pub from: Place,
    /// What.
    pub to: Place,
    /// What was seen, in plain words, past tense: `logged on`.
    pub what: String,
    /// How often.
    pub times: u64,
}

/// An account or a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An account, folded; its domain is not told.
    Account(String),
    /// A device.
    Device {
        /// Its address.
        ip: IpAddr,
        /// Its name, if known.
        name: Option<String>,
    },
}
