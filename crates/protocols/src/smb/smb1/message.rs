//! The messages of MS-CIFS section 2.2.4 and MS-SMB section 2.2.4 in their own words, borrowed, as far
//! as a listener needs them.

use super::super::opens::Payload;
use realmward_vocab::NtStatus;

/// `Command` (MS-CIFS section 2.2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command(pub(crate) u8);

impl Command {
    pub(crate) const CLOSE: Self = Self(0x04);
    pub(crate) const LOCKING_ANDX: Self = Self(0x24);
    pub(crate) const TRANSACTION: Self = Self(0x25);
    pub(crate) const TRANSACTION_SECONDARY: Self = Self(0x26);
    pub(crate) const OPEN_ANDX: Self = Self(0x2d);
    pub(crate) const READ_ANDX: Self = Self(0x2e);
    pub(crate) const WRITE_ANDX: Self = Self(0x2f);
    pub(crate) const TREE_DISCONNECT: Self = Self(0x71);
    pub(crate) const NEGOTIATE: Self = Self(0x72);
    pub(crate) const SESSION_SETUP_ANDX: Self = Self(0x73);
    pub(crate) const LOGOFF_ANDX: Self = Self(0x74);
    pub(crate) const TREE_CONNECT_ANDX: Self = Self(0x75);
    pub(crate) const NT_CREATE_ANDX: Self = Self(0xa2);

    /// Whether more of it than the header is of use.
    pub(crate) const fn matters(self) -> bool {
        self.chains()
            || matches!(
                self,
                Self::CLOSE
                    | Self::TRANSACTION
                    | Self::TRANSACTION_SECONDARY
                    | Self::TREE_DISCONNECT
                    | Self::NEGOTIATE
            )
    }

    /// Whether another command may follow in the same message (section 2.2.3.4).
    pub(crate) const fn chains(self) -> bool {
        matches!(
            self,
            Self::LOCKING_ANDX
                | Self::OPEN_ANDX
                | Self::READ_ANDX
                | Self::WRITE_ANDX
                | Self::SESSION_SETUP_ANDX
                | Self::LOGOFF_ANDX
                | Self::TREE_CONNECT_ANDX
                | Self::NT_CREATE_ANDX
        )
    }
}

/// `SMB_Header` (MS-CIFS section 2.2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) command: Command,
    /// `Status`; an error of the older form is translated.
    pub(crate) status: NtStatus,
    pub(crate) flags2: u16,
    pub(crate) tid: u16,
    pub(crate) pid: u32,
    pub(crate) uid: u16,
    pub(crate) mid: u16,
}

impl Header {
    /// `SMB_FLAGS2_UNICODE`.
    pub(crate) const fn is_unicode(&self) -> bool {
        self.flags2 & 0x8000 != 0
    }
}

/// One command of a message: `Parameters.Words` and `Data.Bytes` (MS-CIFS sections 2.2.3.2, 2.2.3.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a> {
    pub(crate) command: Command,
    pub(crate) words: &'a [u8],
    /// As much of them as is there.
    pub(crate) bytes: &'a [u8],
    /// Where `bytes` begin in the message, because text is aligned there.
    pub(crate) bytes_at: usize,
    /// Whether no other command follows.
    pub(crate) is_last: bool,
}

/// SMB_COM_NEGOTIATE Response (MS-CIFS section 2.2.4.52.2, MS-SMB section 2.2.4.5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct NegotiateResponse {
    /// `DialectIndex`; 0xffff if none was good enough.
    pub(crate) dialect_index: u16,
    /// `SecurityMode`.
    pub(crate) security_mode: u8,
    /// `Challenge`, without extended security.
    pub(crate) challenge: Option<u64>,
}

impl NegotiateResponse {
    /// `NEGOTIATE_SECURITY_SIGNATURES_REQUIRED`.
    pub(crate) const fn signing_required(&self) -> bool {
        self.security_mode & 0x08 != 0
    }

    /// Without `NEGOTIATE_ENCRYPT_PASSWORDS`, passwords come in clear.
    pub(crate) const fn takes_plaintext(&self) -> bool {
        self.security_mode & 0x02 == 0
    }
}

/// SMB_COM_SESSION_SETUP_ANDX Request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SessionSetup<'a> {
    /// With extended security (MS-SMB section 2.2.4.6.1): the token.
    Token(&'a [u8]),
    /// Without (MS-CIFS section 2.2.4.53.1).
    Response {
        /// `OEMPassword`.
        lm: &'a [u8],
        /// `UnicodePassword`.
        nt: &'a [u8],
        /// `AccountName` and `PrimaryDomain`.
        names: [&'a [u8]; 2],
    },
}

/// SMB_COM_NT_CREATE_ANDX Request (MS-CIFS section 2.2.4.64.1), or an OPEN_ANDX (section 2.2.4.41.1)
/// in its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Create<'a> {
    pub(crate) desired_access: u32,
    pub(crate) may_create: bool,
    /// `CreateDisposition` and `CreateOptions` of an NT_CREATE_ANDX.
    pub(crate) disposition: Option<u8>,
    pub(crate) options: u32,
    pub(crate) name: &'a [u8],
}

/// SMB_COM_WRITE_ANDX Request (MS-CIFS section 2.2.4.43.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write<'a> {
    pub(crate) fid: u16,
    pub(crate) payload: Payload<'a>,
}

/// One side of an SMB_COM_TRANSACTION (MS-CIFS section 2.2.4.33).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transaction<'a> {
    /// The pipe of a request of `TRANS_TRANSACT_NMPIPE` (MS-CIFS section 2.2.5.6).
    pub(crate) pipe: Option<u16>,
    pub(crate) payload: Payload<'a>,
    /// Whether this is the end of its data.
    pub(crate) is_complete: bool,
}
