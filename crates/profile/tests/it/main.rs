//! What the profile says of events, as claims. Events are built by [`world`]; nothing is read from files.

mod accounts;
mod devices;
mod interfaces;
mod ledger;
mod reach;
mod roles;
mod stacks;
mod state;
mod world;
