//! What directory servers say of themselves.

use realmward_vocab::{DomainName, HostName};
use serde::{Deserialize, Serialize};

/// A server described itself, in a root DSE or in an answer to a netlogon ping
/// (MS-ADTS sections 3.1.1.3.2 and 6.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryServerSeen {
    /// `dnsHostName`, or the DNS name in the ping's answer.
    pub host: Option<HostName>,
    /// DNS name of the domain.
    pub domain: Option<DomainName>,
    /// NetBIOS name of the domain.
    pub netbios_domain: Option<DomainName>,
    /// Whether the answer can only come from an Active Directory domain controller.
    pub is_domain_controller: bool,
}
