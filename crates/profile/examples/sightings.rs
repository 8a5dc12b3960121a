//! Shows what the profile makes of events: JSON lines of events in, JSON lines of sightings out.
//!
//! ```text
//! realmward-sensor read capture.pcap | cargo run -p realmward-profile --example sightings
//! ```
//!
//! Changes of the roster come before the sighting that caused them, as detection shards get them.
//! Each line is `{"roster": ...}` or `{"sighting": ...}`; the last is `{"summary": ...}`.

use realmward_event::Event;
use realmward_profile::{DomainControllerEvidence, Profile, RosterChange, Settings, Sighting};
use serde::Serialize;
use std::error::Error;
use std::io::{BufRead as _, Write, stdin, stdout};
use std::net::IpAddr;

/// One line. Written as it is, since a JSON value holds no 128-bit number and a ticket is one.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Roster(RosterChange),
    Sighting(Box<Sighting>),
    Summary {
        domain_controllers: Vec<(IpAddr, DomainControllerEvidence)>,
        evicted: u64,
    },
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut profile = Profile::new(&Settings::default());
    let mut out = std::io::BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let event: Event = serde_json::from_str(&line?)?;
        let (changes, sighting) = profile.observe(event);
        for change in changes {
            write_line(&mut out, &Line::Roster(change))?;
        }
        write_line(&mut out, &Line::Sighting(Box::new(sighting)))?;
    }
    let summary = Line::Summary {
        domain_controllers: profile.roster().domain_controllers(),
        evicted: profile.evicted(),
    };
    write_line(&mut out, &summary)
}

fn write_line(out: &mut impl Write, line: &Line) -> Result<(), Box<dyn Error>> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    Ok(())
}
