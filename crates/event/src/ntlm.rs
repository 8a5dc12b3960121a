//! NTLM logons as the wire shows them (MS-NLMP; Windows events 4776, 8004 and 4624 are kin).

use crate::{Carrier, Outcome};
use realmward_vocab::{AccountName, DomainName, EventTime, HostName, NtStatus};
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
    /// `NegotiateFlags` of the CHALLENGE message, if it was seen.
    #[serde(default)]
    pub challenge_flags: Option<u32>,
    /// `DomainName` that the NEGOTIATE message supplies, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiate_domain: Option<DomainName>,
    /// `Workstation` that the NEGOTIATE message supplies, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiate_workstation: Option<HostName>,
    /// What the LM response is.
    #[serde(default)]
    pub lm_response: LmResponse,
    /// Length of the NT response in octets.
    #[serde(default)]
    pub nt_response_octets: u16,
    /// `MsvAvFlags` of the response: 1 constrained, 2 a MIC is present, 4 the target name is not
    /// trusted.
    #[serde(default)]
    pub av_flags: Option<u32>,
    /// Whether the response binds to its channel: `false` if `MsvAvChannelBindings` is all zero,
    /// `None` if it is absent.
    #[serde(default)]
    pub has_channel_binding: Option<bool>,
    /// First eight octets of the `MachineID` in `MsvAvSingleHost`, which Windows draws at each start.
    #[serde(default)]
    pub machine_id: Option<u64>,
    /// `TimeStamp` of the response: the server's, if it gave one, else the client's clock.
    #[serde(default)]
    pub response_time: Option<EventTime>,
    /// `MsvAvTimestamp` of the challenge: the server's clock.
    #[serde(default)]
    pub server_time: Option<EventTime>,
    /// The server's `VERSION` (major, minor, build).
    #[serde(default)]
    pub server_version: Option<(u8, u8, u16)>,
    /// DNS name that the server gave in its challenge.
    #[serde(default)]
    pub server_dns_name: Option<HostName>,
    /// NetBIOS domain name that the server gave in its challenge.
    #[serde(default)]
    pub server_netbios_domain: Option<DomainName>,
}

/// What stands in `LmChallengeResponse` (MS-NLMP sections 3.3.1 and 3.3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LmResponse {
    /// Nothing, or only zeros.
    #[default]
    Absent,
    /// A client's challenge and zeros: NTLMv1 with extended session security, "NTLM2 session".
    SessionSecurity,
    /// The same octets as the NT response: no LM hash is shown.
    SameAsNt,
    /// A response made from the LM hash, which is broken in seconds.
    Lm,
    /// An LMv2 response.
    V2,
}
