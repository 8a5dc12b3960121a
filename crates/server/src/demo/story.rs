//! The captures of the story, and how they become what a sensor would have sent.

use anyhow::{Context as _, Result};
use realmward_event::batch::Batch;
use realmward_sensor::service::batch_of;
use realmward_stream::CaptureReader;
use realmward_vocab::{EventTime, FileId};
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
        let name = "captures of the demonstration".to_owned();
        let capture = CaptureReader::new(name, Box::new(Cursor::new(self.capture)))?;
        let mut batch = batch_of(capture, file)?;
        let first = batch.events.first().context("a capture without events")?;
        let shift = begin.unix_nanoseconds() - first.time.unix_nanoseconds();
        let events = batch.events.iter_mut().map(|it| &mut it.time);
        let packets = batch.packets.iter_mut().map(|it| &mut it.time);
        let health = batch.health.iter_mut().map(|it| &mut it.time);
        for time in events.chain(packets).chain(health) {
            *time = moved(*time, shift);
        }
        Ok(batch)
    }
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
    use realmward_event::Event;

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
