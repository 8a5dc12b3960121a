//! The words every other crate speaks: names, numbers and times of Active Directory.
//!
//! A newtype lives here when two floors need it and a bare `String` or `u32` would let one be
//! passed for another. Nothing here reads bytes, clocks, files or the network.
//!
//! ```
//! use realmward_vocab::{AccountName, EncryptionType};
//!
//! assert_eq!(AccountName::new("DC1$").folded(), AccountName::new("dc1$").folded());
//! assert!(AccountName::new("DC1$").is_machine());
//! assert!(EncryptionType::RC4_HMAC.is_weak());
//! ```

mod direction;
mod etype;
mod guid;
pub mod interface;
mod kerberos;
mod names;
mod open;
mod packet;
mod status;
mod time;

pub use direction::Direction;
pub use etype::EncryptionType;
pub use guid::Guid;
pub use kerberos::{KdcOptions, KerberosError, PaDataType, TicketHash};
pub use names::{AccountName, DetectorId, DomainName, HostName, PrincipalName, Realm, ShareName};
pub use packet::{FileId, FlowId, Order, PacketRef};
pub use status::{NtStatus, ResultCode};
pub use time::EventTime;
