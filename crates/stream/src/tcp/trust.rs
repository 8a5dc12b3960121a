//! Whether the checksums of a direction are to be believed.

use super::Pool;

/// Segments with a right checksum, less those with a wrong one.
#[derive(Debug, Default)]
pub(super) struct Trust(u8);

impl Trust {
    /// Whether a segment is to be read whose checksum fits, does not, or says nothing.
    pub(super) const fn believes(&mut self, fits: Option<bool>, pool: &mut Pool) -> bool {
        match fits {
            None => true,
            Some(true) => {
                self.0 = self.0.saturating_add(1);
                true
            }
            Some(false) => {
                let dropped = RIGHT_MIN <= self.0;
                self.0 = self.0.saturating_sub(1);
                if dropped {
                    pool.counters.bad_checksums += 1;
                } else {
                    pool.counters.wrong_checksums += 1;
                }
                !dropped
            }
        }
    }
}

/// One right checksum in 65,536 is chance.
const RIGHT_MIN: u8 = 2;
