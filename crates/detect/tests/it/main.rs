//! The detectors kept to their pages, and to their promises about shards, stops and time.

#[cfg(test)]
mod register;
#[cfg(test)]
mod scenarios;
