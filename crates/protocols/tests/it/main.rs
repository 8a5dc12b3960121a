//! Protocols, seen from outside.

#[cfg(test)]
mod rpc;
