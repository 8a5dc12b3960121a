//! Plays a section through the real profile and the real engine.

use super::{Line, Section, Step};
use anyhow::Result;
use realmward_detect::{Engine, Finding, PartyRole, Registered};
use realmward_profile::Profile;

/// How a section is played. The findings must not depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Into how many shards the keys are split.
    pub shards: u32,
    /// Whether every engine is stopped and restored after each line.
    pub stops: bool,
}

/// The findings at each line, as pages write them.
///
/// # Errors
///
/// When the state of an engine cannot be written or read back.
pub fn play(section: &Section, register: &[Registered], way: Way) -> Result<Vec<Vec<String>>> {
    let mut profile = Profile::new(&section.settings);
    let mut engines: Vec<Engine> = (0..way.shards)
        .map(|shard| Engine::new(register, shard, way.shards))
        .collect();
    let mut told = Vec::new();
    for line in &section.lines {
        told.push(words(step(&mut profile, &mut engines, line)));
        if way.stops {
            for (shard, engine) in (0..way.shards).zip(&mut engines) {
                let state = engine.snapshot()?;
                *engine = Engine::new(register, shard, way.shards);
                engine.restore(&state)?;
            }
        }
    }
    Ok(told)
}

fn step(profile: &mut Profile, engines: &mut [Engine], line: &Line) -> Vec<Finding> {
    let mut found = Vec::new();
    for engine in engines.iter_mut() {
        found.extend(engine.tick(profile.roster(), line.time));
    }
    match &line.step {
        Step::Settle => {}
        Step::End => {
            for engine in engines {
                found.extend(engine.finish(profile.roster(), line.time));
            }
        }
        Step::Event(event) => {
            let (_, sighting) = profile.observe(event.as_ref().clone());
            for engine in engines {
                found.extend(engine.observe(profile.roster(), &sighting));
            }
        }
    }
    found
}

fn words(mut found: Vec<Finding>) -> Vec<String> {
    found.sort_by(|a, b| (a.order, &a.detector).cmp(&(b.order, &b.detector)));
    found.iter().map(told).collect()
}

/// `detector severity actor source -> target`, with `-` for what is not known.
fn told(finding: &Finding) -> String {
    let severity = format!("{:?}", finding.severity).to_lowercase();
    let actor = finding
        .actors()
        .next()
        .map_or("-".to_owned(), |it| it.name.to_string());
    format!(
        "{} {severity} {actor} {} -> {}",
        finding.detector,
        addresses(finding, PartyRole::Source),
        addresses(finding, PartyRole::Target)
    )
}

fn addresses(finding: &Finding, role: PartyRole) -> String {
    let list: Vec<String> = finding
        .hosts
        .iter()
        .filter(|host| host.role == role)
        .map(|host| host.ip.map_or("-".to_owned(), |ip| ip.to_string()))
        .collect();
    list.join(",")
}
