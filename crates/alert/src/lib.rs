//! Turns findings into alerts: grouping, exclusions, and the words that go with a detector.
//!
//! A [`Finding`] is one observation; an [`Alert`] is what a person works on. Findings of one
//! detector about the same source and actor belong together while they keep coming, so that ten
//! remote services are one incident and not ten. What the operator excluded is counted, not shown.
//! An alert shows only what its findings carry; nothing is looked up again.
//!
//! ```
//! use realmward_alert::{Book, Exclusion};
//!
//! let scanner: Exclusion = "host=10.0.0.9,detector=session_enumeration".parse()?;
//! let book = Book::new(vec![scanner]);
//! assert!(book.alerts().is_empty());
//! # Ok::<(), realmward_alert::ExclusionError>(())
//! ```

mod alert;
mod book;
mod exclusion;

pub use alert::{Alert, AlertId};
pub use book::{Book, Update};
pub use exclusion::{Exclusion, ExclusionError, ExclusionSubject};
pub use realmward_detect::Finding;
pub use realmward_event::operator::AlertStatus;
