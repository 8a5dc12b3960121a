//! What the detections do on labelled captures: hits, misses, false alerts.

use anyhow::{Context as _, Result, ensure};
use realmward_pipeline::Pipeline;
use realmward_testkit::run;
use realmward_testkit::truth::{Expectation, Labelled, all};
use realmward_testkit::verdict::{Verdict, judge};
use std::path::PathBuf;

/// Analyses each capture by itself and prints a line for each that is not as demanded, and a sum.
pub(crate) fn run(corpora: Option<PathBuf>, only: Option<&str>, alerts: bool) -> Result<()> {
    let corpora = corpora
        .or_else(run::corpora)
        .context("no corpora: set REALMWARD_CORPORA or pass --corpora")?;
    let captures = all(&corpora, &run::fixtures())?;
    let mut sums = Sums::default();
    for capture in captures
        .iter()
        .filter(|it| only.is_none_or(|only| it.name.contains(only)))
    {
        let (pipeline, _) = run::analyse(std::slice::from_ref(&capture.path), &capture.settings());
        let verdict = judge(capture, pipeline.alerts());
        sums.add(capture, &verdict);
        if alerts || only.is_some() || !verdict.is_right() || wanted(capture) {
            print(capture, &verdict, &pipeline, alerts);
        }
    }
    eprintln!("{sums:?}");
    ensure!(
        sums.wrong == 0,
        "{} captures are not as demanded",
        sums.wrong
    );
    Ok(())
}

const fn wanted(capture: &Labelled) -> bool {
    matches!(capture.expectation, Expectation::Raises { .. })
}

#[derive(Debug, Default)]
struct Sums {
    attacks_told: u32,
    attacks_imprecise: u32,
    attacks_missed: u32,
    attacks_not_claimed: u32,
    silent: u32,
    false_alerts: u32,
    wrong: u32,
}

impl Sums {
    fn add(&mut self, capture: &Labelled, verdict: &Verdict) {
        let place = match verdict {
            Verdict::Right if wanted(capture) => &mut self.attacks_told,
            Verdict::Right => &mut self.silent,
            Verdict::Imprecise(_) => &mut self.attacks_imprecise,
            Verdict::Missed => &mut self.attacks_missed,
            Verdict::FalseAlert(_) => &mut self.false_alerts,
            Verdict::Open(_) => &mut self.attacks_not_claimed,
        };
        *place += 1;
        self.wrong += u32::from(!verdict.is_right());
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the table is the output of the command"
)]
fn print(capture: &Labelled, verdict: &Verdict, pipeline: &Pipeline, alerts: bool) {
    println!("{verdict:?}\t{}", capture.name);
    if !alerts && verdict.is_right() {
        return;
    }
    for alert in pipeline.alerts() {
        println!(
            "\t{} {:?} {:.2} {:?} x{}",
            alert.detector, alert.severity, alert.confidence, alert.outcome, alert.findings
        );
        for sentence in &alert.story {
            println!("\t\t{sentence}");
        }
        if alerts {
            for why in &alert.why {
                println!(
                    "\t\t- {}: {} (expected {})",
                    why.condition, why.observed, why.expected
                );
            }
        }
    }
}
