//! The syslog envelope: RFC 5424 and the older RFC 3164.

use crate::time;
use realmward_detect::Severity;
use realmward_vocab::EventTime;

/// Which envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 5424.
    Rfc5424,
    /// RFC 3164, for collectors that know no better.
    Rfc3164,
}

/// Who sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Name of the host, without spaces.
    pub host: String,
    /// Process number.
    pub process: u32,
}

/// A message in its envelope, without a line end.
#[must_use]
pub fn message(
    form: Form,
    sender: &Sender,
    time: EventTime,
    severity: Severity,
    message_id: &str,
    text: &str,
) -> String {
    let priority = FACILITY_AUTH * 8 + level(severity);
    let host = if sender.host.is_empty() {
        "-"
    } else {
        &sender.host
    };
    match form {
        Form::Rfc5424 => format!(
            "<{priority}>1 {} {host} CEF {} {message_id} - \u{feff}{text}",
            time::rfc3339(time),
            sender.process,
        ),
        Form::Rfc3164 => format!("<{priority}>{} {host} {text}", time::rfc3164(time)),
    }
}

/// Error for high severity, warning for medium, notice for low (RFC 5424 section 6.2.1).
const fn level(severity: Severity) -> u8 {
    match severity {
        Severity::High => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
    }
}

/// Security and authorization messages (RFC 5424 section 6.2.1).
const FACILITY_AUTH: u8 = 4;
