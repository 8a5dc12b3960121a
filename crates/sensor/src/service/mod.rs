//! A sensor at work: sources that tell, and one place where it all goes.
//!
//! Each source (files, a pipe, a ring of an interface) has a thread that follows its packets; the
//! caller's thread writes lines or cuts batches. Queues are short: when the disk is slow, sources wait,
//! and what the kernel then has to drop is counted.

mod delivery;
mod health;
#[cfg(target_os = "linux")]
mod observe;
mod output;
mod run;
mod sight;
mod source;
mod summary;
#[cfg(test)]
mod tests;
mod totals;
mod watch;
mod whole;

pub use health::memory_peak_octets;
#[cfg(target_os = "linux")]
pub use observe::{Observed, observe};
pub use output::{Options, Target};
pub use source::{FeedOptions, FolderOptions, Opened, Tls, feeds, folder, pipe, read};
#[cfg(target_os = "linux")]
pub use source::{LiveOptions, interface};
pub use summary::Summary;
pub use whole::batch_of;
