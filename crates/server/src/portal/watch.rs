//! What is being watched: what an empty page says instead of "no data".

use super::frame::is_silent;
use crate::web::refusal::Refusal;
use crate::web::state::{AppState, now};
use realmward_export::words::{count, number};
use realmward_store::{ComputerFilter, Page, StoreError};

/// What is being watched.
pub(super) struct Watch {
    /// A sentence each.
    pub(super) sentences: Vec<String>,
    /// Whether there is no sensor at all.
    pub(super) is_blind: bool,
}

impl Watch {
    pub(super) async fn new(state: &AppState) -> Result<Self, Refusal> {
        let (sensors, controllers) = state
            .ask(|store| {
                let filter = ComputerFilter {
                    is_domain_controller: Some(true),
                    ..ComputerFilter::default()
                };
                let controllers = store.computers(&filter, &Page::first(CONTROLLERS_SHOWN))?;
                Ok::<_, StoreError>((store.sensors()?, controllers.items))
            })
            .await?;
        let sensors: Vec<_> = sensors.iter().filter(|it| it.revoked.is_none()).collect();
        let time = now();
        let silent = sensors.iter().filter(|it| is_silent(it, time)).count() as u64;
        let events: u64 = sensors.iter().map(|it| it.events).sum();
        let mut sentences = Vec::new();
        if !sensors.is_empty() {
            sentences.push(format!(
                "{} told {}.",
                count(sensors.len() as u64, "sensor"),
                count(events, "event")
            ));
        }
        if 0 < silent {
            sentences.push(format!("{} silent now.", count(silent, "sensor")));
        }
        if !controllers.is_empty() {
            let names: Vec<String> = controllers.iter().map(named).collect();
            sentences.push(format!("Domain controllers seen: {}.", names.join(", ")));
        }
        let detectors = realmward_detect::detectors::ALL.len() as u64;
        sentences.push(format!("{} detections are on.", number(detectors)));
        Ok(Self {
            is_blind: sensors.is_empty(),
            sentences,
        })
    }
}

fn named(it: &realmward_store::ComputerRecord) -> String {
    match &it.name {
        Some(name) => format!("{name} ({})", it.address),
        None => it.address.to_string(),
    }
}

/// More names than this are a list of computers.
const CONTROLLERS_SHOWN: usize = 8;
