//! Bytes to messages to facts, one directory a protocol.
//!
//! Every protocol is laid out alike: `message.rs` has types in the standard's words, `parse.rs`
//! turns bytes into them without state, `session.rs` pairs requests with answers, `facts.rs` turns
//! the standard's words into the defender's. Nothing here knows TCP, files or what is suspicious.
//!
//! A conversation is fed through [`Dissector`]: octets of one direction, in order, with the packet
//! they came in. Facts, faults and what encryption hid come out in [`Facts`].

pub mod dcerpc;
pub mod dns;
pub mod gss;
pub mod kerberos;
pub mod ldap;
pub mod ntlm;
pub mod smb;
pub mod tls;
pub mod wire;

mod dissector;

pub use dissector::{Counters, Dissector, EVIDENCE_MAX, Facts, Opaque, Proven, Recognised, Stamp};
