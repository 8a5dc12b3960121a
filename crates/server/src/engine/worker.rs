//! The pipeline, and what it produced since the last commit.
//!
//! A pure step: entries of the journal in, what the store is to keep out. The same entries after a
//! restore produce the same again, so that a restart loses nothing and tells nothing twice.

use super::activity::{activity, devices};
use super::numbering;
use realmward_alert::Alert;
use realmward_event::batch::{Batch, SensorHealth};
use realmward_event::operator::{Decided, Decision};
use realmward_event::{Event, Fact, Source};
use realmward_pipeline::{Input, Pipeline, PipelineSettings, SnapshotError};
use realmward_profile::Sighting;
use realmward_score::UserPriority;
use realmward_store::{Activity, ComputerRecord, Position};
use realmward_vocab::{EventTime, FileId, Order};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// The core, and what came of the journal since the last [`Worker::harvest`].
pub(crate) struct Worker {
    pipeline: Pipeline,
    harvest: Harvest,
    ranked: EventTime,
    /// What comes is known already: it is learned from, and nothing of it is harvested.
    pub(crate) rehearses: bool,
}

/// What came of some entries of the journal.
#[derive(Default)]
pub(crate) struct Harvest {
    pub(crate) activities: Vec<Activity>,
    pub(crate) computers: BTreeMap<IpAddr, ComputerRecord>,
    pub(crate) packets: Vec<realmward_event::batch::EvidencePacket>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) users: Vec<UserPriority>,
    pub(crate) judgements: BTreeMap<u64, (EventTime, Decided)>,
    pub(crate) exclusion_hits: Vec<(u64, u64)>,
    pub(crate) hygiene: Option<serde_json::Value>,
    pub(crate) left_out: Option<LeftOut>,
}

/// What the engine left out because there was too much of it: nothing is dropped unseen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LeftOut {
    /// What users did whom there was no room to count.
    pub(crate) users: u64,
    /// Uses of old protocols by more accounts than are told apart.
    pub(crate) hygiene: u64,
    /// Findings after the book of alerts was full.
    pub(crate) findings: u64,
}

impl Worker {
    /// One that knows what the operator set at the start, and nothing else.
    pub(crate) fn new(settings: &PipelineSettings) -> Self {
        Self::of(Pipeline::new(settings, 1))
    }

    /// One that goes on where a snapshot was taken.
    ///
    /// # Errors
    /// When the snapshot is damaged, or of a form that this version does not read.
    pub(crate) fn restore(snapshot: &[u8]) -> Result<Self, SnapshotError> {
        Ok(Self::of(Pipeline::restore(snapshot)?))
    }

    /// One around a pipeline.
    pub(super) fn of(pipeline: Pipeline) -> Self {
        Self {
            pipeline,
            harvest: Harvest::default(),
            ranked: EventTime::default(),
            rehearses: false,
        }
    }

    /// Takes a batch of a sensor; `files` numbers its files uniquely.
    pub(crate) fn batch(
        &mut self,
        position: Position,
        mut batch: Batch,
        files: &BTreeMap<FileId, FileId>,
    ) {
        numbering::number(&mut batch, position.0, files);
        self.events(batch.events);
        let until = batch.health.as_ref().map(told_until);
        if self.rehearses {
            until
                .into_iter()
                .for_each(|it| self.pipeline.rehearse_until(it));
            return;
        }
        self.harvest.packets.append(&mut batch.packets);
        until.into_iter().for_each(|it| self.pipeline.advance(it));
    }

    /// Takes a decision.
    pub(crate) fn decided(&mut self, position: Position, time: EventTime, decided: Decided) {
        if let Decision::AlertJudged { alert, .. } = &decided.decision
            && !self.rehearses
        {
            let judgement = (time, decided.clone());
            self.harvest.judgements.insert(*alert, judgement);
        }
        self.events(vec![Event {
            time,
            order: Order {
                packet: position.0 << numbering::INDEX_BITS,
                index: 0,
            },
            source: Source::Operator,
            fact: Fact::Decided(decided),
            ..Event::default()
        }]);
    }

    fn events(&mut self, events: Vec<Event>) {
        if self.rehearses {
            self.pipeline.rehearse(events);
            return;
        }
        for input in self.pipeline.step(events) {
            if let Input::Sighting(sighting) = input {
                self.sighting(&sighting);
            }
        }
    }

    fn sighting(&mut self, sighting: &Sighting) {
        let activity = activity(sighting);
        for (address, device) in devices(sighting) {
            let computer =
                self.harvest
                    .computers
                    .entry(address)
                    .or_insert_with(|| ComputerRecord {
                        address,
                        name: None,
                        is_domain_controller: false,
                        first_seen: activity.time,
                        last_seen: activity.time,
                        last_account: Default::default(),
                    });
            computer.last_seen = computer.last_seen.max(activity.time);
            computer.is_domain_controller |= device.is_domain_controller;
            if device.name.is_some() {
                computer.name.clone_from(&device.name);
            }
            if sighting.source.address == Some(address) && !activity.account.is_empty() {
                computer.last_account = activity.account.clone();
            }
        }
        self.harvest.activities.push(activity);
    }

    /// What came since the last call.
    pub(crate) fn harvest(&mut self) -> Harvest {
        let mut harvest = std::mem::take(&mut self.harvest);
        harvest.alerts = self.pipeline.back.take_changed();
        let now = self.time();
        if !harvest.alerts.is_empty() || RANK_EVERY <= now.saturating_since(self.ranked) {
            self.ranked = now;
            harvest.users = self.pipeline.users();
            harvest.hygiene = serde_json::to_value(hygiene(&self.pipeline)).ok();
            harvest.left_out = Some(LeftOut {
                users: self.pipeline.front.users_not_counted(),
                hygiene: self.pipeline.front.hygiene().not_told_apart(),
                findings: self.pipeline.back.book().dropped(),
            });
            let exclusions = self.pipeline.back.book().exclusions().iter();
            harvest.exclusion_hits = exclusions.map(|it| (it.id, it.hits())).collect();
        }
        harvest
    }

    /// The latest event time.
    pub(crate) const fn time(&self) -> EventTime {
        self.pipeline.front.now()
    }

    /// The whole state as bytes.
    ///
    /// # Errors
    /// When a part cannot be written.
    pub(crate) fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        self.pipeline.snapshot()
    }
}

/// Event time has come as far as the sensor has, whether or not there was anything to tell: what waits
/// is settled on a silent wire too.
fn told_until(health: &SensorHealth) -> EventTime {
    let lag = Duration::try_from_secs_f64(health.lag_s.max(0.0)).unwrap_or(Duration::MAX);
    let lag = i64::try_from(lag.as_nanos()).unwrap_or(i64::MAX);
    EventTime::from_unix_nanoseconds(health.time.unix_nanoseconds().saturating_sub(lag))
}

/// How often old protocols were used, in all.
fn hygiene(pipeline: &Pipeline) -> BTreeMap<&'static str, u64> {
    let rows = pipeline.front.hygiene().rows();
    rows.into_iter()
        .map(|(name, it)| (name, it.times))
        .collect()
}

/// Priorities fade slowly: so often is enough when no alert changed.
const RANK_EVERY: Duration = Duration::from_secs(600);
