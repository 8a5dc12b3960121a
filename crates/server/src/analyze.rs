//! `analyze`: reads captures and reports what they show of identities.
//!
//! The report is the same for the same input, whatever the number of threads; what depends on the
//! machine (time, memory, progress) goes to standard error.

mod detection;
pub(crate) mod dropped;
mod fill;
mod inputs;
mod output;
mod packets;
mod plan;
mod progress;
mod reach;
mod reading;
mod tally;

use crate::complain;
use crate::options::AnalyzeOptions;
use anyhow::Result;
use plan::Plan;
pub(crate) use plan::exclusion;
use realmward_export::Report;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Runs the analysis; `stop` ends the reading early.
///
/// # Errors
///
/// When an option is wrong, nothing could be read, or the output cannot be written.
pub(crate) fn run(options: AnalyzeOptions, stop: &AtomicBool) -> Result<ExitCode> {
    let begun = Instant::now();
    let plan = Plan::new(options)?;
    let found = inputs::find(&plan.inputs)?;
    let mut bar = progress::Bar::new(plan.quiet, &found.paths);
    let outcome = reading::read(&plan, &found.paths, stop, |far, alerts| {
        bar.show(far, alerts);
    });
    bar.clear();
    let mut report = fill::report(&outcome);
    report.skipped.files = found.skipped;
    let damaged = complain_of_damage(&report);
    if report.summary.packets == 0 && damaged {
        return Ok(ExitCode::from(crate::UNUSABLE));
    }
    output::write(&plan, &report)?;
    if let Some(folder) = &plan.pcap {
        packets::write(folder, &found.paths, &report)?;
    }
    if !plan.quiet {
        progress::remark(&report, begun.elapsed());
    }
    Ok(status(&plan, &report))
}

/// Names each damage on standard error; whether there was any.
fn complain_of_damage(report: &Report) -> bool {
    let mut any = false;
    for input in &report.inputs {
        if let Some(damage) = &input.damage {
            complain(&format!("{}: {damage}", input.name));
            any = true;
        }
    }
    any
}

fn status(plan: &Plan, report: &Report) -> ExitCode {
    let found = report.alerts.iter().any(|it| plan.fail_on <= it.severity);
    ExitCode::from(if found { FOUND } else { 0 })
}

/// Exit status when there are alerts that matter.
const FOUND: u8 = 10;
