//! NTLM logons as the wire shows them (MS-NLMP; Windows events 4776, 8004 and 4624 are kin).

use crate::{Carrier, Outcome};
use realmward_vocab::{AccountName, DomainName, HostName, NtStatus};
use serde::{Deserialize, Serialize};

/// An AUTHENTICATE_MESSAGE (MS-NLMP section 2.2.1.3) with what was seen around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NtlmAuthenticated {
    /// `UserName`; empty for an anonymous logon.
    pub user: AccountName,
    /// `DomainName`.
    pub domain: DomainName,
    /// `Workstation`, which the client may choose freely.
    pub workstation: HostName,
    /// `NegotiateFlags` of the AUTHENTICATE message.
    pub flags: u32,
    /// `NegotiateFlags` of the NEGOTIATE message, if it was seen.
    pub negotiate_flags: Option<u32>,
    /// The client's `VERSION` (major, minor, build), if the flag and the field are there.
    pub client_version: Option<(u8, u8, u16)>,
    /// Protocol version of the response: 1 or 2; 0 for an anonymous logon.
    pub response_version: u8,
    /// `ServerChallenge`, if the CHALLENGE message was seen.
    pub server_challenge: Option<u64>,
    /// First eight octets of NTProofStr (version 2) or of the NT response (version 1).
    pub proof: Option<u64>,
    /// The eight octets of the client's challenge, as a little-endian number; version 2 only.
    pub client_challenge: Option<u64>,
    /// `MsvAvTargetName`: the service name that the client believes it speaks to.
    pub target_name: Option<String>,
    /// Whether the message carries a non-zero MIC.
    pub has_mic: bool,
    /// Computer name that the server gave in its challenge.
    pub server_name: Option<HostName>,
    /// DNS domain name that the server gave in its challenge.
    pub server_dns_domain: Option<DomainName>,
    /// What carried it.
    pub carrier: Carrier,
    /// How the server answered.
    pub outcome: Outcome,
    /// The status in the answer, where the carrier has one.
    pub status: Option<NtStatus>,
}
