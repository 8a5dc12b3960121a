//! The store, from outside.

mod alerts;
mod journal;
mod made;
mod people;
