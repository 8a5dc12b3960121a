//! The graph of who reached what, drawn by the offline report's own hand.

use super::words;
use realmward_export::{Alert, DomainController, Report, html};
use realmward_store::{AlertRecord, ComputerRecord};

/// Alerts as a picture with its twin as a table; empty if nothing reached anything.
pub(super) fn graph(records: &[AlertRecord], controllers: &[ComputerRecord]) -> String {
    let report = Report {
        alerts: records.iter().map(told).collect(),
        domain_controllers: controllers.iter().map(controller).collect(),
        ..Report::default()
    };
    html::graph(&report, "/alerts/").unwrap_or_default()
}

fn told(record: &AlertRecord) -> Alert {
    let alert = &record.alert;
    Alert {
        number: alert.id.0,
        detector: alert.detector.as_str().to_owned(),
        title: words::title(alert),
        severity: alert.severity,
        start: alert.start,
        end: alert.end,
        accounts: alert.accounts.clone(),
        hosts: alert.hosts.clone(),
        ..Alert::default()
    }
}

fn controller(it: &ComputerRecord) -> DomainController {
    DomainController {
        address: it.address.to_string(),
        name: it.name.as_ref().map(|it| it.as_str().to_owned()),
        evidence: Vec::new(),
    }
}
