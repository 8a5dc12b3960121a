//! One alert: what happened, why it is told, what proves it, what to do, what people made of it.

use super::address::Address;
use super::frame::Frame;
use super::graph::graph;
use super::proof::{self, Proof};
use super::row::AlertRow;
use super::words::{self, Link, When};
use crate::web::refusal::Refusal;
use crate::web::route::{Route, VIEWER};
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use realmward_alert::Alert;
use realmward_detect::{PartyRole, Severity};
use realmward_event::batch::EvidencePacket;
use realmward_export::words as shared;
use realmward_store::{
    AlertRecord, ComputerFilter, ComputerRecord, Judgement, Page, Sensor, Store, StoreError,
};
use realmward_vocab::FileId;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/alerts/{id}", VIEWER, page)]
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertPage<'a> {
    frame: &'a Frame,
    row: AlertRow,
    alert: &'a Alert,
    external_id: String,
    techniques: Vec<Link>,
    looks_for: &'static str,
    began: When,
    ended: When,
    outcome: &'static str,
    confidence: String,
    ground: &'static str,
    next_steps: &'static [&'static str],
    parties: Vec<PartyRow>,
    proof: Proof,
    graph: String,
    similar: Vec<AlertRow>,
    history: Vec<Step>,
    follows: Option<u64>,
    incident: Option<(Link, String)>,
    exclusions: Vec<Link>,
    here: String,
}

/// Who or what took part.
struct PartyRow {
    link: Link,
    role: &'static str,
    certainty: &'static str,
}

/// What became of the alert.
struct Step {
    when: When,
    by: String,
    what: &'static str,
    comment: String,
}

async fn page(
    State(state): State<AppState>,
    frame: Frame,
    Path(id): Path<u64>,
) -> Result<Response, Refusal> {
    let known = state.ask(move |store| Known::ask(store, id)).await?;
    let known = known.ok_or(Refusal::Missing)?;
    let alert = &known.record.alert;
    let metadata = alert.metadata();
    frame.show(&AlertPage {
        row: AlertRow::new(&known.record),
        external_id: metadata
            .and_then(|it| it.external_id)
            .map(|it| it.to_string())
            .unwrap_or_default(),
        techniques: metadata.map_or_else(Vec::new, |it| {
            it.techniques.iter().copied().map(technique).collect()
        }),
        looks_for: metadata.map_or("", |it| it.looks_for),
        began: When::new(alert.start),
        ended: When::new(alert.end),
        outcome: words::ending(alert.outcome),
        confidence: shared::percent(alert.confidence),
        ground: words::ground(alert.kind),
        next_steps: metadata.map_or(&[], |it| it.next_steps),
        parties: parties(alert),
        proof: proof::proof(alert, &known.packets, &known.origins),
        graph: graph(std::slice::from_ref(&known.record), &known.controllers),
        similar: known.similar.iter().map(AlertRow::new).collect(),
        history: history(&known.record, &known.judgements),
        follows: alert.follows.map(|it| it.0),
        incident: known.incident.map(incident),
        exclusions: exclusions(alert),
        here: format!("/alerts/{id}"),
        frame: &frame,
        alert,
    })
}

/// What the store knows of an alert.
struct Known {
    record: AlertRecord,
    packets: Vec<EvidencePacket>,
    origins: BTreeMap<FileId, String>,
    controllers: Vec<ComputerRecord>,
    similar: Vec<AlertRecord>,
    judgements: Vec<Judgement>,
    /// Its number, and how many alerts are in it, if it has more than one.
    incident: Option<(u64, u64)>,
}

impl Known {
    fn ask(store: &Store, id: u64) -> Result<Option<Self>, StoreError> {
        let Some(record) = store.alert(id)? else {
            return Ok(None);
        };
        let sensors = store.sensors()?;
        let mut origins = BTreeMap::new();
        for packet in &record.alert.evidence {
            if let Entry::Vacant(place) = origins.entry(packet.file) {
                place.insert(origin(&sensors, store.file_origin(packet.file)?));
            }
        }
        Ok(Some(Self {
            packets: store.evidence(&record.alert.evidence)?,
            controllers: controllers(store)?,
            similar: store.similar_alerts(id)?,
            judgements: store.judgements(id)?,
            incident: store.incident_of(id)?.filter(|it| 1 < it.1),
            origins,
            record,
        }))
    }
}

/// Computers that are domain controllers, as far as a graph shows them.
pub(super) fn controllers(store: &Store) -> Result<Vec<ComputerRecord>, StoreError> {
    let filter = ComputerFilter {
        is_domain_controller: Some(true),
        ..ComputerFilter::default()
    };
    Ok(store
        .computers(&filter, &Page::first(CONTROLLERS_MAX))?
        .items)
}

fn origin(sensors: &[Sensor], of: Option<(realmward_store::SensorId, FileId)>) -> String {
    let Some((sensor, file)) = of else {
        return "an unknown sensor".to_owned();
    };
    match sensors.iter().find(|it| it.id == sensor) {
        Some(sensor) => format!("{}, run {}", sensor.name, file.0),
        None => format!("sensor {}, run {}", sensor.0, file.0),
    }
}

/// The incident of an alert, and how many others are in it.
fn incident((id, alerts): (u64, u64)) -> (Link, String) {
    let place = Address::of("/").with("incident", id).with("status", "all");
    let link = Link {
        text: format!("incident {id}"),
        href: place.to_string(),
    };
    (link, shared::count(alerts - 1, "other alert"))
}

/// ATT&CK is cited by its number; no page of ours loads anything from there.
fn technique(id: &str) -> Link {
    let path = id.replace('.', "/");
    Link {
        text: id.to_owned(),
        href: format!("https://attack.mitre.org/techniques/{path}/"),
    }
}

fn parties(alert: &Alert) -> Vec<PartyRow> {
    let accounts = alert.accounts.iter().map(|it| PartyRow {
        link: words::account(&it.name, &it.domain),
        role: match it.role {
            PartyRole::Actor => "account that acted",
            _ => "account acted upon",
        },
        certainty: if it.domain.is_empty() {
            "name seen in traffic; domain not known"
        } else {
            "name and domain seen in traffic"
        },
    });
    let devices = alert.hosts.iter().map(|it| PartyRow {
        link: words::device(it),
        role: match it.role {
            PartyRole::Source => "device acted from",
            _ => "device acted upon",
        },
        certainty: match (it.ip, &it.name) {
            (Some(_), Some(_)) => "address from packets; name as it was known then",
            (Some(_), None) => "address from packets; no name was known then",
            _ => "name seen in traffic; address not known",
        },
    });
    accounts.chain(devices).collect()
}

/// The latest first.
fn history(record: &AlertRecord, judgements: &[Judgement]) -> Vec<Step> {
    let opened = Step {
        when: When::new(record.alert.start),
        by: String::new(),
        what: "began",
        comment: String::new(),
    };
    let judged = judgements.iter().rev().map(|it| Step {
        when: When::new(it.time),
        by: it.by.clone(),
        what: shared::status(it.status),
        comment: it.comment.clone(),
    });
    judged.chain([opened]).collect()
}

/// Exclusions that would hide alerts like this, the narrowest first.
fn exclusions(alert: &Alert) -> Vec<Link> {
    let detector = format!("detector={}", alert.detector);
    let title = words::title(alert);
    let mut rules = Vec::new();
    if let Some(it) = alert.actors().find(|it| fits(it.name.as_str())) {
        let text = format!("“{title}” by {}", it.name);
        rules.push((text, format!("{detector},account={}", it.name)));
    }
    if let Some(ip) = alert.sources().find_map(|it| it.ip) {
        let text = format!("“{title}” from {ip}");
        rules.push((text, format!("{detector},host={ip}")));
    }
    rules.push((format!("“{title}”, whoever it is"), detector));
    rules
        .into_iter()
        .map(|(text, rule)| Link {
            href: Address::of("/settings/exclusions")
                .with("rule", rule)
                .to_string(),
            text,
        })
        .collect()
}

/// Whether a name can be part of a rule.
fn fits(name: &str) -> bool {
    !name.is_empty() && !name.contains(',')
}

impl AlertPage<'_> {
    fn is_grave(&self) -> bool {
        self.alert.severity == Severity::High
    }
}

/// A graph with more is a hairball.
const CONTROLLERS_MAX: usize = 100;
