//! Test support: captures with known contents, runs over them, scenario pages, and verdicts.
//! Never shipped.

pub mod scenario;
