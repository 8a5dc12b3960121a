//! What a finished run says, and the three forms in which it says it.
//!
//! A [`Report`] is plain data: whoever ran the analysis fills it in, and each form is a pure
//! function of it: [`text`] for a terminal, [`jsonl`] for programs, [`html`] for a browser without a
//! network. So equal reports give equal octets. Names come from attackers: each form makes them
//! harmless in its own way. Deliberately absent: files, terminals, clocks, and any judgement.
//!
//! ```
//! use realmward_export::{Report, text};
//!
//! let page = text::render(&Report::default(), text::Look { width: 80, colour: false });
//! assert!(page.contains("Nothing was read"));
//! ```

pub mod activity;
pub mod cef;
mod evidence;
pub mod html;
pub mod jsonl;
mod report;
pub mod syslog;
pub mod text;
pub mod time;
pub mod words;

pub use evidence::{PacketRun, packet_runs};
pub use report::{
    Alert, Domain, DomainController, EvidenceOfRole, Hidden, Hygiene, HygieneUser, Input, Place,
    Reached, Reason, ReasonAbout, Report, Skipped, Summary, User,
};
