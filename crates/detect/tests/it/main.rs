//! The detectors kept to their pages, and to their promises about shards, stops and time.

mod register;
mod scenarios;
