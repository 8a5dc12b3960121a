//! What must be right for a sensor to see and to be heard, looked at one by one.
//!
//! Each finding says how it is, and what mends it. Nothing is changed by looking, except that the
//! interface listens for some seconds.

#[cfg(target_os = "linux")]
mod interface;
mod machine;
mod server;

use crate::uplink::Address;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What to look at.
#[derive(Clone, Debug)]
pub struct Checkup {
    /// The interface, if one is to be watched.
    pub interface: Option<String>,
    /// The server, if not the one that was joined.
    pub server: Option<Address>,
    /// How long to listen.
    pub listen: Duration,
    /// The folder of identity and spool.
    pub state: PathBuf,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it must be.
    Ok,
    /// It works, but something may be missed.
    Warn,
    /// It does not work.
    Fail,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it is.
    pub verdict: Verdict,
    /// What was looked at.
    pub subject: &'static str,
    /// What was seen.
    pub seen: String,
    /// What mends it.
    pub mend: Option<String>,
}

impl Finding {
    fn ok(subject: &'static str, seen: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Ok,
            subject,
            seen: seen.into(),
            mend: None,
        }
    }

    fn warn(subject: &'static str, seen: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warn,
            subject,
            seen: seen.into(),
            mend: Some(mend.into()),
        }
    }

    fn fail(subject: &'static str, seen: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fail,
            ..Self::warn(subject, seen, mend)
        }
    }

    /// Whether the sensor cannot work like this.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.verdict == Verdict::Fail
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "OK  ",
            Verdict::Warn => "WARN",
            Verdict::Fail => "FAIL",
        };
        write!(f, "{verdict}  {}: {}", self.subject, self.seen)?;
        match &self.mend {
            Some(mend) => write!(f, "\n      mend: {mend}"),
            None => Ok(()),
        }
    }
}

/// Looks at everything.
#[must_use]
pub fn examine(checkup: &Checkup) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(machine::clock());
    findings.push(machine::disk(&checkup.state));
    #[cfg(target_os = "linux")]
    {
        findings.push(machine::capabilities());
        match &checkup.interface {
            Some(name) => interface::examine(name, checkup.listen, &mut findings),
            None => findings.push(Finding::warn(
                "interface",
                "none was named, so none was looked at",
                "realmward-sensor doctor --interface NAME",
            )),
        }
    }
    server::examine(&checkup.state, checkup.server.as_ref(), &mut findings);
    findings
}

#[cfg(test)]
mod tests;
