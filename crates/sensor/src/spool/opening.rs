//! Opening: what of the files is good, and where to go on.

use super::disk::{cut, failed, lock, read_number, segments_of};
use super::record::{self, RECORD_OCTETS, SEGMENT_OCTETS};
use super::{ACKNOWLEDGED, DROPPED, Damage, Segment, Spool, SpoolError, Waiting};
use realmward_vocab::Order;
use std::collections::VecDeque;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

impl Spool {
    /// Opens the spool in `folder`, or makes one; it will hold at most `limit` octets.
    ///
    /// # Errors
    ///
    /// When the folder cannot be used, is in use, or was written by a later version.
    pub fn open(folder: &Path, limit: u64) -> Result<Self, SpoolError> {
        fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
        let lock = lock(folder)?;
        let acknowledged = read_number(&folder.join(ACKNOWLEDGED));
        let mut spool = Self {
            folder: folder.to_owned(),
            segments: VecDeque::new(),
            waiting: VecDeque::new(),
            next: acknowledged + 1,
            limit,
            dropped: read_number(&folder.join(DROPPED)),
            mark: Order::default(),
            damage: Damage::default(),
            _lock: lock,
        };
        let found = segments_of(folder)?;
        let newest = found.last().map(|(first, _)| *first);
        for (first, path) in found {
            spool.load(first, path, newest == Some(first), acknowledged)?;
        }
        if spool.segments.is_empty() {
            spool.begin_segment()?;
        }
        spool.free()?;
        Ok(spool)
    }

    fn load(
        &mut self,
        first: u64,
        path: PathBuf,
        newest: bool,
        acknowledged: u64,
    ) -> Result<(), SpoolError> {
        let octets = fs::read(&path).map_err(|source| failed(&path, source))?;
        if let Some(version) = record::other_version(&octets) {
            return Err(SpoolError::Version { path, version });
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|source| failed(&path, source))?;
        self.next = self.next.max(first);
        if let Some(mark) = record::segment_mark(&octets) {
            self.mark = self.mark.max(mark);
        }
        let scan = record::scan(&octets, first.saturating_sub(1));
        for placed in &scan.records {
            let header = placed.header;
            let missing = header.sequence.saturating_sub(self.next);
            self.damage.lost_batches += missing;
            self.next = self.next.max(header.sequence + 1);
            self.mark = header.mark;
            if acknowledged < header.sequence {
                self.waiting.push_back(Waiting {
                    sequence: header.sequence,
                    segment: first,
                    at: placed.at as u64,
                    octets: RECORD_OCTETS + header.length,
                });
            }
        }
        self.damage.damaged_octets += scan.damaged as u64;
        let mut length = octets.len();
        if scan.end < length {
            if newest {
                self.damage.torn_octets += (length - scan.end) as u64;
                length = cut(&file, scan.end, self.mark).map_err(|it| failed(&path, it))?;
            } else {
                self.damage.damaged_octets += (length - scan.end) as u64;
            }
        } else if length < SEGMENT_OCTETS && newest {
            length = cut(&file, scan.end, self.mark).map_err(|it| failed(&path, it))?;
        }
        self.segments.push_back(Segment {
            first,
            path,
            file,
            octets: length as u64,
        });
        Ok(())
    }
}
