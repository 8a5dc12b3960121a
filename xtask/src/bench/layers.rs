//! What each layer costs by itself, over the same octets: the lab's captures once, held in memory.
//!
//! A layer runs over and over for a while and the fastest pass counts, so that what else the machine
//! does matters little. Dissectors get the conversations of the fixtures, segment by segment, without
//! TCP below them.

use super::{dense, load};
use crate::fuzz::seeds;
use anyhow::Result;
use realmward_event::Event;
use realmward_event::batch::Batch;
use realmward_event::rpc::Transport;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_protocols::{Dissector, Facts, Stamp, dcerpc, dns, kerberos, ldap, smb};
use realmward_sensor::{Input, Sensor, SensorOptions, wire};
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};

/// Measures in this very process.
pub(super) fn run() -> Result<()> {
    let path = load::folder()?.join("dense-1.pcap");
    dense::write(&dense::sources()?, 1, AT_ONCE, &path)?;
    let octets = fs::read(&path)?;
    let inputs = || {
        vec![Input::Stream(
            "bench".to_owned(),
            Box::new(Cursor::new(octets.clone())),
        )]
    };
    let sensor = Sensor::new(SensorOptions { workers: 1 });
    let mut events: Vec<Event> = Vec::new();
    let stats = sensor.run(inputs(), |batch| events.extend(batch), |_| {});
    let mut table = Table::default();
    let packets = stats.packets;
    table.row(
        "stream: read, headers, flow table (the floor)",
        "packet",
        packets,
        || {
            black_box(realmward_stream::floor(inputs()).packets);
        },
    )?;
    table.row(
        "sensor: and reassembly, every dissector",
        "packet",
        packets,
        || {
            black_box(sensor.run(inputs(), drop, |_| {}).packets);
        },
    )?;
    dissectors(&mut table)?;
    after_the_wire(&mut table, &events)?;
    crate::tree::say(&table.text)
}

/// What is done with events: written, sent, understood.
fn after_the_wire(table: &mut Table, events: &[Event]) -> Result<()> {
    let count = u64::try_from(events.len())?;
    table.row("event: as a JSON line", "event", count, || {
        for event in events {
            black_box(serde_json::to_vec(event).unwrap_or_default());
        }
    })?;
    let batch = Batch {
        events: events.iter().take(2_000).cloned().collect(),
        ..Batch::default()
    };
    table.row(
        "event: as a batch of 2,000",
        "event",
        u64::try_from(batch.events.len())?,
        || {
            black_box(wire::encode(&batch).unwrap_or_default());
        },
    )?;
    let settings = PipelineSettings::default();
    table.row("profile: events to sightings", "event", count, || {
        black_box(Pipeline::new(&settings, 1).front.take(events.to_vec()));
    })?;
    table.row(
        "pipeline: profile, every detection, alerts",
        "event",
        count,
        || {
            let mut pipeline = Pipeline::new(&settings, 1);
            pipeline.take(events.to_vec());
            black_box(pipeline.alerts().len());
        },
    )?;
    Ok(())
}

type Begin = fn() -> Box<dyn Dissector>;

fn dissectors(table: &mut Table) -> Result<()> {
    let kinds: [(&str, Begin); 5] = [
        ("kerberos", || Box::new(kerberos::Conversation::new(false))),
        ("ldap", || Box::new(ldap::Conversation::new(false))),
        ("smb", || Box::new(smb::Conversation::new())),
        ("dcerpc", || {
            Box::new(dcerpc::Conversation::new(Transport::Tcp))
        }),
        ("dns", || Box::new(dns::Conversation::new(true))),
    ];
    for (name, begin) in kinds {
        let conversations = seeds::segments(name)?;
        let segments: usize = conversations.iter().map(Vec::len).sum();
        let octets: usize = conversations
            .iter()
            .flatten()
            .map(|it| it.octets.len())
            .sum();
        let each = octets / segments.max(1);
        let what = format!("protocols: {name}, {each} octets each on average");
        table.row(&what, "segment", u64::try_from(segments)?, || {
            let mut facts = Facts::default();
            for segments in &conversations {
                let mut conversation = begin();
                for it in segments {
                    conversation.feed(it.from, &it.octets, Stamp::default(), &mut facts);
                }
                conversation.finish(&mut facts);
                facts.pending.clear();
            }
            black_box(&facts);
        })?;
    }
    Ok(())
}

#[derive(Default)]
struct Table {
    text: String,
}

impl Table {
    /// Runs a layer for a while; the fastest pass, divided by what it went over.
    fn row(&mut self, layer: &str, unit: &str, count: u64, mut pass: impl FnMut()) -> Result<()> {
        if self.text.is_empty() {
            self.text
                .push_str("| layer | ns | each |\n| --- | ---: | --- |\n");
        }
        let begun = Instant::now();
        let mut best = Duration::MAX;
        while begun.elapsed() < LASTS {
            let pass_begun = Instant::now();
            pass();
            best = best.min(pass_begun.elapsed());
        }
        let count = f64::from(u32::try_from(count.max(1))?);
        writeln!(
            self.text,
            "| {layer} | {:.0} | {unit} |",
            best.as_secs_f64() * 1e9 / count
        )?;
        Ok(())
    }
}

const LASTS: Duration = Duration::from_secs(3);
const AT_ONCE: usize = 100;
