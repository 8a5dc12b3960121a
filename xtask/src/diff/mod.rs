//! Differential truth: what the sensor tells of a capture, beside what tshark says of it.
//!
//! Each protocol has a table in a file of its own, which makes records of both sides' words. Records
//! of the same message are matched, and each field of both compared. A difference is a defect of
//! ours, a defect of tshark's, or meant; those that are known have a class with a reason in the
//! table's file, and the rest is unexplained. `docs/differential.md` and `docs/differential.json` are
//! what a run wrote; `--check` runs again and fails if fewer things agree or more is unexplained.
//!
//! tshark is slow, so what it said is kept (see [`tshark`]).
//!
//! Adding a protocol: a file with a [`table::Table`], a line in [`TABLES`], and its names in
//! [`tshark::PROTOCOLS`] if they are not there. A run over captures that tshark has read before takes
//! half a minute; one more name there makes it read all of them again.

mod arguments;
mod captures;
mod count;
mod dcerpc;
mod dhcp;
mod dns;
mod http;
mod kerberos;
mod ldap;
mod local_name;
mod node;
mod ntlm;
mod page;
mod pdml;
mod radius;
mod rdp;
mod record;
mod smb;
mod table;
mod tds;
mod tls;
mod tshark;
mod zone;

use anyhow::{Context as _, Result, bail, ensure};
use captures::Capture;
use clap::Args;
use count::{Counts, Report, Section};
use realmward_sensor::{Sensor, SensorOptions, input};
use record::{Circumstances, Record};
use table::Table;
use tshark::Tshark;

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Write nothing; fail if fewer things agree than the committed page says, or more is
    /// unexplained.
    #[arg(long)]
    check: bool,
    /// Write although fewer things agree or more is unexplained.
    #[arg(long)]
    accept: bool,
    /// Only the captures whose path contains this; prints, writes nothing.
    #[arg(long)]
    only: Option<String>,
    /// Only the table of this name; prints, writes nothing.
    #[arg(long)]
    table: Option<String>,
    /// Print each difference that has no class, and with a number of them, only so many a table.
    #[arg(long)]
    why: bool,
    /// Print the differences of this class.
    #[arg(long)]
    class: Option<String>,
    /// Only some fixtures, which must leave nothing unexplained.
    #[arg(long)]
    smoke: bool,
}

/// The protocols.
const TABLES: &[Table] = &[
    kerberos::TABLE,
    ntlm::TABLE,
    ldap::TABLE,
    http::TABLE,
    smb::TABLE,
    dcerpc::TABLE,
    arguments::TABLE,
    dns::TABLE,
    zone::TABLE,
    local_name::TABLE,
    dhcp::TABLE,
    radius::TABLE,
    rdp::TABLE,
    tls::TABLE,
    tds::TABLE,
];

/// Compares, and writes or checks.
pub(crate) fn run(options: &Options) -> Result<()> {
    let tshark = Tshark::find().context("tshark is not installed")?;
    let mut report = Report {
        tshark: tshark.version.clone(),
        sections: Vec::new(),
    };
    for (name, captures) in captures::sections(options.only.as_deref(), options.smoke)? {
        let mut section = Section::new(name, captures.len());
        for capture in &captures {
            compare(&tshark, capture, options, &mut section)
                .with_context(|| capture.name.clone())?;
        }
        report.sections.push(section);
    }
    let is_part = options.only.is_some() || options.table.is_some();
    if is_part || options.smoke {
        crate::tree::say(&page::text(&report, TABLES))?;
        let unexplained = report.unexplained();
        ensure!(
            !options.smoke || unexplained == 0,
            "{unexplained} unexplained differences; `cargo xtask diff --smoke --why` tells them"
        );
        return Ok(());
    }
    settle(options, report)
}

/// Writes the page, or holds the report against it.
fn settle(options: &Options, mut report: Report) -> Result<()> {
    let docs = crate::tree::root().join("docs");
    let committed = Report::read(&docs)?;
    report.keep_unseen(&committed);
    let worse = report.worse_than(&committed);
    if !worse.is_empty() && (options.check || !options.accept) {
        bail!("{}\nsee `cargo xtask diff --why`", worse.join("\n"));
    }
    if options.check {
        return Ok(());
    }
    let page = page::text(&report, TABLES);
    report.write(&docs, &page)
}

/// As `cargo xtask diff --smoke`, where tshark is.
pub(crate) fn smoke() -> Result<()> {
    if Tshark::find().is_none() {
        let full = std::env::var_os("REALMWARD_CI_FULL").is_some();
        ensure!(!full, "tshark is not installed");
        eprintln!("NOT RUN: tshark is not installed, so nothing was compared with it");
        return Ok(());
    }
    run(&Options {
        smoke: true,
        ..Options::default()
    })
}

/// Both sides of one capture, by every table.
fn compare(
    tshark: &Tshark,
    capture: &Capture,
    options: &Options,
    section: &mut Section,
) -> Result<()> {
    let wanted = |it: &&Table| options.table.as_ref().is_none_or(|name| it.name == name);
    let mut sides: Vec<_> = (TABLES.iter().filter(wanted))
        .map(|it| {
            (
                it,
                (it.reader)(),
                Vec::<Record>::new(),
                Vec::<Record>::new(),
            )
        })
        .collect();
    let mut of = Circumstances::default();
    tshark.frames(&capture.path, |frame| {
        of.notes.insert(frame.number, notes(frame));
        for (_, reader, theirs, _) in &mut sides {
            reader.frame(frame, theirs);
        }
    })?;
    let sensor = Sensor::new(SensorOptions { workers: 1 });
    let stats = sensor.run(
        vec![input(&capture.path)],
        |events| {
            for event in &events {
                for (_, reader, _, ours) in &mut sides {
                    reader.event(event, ours);
                }
            }
        },
        |_| {},
    );
    if 0 < stats.tcp.bad_checksums {
        for frame in tshark.wrong_checksums(&capture.path)? {
            let notes = of.notes.entry(frame).or_default();
            notes.insert("wrong checksum".to_owned());
        }
    }
    of.is_damaged = stats.files.iter().any(|it| it.fault.is_some());
    for (table, mut reader, mut theirs, mut ours) in sides {
        reader.finish(&mut theirs, &mut ours);
        of.protocols = table.protocols;
        if table.name == tls::TABLE.name && !record::pair(&ours, &theirs).theirs.is_empty() {
            of.late_hellos = tshark.late_hellos(&capture.path)?.into_iter().collect();
        }
        let mut counts = Counts::new(table, &capture.name, &of);
        counts.take(&ours, &theirs);
        if options.why || options.class.is_some() {
            counts.print(options.class.as_deref())?;
        }
        section.add(table.name, counts.done());
    }
    Ok(())
}

/// What a frame says of itself, with its connection and the protocols of ours however deep they are.
fn notes(frame: &node::Frame) -> std::collections::BTreeSet<String> {
    let mut notes = frame.notes.clone();
    notes.insert(frame.stream.clone());
    for protocol in &frame.protocols {
        protocol.walk(&mut |node| {
            if tshark::PROTOCOLS.contains(&node.name.as_str()) {
                notes.insert(node.name.clone());
            }
            true
        });
    }
    notes
}
