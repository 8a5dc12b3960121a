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
    /// Whether the client demands signing.
    #[serde(default)]
    pub client_signing_required: bool,
    /// The server's `ServerGuid`.
    #[serde(default)]
    pub server_guid: Option<Guid>,
    /// The server's `Capabilities`.
    #[serde(default)]
    pub server_capabilities: u32,
    /// Types of the client's negotiate contexts, in order (MS-SMB2 section 2.2.3.1).
    #[serde(default)]
    pub contexts: Vec<u16>,
    /// Ciphers that the client offers, in order.
    #[serde(default)]
    pub ciphers: Vec<u16>,
    /// Signing algorithms that the client offers, in order.
    #[serde(default)]
    pub signing_algorithms: Vec<u16>,
    /// Compression algorithms that the client offers, in order.
    #[serde(default)]
    pub compressions: Vec<u16>,
    /// The server that the client means, as it was typed: `NetName` of
    /// SMB2_NETNAME_NEGOTIATE_CONTEXT_ID.
    #[serde(default)]
    pub server_name: Option<String>,
    /// The cipher that the server chose; 0 is none.
    #[serde(default)]
    pub cipher: Option<u16>,
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
    /// Whether the server made it an anonymous session.
    #[serde(default)]
    pub null: bool,
    /// Whether another connection joins a session that exists (multichannel).
    #[serde(default)]
    pub binding: bool,
    /// Whether it takes the place of an earlier session (`PreviousSessionId`).
    #[serde(default)]
    pub resumes: bool,
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
    /// `CreateDisposition`: 0 supersede, 1 open, 2 create, 3 open or create, 4 overwrite, 5 overwrite
    /// or create.
    #[serde(default)]
    pub disposition: Option<u8>,
    /// `CreateOptions`: 0x1 a folder, 0x1000 deleted when it is closed.
    #[serde(default)]
    pub options: u32,
    /// Octets of the file when it was opened.
    #[serde(default)]
    pub size: Option<u64>,
}

/// What was done with an open file until it was closed (MS-SMB2 sections 2.2.15, 2.2.39).
///
/// Told only where much was moved, or where something was done in a place that matters: not every
/// file of a file server is worth an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileClosed {
    /// The share, as far as known.
    pub share: ShareName,
    /// The name within the share; at most 256 octets.
    pub name: String,
    /// Octets read.
    pub octets_read: u64,
    /// Octets written, or copied to it by the server.
    pub octets_written: u64,
    /// Whether it was marked to be deleted.
    pub deleted: bool,
    /// Its new name, if it was renamed; at most 256 octets.
    pub renamed_to: Option<String>,
    /// What was searched for in it, if it is a folder: `Groups.xml`; at most 256 octets.
    pub pattern: Option<String>,
    /// Who.
    pub principal: SessionPrincipal,
}

/// A compressed message whose sizes contradict each other (MS-SMB2 section 2.2.42): nobody's client
/// sends it, and an unpatched server writes past its buffer (CVE-2020-0796).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmbSizesContradict {
    /// `OriginalCompressedSegmentSize`.
    pub original_octets: u32,
    /// `Offset`.
    pub offset: u32,
    /// Octets of the message.
    pub message_octets: u32,
}
