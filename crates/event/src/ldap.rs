//! LDAP: binds, searches and changes (RFC 4511, MS-ADTS).

use crate::{Outcome, SessionPrincipal};
use realmward_vocab::{AccountName, DomainName, HostName, ResultCode};
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
    /// The filter in a normal form, at most 1,024 octets; empty if it is as `filter` says.
    ///
    /// In it names are in lower case, object identifiers of well-known attributes are names, operands
    /// are sorted and each stands once, `!` stands only before single tests, bit rules name one bit at
    /// a time, numbers and hex escapes are written in one way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub normal_filter: String,
    /// Controls of the request, at most 8.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Control>,
    /// Octets of the entries that came back so far.
    #[serde(default)]
    pub answer_octets: u64,
    /// Whether it is a comparison (section 4.10), told as the search of one object for one value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_comparison: bool,
    /// What a netlogon ping asked and was told (MS-ADTS section 6.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ping: Option<Box<NetlogonPing>>,
}

impl DirectorySearched {
    /// The filter in its normal form.
    #[must_use]
    pub fn normal(&self) -> &str {
        if self.normal_filter.is_empty() {
            &self.filter
        } else {
            &self.normal_filter
        }
    }
}

/// A control that came with a request (section 4.1.11, MS-ADTS section 3.1.1.3.4.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// `controlType`: `1.2.840.113556.1.4.801` security-descriptor flags, `1.2.840.113556.1.4.319`
    /// paging, `1.2.840.113556.1.4.841` `DirSync` ...
    pub kind: String,
    /// `criticality`.
    pub is_critical: bool,
    /// The number in its value: the flags, or the entries of a page.
    pub number: Option<i64>,
    /// Whether its cookie is not empty: the request goes on with an earlier one.
    pub goes_on: bool,
}

/// The question of a netlogon ping (MS-ADTS section 6.3.3), and whether the user it names exists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetlogonPing {
    /// `Host`: the name of the client.
    pub host: Option<HostName>,
    /// `User`: an account to be looked for.
    pub user: Option<AccountName>,
    /// `DnsDomain`.
    pub domain: Option<DomainName>,
    /// `NtVer`.
    pub version: Option<u32>,
    /// Whether the answer says that the user exists; `None` without an answer or a user.
    pub is_user_known: Option<bool>,
}

/// A request to change the directory was answered (sections 4.6 to 4.9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryChanged {
    /// What was to be done.
    pub operation: ChangeOperation,
    /// The object, by its distinguished name.
    pub object: String,
    /// Attributes written, at most 64.
    pub changes: Vec<AttributeChange>,
    /// For a move: the new name, with the new superior behind it if there is one.
    pub new_name: Option<String>,
    /// Controls of the request, at most 8.
    pub controls: Vec<Control>,
    /// Who.
    pub principal: SessionPrincipal,
    /// How it ended; `None` if the answer was not seen.
    pub result: Option<ResultCode>,
    /// The Win32 error that begins a diagnostic message, in hex.
    pub diagnostic: Option<String>,
    /// How, in one word.
    pub outcome: Outcome,
}

/// A change of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeOperation {
    /// Add.
    Add,
    /// Modify.
    #[default]
    Modify,
    /// Delete.
    Delete,
    /// Modify DN: a new name or a new place.
    Move,
}

/// A change of an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// How.
    pub operation: ValueOperation,
    /// The attribute.
    pub attribute: String,
    /// Its values, at most 16 of at most 256 octets, and only of attributes that decide who may do
    /// what, never a password. Values that are no text are hex.
    pub values: Vec<String>,
    /// How many values there are.
    pub count: u32,
    /// Octets of all values.
    pub octets: u32,
}

/// How an attribute was changed (section 4.6; RFC 4525).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueOperation {
    /// Values were added.
    #[default]
    Add,
    /// Values, or all of them, were deleted.
    Delete,
    /// Values took the place of others.
    Replace,
    /// A number was raised.
    Increment,
}

/// An extended operation was answered (section 4.12): a new password, "who am I", `StartTLS`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryExtended {
    /// `requestName`: `1.3.6.1.4.1.4203.1.11.1` password modify, `1.3.6.1.4.1.4203.1.11.3` who am I,
    /// `1.3.6.1.4.1.1466.20037` `StartTLS`.
    pub operation: String,
    /// Whose password is to be changed, where the operation names one.
    pub subject: Option<String>,
    /// Who.
    pub principal: SessionPrincipal,
    /// How it ended; `None` if the answer was not seen.
    pub result: Option<ResultCode>,
    /// How, in one word.
    pub outcome: Outcome,
}

/// A session of which nothing could be read came to its end: who it was, and how much was said.
///
/// The measures are of the sealed part alone, so that a bulk of answers is seen even so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectorySessionSealed {
    /// Who.
    pub principal: SessionPrincipal,
    /// Sealed buffers from the client.
    pub requests: u64,
    /// Octets of them.
    pub request_octets: u64,
    /// Sealed buffers from the server.
    pub answers: u64,
    /// Octets of them.
    pub answer_octets: u64,
    /// Time from the first sealed buffer to the last, in milliseconds.
    pub duration_ms: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(it: &bool) -> bool {
    !*it
}
