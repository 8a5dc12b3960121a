//! What the profile says of events, as claims. Events are built by [`world`]; nothing is read from files.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop a test by panicking"
)]

mod accounts;
mod acts;
mod devices;
mod interfaces;
mod ledger;
mod reach;
mod roles;
mod stacks;
mod state;
mod world;
