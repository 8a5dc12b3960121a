//! Bytes to messages to facts, one directory a protocol.
//!
//! Every protocol is laid out alike: `message.rs` has types in the standard's words, `parse.rs`
//! turns bytes into them without state, `session.rs` pairs requests with answers, `facts.rs` turns
//! the standard's words into the defender's. Nothing here knows TCP, files or what is suspicious.
//!
//! A conversation is fed through [`Dissector`]: octets of one direction, in order, with the packet
//! they came in. Facts, faults and what encryption hid come out in [`Facts`].
//!
//! ```
//! use realmward_protocols::{Dissector, Facts, Stamp, dns};
//! use realmward_vocab::Direction;
//!
//! // The answer to "what is the address of dc1?": 10.0.0.5.
//! let answer = b"\x00\x01\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00\x03dc1\x00\x00\x01\x00\x01\
//!                \xc0\x0c\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04\x0a\x00\x00\x05";
//! let mut facts = Facts::default();
//! let mut conversation = dns::Conversation::new(true);
//! conversation.feed(Direction::ToClient, answer, Stamp::default(), &mut facts);
//! assert_eq!(facts.pending.len(), 1);
//! ```

pub mod certificate;
pub mod dcerpc;
pub mod dhcp;
pub mod dns;
pub mod gss;
pub mod http;
pub mod kerberos;
pub mod ldap;
pub mod local_name;
pub mod nmf;
pub mod ntlm;
pub mod radius;
pub mod rdp;
pub mod smb;
pub mod tds;
pub mod tls;
pub mod wire;

mod dissector;

pub use dissector::{Counters, Dissector, EVIDENCE_MAX, Facts, Opaque, Proven, Recognised, Stamp};
