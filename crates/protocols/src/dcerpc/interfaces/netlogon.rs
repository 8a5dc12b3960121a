//! The secure channel of machines to their domain controllers (MS-NRPC section 3.5.4).

use super::shapes;
use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns};
use crate::wire::ParseError;
use realmward_event::rpc::{Accounts, Arguments, PassedLogon, SecureChannel};
use realmward_vocab::{AccountName, DomainName};

/// `netlogon`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x12345678_1234_abcd_ef00_01234567cffb,
    1,
    "netlogon",
    Returns::NtStatusOrWin32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "NetrLogonUasLogon"),
    (1, "NetrLogonUasLogoff"),
    (2, "NetrLogonSamLogon"),
    (3, "NetrLogonSamLogoff"),
    (4, "NetrServerReqChallenge"),
    (5, "NetrServerAuthenticate"),
    (6, "NetrServerPasswordSet"),
    (7, "NetrDatabaseDeltas"),
    (8, "NetrDatabaseSync"),
    (9, "NetrAccountDeltas"),
    (10, "NetrAccountSync"),
    (11, "NetrGetDCName"),
    (12, "NetrLogonControl"),
    (13, "NetrGetAnyDCName"),
    (14, "NetrLogonControl2"),
    (15, "NetrServerAuthenticate2"),
    (16, "NetrDatabaseSync2"),
    (17, "NetrDatabaseRedo"),
    (18, "NetrLogonControl2Ex"),
    (19, "NetrEnumerateTrustedDomains"),
    (20, "DsrGetDcName"),
    (21, "NetrLogonGetCapabilities"),
    (22, "NetrLogonSetServiceBits"),
    (23, "NetrLogonGetTrustRid"),
    (24, "NetrLogonComputeServerDigest"),
    (25, "NetrLogonComputeClientDigest"),
    (26, "NetrServerAuthenticate3"),
    (27, "DsrGetDcNameEx"),
    (28, "DsrGetSiteName"),
    (29, "NetrLogonGetDomainInfo"),
    (30, "NetrServerPasswordSet2"),
    (31, "NetrServerPasswordGet"),
    (32, "NetrLogonSendToSam"),
    (33, "DsrAddressToSiteNamesW"),
    (34, "DsrGetDcNameEx2"),
    (35, "NetrLogonGetTimeServiceParentDomain"),
    (36, "NetrEnumerateTrustedDomainsEx"),
    (37, "DsrAddressToSiteNamesExW"),
    (38, "DsrGetDcSiteCoverageW"),
    (39, "NetrLogonSamLogonEx"),
    (40, "DsrEnumerateDomainTrusts"),
    (41, "DsrDeregisterDnsHostRecords"),
    (42, "NetrServerTrustPasswordsGet"),
    (43, "DsrGetForestTrustInformation"),
    (44, "NetrGetForestTrustInformation"),
    (45, "NetrLogonSamLogonWithFlags"),
    (46, "NetrServerGetTrustInfo"),
    (48, "DsrUpdateReadOnlyServerDnsRecords"),
    (49, "NetrChainSetClientAttributes"),
    (59, "NetrServerAuthenticateKerberos"),
];

/// The secure channel's begin, its passwords, logons through it, and names asked of the locator.
const DECODED: &[u16] = &[
    SAM_LOGON,
    REQ_CHALLENGE,
    AUTHENTICATE,
    PASSWORD_SET,
    AUTHENTICATE2,
    AUTHENTICATE3,
    PASSWORD_SET2,
    PASSWORD_GET,
    DC_NAME_EX2,
    SAM_LOGON_EX,
    TRUST_PASSWORDS_GET,
    SAM_LOGON_FLAGS,
];

fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let request = clear.request;
    match clear.opnum {
        SAM_LOGON | SAM_LOGON_EX | SAM_LOGON_FLAGS => {
            let logon = passed_logon(clear.opnum, request).ok()?;
            let logon = Box::new(logon);
            Some(Meaning::Arguments(Arguments::PassedLogon(logon)))
        }
        DC_NAME_EX2 => {
            let mut request = request;
            request.unique_wide_string(0).ok()?;
            let account = request.unique_wide_string(NAME_CHARACTERS_MAX).ok()??;
            shapes::accounts(Accounts {
                names: vec![account],
                count: 1,
                ..Accounts::default()
            })
        }
        _ => {
            let mut channel = SecureChannel::default();
            // What was read before a fault counts.
            let _ = secure_channel(clear.opnum, request, &mut channel);
            (channel != SecureChannel::default())
                .then(|| Meaning::Arguments(Arguments::SecureChannel(Box::new(channel))))
        }
    }
}

/// `NetrServerReqChallenge(PrimaryName, ComputerName, ClientChallenge)`; the others say
/// `(PrimaryName, AccountName, SecureChannelType, ComputerName, ...)`, and to authenticate go on
/// with `ClientCredential, NegotiateFlags`.
fn secure_channel(
    opnum: u16,
    mut request: Ndr<'_>,
    channel: &mut SecureChannel,
) -> Result<(), ParseError> {
    request.unique_wide_string(0)?;
    if opnum != REQ_CHALLENGE {
        channel.account = AccountName::new(request.wide_string(NAME_CHARACTERS_MAX)?);
        channel.kind = Some(request.enumeration()?);
    }
    channel.computer = request.wide_string(NAME_CHARACTERS_MAX)?;
    let proves = matches!(opnum, AUTHENTICATE | AUTHENTICATE2 | AUTHENTICATE3);
    if proves || opnum == REQ_CHALLENGE {
        let octets = request.take(CREDENTIAL_OCTETS)?;
        let zeros = octets.iter().filter(|octet| **octet == 0).count();
        channel.zero_octets = u8::try_from(zeros).ok();
    }
    if matches!(opnum, AUTHENTICATE2 | AUTHENTICATE3) {
        channel.flags = Some(request.u32()?);
    }
    Ok(())
}

/// `NetrLogonSamLogonEx(LogonServer, ComputerName, LogonLevel, LogonInformation, ...)`; the older
/// ones have two authenticators before the level.
fn passed_logon(opnum: u16, mut request: Ndr<'_>) -> Result<PassedLogon, ParseError> {
    request.unique_wide_string(0)?;
    request.unique_wide_string(0)?;
    if opnum != SAM_LOGON_EX {
        for _ in 0..2 {
            if request.pointer()? {
                request.align(4)?;
                request.take(CREDENTIAL_OCTETS + 4)?; // Credential Timestamp
            }
        }
    }
    let level = request.enumeration()?;
    request.enumeration()?; // the union's discriminant
    if !request.pointer()? {
        return Err(ParseError::Malformed {
            field: "LogonInformation",
        });
    }
    // NETLOGON_LOGON_IDENTITY_INFO (MS-NRPC section 2.2.1.4.15) begins what is logged on with.
    let has_domain = request.counted_string()?;
    request.u32()?; // ParameterControl
    request.u32()?; // Reserved
    request.u32()?;
    let has_user = request.counted_string()?;
    let has_workstation = request.counted_string()?;
    let rest = match level {
        1 | 3 | 5 | 7 => 32, // the password's two hashes
        2 | 6 => 8,          // LmChallenge
        _ => {
            return Err(ParseError::Malformed {
                field: "LogonLevel",
            });
        }
    };
    request.take(rest)?;
    if matches!(level, 2 | 6) {
        request.counted_string()?; // NtChallengeResponse
        request.counted_string()?; // LmChallengeResponse
    }
    let mut text = |present| match present {
        true => request.wide_string(NAME_CHARACTERS_MAX),
        false => Ok(String::new()),
    };
    Ok(PassedLogon {
        domain: DomainName::new(text(has_domain)?),
        user: AccountName::new(text(has_user)?),
        workstation: text(has_workstation)?,
        level,
    })
}

const SAM_LOGON: u16 = 2;
const REQ_CHALLENGE: u16 = 4;
const AUTHENTICATE: u16 = 5;
const PASSWORD_SET: u16 = 6;
const AUTHENTICATE2: u16 = 15;
const AUTHENTICATE3: u16 = 26;
const PASSWORD_SET2: u16 = 30;
const PASSWORD_GET: u16 = 31;
const DC_NAME_EX2: u16 = 34;
const SAM_LOGON_EX: u16 = 39;
const TRUST_PASSWORDS_GET: u16 = 42;
const SAM_LOGON_FLAGS: u16 = 45;
/// Octets of a `NETLOGON_CREDENTIAL`.
const CREDENTIAL_OCTETS: usize = 8;
