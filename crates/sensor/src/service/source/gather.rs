//! Sources with a thread each, and the one place where what they tell goes.

use super::super::output::{Options, Output};
use super::super::watch::Told;
use super::PATIENCE;
use crate::memory::Ceiling;
use anyhow::Result;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

/// Where a source tells.
#[derive(Clone, Debug)]
pub(super) struct Tell {
    number: usize,
    to: Sender<(usize, Told)>,
    ceiling: Ceiling,
}

impl Tell {
    /// As the source of that number.
    pub(super) fn of(&self, number: usize) -> Self {
        Self {
            number,
            ..self.clone()
        }
    }

    /// Hands on what was told; whether somebody took it. Where memory is short, waits until it was
    /// taken.
    pub(super) fn send(&self, told: Told) -> bool {
        self.ceiling.hand_on(&self.to, (self.number, told))
    }
}

/// The ends of the queue between sources and output.
pub(super) fn queue(options: &Options) -> (Tell, Receiver<(usize, Told)>) {
    let (to, told) = bounded(QUEUE);
    let ceiling = options.ceiling.clone();
    let tell = Tell {
        number: 0,
        to,
        ceiling,
    };
    (tell, told)
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
