//! The scoreboard: what the detections tell of captures whose contents are known, what they miss
//! and why, and what they tell that is not so.
//!
//! Runs the real chain over each capture by itself: the repository's, those of the corpora where
//! they are, or those of any folder with a `truth.json`. `docs/scoreboard.md` and
//! `docs/scoreboard.json` are what such a run wrote; `--check` runs again and fails if the files
//! say anything else, or if a detection that was right has become wrong. A known fault may stay on
//! the page, where everybody sees it; a new one must be accepted by hand.
//!
//! Deliberately absent: times and memory of the run (`cargo xtask bench`), so that the files are
//! the same on every machine.

mod attacks;
mod compare;
mod detections;
mod listing;
mod noise;
mod page;
mod peers;
mod record;
mod report;
pub(crate) mod simulated;
mod table;

use anyhow::{Result, bail, ensure};
use clap::Args;
use compare::Comparison;
use realmward_alert::Alert;
use realmward_detect::detectors;
use realmward_testkit::{run, truth};
use record::Section;
use report::Report;
use std::path::{Path, PathBuf};

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Write nothing; fail if the committed scoreboard is stale or a detection has become wrong.
    #[arg(long)]
    check: bool,
    /// With `--check`: as if the detection of this id told nothing, to see that the check fails.
    #[arg(long, value_name = "ID", requires = "check")]
    broken: Option<String>,
    /// Write although something that was right has become wrong.
    #[arg(long)]
    accept: bool,
    /// Score the captures of this folder instead; its `truth.json` is described in `docs/truth.md`.
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// With `--corpus`: also write `scoreboard.md` and `scoreboard.json` into this folder.
    #[arg(long, requires = "corpus")]
    out: Option<PathBuf>,
    /// Folder with `lab/` and `public/`; default: `$REALMWARD_CORPORA` or `../shared/corpora`.
    #[arg(long)]
    corpora: Option<PathBuf>,
    /// Instead of the scoreboard: what was told of each capture whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// With `--only`: also why each alert was raised.
    #[arg(long, requires = "only")]
    why: bool,
    /// Instead: how well intruders are found in simulated organisations.
    #[arg(long)]
    simulated: bool,
    #[command(flatten)]
    simulation: simulated::Options,
}

/// Scores, prints, and writes or checks.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.simulated {
        return simulated::run(&options.simulation);
    }
    let folders = options.folders()?;
    if let Some(only) = &options.only {
        listing::print(&folders, only, options.why);
        return Ok(());
    }
    let shown = options.shown()?;
    let mut sections: Vec<Section> = (folders.iter())
        .map(|(name, folder)| Section::run(name, folder, &shown))
        .collect();
    if options.corpus.is_some() {
        let report = Report { sections };
        page::print(&report)?;
        return match &options.out {
            Some(out) => report.write(out),
            None => Ok(()),
        };
    }
    let docs = crate::tree::root().join("docs");
    let committed = Report::read(&docs)?;
    keep_unseen(&committed, &mut sections);
    let report = Report { sections };
    let comparison = Comparison::new(&committed, &report);
    if options.check {
        comparison.print_noise();
        return refuse(&comparison, report, &committed, &docs);
    }
    page::print(&report)?;
    comparison.print_noise();
    if !comparison.worse.is_empty() && !options.accept {
        bail!(
            "{}\nnothing was written; mend it, or say --accept if it is meant",
            comparison.told()
        );
    }
    report.write(&docs)
}

/// As `cargo xtask eval --check`.
pub(crate) fn check() -> Result<()> {
    run(&Options {
        check: true,
        ..Options::default()
    })
}

impl Options {
    /// Which alerts are looked at.
    fn shown(&self) -> Result<impl Fn(&Alert) -> bool> {
        let broken = self.broken.clone();
        if let Some(id) = &broken {
            let exists = detectors::ALL.iter().any(|it| it.metadata.id == id);
            ensure!(exists, "no detection is called {id}: docs/alerts/README.md");
        }
        Ok(move |alert: &Alert| broken.as_deref() != Some(alert.detector.as_str()))
    }

    fn folders(&self) -> Result<Vec<(String, truth::Folder)>> {
        if let Some(corpus) = &self.corpus {
            let name = corpus.file_name().unwrap_or(corpus.as_os_str());
            let name = name.to_string_lossy().into_owned();
            return Ok(vec![(name, truth::folder(corpus)?)]);
        }
        let fixtures = run::fixtures();
        let mut folders = vec![(FIXTURES.to_owned(), truth::fixtures(&fixtures)?)];
        if let Some(corpora) = self.corpora.clone().or_else(run::corpora) {
            folders.push((CORPORA.to_owned(), truth::corpora(&corpora, &fixtures)?));
        }
        Ok(folders)
    }
}

/// Where the corpora are not, what was committed of them stays.
fn keep_unseen(committed: &Report, sections: &mut Vec<Section>) {
    if sections.iter().any(|it| it.name == CORPORA) {
        return;
    }
    if let Some(kept) = committed.sections.iter().find(|it| it.name == CORPORA) {
        eprintln!("no corpora here: their part of the scoreboard stays as it was committed");
        sections.push(kept.clone());
    }
}

fn refuse(
    comparison: &Comparison,
    mut report: Report,
    committed: &Report,
    docs: &Path,
) -> Result<()> {
    if !comparison.worse.is_empty() {
        bail!("{}", comparison.told());
    }
    let mut captures = report.sections.iter().flat_map(|it| &it.captures);
    if let Some(mended) = captures.find(|it| it.known_fault.is_some() && !it.is_wrong()) {
        bail!(
            "{}: came out as it should; its truth still names a `known_fault`",
            mended.capture
        );
    }
    for section in &mut report.sections {
        let before = (committed.sections.iter()).find(|it| it.name == section.name);
        if let Some(before) = before.filter(|it| it.name == CORPORA && !it.is_of_same(section)) {
            eprintln!(
                "other corpora than the committed ones: only that nothing became wrong is checked"
            );
            *section = before.clone();
        }
    }
    let stale = report.stale(docs)?;
    if !stale.is_empty() {
        bail!(
            "stale: {}; run `cargo xtask eval` and read the difference",
            stale.join(", ")
        );
    }
    Ok(())
}

const FIXTURES: &str = "fixtures";
const CORPORA: &str = "corpora";
