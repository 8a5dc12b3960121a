//! Investigation priority: which user to look at first, and why, in numbers that add up.
//!
//! Evidence is additive in decibans, ten times the decimal logarithm of a likelihood ratio
//! (I. J. Good): each alert moves the odds that its user is compromised by as much as the behaviour
//! is more likely for a compromised account than for an honest one. The prior is a reason like any
//! other, so the sum of the reasons is the result, exactly, to the tenth of a deciban.
//! Impact is deliberately not multiplied in: it hides the compromised user behind the important one.
//! A score never raises an alert.
//!
//! ```
//! use realmward_score::{Population, rank};
//!
//! let users = rank(&[], Population { users: 2_000 }, Default::default());
//! assert!(users.is_empty());
//! ```

mod chain;
mod evidence;
mod rank;

pub use evidence::Decibans;
pub use rank::{Population, Reason, ReasonKind, UserPriority, rank};
