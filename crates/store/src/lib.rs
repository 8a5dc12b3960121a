//! What the server remembers: one folder, one embedded database.
//!
//! What came in is kept in a [journal](Entry) in one order before it is acknowledged; what the engine
//! made of it goes in by one [commit](Store::commit) together with the position it was made from. So
//! a server that stops at any moment goes on from its snapshot, makes the same again, and the same
//! changes nothing. What people own (accounts, sessions, sensors, settings, the audit log) is beside it.
//!
//! Nothing here looks at a clock or draws lots: times and secrets' hashes are handed in. All calls
//! block. All SQL of the project is in this crate.
//!
//! ```
//! use realmward_event::batch::Batch;
//! use realmward_store::{Appended, SensorId, Store};
//!
//! let folder = tempfile::tempdir()?;
//! let store = Store::open(folder.path())?;
//! let batch = Batch { sequence: 1, ..Batch::default() };
//! assert!(matches!(store.append_batch(SensorId(1), &batch)?, Appended::New(_)));
//! assert_eq!(store.append_batch(SensorId(1), &batch)?, Appended::Known);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accounts;
mod activities;
mod alerts;
mod audit;
mod codec;
mod computers;
mod coverage;
mod decided;
mod error;
mod evidence;
mod history;
mod journal;
mod migrate;
mod open;
mod outbox;
mod page;
mod produced;
mod retention;
mod search;
mod sensors;
mod sessions;
mod settings;
mod size;
mod tokens;
mod users;

pub use accounts::{Account, Role};
pub use activities::{Activity, ActivityFilter};
pub use alerts::{AlertCounts, AlertFilter, AlertRecord, AlertTally, Incident};
pub use audit::{AuditEntry, AuditRow, AuditVerdict};
pub use computers::ComputerFilter;
pub use coverage::Covered;
pub use decided::{ExclusionRecord, Judgement, Tag, TagRecord};
pub use error::StoreError;
pub use history::HealthStep;
pub use journal::{Appended, Entry, Position};
pub use open::Store;
pub use outbox::{DueNotice, Notice, Output, OutputId, OutputState};
pub use page::{Cursor, Listing, Page};
pub use produced::{ComputerRecord, Produced};
pub use retention::{Forgotten, Retention};
pub use search::{Hit, HitKind};
pub use sensors::{Sensor, SensorId};
pub use sessions::Session;
pub use size::KindSize;
pub use tokens::Token;
pub use users::{TrendPoint, UserFilter, UserKey, UserRecord};

use activities::canonical;
