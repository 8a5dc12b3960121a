//! A folder into which a capture tool writes one file after another.
//!
//! Files are read in the order of their first packets, each while it is written. A file is over once
//! all of it was read, it has not grown for some seconds, and another waits; so the newest is never
//! over. What was read is written down in the state folder when its events are safe, so that a sensor
//! that is started again reads no file twice: it goes on in the file in which it was, telling only what
//! it had not told. A conversation that spans two files goes on in the second, but one that also spans a
//! new start is read as if joined in its middle.
//!
//! One folder is one stream of packets: two machines that write have a folder each.

mod growing;
mod ledger;
mod natural;
#[cfg(test)]
mod tests;
mod waiting;

use super::super::output::{Options, Output};
use super::super::run::ENDLESS;
use super::super::summary::Summary;
use super::super::watch::Watch;
use super::stream::{Numbers, chunks};
use super::{Opened, PATIENCE, Source};
use anyhow::{Context as _, Result, ensure};
use crossbeam_channel::RecvTimeoutError;
use growing::Growing;
use ledger::Ledger;
use realmward_vocab::FileId;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use waiting::Waiting;

/// Which folder to follow and how.
#[derive(Clone, Debug)]
pub struct FolderOptions {
    /// The folder.
    pub folder: PathBuf,
    /// Whether to delete a file once all that it told is safe.
    pub delete: bool,
}

/// The work on a folder.
struct Work<'a> {
    options: &'a Options,
    delete: bool,
    output: Output,
    source: Source,
    orders: Arc<AtomicU64>,
    ledger: Ledger,
    faults: Vec<String>,
}

/// Looks at a folder.
///
/// # Errors
///
/// When there is none.
pub fn folder(follow: &FolderOptions) -> Result<Opened> {
    let place = || follow.folder.display().to_string();
    let folder = fs::canonicalize(&follow.folder).with_context(place)?;
    ensure!(folder.is_dir(), "{} is no folder", place());
    let (delete, place) = (follow.delete, folder.clone());
    let mut opened = Opened::new(move |options| work(&folder, delete, options));
    if delete {
        opened.write.push(place);
    } else {
        opened.read.push(place);
    }
    Ok(opened)
}

/// Follows the files until the work is stopped. Faults of files are in the summary.
fn work(folder: &Path, delete: bool, options: &Options) -> Result<Summary> {
    let mut output = Output::open(options, &format!("{ENDLESS} {}", folder.display()), 1, 1)?;
    let ledger = Ledger::open(&options.state, folder, output.is_server())?;
    let (order, _) = output.base();
    let orders = Arc::new(AtomicU64::new(order));
    if ledger.is_amid() {
        output.tell_nothing_twice();
    }
    let mut work = Work {
        options,
        delete,
        output,
        source: Source::new(
            Watch::new(
                Arc::clone(&orders),
                options.evidence_octets,
                options.ceiling.clone(),
            )
            .keeping_to(options.guard.clone()),
        ),
        orders,
        ledger,
        faults: Vec::new(),
    };
    let mut waiting = Waiting::new(folder);
    tracing::info!(folder = %folder.display(), "watching");
    while !work.is_stopped() {
        waiting.look(&work.ledger)?;
        match waiting.next(work.ledger.amid()) {
            Some(path) => work.file(&path, &mut waiting)?,
            None => {
                std::thread::sleep(PATIENCE);
                work.output.beat()?;
            }
        }
    }
    work.finish()
}

impl Work<'_> {
    fn is_stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }

    /// Reads a file to its end, or until the work is stopped.
    fn file(&mut self, path: &Path, waiting: &mut Waiting) -> Result<()> {
        let file = FileId(self.output.base().1);
        let order = self.ledger.begin(path, self.next_place())?;
        self.orders.store(order, Ordering::Relaxed);
        let (growing, growth) = Growing::open(path, &self.options.stop)?;
        let chunks = chunks(growing);
        loop {
            match chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => {
                    let tell = &mut |told| self.output.accept(0, told);
                    chunk.follow(file, Numbers::OfRun, &mut self.source.watch, tell);
                    let fault = chunk.fault.filter(|_| !self.is_stopped());
                    self.faults.extend(fault);
                    self.output.take(0, self.source.take())?;
                }
                Err(RecvTimeoutError::Timeout) => {
                    waiting.look(&self.ledger)?;
                    if growth.is_over(waiting.has_other_than(path)) {
                        growth.end();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.output.beat()?;
        }
        if self.is_stopped() {
            return Ok(());
        }
        self.output.take(0, self.source.take())?;
        self.output.flush()?;
        self.ledger.done(path, growth.octets())?;
        waiting.forget(path);
        if self.delete
            && let Err(error) = fs::remove_file(path)
        {
            tracing::warn!(%error, file = %path.display(), "a file that was read is not deleted");
        }
        Ok(())
    }

    /// The place before the next packet: never one that was used, even if a file lost its end since.
    fn next_place(&self) -> u64 {
        let (order, _) = self.output.base();
        let used = self.orders.load(Ordering::Relaxed);
        used.max(order).max(self.output.mark())
    }

    fn finish(mut self) -> Result<Summary> {
        // Connections that were cut by the stop go on with the next run.
        let whole = !self.output.is_server();
        let told = (self.source).finish(whole, &mut |told| self.output.accept(0, told));
        self.output.take(0, told)?;
        self.output.finish(true, self.faults)
    }
}
