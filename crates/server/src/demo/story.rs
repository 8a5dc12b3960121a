//! The captures of the story, and how they become what a sensor would have sent.

use anyhow::{Context as _, Result};
use realmward_event::Event;
use realmward_event::batch::{Batch, EvidencePacket, SensorHealth};
use realmward_sensor::{Input, Sensor, SensorOptions};
use realmward_stream::CaptureReader;
use realmward_vocab::{EventTime, FileId, PacketRef};
use std::collections::BTreeSet;
use std::io::Cursor;
use std::time::Duration;

/// A capture, and how many minutes before the end of the story it begins.
struct Scene {
    capture: &'static [u8],
    minutes_ago: u64,
}

macro_rules! scenes {
    ($($minutes:literal $name:literal),+ $(,)?) => {
        &[$(Scene {
            capture: include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/../../fixtures/captures/", $name, ".pcap.zst"
            )),
            minutes_ago: $minutes,
        }),+]
    };
}

/// A day of the lab's domain, and from the session enumeration on an intrusion.
const SCENES: &[Scene] = scenes![
    540 "b05_kinit_aes",
    500 "b06_service_tickets",
    460 "b19_winbind_member",
    400 "b10_ldap_gssapi",
    350 "b07_smb_kerberos",
    300 "b20_server_browse",
    260 "b14_typo_then_right",
    230 "b13_password_change",
    200 "b16_helpdesk_reset",
    170 "b22_rc4_legacy_client",
    140 "b04_dc_replication",
    110 "b09_ldap_simple",
    70 "a25_session_enum",
    62 "a22_bloodhound",
    50 "a14_pass_the_hash",
    45 "a27_psexec",
    30 "a15_overpass_hash_rc4",
    22 "a20_pass_the_ticket",
    12 "a01_dcsync_krbtgt",
    4 "a17_golden_ticket",
];

/// The story that ends at `end`, in the batches of one sensor.
///
/// # Errors
/// When a capture cannot be read; they are part of the program, so it never is.
pub(super) fn batches(end: EventTime) -> Result<Vec<Batch>> {
    let mut batches = Vec::new();
    for (number, scene) in (1_u32..).zip(SCENES) {
        let minutes = Duration::from_secs(60 * scene.minutes_ago);
        let begin = earlier(end, minutes);
        let mut batch = scene.batch(begin, FileId(number))?;
        batch.sequence = u64::from(number);
        batches.push(batch);
    }
    Ok(batches)
}

impl Scene {
    fn batch(&self, begin: EventTime, file: FileId) -> Result<Batch> {
        let input = Input::Stream("demo".to_owned(), Box::new(Cursor::new(self.capture)));
        let mut events = Vec::new();
        let sensor = Sensor::new(SensorOptions { workers: 1 });
        let stats = sensor.run(vec![input], |batch| events.extend(batch), |_| {});
        let first = stats.first.context("an empty capture")?;
        let shift = begin.unix_nanoseconds() - first.unix_nanoseconds();
        let wanted: BTreeSet<u64> = events
            .iter()
            .flat_map(|it| &it.evidence)
            .map(|it| it.packet)
            .collect();
        for event in &mut events {
            place(event, shift, file);
        }
        let last = stats.last.map_or(begin, |it| moved(it, shift));
        Ok(Batch {
            health: Some(health(last, stats.packets, stats.octets, &events)),
            packets: self.packets(&wanted, shift, file)?,
            events,
            ..Batch::default()
        })
    }

    fn packets(
        &self,
        wanted: &BTreeSet<u64>,
        shift: i64,
        file: FileId,
    ) -> Result<Vec<EvidencePacket>> {
        let mut packets = Vec::new();
        let mut reader =
            CaptureReader::new("demo".to_owned(), Box::new(Cursor::new(self.capture)))?;
        while reader.advance()? {
            let frame = reader.frame();
            if wanted.contains(&frame.packet) {
                packets.push(EvidencePacket {
                    packet: PacketRef {
                        file,
                        packet: frame.packet,
                    },
                    time: moved(frame.time, shift),
                    link_type: frame.link.0,
                    octets_on_wire: frame.original_length,
                    octets: frame.data.to_vec(),
                });
            }
        }
        Ok(packets)
    }
}

fn place(event: &mut Event, shift: i64, file: FileId) {
    event.time = moved(event.time, shift);
    for packet in &mut event.evidence {
        packet.file = file;
    }
}

fn health(time: EventTime, packets: u64, octets: u64, events: &[Event]) -> SensorHealth {
    let mut health = SensorHealth {
        time,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        input: "captures of the demonstration".to_owned(),
        packets,
        octets,
        ..SensorHealth::default()
    };
    for event in events {
        *health
            .events
            .entry(event.fact.kind().to_owned())
            .or_default() += 1;
    }
    health
}

const fn moved(time: EventTime, shift: i64) -> EventTime {
    EventTime::from_unix_nanoseconds(time.unix_nanoseconds().saturating_add(shift))
}

fn earlier(time: EventTime, span: Duration) -> EventTime {
    moved(time, -i64::try_from(span.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_is_in_order_and_ends_now() {
        let end = EventTime::from_unix_seconds(2_000_000_000);
        let batches = batches(end).unwrap();
        let events: Vec<&Event> = batches.iter().flat_map(|it| &it.events).collect();
        assert!(500 < events.len(), "{} events", events.len());
        assert!(events.iter().all(|it| it.time < end));
        assert!(batches.iter().all(|it| !it.packets.is_empty()));
        let begins: Vec<EventTime> = batches
            .iter()
            .filter_map(|it| Some(it.events.first()?.time))
            .collect();
        assert!(begins.is_sorted());
    }
}
