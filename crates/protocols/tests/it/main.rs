//! Protocols, seen from outside.

#[cfg(test)]
mod kerberos;
#[cfg(test)]
mod rpc;
