//! LDAP: binds and searches (RFC 4511, MS-ADTS).

use crate::{Outcome, SessionPrincipal};
use realmward_vocab::ResultCode;
use serde::{Deserialize, Serialize};

/// What protects an LDAP session after its bind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Nothing, or not known yet.
    #[default]
    None,
    /// Signed: content is readable.
    Signed,
    /// Sealed: content is hidden.
    Sealed,
}

/// A bind was answered (RFC 4511 section 4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryBound {
    /// Who.
    pub principal: SessionPrincipal,
    /// `simple`, `GSS-SPNEGO`, `GSSAPI`, `sicily` ...
    pub mechanism: String,
    /// Whether a password crossed the wire in clear. The password itself is never kept.
    pub cleartext_password: bool,
    /// How it ended; `None` if the answer was not seen.
    pub result: Option<ResultCode>,
    /// The `data` code of a diagnostic message (`52e`: wrong password), if there is one.
    pub diagnostic: Option<String>,
}

/// A search was answered (RFC 4511 section 4.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectorySearched {
    /// `baseObject`; empty for the root DSE.
    pub base: String,
    /// `scope`: 0 base, 1 one level, 2 subtree.
    pub scope: u8,
    /// The filter in the text form of RFC 4515, at most 1,024 octets.
    pub filter: String,
    /// Attributes asked for, at most 64.
    pub attributes: Vec<String>,
    /// Entries that came back so far.
    pub entries: u32,
    /// How it ended; `None` if the answer was not seen.
    pub result: Option<ResultCode>,
    /// Who.
    pub principal: SessionPrincipal,
    /// How, in one word.
    pub outcome: Outcome,
}
