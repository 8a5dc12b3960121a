//! Alerts as Common Event Format (ArcSight CEF, revision 25), in two profiles.
//!
//! [`Profile::Own`] says everything with CEF's own keys. [`Profile::Microsoft`] writes what Azure ATP
//! and Defender for Identity sensors wrote, so that parsers made for these go on working: vendor,
//! product, event names, numbers and the few keys, in the same order. What those samples got wrong
//! (a missing `CEF:0`, an escaped colon in the address) is not repeated.

mod names;

use crate::time;
use names::event_name;
use realmward_alert::Alert;
use realmward_detect::Severity;
use realmward_event::Outcome;

/// Whose words to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Ours.
    Own,
    /// Those of Azure ATP and Defender for Identity.
    Microsoft,
}

/// Why an alert is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// It is new.
    New,
    /// It changed.
    Update,
}

/// An alert as one CEF line, without a line end.
///
/// `url` leads to the alert in the portal, if it is known.
#[must_use]
pub fn line(alert: &Alert, profile: Profile, trigger: Trigger, url: Option<&str>) -> String {
    let mut line = String::from("CEF:0");
    for field in header(alert, profile) {
        line.push('|');
        push_header(&mut line, &field);
    }
    line.push('|');
    let pairs = match profile {
        Profile::Own => own(alert, trigger, url),
        Profile::Microsoft => microsoft(alert, trigger, url),
    };
    for (place, (key, value)) in pairs.iter().enumerate() {
        if 0 < place {
            line.push(' ');
        }
        line.push_str(key);
        line.push('=');
        push_extension(&mut line, value);
    }
    line
}

/// The name of an alert as a syslog message identifier: at most 32 octets (RFC 5424 section 6).
#[must_use]
pub fn message_id(alert: &Alert, profile: Profile) -> String {
    signature(alert, profile)
        .chars()
        .take(MESSAGE_ID_MAX)
        .collect()
}

/// CEF severity: 3, 5 or 10.
#[must_use]
pub const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Low => 3,
        Severity::Medium => 5,
        Severity::High => 10,
    }
}

fn header(alert: &Alert, profile: Profile) -> [String; 6] {
    let (vendor, product) = match profile {
        Profile::Own => ("Realmward", "Realmward"),
        Profile::Microsoft => ("Microsoft", "Azure ATP"),
    };
    [
        vendor.to_owned(),
        product.to_owned(),
        env!("CARGO_PKG_VERSION").to_owned(),
        signature(alert, profile),
        title(alert, profile),
        severity(alert.severity).to_string(),
    ]
}

/// Device event class: the detector, or Microsoft's event name.
fn signature(alert: &Alert, profile: Profile) -> String {
    match (profile, event_name(external_id(alert))) {
        (Profile::Microsoft, Some((name, _))) => name.to_owned(),
        _ => alert.detector.to_string(),
    }
}

fn title(alert: &Alert, profile: Profile) -> String {
    match (profile, event_name(external_id(alert))) {
        (Profile::Microsoft, Some((_, title))) => title.to_owned(),
        _ => alert
            .metadata()
            .map_or_else(|| alert.detector.to_string(), |it| it.title.to_owned()),
    }
}

fn external_id(alert: &Alert) -> Option<u16> {
    alert.metadata().and_then(|it| it.external_id)
}

type Pairs = Vec<(&'static str, String)>;

fn own(alert: &Alert, trigger: Trigger, url: Option<&str>) -> Pairs {
    let mut pairs = vec![
        ("start", time::rfc3339(alert.start)),
        ("end", time::rfc3339(alert.end)),
        ("cnt", alert.findings.to_string()),
    ];
    parties(alert, &mut pairs);
    if let Some(outcome) = outcome(alert.outcome) {
        pairs.push(("outcome", outcome.to_owned()));
    }
    pairs.push(("msg", alert.story.join("\n")));
    if let Some(id) = external_id(alert) {
        pairs.push(("externalId", id.to_string()));
    }
    let techniques = alert
        .metadata()
        .map(|it| it.techniques.join(","))
        .unwrap_or_default();
    labelled(
        &mut pairs,
        ["cs1Label", "cs1"],
        "url",
        url.map(str::to_owned),
    );
    labelled(
        &mut pairs,
        ["cs2Label", "cs2"],
        "trigger",
        Some(trigger.word().to_owned()),
    );
    labelled(
        &mut pairs,
        ["cs3Label", "cs3"],
        "techniques",
        Some(techniques),
    );
    labelled(
        &mut pairs,
        ["cs4Label", "cs4"],
        "alert",
        Some(alert.id.0.to_string()),
    );
    labelled(
        &mut pairs,
        ["cn1Label", "cn1"],
        "revision",
        Some(alert.revision.to_string()),
    );
    labelled(
        &mut pairs,
        ["cfp1Label", "cfp1"],
        "confidence",
        Some(format!("{:.2}", alert.confidence)),
    );
    pairs
}

fn microsoft(alert: &Alert, trigger: Trigger, url: Option<&str>) -> Pairs {
    let mut pairs = vec![("start", time::rfc3339(alert.start))];
    let source = alert.sources().find_map(|it| it.name.as_ref());
    let shost = source
        .map(|it| it.short().to_string())
        .or_else(|| Some(alert.sources().find_map(|it| it.ip)?.to_string()));
    pairs.extend(shost.map(|it| ("shost", it)));
    pairs.extend(
        alert
            .actors()
            .next()
            .map(|it| ("suser", it.name.to_string())),
    );
    pairs.push(("msg", alert.story.join("\r\n")));
    if let Some(outcome) = outcome(alert.outcome) {
        pairs.push(("outcome", outcome.to_owned()));
    }
    if let Some(id) = external_id(alert) {
        pairs.push(("externalId", id.to_string()));
    }
    labelled(
        &mut pairs,
        ["cs1Label", "cs1"],
        "url",
        url.map(str::to_owned),
    );
    labelled(
        &mut pairs,
        ["cs2Label", "cs2"],
        "trigger",
        Some(trigger.word().to_owned()),
    );
    let full = source.filter(|it| it.as_str().contains('.'));
    labelled(
        &mut pairs,
        ["cs3Label", "cs3"],
        "shostfqdn",
        full.map(ToString::to_string),
    );
    pairs
}

fn parties(alert: &Alert, pairs: &mut Pairs) {
    let source = alert.sources().next();
    let target = alert.targets().next();
    pairs.extend(
        alert
            .actors()
            .next()
            .map(|it| ("suser", it.name.to_string())),
    );
    pairs.extend(source.and_then(|it| Some(("src", it.ip?.to_string()))));
    pairs.extend(source.and_then(|it| Some(("shost", it.name.as_ref()?.to_string()))));
    pairs.extend(target.and_then(|it| Some(("dst", it.ip?.to_string()))));
    pairs.extend(target.and_then(|it| Some(("dhost", it.name.as_ref()?.to_string()))));
}

fn labelled(pairs: &mut Pairs, keys: [&'static str; 2], label: &str, value: Option<String>) {
    if let Some(value) = value.filter(|it| !it.is_empty()) {
        pairs.push((keys[0], label.to_owned()));
        pairs.push((keys[1], value));
    }
}

const fn outcome(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Success => Some("Success"),
        Outcome::Failure => Some("Failure"),
        Outcome::Attempt => Some("Attempt"),
        Outcome::Unknown => None,
    }
}

impl Trigger {
    const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Update => "update",
        }
    }
}

/// In a header `|` and `\` are escaped, and there are no lines.
fn push_header(line: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '|' | '\\' => {
                line.push('\\');
                line.push(c);
            }
            c if c.is_control() => line.push(' '),
            c => line.push(c),
        }
    }
}

/// In a value `=` and `\` are escaped, and line ends are written as `\r` and `\n`.
fn push_extension(line: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '=' | '\\' => {
                line.push('\\');
                line.push(c);
            }
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            // Names come from the wire; a control character could end the message.
            c if c.is_control() => line.push(char::REPLACEMENT_CHARACTER),
            c => line.push(c),
        }
    }
}

const MESSAGE_ID_MAX: usize = 32;
