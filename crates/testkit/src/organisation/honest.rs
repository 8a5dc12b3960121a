//! What people, machines and operators honestly do.

mod access;
mod days;
mod jobs;
mod machines;
mod operators;
mod people;

pub(super) use access::{Who, peer, ticket_for};
pub(super) use people::TERMINAL_USERS;
