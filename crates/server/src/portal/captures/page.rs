//! The list of captures that were sent, and the page of each.

use super::desk::{Job, Stage};
use super::kept::{AGE_MAX, Ending, KEPT_MAX, Kept};
use super::{FILES_MAX, OCTETS_MAX, blocking};
use crate::analyze::dropped::{AlertOutcome, FileOutcome, Outcome};
use crate::portal::frame::Frame;
use crate::portal::words::When;
use crate::web::refusal::Refusal;
use crate::web::state::AppState;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use realmward_export::time::span;
use realmward_export::words::{count, number, size};
use std::time::Duration;

#[derive(Template)]
#[template(path = "captures.html")]
struct List<'a> {
    frame: &'a Frame,
    rows: Vec<Row>,
    octets_max: u64,
    size_max: String,
    files_max: usize,
    kept_max: usize,
    days_max: u64,
}

#[derive(Template)]
#[template(path = "capture.html")]
struct One<'a> {
    frame: &'a Frame,
    row: Row,
    /// How far the reading is, while it goes on.
    far: Option<String>,
    /// Why it failed, a line a file.
    faults: Vec<String>,
    found: Option<Found>,
}

/// Captures in a list.
struct Row {
    id: String,
    title: String,
    by: String,
    when: When,
    state: String,
    class: &'static str,
}

/// What was found, in words.
struct Found {
    summary: String,
    /// Whether each file was read to its end.
    is_whole: bool,
    files: Vec<FileRow>,
    alerts: Vec<AlertRow>,
    users: Vec<(String, u8)>,
}

struct FileRow {
    name: String,
    packets: String,
    size: String,
    fault: String,
}

struct AlertRow {
    number: u64,
    title: String,
    severity: String,
    when: When,
    sentence: String,
    who: String,
    packets: String,
    has_file: bool,
}

pub(super) async fn list(State(state): State<AppState>, frame: Frame) -> Result<Response, Refusal> {
    let desk = state.captures().clone();
    let (jobs, kept) = blocking(move || (desk.jobs(), desk.shelf.all())).await?;
    let rows = jobs.iter().map(Row::of_job);
    frame.show(&List {
        rows: rows.chain(kept.iter().map(Row::of_kept)).collect(),
        octets_max: OCTETS_MAX,
        size_max: size(OCTETS_MAX),
        files_max: FILES_MAX,
        kept_max: KEPT_MAX,
        days_max: AGE_MAX.as_secs() / 86_400,
        frame: &frame,
    })
}

pub(super) async fn one(
    State(state): State<AppState>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let desk = state.captures().clone();
    // A job that ends while we look is on the shelf before it leaves the desk.
    let found = blocking(move || (desk.job(&id), desk.shelf.one(&id))).await?;
    let page = match found {
        (_, Some(kept)) => kept_page(&frame, kept),
        (Some(job), None) => One {
            row: Row::of_job(&job),
            far: Some(far(job.stage)),
            faults: Vec::new(),
            found: None,
            frame: &frame,
        },
        (None, None) => return Err(Refusal::Missing),
    };
    frame.show(&page)
}

fn kept_page(frame: &Frame, kept: Kept) -> One<'_> {
    let row = Row::of_kept(&kept);
    let (faults, found) = match kept.ending {
        Ending::Read(outcome) => (Vec::new(), Some(Found::new(outcome))),
        Ending::Failed(fault) => (fault.lines().map(str::to_owned).collect(), None),
    };
    One {
        frame,
        row,
        far: None,
        faults,
        found,
    }
}

/// How far a job is, in words.
fn far(stage: Stage) -> String {
    match stage {
        Stage::Waiting => "Others are being read first; then it is its turn.".to_owned(),
        Stage::Reading(far) if far.packets == 0 => "It is being read.".to_owned(),
        Stage::Reading(far) => format!(
            "It is being read: {} ({}), {} so far.",
            count(far.packets, "packet"),
            size(far.octets),
            count(far.alerts, "alert")
        ),
    }
}

impl Row {
    fn of_job(it: &Job) -> Self {
        Self {
            id: it.id.clone(),
            title: title(&it.names),
            by: it.by.clone(),
            when: When::new(it.sent),
            state: match it.stage {
                Stage::Waiting => "waiting".to_owned(),
                Stage::Reading(_) => "being read".to_owned(),
            },
            class: "low",
        }
    }

    fn of_kept(it: &Kept) -> Self {
        let (state, class) = match &it.ending {
            Ending::Failed(_) => ("could not be read".to_owned(), "high"),
            Ending::Read(found) => {
                let is_whole = found.files.iter().all(|it| it.fault.is_none());
                let not_whole = if is_whole { "" } else { ", damaged" };
                let alerts = count(found.alerts.len() as u64, "alert");
                (format!("{alerts}{not_whole}"), class(found, is_whole))
            }
        };
        Self {
            id: it.id.clone(),
            title: title(&it.names),
            by: it.by.clone(),
            when: When::new(it.sent),
            state,
            class,
        }
    }
}

fn class(found: &Outcome, is_whole: bool) -> &'static str {
    match found.alerts.first().map(|it| it.severity.as_str()) {
        Some("high") => "high",
        Some("medium") => "medium",
        Some(_) => "low",
        None if is_whole => "good",
        None => "medium",
    }
}

fn title(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => "Captures".to_owned(),
    }
}

impl Found {
    fn new(found: Outcome) -> Self {
        let lasted = Duration::try_from_secs_f64(found.seconds.trunc()).unwrap_or_default();
        Self {
            summary: format!(
                "{}, {}, {} from the first to the last",
                count(found.packets, "packet"),
                size(found.octets),
                span(lasted)
            ),
            is_whole: found.files.iter().all(|it| it.fault.is_none()),
            files: found.files.into_iter().map(file).collect(),
            alerts: found.alerts.into_iter().map(alert).collect(),
            users: found.users,
        }
    }
}

fn file(it: FileOutcome) -> FileRow {
    FileRow {
        name: it.name,
        packets: number(it.packets),
        size: size(it.octets),
        fault: it.fault.unwrap_or_default(),
    }
}

fn alert(it: AlertOutcome) -> AlertRow {
    let named = |word: &str, text: String| {
        if text.is_empty() {
            text
        } else {
            format!("{word} {text}")
        }
    };
    let who = [named("by", it.by), named("from", it.from)];
    AlertRow {
        number: it.number,
        title: it.title,
        when: When::new(it.start),
        severity: it.severity,
        sentence: it.sentence,
        who: who.join(" ").trim().to_owned(),
        packets: count(it.packets, "packet"),
        has_file: it.file.is_some(),
    }
}
