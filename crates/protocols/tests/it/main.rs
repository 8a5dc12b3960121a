//! Protocols, seen from outside.

mod rpc;
