//! DCE/RPC over TCP and over pipes (C706 chapter 12, MS-RPCE).
//!
//! Windows is administered, and attacked, through some dozens of RPC interfaces. Even where calls are
//! sealed, the header names the interface (by its bind), the operation and the sizes: enough to see
//! replication, remote services, tasks and WMI. Where stubs are in clear, a few arguments are read by
//! the interface's own file under `interfaces/`.
//!
//! A conversation that was joined late has calls without an interface; they are reported as such.
//! Decryption, the connectionless protocol, and telling an interface by its port are absent.

pub mod interfaces;
pub mod message;
pub mod ndr;
pub mod parse;

mod association;
mod bindings;
mod calls;
mod facts;
mod handles;
mod limits;
mod security;
mod session;

pub use handles::Handles;
pub use session::Conversation;

use crate::Recognised;
use crate::wire::ParseError;

/// Whether these first octets of a direction are this protocol: a connection-oriented header whose
/// lengths fit together. Its type tells which side sent it.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    match parse::header(octets) {
        Ok(header) => Recognised::Yes(header.ptype.sent()),
        Err(ParseError::Incomplete { .. }) => Recognised::TooShort,
        Err(_) => Recognised::No,
    }
}
