//! The part that gathers the findings of all shards into alerts.

use realmward_alert::{Book, Exclusion};
use realmward_detect::Finding;
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
    /// The order of event, detector and start is total for findings of one input, whichever shard
    /// they come from, because a detector keyed by one key finds at most one thing of a kind there.
    pub fn take(&mut self, mut findings: Vec<Finding>) {
        findings.sort_by(|a, b| {
            (a.order, &a.detector, a.start, &a.summary).cmp(&(
                b.order,
                &b.detector,
                b.start,
                &b.summary,
            ))
        });
        for finding in findings {
            self.book.file(finding);
        }
    }

    /// The alerts.
    #[must_use]
    pub const fn book(&self) -> &Book {
        &self.book
    }
}
