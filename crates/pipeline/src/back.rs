//! The part that gathers the findings of all shards into alerts.

use crate::Found;
use realmward_alert::{Book, Exclusion};
use realmward_vocab::{DetectorId, EventTime, Order};
use serde::{Deserialize, Serialize};

/// The book of alerts.
#[derive(Serialize, Deserialize)]
pub struct Back {
    book: Book,
}

impl Back {
    /// A back with these exclusions and no alerts.
    #[must_use]
    pub fn new(exclusions: Vec<Exclusion>) -> Self {
        Self {
            book: Book::new(exclusions),
        }
    }

    /// Files what all shards found in the same inputs.
    ///
    /// Findings are filed in the order in which one shard alone would have made them, so that
    /// neither the number of shards nor the size of batches shows in the alerts.
    pub fn take(&mut self, mut found: Vec<Found>) {
        found.sort_by(|a, b| key(a).cmp(&key(b)));
        for it in found {
            self.book.file(it.finding);
        }
    }

    /// The alerts.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }
}

fn key(found: &Found) -> (usize, Order, &DetectorId, EventTime, &str) {
    let finding = &found.finding;
    (
        found.at,
        finding.order,
        &finding.detector,
        finding.start,
        &finding.summary,
    )
}
