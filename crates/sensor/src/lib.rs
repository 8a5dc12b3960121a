//! Captures in, events out.
//!
//! The sensor reads frames, keeps flows, tells protocols by their content and gives each conversation
//! its dissector; what dissectors learn becomes [`realmward_event::Event`]s in one total order. The
//! order and the events are the same for any number of workers: flows are spread over a fixed number
//! of lanes, each with its own bounds, and a worker is nothing but some of the lanes.
//!
//! ```no_run
//! use realmward_sensor::{Sensor, SensorOptions};
//!
//! let sensor = Sensor::new(SensorOptions { workers: 2 });
//! let inputs = vec![realmward_sensor::input("capture.pcapng".as_ref())];
//! let stats = sensor.run(inputs, |events| println!("{} events", events.len()), |_| {});
//! println!("{} packets", stats.packets);
//! ```

mod counts;
mod dispatch;
pub mod doctor;
mod evidence;
mod exchange;
mod extract;
mod guard;
mod intake;
#[cfg(test)]
mod lab;
mod lane;
mod lines;
mod memory;
pub mod service;
pub mod spool;
mod stats;
mod talk;
#[cfg(test)]
mod tunnels;
pub mod uplink;
pub mod wire;
mod worker;

pub use extract::{ExtractReport, extract, pcap_header, pcap_packet};
pub use guard::Guard;
pub use intake::{Progress, Sensor, SensorOptions, input};
pub use lines::Lines;
pub use memory::{CEILING_MIB, Ceiling};
#[cfg(target_os = "linux")]
pub use realmward_capture::Counting;
pub use realmward_stream::{CaptureFault, FileReport, Input};
pub use stats::SensorStats;
pub use worker::{LANES, Worker};
