//! Messages in the words of RFC 4511. They borrow from the octets they were read from.

use crate::wire::ParseError;

/// The identifier octet of a `protocolOp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Operation(pub(crate) u8);

impl Operation {
    pub(crate) const BIND_REQUEST: Self = Self(0x60);
    pub(crate) const BIND_RESPONSE: Self = Self(0x61);
    pub(crate) const SEARCH_REQUEST: Self = Self(0x63);
    pub(crate) const SEARCH_RESULT_ENTRY: Self = Self(0x64);
    pub(crate) const SEARCH_RESULT_DONE: Self = Self(0x65);
    pub(crate) const MODIFY_REQUEST: Self = Self(0x66);
    pub(crate) const MODIFY_RESPONSE: Self = Self(0x67);
    pub(crate) const ADD_REQUEST: Self = Self(0x68);
    pub(crate) const ADD_RESPONSE: Self = Self(0x69);
    pub(crate) const DELETE_REQUEST: Self = Self(0x4a);
    pub(crate) const DELETE_RESPONSE: Self = Self(0x6b);
    pub(crate) const MODIFY_DN_REQUEST: Self = Self(0x6c);
    pub(crate) const MODIFY_DN_RESPONSE: Self = Self(0x6d);
    pub(crate) const COMPARE_REQUEST: Self = Self(0x6e);
    pub(crate) const COMPARE_RESPONSE: Self = Self(0x6f);
    pub(crate) const ABANDON_REQUEST: Self = Self(0x50);
    pub(crate) const EXTENDED_REQUEST: Self = Self(0x77);
    pub(crate) const EXTENDED_RESPONSE: Self = Self(0x78);

    /// Whether a client sends it; `None` when it is no operation of LDAP.
    pub(crate) const fn is_request(self) -> Option<bool> {
        match self.0 {
            // bind, unbind, search, modify, add, delete, modify DN, compare, abandon, extended
            0x60 | 0x42 | 0x63 | 0x66 | 0x68 | 0x4a | 0x6c | 0x6e | 0x50 | 0x77 => Some(true),
            // their answers, entries, references and intermediate answers
            0x61 | 0x64 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x73 | 0x78 | 0x79 => {
                Some(false)
            }
            _ => None,
        }
    }
}

/// What stands before the content of an `LDAPMessage`'s `protocolOp` (section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// `messageID`.
    pub(crate) message_id: u32,
    /// Which `protocolOp`.
    pub(crate) operation: Operation,
    /// Where the content of the `protocolOp` begins and how long it is.
    pub(crate) content: (usize, usize),
    /// Octets of the whole message.
    pub(crate) total: usize,
}

/// `BindRequest` (section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BindRequest<'a> {
    /// `name`.
    pub(crate) name: &'a [u8],
    /// `authentication`.
    pub(crate) authentication: AuthenticationChoice<'a>,
}

/// `AuthenticationChoice` (section 4.2), with the choices of MS-ADTS section 5.1.1.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthenticationChoice<'a> {
    /// `simple`. The password is not kept.
    Simple {
        /// Whether there is one.
        has_password: bool,
    },
    /// `sasl`.
    Sasl {
        /// `mechanism`.
        mechanism: &'a [u8],
        /// `credentials`.
        credentials: &'a [u8],
    },
    /// `sicilyPackageDiscovery`, `sicilyNegotiate` or `sicilyResponse`: NTLM in three steps.
    Sicily {
        /// Whether it is the last step.
        is_response: bool,
        /// The token.
        token: &'a [u8],
    },
    /// Something else.
    Other,
}

/// `LDAPResult` (section 4.1.9), with what a bind response adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LdapResult<'a> {
    /// `resultCode`.
    pub(crate) result_code: u32,
    /// `matchedDN`; in an answer to a sicily step, the server's token.
    pub(crate) matched_dn: &'a [u8],
    /// `diagnosticMessage`.
    pub(crate) diagnostic_message: &'a [u8],
    /// `serverSaslCreds` (section 4.2.2).
    pub(crate) server_sasl_creds: &'a [u8],
}

/// `SearchRequest` (section 4.5.1), as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchRequest<'a> {
    /// `baseObject`.
    pub(crate) base_object: &'a [u8],
    /// `scope`.
    pub(crate) scope: u8,
    /// `filter`, in the text form of RFC 4515.
    pub(crate) filter: String,
    /// `filter` as it was written, if all of it could be read.
    pub(crate) encoded_filter: &'a [u8],
    /// `attributes`.
    pub(crate) attributes: Vec<&'a [u8]>,
    /// Where reading ended before its time.
    pub(crate) fault: Option<ParseError>,
}
