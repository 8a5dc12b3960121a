//! An organisation that does not exist: its people, machines and services, and the events that sensors
//! would send of them.
//!
//! What is learned or ranked needs weeks and thousands of people, which no capture gives. Here the
//! events themselves are made, in order of time, from a size and a seed, by acts that people and
//! machines do; the words of each act are those of captures. Nobody's network is copied. What the
//! model leaves out is said in `docs/simulation/README.md`, with its statistics.
//!
//! [`Simulation`] is an iterator, so it can feed a pipeline, a store or a bench of any length.

mod air;
mod build;
mod calendar;
mod dice;
mod holdings;
mod honest;
mod intrusion;
mod plan;
mod simulation;
mod speech;
mod world;

pub use intrusion::{Kind, Step};
pub use plan::Plan;
pub use simulation::Simulation;
