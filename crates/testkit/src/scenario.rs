//! Scenario pages: prose for people, whose blocks are events and the findings they must raise.
//!
//! A page stands under `fixtures/detectors`. Its sections are `## attack:`, `## benign:`,
//! `## noise:` and `## blind:`, each with one `events` block. A line of a block is
//!
//! ```text
//! 12.5  TicketGranted from=10.0.0.66 to=10.0.0.10:88 client=alice $tgt  # finding: overpass_the_hash medium alice 10.0.0.66 -> 10.0.0.10
//! 80    settle
//! 90    end
//! ```
//!
//! seconds, a fact, fields as `path=value`, and what must be found at that line. `settle` lets time
//! pass; `end` says that no more will come. `given key=value` sets what an operator would set, and
//! `let name = fields` names fields that repeat, in a section or, in a `let` block before the
//! sections, for the page. The events go through the real profile and the real engine.

mod fact;
mod field;
mod line;
mod page;
mod play;
mod shape;

pub use line::{Line, Step};
pub use page::{Page, Section, SectionKind};
pub use play::{Way, play};
