//! Sources with a thread each, and the one place where what they tell goes.

use super::super::output::Output;
use super::super::watch::Told;
use super::PATIENCE;
use anyhow::Result;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

/// Where a source tells: its number, and what it told.
pub(super) type Tell = Sender<(usize, Told)>;

/// The ends of the queue between sources and output.
pub(super) fn queue() -> (Tell, Receiver<(usize, Told)>) {
    bounded(QUEUE)
}

/// Takes what sources tell until the last of them is gone.
pub(super) fn gather(told: &Receiver<(usize, Told)>, output: &mut Output) -> Result<()> {
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok((number, told)) => output.take(number, told)?,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        output.beat()?;
    }
}

/// What the sources told and nobody took yet.
const QUEUE: usize = 16;
