//! Captures on disk.

use super::super::output::{Options, Output};
use super::super::run::{ENDLESS, input_of};
use super::super::summary::Summary;
use super::super::watch::Watch;
use super::{STRETCH_PACKETS, Source};
use anyhow::Result;
use realmward_stream::Merge;
use realmward_vocab::FileId;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Reads captures. If this was broken off before with the same files and the server as target, what
/// was told is not told again.
///
/// # Errors
///
/// When the sensor has not joined, or the output cannot be written. Faults of files are in the summary.
pub fn read(paths: &[PathBuf], options: &Options) -> Result<Summary> {
    let name = if paths.iter().any(|it| it == Path::new("-")) {
        format!("{ENDLESS} standard input")
    } else {
        input_of(paths)
    };
    let files = u32::try_from(paths.len()).unwrap_or(u32::MAX);
    let mut output = Output::open(options, &name, 1, files)?;
    let (order, file) = output.base();
    let orders = Arc::new(AtomicU64::new(order));
    let mut source = Source::new(Watch::new(
        orders,
        options.evidence_octets,
        options.ceiling.clone(),
    ));
    let mut merge = Merge::open(paths.iter().map(|path| crate::input(path)).collect());
    let (mut stretch, mut stopped) = (0, false);
    while let Some(merged) = merge.next_frame() {
        let number = FileId(file.wrapping_add(merged.file.0));
        let tell = &mut |told| output.accept(0, told);
        source.watch.frame(number, merged.frame, tell);
        stretch += 1;
        if stretch == STRETCH_PACKETS {
            stretch = 0;
            output.take(0, source.take())?;
            output.beat()?;
            stopped = options.stop.load(Ordering::Relaxed);
            if stopped {
                break;
            }
        }
    }
    // Connections that were cut by the stop go on with the next run.
    let whole = !stopped || !output.is_server();
    let told = source.finish(whole, &mut |told| output.accept(0, told));
    output.take(0, told)?;
    let faults = merge.reports().iter().filter_map(|it| it.fault.as_ref());
    output.finish(!stopped, faults.map(ToString::to_string).collect())
}
