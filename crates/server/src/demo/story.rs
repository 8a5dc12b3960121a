//! The story as one sensor would have sent it: batches in order, with reports of how the sensor is.

use super::captures::Shelf;
use super::plan::{self, Scene};
use super::vary::Telling;
use anyhow::Result;
use realmward_event::Event;
use realmward_event::batch::{Batch, EvidencePacket, SensorHealth};
use realmward_vocab::EventTime;
use std::iter::Peekable;
use std::time::Duration;
use std::vec;

/// Tells the story, batch by batch.
pub(super) struct Story {
    shelf: Shelf,
    scenes: Peekable<vec::IntoIter<Scene>>,
    tellings: u32,
    sequence: u64,
    /// The end of the batch that was told last.
    told: EventTime,
    end: EventTime,
    events: Vec<Event>,
    packets: Vec<EvidencePacket>,
}

impl Story {
    /// The story that ends at `end`.
    ///
    /// # Errors
    /// When a capture cannot be read; they are part of the program, so it never is.
    pub(super) fn new(end: EventTime) -> Result<Self> {
        let scenes = plan::scenes(end);
        Ok(Self {
            shelf: Shelf::read(scenes.iter().map(|it| it.capture))?,
            scenes: scenes.into_iter().peekable(),
            tellings: 0,
            sequence: 0,
            told: plan::begin(end),
            end,
            events: Vec::new(),
            packets: Vec::new(),
        })
    }

    /// What happened next; `None` after the end.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(super) fn next(&mut self) -> Result<Option<Batch>> {
        if self.end <= self.told {
            return Ok(None);
        }
        let is_lately = self.end.saturating_since(self.told) <= LATELY;
        let span = if is_lately { BATCH_LATELY } else { BATCH };
        let until = self.told.saturating_add(span).min(self.end);
        let mut health = report(until, until.saturating_since(self.told));
        while let Some(scene) = self.scenes.next_if(|it| it.begin < until) {
            self.play(&scene, &mut health)?;
        }
        self.events.sort_by_key(|it| it.time);
        self.packets.sort_by_key(|it| (it.time, it.packet));
        let events = self.events.partition_point(|it| it.time < until);
        let packets = self.packets.partition_point(|it| it.time < until);
        let events: Vec<Event> = self.events.drain(..events).collect();
        for event in &events {
            *health
                .events
                .entry(event.fact.kind().to_owned())
                .or_default() += 1;
        }
        self.told = until;
        self.sequence += 1;
        Ok(Some(Batch {
            sequence: self.sequence,
            events,
            packets: self.packets.drain(..packets).collect(),
            health: Some(health),
            ..Batch::default()
        }))
    }

    /// Adds what a capture tells, at another time and as a thing of its own.
    fn play(&mut self, scene: &Scene, health: &mut SensorHealth) -> Result<()> {
        let told = self.shelf.told(scene.capture)?;
        self.tellings += 1;
        let telling = Telling {
            number: self.tellings,
            shift: scene.begin.unix_nanoseconds() - told.first.unix_nanoseconds(),
        };
        for event in &told.batch.events {
            let mut event = event.clone();
            telling.event(&mut event);
            self.events.push(event);
        }
        for packet in &told.batch.packets {
            let mut packet = packet.clone();
            telling.packet(&mut packet.packet);
            packet.time = telling.moved(packet.time);
            self.packets.push(packet);
        }
        if let Some(it) = &told.batch.health {
            health.packets += it.packets;
            health.octets += it.octets;
        }
        Ok(())
    }
}

fn report(time: EventTime, span: Duration) -> SensorHealth {
    SensorHealth {
        time,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        input: "captures of the demonstration".to_owned(),
        span_s: span.as_secs_f64(),
        ..SensorHealth::default()
    }
}

/// A real sensor sends every few seconds; this is fine enough for pictures of two weeks.
const BATCH: Duration = Duration::from_secs(60 * 60);

/// The page of a sensor's health draws the last half day, in steps of ten minutes.
const BATCH_LATELY: Duration = Duration::from_secs(10 * 60);
const LATELY: Duration = Duration::from_secs(12 * 60 * 60);
