//! What the operator does not want to see: an account, a host, a network or a detector.
//!
//! Environment exclusions live here and never in a detector. Each counts what it hides.

use crate::Alert;
use ipnet::IpNet;
use realmward_detect::{Finding, Party, PartyHost, PartyRole};
use realmward_vocab::{AccountName, DetectorId, EventTime, HostName};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// One exclusion: a finding is hidden if every condition in it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Its number, if it was decided while running; 0 if it was given at the start.
    #[serde(default)]
    pub id: u64,
    /// Conditions, all of which must hold; never empty.
    subjects: Vec<ExclusionSubject>,
    /// Findings that begin later are not hidden; `None` for ever.
    #[serde(default)]
    pub expires: Option<EventTime>,
    /// Findings hidden so far.
    hits: u64,
}

/// A condition of an exclusion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExclusionSubject {
    /// An account that acted, whatever its domain.
    Account(AccountName),
    /// A host that takes part as source, by name; a short name matches any domain.
    Host(HostName),
    /// A network that the source lies in; a single address is a network of one.
    Network(IpNet),
    /// A detector.
    Detector(DetectorId),
}

/// Why a text is no exclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionError(String);

impl fmt::Display for ExclusionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExclusionError {}

impl Exclusion {
    /// An exclusion of findings for which all of `subjects` hold; `None` if there are none.
    #[must_use]
    pub fn new(subjects: Vec<ExclusionSubject>) -> Option<Self> {
        (!subjects.is_empty()).then_some(Self {
            id: 0,
            subjects,
            expires: None,
            hits: 0,
        })
    }

    /// The same exclusion when it is known to have hidden so many findings before.
    #[must_use]
    pub fn after_hits(self, hits: u64) -> Self {
        Self { hits, ..self }
    }

    /// Findings hidden so far.
    #[must_use]
    pub const fn hits(&self) -> u64 {
        self.hits
    }

    /// Whether `finding` is to be hidden; counts it if so.
    pub(crate) fn hides(&mut self, finding: &Finding) -> bool {
        let hides = self.holds(
            &finding.detector,
            &finding.accounts,
            &finding.hosts,
            finding.start,
        );
        self.hits += u64::from(hides);
        hides
    }

    /// Whether it would have hidden this alert, had it been there from the start.
    #[must_use]
    pub fn would_hide(&self, alert: &Alert) -> bool {
        self.holds(&alert.detector, &alert.accounts, &alert.hosts, alert.start)
    }

    fn holds(
        &self,
        detector: &DetectorId,
        accounts: &[Party],
        hosts: &[PartyHost],
        start: EventTime,
    ) -> bool {
        self.expires.is_none_or(|expires| start < expires)
            && self
                .subjects
                .iter()
                .all(|subject| subject.holds(detector, accounts, hosts))
    }
}

impl FromStr for Exclusion {
    type Err = ExclusionError;

    /// Reads `KIND=VALUE[,KIND=VALUE...]` with kinds `account`, `host` (name, address or network)
    /// and `detector`; all conditions of one exclusion must hold.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let subjects = text
            .split(',')
            .map(str::parse)
            .collect::<Result<Vec<_>, _>>()?;
        Self::new(subjects).ok_or_else(|| ExclusionError("exclusion is empty".to_owned()))
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, subject) in self.subjects.iter().enumerate() {
            if 0 < i {
                f.write_str(",")?;
            }
            match subject {
                ExclusionSubject::Account(name) => write!(f, "account={name}")?,
                ExclusionSubject::Host(name) => write!(f, "host={name}")?,
                ExclusionSubject::Network(net) => write!(f, "host={net}")?,
                ExclusionSubject::Detector(id) => write!(f, "detector={id}")?,
            }
        }
        Ok(())
    }
}

impl ExclusionSubject {
    fn holds(&self, detector: &DetectorId, accounts: &[Party], hosts: &[PartyHost]) -> bool {
        let mut actors = accounts.iter().filter(|it| it.role == PartyRole::Actor);
        let sources = hosts.iter().filter(|it| it.role == PartyRole::Source);
        match self {
            Self::Account(name) => actors.any(|party| party.name.folded() == name.folded()),
            Self::Host(name) => sources
                .filter_map(|host| host.name.as_ref())
                .any(|it| same_host(it, name)),
            Self::Network(net) => sources
                .filter_map(|host| host.ip)
                .any(|ip| net.contains(&ip)),
            Self::Detector(id) => detector == id,
        }
    }
}

impl FromStr for ExclusionSubject {
    type Err = ExclusionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((kind, value)) = text.split_once('=') else {
            return Err(ExclusionError(format!(
                "exclusion `{text}` is not KIND=VALUE"
            )));
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(ExclusionError(format!("exclusion `{text}` has no value")));
        }
        match kind.trim() {
            "account" => Ok(Self::Account(AccountName::new(value))),
            "detector" => Ok(Self::Detector(DetectorId::new(value))),
            "host" | "ip" => host_subject(value),
            other => Err(ExclusionError(format!(
                "exclusion kind `{other}` is none of account, host, detector"
            ))),
        }
    }
}

fn host_subject(value: &str) -> Result<ExclusionSubject, ExclusionError> {
    if let Ok(address) = value.parse::<IpAddr>() {
        return Ok(ExclusionSubject::Network(IpNet::from(
            address.to_canonical(),
        )));
    }
    if value.contains('/') {
        return value
            .parse()
            .map(ExclusionSubject::Network)
            .map_err(|error| ExclusionError(format!("network `{value}`: {error}")));
    }
    Ok(ExclusionSubject::Host(HostName::new(value)))
}

fn same_host(seen: &HostName, asked: &HostName) -> bool {
    seen.folded() == asked.folded()
        || (!asked.as_str().contains('.') && seen.short().folded() == asked.folded())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exclusion_reads_back_as_written() {
        for text in [
            "account=svc-scan",
            "host=10.0.0.0/8",
            "host=scanner,detector=session_enumeration",
        ] {
            assert_eq!(text.parse::<Exclusion>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_bad_exclusion_names_its_fault() {
        for (text, fault) in [
            ("svc-scan", "is not KIND=VALUE"),
            ("user=x", "none of account, host, detector"),
            ("host=10.0.0.0/99", "network `10.0.0.0/99`"),
            ("account=", "has no value"),
        ] {
            let error = text.parse::<Exclusion>().unwrap_err().to_string();
            assert!(error.contains(fault), "{text}: {error}");
        }
    }
}
