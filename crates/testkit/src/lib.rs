//! Test support: captures with known contents, runs over them, verdicts, and scenario pages. Never shipped.

pub mod hostile;
pub mod organisation;
pub mod run;
pub mod scenario;
pub mod truth;
pub mod verdict;
