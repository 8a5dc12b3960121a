//! The messages of MS-SMB2 section 2.2 in its own words, borrowed, as far as a listener needs them.

use super::super::opens::Payload;
use realmward_vocab::{Direction, Guid, NtStatus};

/// `Command` of the header (MS-SMB2 section 2.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Command(pub(crate) u16);

impl Command {
    pub(crate) const NEGOTIATE: Self = Self(0x0000);
    pub(crate) const SESSION_SETUP: Self = Self(0x0001);
    pub(crate) const LOGOFF: Self = Self(0x0002);
    pub(crate) const TREE_CONNECT: Self = Self(0x0003);
    pub(crate) const TREE_DISCONNECT: Self = Self(0x0004);
    pub(crate) const CREATE: Self = Self(0x0005);
    pub(crate) const CLOSE: Self = Self(0x0006);
    pub(crate) const READ: Self = Self(0x0008);
    pub(crate) const WRITE: Self = Self(0x0009);
    pub(crate) const IOCTL: Self = Self(0x000b);
    pub(crate) const QUERY_DIRECTORY: Self = Self(0x000e);
    pub(crate) const SET_INFO: Self = Self(0x0011);
}

/// SMB2 Packet Header (MS-SMB2 sections 2.2.1.1 and 2.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) command: Command,
    /// `Status` of a response.
    pub(crate) status: NtStatus,
    pub(crate) flags: u32,
    pub(crate) next_command: u32,
    pub(crate) message_id: u64,
    /// `TreeId`; `None` where `AsyncId` stands in its place.
    pub(crate) tree_id: Option<u32>,
    pub(crate) session_id: u64,
}

impl Header {
    /// Who sends it, by `SMB2_FLAGS_SERVER_TO_REDIR`.
    pub(crate) const fn sender(&self) -> Direction {
        match self.flags & 0x1 {
            0 => Direction::ToServer,
            _ => Direction::ToClient,
        }
    }

    /// `SMB2_FLAGS_ASYNC_COMMAND`.
    pub(crate) const fn is_async(&self) -> bool {
        self.flags & 0x2 != 0
    }

    /// `SMB2_FLAGS_RELATED_OPERATIONS`.
    pub(crate) const fn is_related(&self) -> bool {
        self.flags & 0x4 != 0
    }
}

/// SMB2 NEGOTIATE Request (MS-SMB2 section 2.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NegotiateRequest {
    pub(crate) security_mode: u16,
    pub(crate) capabilities: u32,
    pub(crate) client_guid: Guid,
    pub(crate) dialects: Vec<u16>,
    pub(crate) contexts: NegotiateContexts,
}

impl NegotiateRequest {
    /// `SMB2_NEGOTIATE_SIGNING_REQUIRED`.
    pub(crate) const fn signing_required(&self) -> bool {
        self.security_mode & 0x2 != 0
    }
}

/// SMB2 NEGOTIATE_CONTEXT list (MS-SMB2 section 2.2.3.1), as far as it says what is offered or chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NegotiateContexts {
    /// `ContextType` of each.
    pub(crate) kinds: Vec<u16>,
    /// `Ciphers` of SMB2_ENCRYPTION_CAPABILITIES.
    pub(crate) ciphers: Vec<u16>,
    /// `CompressionAlgorithms` of SMB2_COMPRESSION_CAPABILITIES.
    pub(crate) compressions: Vec<u16>,
    /// `SigningAlgorithms` of SMB2_SIGNING_CAPABILITIES.
    pub(crate) signing_algorithms: Vec<u16>,
    /// `NetName` of SMB2_NETNAME_NEGOTIATE_CONTEXT_ID, in UTF-16.
    pub(crate) net_name: Option<Vec<u8>>,
}

/// SMB2 NEGOTIATE Response (MS-SMB2 section 2.2.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NegotiateResponse {
    pub(crate) security_mode: u16,
    pub(crate) dialect_revision: u16,
    /// What follows, if it was captured.
    pub(crate) server_guid: Option<Guid>,
    pub(crate) capabilities: u32,
    pub(crate) contexts: NegotiateContexts,
}

impl NegotiateResponse {
    /// `SMB2_NEGOTIATE_SIGNING_REQUIRED`.
    pub(crate) const fn signing_required(&self) -> bool {
        self.security_mode & 0x2 != 0
    }
}

/// SMB2 SESSION_SETUP Request (MS-SMB2 section 2.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionSetupRequest<'a> {
    pub(crate) flags: u8,
    pub(crate) previous_session_id: u64,
    /// `Buffer`.
    pub(crate) token: &'a [u8],
}

impl SessionSetupRequest<'_> {
    /// `SMB2_SESSION_FLAG_BINDING`.
    pub(crate) const fn binds(&self) -> bool {
        self.flags & 0x1 != 0
    }
}

/// SMB2 SESSION_SETUP Response (MS-SMB2 section 2.2.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionSetupResponse<'a> {
    pub(crate) session_flags: u16,
    /// `Buffer`.
    pub(crate) token: &'a [u8],
}

impl SessionSetupResponse<'_> {
    /// `SMB2_SESSION_FLAG_IS_GUEST`.
    pub(crate) const fn is_guest(&self) -> bool {
        self.session_flags & 0x1 != 0
    }

    /// `SMB2_SESSION_FLAG_IS_NULL`.
    pub(crate) const fn is_null(&self) -> bool {
        self.session_flags & 0x2 != 0
    }

    /// `SMB2_SESSION_FLAG_ENCRYPT_DATA`.
    pub(crate) const fn encrypts(&self) -> bool {
        self.session_flags & 0x4 != 0
    }
}

/// SMB2 CREATE Request (MS-SMB2 section 2.2.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CreateRequest<'a> {
    pub(crate) desired_access: u32,
    pub(crate) create_disposition: u32,
    pub(crate) create_options: u32,
    /// UTF-16.
    pub(crate) name: &'a [u8],
}

/// `FILE_OPEN`: only what exists is opened.
pub(crate) const FILE_OPEN: u32 = 0x0000_0001;

/// `SMB2_SHARE_TYPE_PIPE` (MS-SMB2 section 2.2.10).
pub(crate) const SHARE_TYPE_PIPE: u8 = 0x02;

/// `FSCTL_PIPE_TRANSCEIVE` (MS-SMB2 section 2.2.31).
pub(crate) const FSCTL_PIPE_TRANSCEIVE: u32 = 0x0011_c017;

/// `FSCTL_SRV_COPYCHUNK` and `FSCTL_SRV_COPYCHUNK_WRITE` (MS-SMB2 section 2.2.31).
pub(crate) const FSCTL_SRV_COPYCHUNK: [u32; 2] = [0x0014_40f2, 0x0014_80f2];

/// SMB2 SET_INFO Request (MS-SMB2 section 2.2.39), of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SetInfo<'a> {
    pub(crate) file_id: u128,
    pub(crate) change: Change<'a>,
}

/// What a SET_INFO changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    /// `FileRenameInformation` (MS-FSCC section 2.4.42): the name, in UTF-16.
    Rename(&'a [u8]),
    /// `FileDispositionInformation` or its extension (MS-FSCC section 2.4.11): whether it goes.
    Disposition(bool),
    /// Times, sizes, security.
    Other,
}

/// In a compound: the handle of the message before (MS-SMB2 section 3.2.4.1.4).
pub(crate) const FILE_ID_OF_CHAIN: u128 = u128::MAX;

/// SMB2 WRITE Request (section 2.2.21), or either side of an SMB2 IOCTL (sections 2.2.31, 2.2.32).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carried<'a> {
    pub(crate) file_id: u128,
    /// `CtlCode` of an IOCTL, 0 of a WRITE.
    pub(crate) ctl_code: u32,
    pub(crate) payload: Payload<'a>,
}
