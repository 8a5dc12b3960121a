//! Authentication tokens in any carrier: SPNEGO (RFC 4178), Kerberos (RFC 4121) or NTLM (MS-NLMP).
//!
//! SMB session setup, LDAP SASL binds and DCE/RPC authentication all carry the same tokens. The
//! carrier hands them to an [`Exchange`], says how the server answered, and learns whose session it is.
//! What a token says is taken at its word: no key is known here, so a claim stays a claim until the
//! server's answer.

mod exchange;
mod facts;
mod round;
mod spnego;
mod token;

#[cfg(test)]
mod tests;

pub use exchange::Exchange;
pub use token::Mechanism;
