//! The part that gathers the findings of all shards into alerts.

use crate::Found;
use realmward_alert::{Alert, AlertId, Book, Exclusion};
use realmward_event::operator::Decision;
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

    /// A back that goes on with a book.
    #[must_use]
    pub const fn of(book: Book) -> Self {
        Self { book }
    }

    /// Files what all shards found in the same inputs.
    ///
    /// Findings are filed in the order in which one shard alone would have made them, so that
    /// neither the number of shards nor the size of batches shows in the alerts.
    /// What people decided, by its place among the inputs, takes that place among the findings.
    pub fn take(&mut self, decided: &[(usize, Decision)], mut found: Vec<Found>) {
        found.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut found = found.into_iter().peekable();
        for (at, decision) in decided {
            while let Some(it) = found.next_if(|it| it.at < *at) {
                self.book.file(it.finding);
            }
            self.decide(decision);
        }
        for it in found {
            self.book.file(it.finding);
        }
    }

    fn decide(&mut self, decision: &Decision) {
        match decision {
            Decision::AlertJudged { alert, status, .. } => {
                self.book.judge(AlertId(*alert), *status);
            }
            Decision::ExclusionAdded {
                id, rule, expires, ..
            } => {
                // Whoever took the decision has checked the rule; one that is none hides nothing.
                if let Ok(mut exclusion) = rule.parse::<Exclusion>() {
                    exclusion.id = *id;
                    exclusion.expires = *expires;
                    self.book.exclude(exclusion);
                }
            }
            Decision::ExclusionRemoved { id } => self.book.include(*id),
            _ => {}
        }
    }

    /// The alerts that changed since the last call.
    pub fn take_changed(&mut self) -> Vec<Alert> {
        self.book.take_changed()
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
