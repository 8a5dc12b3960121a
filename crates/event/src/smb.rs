//! SMB: negotiation, sessions, shares, files and pipes (MS-SMB2, MS-CIFS).

use crate::SessionPrincipal;
use realmward_vocab::{Guid, NtStatus, ShareName};
use serde::{Deserialize, Serialize};

/// NEGOTIATE was asked and, perhaps, answered (MS-SMB2 sections 2.2.3 and 2.2.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmbNegotiated {
    /// Dialects offered, in order; empty if the client spoke SMB1 or was not seen.
    pub dialects: Vec<u16>,
    /// Dialect chosen: `0x0311`; `0x0001` for SMB1 (NT LM 0.12); `None` if not seen.
    pub dialect: Option<u16>,
    /// `ClientGuid` of SMB2.
    pub client_guid: Option<Guid>,
    /// The client's `Capabilities`.
    pub client_capabilities: u32,
    /// Whether the client listed a dialect of SMB1.
    pub offers_smb1: bool,
    /// Whether the server demands signing.
    pub signing_required: bool,
}

/// SESSION_SETUP was answered with success or an error (MS-SMB2 section 2.2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmbSessionAnswered {
    /// Who.
    pub principal: SessionPrincipal,
    /// How it ended.
    pub status: NtStatus,
    /// Whether the session is encrypted from here on: names and pipes vanish.
    pub encrypted: bool,
    /// Whether the server made it a guest session.
    pub guest: bool,
}

/// The first encrypted message of a session went by (MS-SMB2 section 2.2.41).
///
/// From here on shares, files and pipes of this session cannot be seen. A client may choose to
/// encrypt even where the server does not ask for it, so this is not the same as
/// [`SmbSessionAnswered::encrypted`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmbSessionEncrypted {
    /// Who.
    pub principal: SessionPrincipal,
}

/// TREE_CONNECT was answered (MS-SMB2 section 2.2.9; Windows event 5140).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareOpened {
    /// The path as asked: `\\dc1\IPC$`.
    pub share: ShareName,
    /// Who.
    pub principal: SessionPrincipal,
    /// How it ended; `None` if the answer was not seen.
    pub status: Option<NtStatus>,
}

/// CREATE was answered (MS-SMB2 section 2.2.13; Windows event 5145).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOpened {
    /// The share, as far as known.
    pub share: ShareName,
    /// The name within the share, or of the pipe; at most 256 octets.
    pub name: String,
    /// Whether it is a pipe.
    pub is_pipe: bool,
    /// `DesiredAccess`.
    pub access: u32,
    /// Whether the request may create the file (disposition other than open).
    pub may_create: bool,
    /// Who.
    pub principal: SessionPrincipal,
    /// How it ended; `None` if the answer was not seen.
    pub status: Option<NtStatus>,
}
