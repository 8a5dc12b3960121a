//! The capture to measure with: the load capture of the corpora, once and many times in a row.
//!
//! One pass takes a few ticks of the CPU clock. Repeated with shifted times it is a long capture of
//! new connections, which also shows whether memory stays flat and time grows as the packets do.
//! Both are written uncompressed, so that unpacking is not what is measured.

use anyhow::{Context as _, Result};
use realmward_sensor::{pcap_header, pcap_packet};
use realmward_stream::{CaptureReader, Frame};
use realmward_vocab::EventTime;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The capture once, and [`COPIES`] times; the dense one.
pub(super) struct Captures {
    pub(super) short: PathBuf,
    pub(super) long: PathBuf,
    pub(super) dense: PathBuf,
}

/// Writes what is not there yet, below the target folder.
pub(super) fn captures() -> Result<Captures> {
    let load = source();
    let folder = folder()?;
    let short = folder.join("load-1.pcap");
    let long = folder.join(format!("load-{COPIES}.pcap"));
    let dense = folder.join("dense.pcap");
    repeat(&load, &short, 1)?;
    repeat(&load, &long, COPIES)?;
    super::dense::write(
        &super::dense::sources()?,
        DENSE_COPIES,
        DENSE_AT_ONCE,
        &dense,
    )?;
    Ok(Captures { short, long, dense })
}

/// Where captures to measure with are written.
pub(super) fn folder() -> Result<PathBuf> {
    let folder = crate::tree::root().join("target/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The capture once, unpacked, in a folder of the caller's.
pub(crate) fn plain(folder: &Path) -> Result<PathBuf> {
    let to = folder.join("load.pcap");
    repeat(&source(), &to, 1)?;
    Ok(to)
}

/// The load capture of the corpora; without them, a fixture.
pub(crate) fn source() -> PathBuf {
    realmward_testkit::run::corpora()
        .map(|it| it.join("lab/load-110s.pcap.zst"))
        .filter(|it| it.is_file())
        .unwrap_or_else(|| {
            realmward_testkit::run::fixtures().join("captures/b03_dc2_join.pcap.zst")
        })
}

pub(super) fn repeat(from: &Path, to: &Path, copies: i64) -> Result<()> {
    let file = File::create(to).with_context(|| to.display().to_string())?;
    let mut out = BufWriter::new(file);
    let mut begun = false;
    let mut shift = 0;
    for _ in 0..copies {
        let mut reader = CaptureReader::open(from)?;
        let mut last = 0;
        let mut first = None;
        while reader.advance()? {
            let frame = reader.frame();
            if !begun {
                begun = true;
                pcap_header(&mut out, frame.link)?;
            }
            let time = frame.time.unix_nanoseconds();
            last = time.max(last);
            first.get_or_insert(time);
            let shifted = Frame {
                time: EventTime::from_unix_nanoseconds(time + shift),
                ..frame
            };
            pcap_packet(&mut out, &shifted)?;
        }
        // The next copy begins a second after this one ends.
        shift += last - first.unwrap_or_default() + 1_000_000_000;
    }
    out.flush().with_context(|| to.display().to_string())
}

const COPIES: i64 = 10;

/// Four times as many packets as the one that others were measured with, so that the floor takes long
/// beside the tick of the clock.
const DENSE_COPIES: u32 = 56;
const DENSE_AT_ONCE: usize = 100;
