//! What is to be done, checked before anything is read.

use crate::options::{AnalyzeOptions, Choices, Format, When};
use anyhow::{Result, bail, ensure};
use realmward_alert::{Exclusion, ExclusionSubject};
use realmward_detect::{Severity, detectors};
use realmward_pipeline::PipelineSettings;
use realmward_profile::Settings;
use realmward_vocab::AccountName;
use std::path::{Path, PathBuf};

/// A checked plan.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) inputs: Vec<PathBuf>,
    pub(super) format: Format,
    pub(super) out: Option<PathBuf>,
    pub(super) pcap: Option<PathBuf>,
    pub(super) settings: PipelineSettings,
    pub(super) fail_on: Severity,
    pub(super) threads: usize,
    pub(super) quiet: bool,
    pub(super) color: When,
    pub(super) width: Option<usize>,
}

impl Plan {
    pub(super) fn new(options: AnalyzeOptions) -> Result<Self> {
        let file = match &options.config {
            Some(path) => crate::config::read(path)?,
            None => Choices::default(),
        };
        let choices = options.choices.over(file);
        check_standard_input(&options.inputs, choices.pcap.is_some())?;
        Ok(Self {
            inputs: options.inputs,
            format: choices.format.unwrap_or_default(),
            settings: settings(&choices)?,
            fail_on: choices.fail_on.unwrap_or_default().into(),
            threads: threads(choices.threads.unwrap_or(0)),
            quiet: choices.quiet,
            color: choices.color.unwrap_or_default(),
            width: choices.width,
            out: choices.out,
            pcap: choices.pcap,
        })
    }
}

fn check_standard_input(inputs: &[PathBuf], wants_packets: bool) -> Result<()> {
    let times = inputs.iter().filter(|it| *it == Path::new("-")).count();
    ensure!(times <= 1, "standard input can be read only once");
    ensure!(
        times == 0 || !wants_packets,
        "--pcap reads the input a second time, so it cannot be standard input"
    );
    Ok(())
}

fn settings(choices: &Choices) -> Result<PipelineSettings> {
    let names = |all: &[String]| all.iter().map(AccountName::new).collect();
    Ok(PipelineSettings {
        profile: Settings {
            domain_controllers: choices.domain_controller.clone(),
            honeytokens: names(&choices.honeytoken),
            sensitive: names(&choices.sensitive),
            assume_complete: choices.assume_complete,
        },
        exclusions: choices
            .exclude
            .iter()
            .map(|text| exclusion(text))
            .collect::<Result<_>>()?,
    })
}

/// Reads an exclusion; a detector that does not exist would exclude nothing, silently.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn exclusion(text: &str) -> Result<Exclusion> {
    for part in text.split(',') {
        if let ExclusionSubject::Detector(id) = part.parse()?
            && !detectors::ALL
                .iter()
                .any(|it| it.metadata.id == id.as_str())
        {
            bail!("exclusion `{text}`: there is no detector `{id}`");
        }
    }
    Ok(text.parse()?)
}

fn threads(asked: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if asked == 0 { cores } else { asked };
    threads.clamp(1, THREADS_MAX)
}

/// As many as flows can be spread over.
const THREADS_MAX: usize = realmward_sensor::LANES;
