//! Numbers that are never used twice by a sensor, and files that are gone on with after a break.
//!
//! Places, flows and files are numbered within a run. So that the server can tell those of two runs
//! apart, a run begins behind the last. A run over files that was broken off is repeated with the same
//! numbers; what the spool already had is then not sent again.

use crate::spool::Spool;
use crate::uplink::identity;
use anyhow::Result;
use realmward_vocab::Order;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// How a run counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// What it reads.
    input: String,
    /// The place before its first.
    pub(crate) order: u64,
    /// Number of its first file.
    pub(crate) file: u32,
    files: u32,
    finished: bool,
}

/// A run, and up to which event it was already told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) run: Run,
    pub(crate) told: Option<Order>,
}

impl Run {
    /// Begins a run, or goes on with the one that was broken off or of which batches wait: whoever
    /// starts it again wants them sent, not told twice.
    pub(crate) fn begin(state: &Path, input: &str, files: u32, spool: &Spool) -> Result<Begun> {
        let (mark, waits) = (spool.mark(), 0 < spool.waiting());
        let before = fs::read_to_string(state.join(RUN)).unwrap_or_default();
        let before: Self = serde_json::from_str(&before).unwrap_or_default();
        let goes_on = !before.finished || waits;
        if goes_on && before.input == input && !input.starts_with(ENDLESS) {
            return Ok(Begun {
                run: before,
                told: Some(mark),
            });
        }
        let run = Self {
            input: input.to_owned(),
            order: mark.packet.max(before.order),
            file: before.file.wrapping_add(before.files),
            files,
            finished: false,
        };
        run.write(state)?;
        Ok(Begun { run, told: None })
    }

    /// All its events are in the spool or at the server, and it ended in order.
    pub(crate) fn finish(mut self, state: &Path) -> Result<()> {
        self.finished = true;
        self.write(state)
    }

    fn write(&self, state: &Path) -> Result<()> {
        identity::write(state, RUN, &serde_json::to_string(self)?)
    }
}

/// Names files so that others in their place are not taken for them.
pub(crate) fn input_of(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths
        .iter()
        .map(|path| {
            let octets = fs::metadata(path).map(|it| it.len()).unwrap_or_default();
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            format!("{} {octets}", path.display())
        })
        .collect();
    names.join("\n")
}

/// What an input that cannot be read again is called.
pub(crate) const ENDLESS: &str = "endless";

const RUN: &str = "run.json";

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_event::batch::Batch;

    #[test]
    fn a_broken_run_over_files_goes_on_and_any_other_begins_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(&folder.path().join("spool"), 1 << 20).unwrap();
        let mark = |packet| Order { packet, index: 2 };
        let begin = |input, spool: &Spool| Run::begin(folder.path(), input, 3, spool).unwrap();
        let append = |spool: &mut Spool, at| {
            spool.append(&mut Batch::default(), mark(at)).unwrap();
        };
        let first = begin("a", &spool);
        assert_eq!((first.run.order, first.run.file, first.told), (0, 0, None));
        append(&mut spool, 70);
        let again = begin("a", &spool);
        assert_eq!((again.run.order, again.told), (0, Some(mark(70))));
        let other = begin("b", &spool);
        assert_eq!((other.run.order, other.run.file, other.told), (70, 3, None));
        append(&mut spool, 90);
        other.run.finish(folder.path()).unwrap();
        let waiting = begin("b", &spool);
        assert_eq!((waiting.run.file, waiting.told), (3, Some(mark(90))));
        spool.acknowledge(2).unwrap();
        let anew = begin("b", &spool);
        assert_eq!((anew.run.order, anew.run.file, anew.told), (90, 6, None));
        for _ in 0..2 {
            assert_eq!(begin(ENDLESS, &spool).told, None);
        }
    }
}
