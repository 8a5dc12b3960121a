//! Names under which Azure ATP and Defender for Identity sent their alerts, by external id.

/// The event name and the title of an external id; `None` if none was published.
pub(super) fn event_name(external_id: Option<u16>) -> Option<(&'static str, &'static str)> {
    let id = external_id?;
    NAMES
        .iter()
        .find(|(known, ..)| *known == id)
        .map(|(_, name, title)| (*name, *title))
}

/// Where no title was published, the title is ours.
const NAMES: &[(u16, &str, &str)] = &[
    (
        2002,
        "AbnormalProtocolSecurityAlert",
        "SuspectedOverPassTheHashAttack",
    ),
    (
        2003,
        "AccountEnumerationSecurityAlert",
        "Reconnaissance using account enumeration",
    ),
    (
        2004,
        "LdapBruteForceSecurityAlert",
        "Brute force attack using LDAP simple bind",
    ),
    (
        2006,
        "DirectoryServicesReplicationSecurityAlert",
        "Malicious replication of directory services",
    ),
    (
        2007,
        "DnsReconnaissanceSecurityAlert",
        "Reconnaissance using DNS",
    ),
    (
        2008,
        "EncryptionDowngradeSecurityAlert",
        "Encryption downgrade activity",
    ),
    (
        2009,
        "GoldenTicketEncryptionDowngradeSecurityAlert",
        "Encryption downgrade activity (potential golden ticket attack)",
    ),
    (
        2010,
        "EncryptionDowngradeSecurityAlert",
        "Encryption downgrade activity",
    ),
    (
        2012,
        "EnumerateSessionsSecurityAlert",
        "Reconnaissance using SMB Session Enumeration",
    ),
    (
        2013,
        "ForgedPacSecurityAlert",
        "Privilege escalation using forged authorization data",
    ),
    (
        2014,
        "HoneytokenActivitySecurityAlert",
        "Honeytoken activity",
    ),
    (
        2017,
        "PassTheHashSecurityAlert",
        "Identity theft using Pass-the-Hash attack",
    ),
    (
        2018,
        "PassTheTicketSecurityAlert",
        "Identity theft using Pass-the-Ticket attack",
    ),
    (
        2019,
        "RemoteExecutionSecurityAlert",
        "Remote code execution attempt",
    ),
    (
        2020,
        "RetrieveDataProtectionBackupKeySecurityAlert",
        "Malicious Data Protection Private Information Request",
    ),
    (
        2021,
        "SamrReconnaissanceSecurityAlert",
        "Reconnaissance using directory services enumeration",
    ),
    (
        2022,
        "GoldenTicketSecurityAlert",
        "Kerberos Golden Ticket activity",
    ),
    (
        2023,
        "BruteForceSecurityAlert",
        "Suspicious authentication failures",
    ),
    (
        2024,
        "AbnormalSensitiveGroupMembershipChangeSecurityAlert",
        "Suspicious modification of sensitive groups",
    ),
    (
        2025,
        "AbnormalVpnSecurityAlert",
        "Suspicious VPN Connection",
    ),
    (
        2026,
        "MaliciousServiceCreationSecurityAlert",
        "Suspicious service creation",
    ),
    (
        2027,
        "ForgedPrincipalSecurityAlert",
        "Kerberos Golden Ticket - non-existing account",
    ),
    (
        2028,
        "DirectoryServicesRoguePromotionSecurityAlert",
        "Suspicious domain controller promotion (potential DcShadow attack)",
    ),
    (
        2029,
        "DirectoryServicesRogueReplicationSecurityAlert",
        "Suspicious replication request (potential DcShadow attack)",
    ),
    (
        2030,
        "SmbDataExfiltrationSecurityAlert",
        "Data exfiltration over SMB",
    ),
    (
        2031,
        "DnsSuspiciousCommunicationSecurityAlert",
        "Suspicious Communication over DNS",
    ),
    (
        2032,
        "GoldenTicketSizeAnomalySecurityAlert",
        "Suspected Golden Ticket usage (ticket anomaly)",
    ),
    (
        2033,
        "AbnormalProtocolSecurityAlert",
        "SuspectedBrutForceAttack",
    ),
    (
        2034,
        "AbnormalProtocolSecurityAlert",
        "SuspectedAttackUsingMetasploit",
    ),
    (
        2035,
        "AbnormalProtocolSecurityAlert",
        "SuspectedWannaCryRansomwareAttack",
    ),
    (
        2036,
        "DnsRemoteCodeExecutionSecurityAlert",
        "Remote code execution over DNS",
    ),
    (
        2037,
        "NtlmRelaySecurityAlert",
        "Suspected NTLM relay attack",
    ),
    (
        2038,
        "LdapSearchReconnaissanceSecurityAlert",
        "Reconnaissance using LDAP Queries",
    ),
    (
        2039,
        "AbnormalNtlmSigningSecurityAlert",
        "Suspected NTLM authentication tampering",
    ),
    (
        2040,
        "ResourceBasedConstrainedDelegationGoldenTicketSecurityAlert",
        "Suspected Golden Ticket usage (resource-based constrained delegation)",
    ),
    (
        2047,
        "RogueCertificateUsageSecurityAlert",
        "Suspicious certificate usage over Kerberos",
    ),
    (
        2210,
        "LdapSensitiveAttributeReconnaissanceSecurityAlert",
        "Active Directory attributes reconnaissance over LDAP",
    ),
    (
        2406,
        "SmbGhostSecurityAlert",
        "Suspicious SMB packet manipulation",
    ),
    (
        2410,
        "KerberoastingSecurityAlert",
        "Suspected exposure of service principal names",
    ),
    (
        2411,
        "NetlogonBypassSecurityAlert",
        "Suspected Netlogon privilege elevation attempt",
    ),
    (
        2412,
        "AsRepRoastingSecurityAlert",
        "Suspected AS-REP roasting attack",
    ),
    (
        2414,
        "ExchangeServerRemoteCodeExecutionSecurityAlert",
        "Suspected Exchange Server remote code execution",
    ),
    (
        2415,
        "PrintNightmareSecurityAlert",
        "Suspected exploitation attempt on the Windows Print Spooler service",
    ),
    (
        2416,
        "PetitPotamSecurityAlert",
        "Suspicious connection over the Encrypting File System remote protocol",
    ),
];
