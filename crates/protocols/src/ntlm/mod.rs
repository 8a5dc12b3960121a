//! NTLM messages (MS-NLMP), whatever carries them.
//!
//! Reads what the three messages show without a key: who claims to be whom, from which stack, for
//! which target. Pairing the three is [`crate::gss`]'s work; checking a response needs the user's
//! hash and is nobody's work here.

pub mod message;
pub mod parse;

#[cfg(test)]
mod tests;
