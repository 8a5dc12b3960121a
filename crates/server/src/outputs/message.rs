//! What an output is told of an alert.

use super::Place;
use super::settings::{Envelope, Format};
use crate::api::AlertView;
use crate::web::state::now;
use realmward_alert::{Alert, AlertId};
use realmward_detect::{Kind, Severity};
use realmward_event::Outcome;
use realmward_export::cef::{self, Profile, Trigger};
use realmward_export::jsonl;
use realmward_export::syslog::{self, Form, Sender};
use realmward_store::AlertRecord;
use serde::Serialize;
use std::sync::Arc;

/// Puts alerts into words for one output.
pub(super) struct Messages {
    place: Arc<Place>,
    profile: Profile,
    form: Form,
    sender: Sender,
}

/// An alert as a JSON object: the words of `docs/jsonl.md`, and what only a server knows.
#[derive(Serialize)]
struct Told {
    kind: &'static str,
    trigger: &'static str,
    url: String,
    #[serde(flatten)]
    alert: AlertView,
}

impl Messages {
    pub(super) fn new(place: Arc<Place>, format: Format, envelope: Envelope) -> Self {
        let sender = Sender {
            host: place.host.clone(),
            process: std::process::id(),
        };
        Self {
            place,
            profile: match format {
                Format::Cef => Profile::Own,
                Format::CefMicrosoft => Profile::Microsoft,
            },
            form: match envelope {
                Envelope::Rfc5424 => Form::Rfc5424,
                Envelope::Rfc3164 => Form::Rfc3164,
            },
            sender,
        }
    }

    /// As CEF in a syslog envelope, without a line end.
    pub(super) fn syslog(&self, record: &AlertRecord, is_new: bool) -> String {
        let alert = &record.alert;
        let trigger = if is_new {
            Trigger::New
        } else {
            Trigger::Update
        };
        let line = cef::line(alert, self.profile, trigger, Some(&self.url(record)));
        syslog::message(
            self.form,
            &self.sender,
            record.changed_at,
            alert.severity,
            &cef::message_id(alert, self.profile),
            &line,
        )
    }

    /// As one JSON object with a line feed behind it.
    pub(super) fn json(&self, record: &AlertRecord, is_new: bool) -> std::io::Result<Vec<u8>> {
        let told = Told {
            kind: "alert",
            trigger: if is_new { "new" } else { "update" },
            url: self.url(record),
            alert: AlertView::new(record),
        };
        let mut line = Vec::new();
        jsonl::line(&told, &mut line)?;
        Ok(line)
    }

    fn url(&self, record: &AlertRecord) -> String {
        format!("{}/alerts/{}", self.place.address, record.alert.id.0)
    }
}

/// An alert that is none: number 0, of a detector that does not exist.
pub(super) fn sample(output: &str) -> AlertRecord {
    let time = now();
    let alert = Alert {
        id: AlertId(0),
        detector: "test".into(),
        severity: Severity::Low,
        kind: Kind::Weak,
        confidence: 0.0,
        start: time,
        end: time,
        accounts: Vec::new(),
        hosts: Vec::new(),
        outcome: Outcome::Unknown,
        story: vec![format!("This is a test of the output {output}.")],
        why: Vec::new(),
        evidence: Vec::new(),
        findings: 0,
        status: realmward_alert::AlertStatus::Open,
        follows: None,
        revision: 0,
    };
    AlertRecord {
        revision: 0,
        status: alert.status,
        comment: String::new(),
        judged_by: String::new(),
        judged_at: None,
        changed_at: time,
        alert,
    }
}
