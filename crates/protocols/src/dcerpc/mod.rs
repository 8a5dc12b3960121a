//! DCE/RPC over TCP, pipes, datagrams and HTTP (C706 chapter 12, MS-RPCE, MS-RPCH).
//!
//! Windows is administered, and attacked, through some dozens of RPC interfaces. Even where calls are
//! sealed, the header names the interface (by its bind), the operation and the sizes: enough to see
//! replication, remote services, tasks and WMI. Where stubs are in clear, a few arguments are read by
//! the interface's own file under `interfaces/`.
//!
//! A conversation that was joined late has calls without an interface; they are reported as such,
//! unless a verification trailer names it. Decryption and telling an interface by its port are absent.

pub mod connectionless;
pub mod http;
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
mod trailer;

pub use handles::Handles;
pub use session::Conversation;

use crate::wire::ParseError;
use crate::{Dissector, Recognised};
use realmward_event::rpc::Transport;

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

/// As [`recognise`], for octets of a stream or for a datagram (`over_udp`).
#[must_use]
pub fn recognise_over(over_udp: bool, octets: &[u8]) -> Recognised {
    match over_udp {
        true => connectionless::recognise(octets),
        false => recognise(octets),
    }
}

/// A conversation over a stream or over datagrams (`over_udp`).
#[must_use]
pub fn converse(over_udp: bool) -> Box<dyn Dissector> {
    match over_udp {
        true => Box::new(connectionless::Conversation::new()),
        false => Box::new(Conversation::new(Transport::Tcp)),
    }
}
