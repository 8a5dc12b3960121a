//! Logons to SQL Server, where they are readable (MS-TDS).

use crate::Outcome;
use realmward_vocab::{AccountName, HostName};
use serde::{Deserialize, Serialize};

/// A client logged on to a database, or tried to. The password is never read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseLogon {
    /// `UserName`; empty for a logon with Windows' own.
    pub user: AccountName,
    /// Whether Kerberos or NTLM proved the user; those are facts of their own.
    pub integrated: bool,
    /// `HostName` that the client gives itself.
    pub client_host: HostName,
    /// `AppName`, at most 128 octets.
    pub application: String,
    /// `ServerName` that the client meant.
    pub server_name: HostName,
    /// `CltIntName`, the library, at most 128 octets.
    pub library: String,
    /// `Database`, at most 128 octets.
    pub database: String,
    /// What both ends agreed on: 0 the logon is encrypted, 1 everything, 2 nothing, 3 everything.
    pub encryption: Option<u8>,
    /// How it ended.
    pub outcome: Outcome,
    /// Number of the first error (18456: logon failed).
    pub error: Option<u32>,
}
