//! Answers to the netlogon ping (MS-ADTS section 6.3.1), asked over UDP or TCP.

use crate::dns::name;
use crate::wire::{ParseError, Reader};
use realmward_vocab::{DomainName, HostName};

/// The names in an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// `DnsHostName`.
    pub(crate) host: HostName,
    /// `DnsDomainName`; none if it names a partition of an application, such as a DNS zone's.
    pub(crate) domain: Option<DomainName>,
    /// `NetbiosDomainName`.
    pub(crate) netbios_domain: DomainName,
}

/// Reads an answer of any of the forms that a domain controller gives.
pub(crate) fn answer(value: &[u8]) -> Result<Answer, ParseError> {
    let mut reader = Reader::new(value);
    match reader.u16_le()? {
        SAM_LOGON_RESPONSE_EX | SAM_PAUSE_RESPONSE_EX | SAM_USER_UNKNOWN_EX => {
            extended(value, &mut reader)
        }
        SAM_LOGON_RESPONSE | SAM_PAUSE_RESPONSE | SAM_USER_UNKNOWN => plain(value, &mut reader),
        _ => Err(ParseError::Malformed {
            field: "OperationCode",
        }),
    }
}

/// `NETLOGON_SAM_LOGON_RESPONSE_EX` (section 6.3.1.9). Names are compressed as in DNS.
///
/// ```text
/// Sbz:u16 Flags:u32 DomainGuid[16] DnsForestName DnsDomainName DnsHostName NetbiosDomainName NetbiosComputerName ...
/// ```
fn extended<'a>(value: &'a [u8], reader: &mut Reader<'a>) -> Result<Answer, ParseError> {
    reader.skip(2)?;
    let flags = reader.u32_le()?;
    reader.skip(16)?;
    name::skip(reader)?;
    let domain = name::read(value, reader)?;
    let host = name::read(value, reader)?;
    let netbios_domain = name::read(value, reader)?;
    Ok(Answer {
        host,
        domain: (flags & DS_NDNC_FLAG == 0).then(|| DomainName::new(domain.as_str())),
        netbios_domain: DomainName::new(netbios_domain.as_str()),
    })
}

/// `NETLOGON_SAM_LOGON_RESPONSE` (section 6.3.1.8), of which `NETLOGON_SAM_LOGON_RESPONSE_NT40`
/// (section 6.3.1.7) has only the first line.
///
/// ```text
/// UnicodeLogonServer UnicodeUserName UnicodeDomainName
/// DomainGuid[16] NullGuid[16] DnsForestName DnsDomainName DnsHostName ...
/// ```
fn plain<'a>(value: &'a [u8], reader: &mut Reader<'a>) -> Result<Answer, ParseError> {
    let server = unicode(reader)?;
    unicode(reader)?;
    let mut answer = Answer {
        host: HostName::new(server.trim_start_matches('\\')),
        domain: None,
        netbios_domain: DomainName::new(unicode(reader)?),
    };
    if reader.len() <= NT40_TAIL {
        return Ok(answer);
    }
    reader.skip(16 + 16)?;
    name::skip(reader)?;
    answer.domain = Some(DomainName::new(name::read(value, reader)?.as_str()));
    answer.host = name::read(value, reader)?;
    Ok(answer)
}

/// Reads UTF-16 up to its zero.
fn unicode(reader: &mut Reader<'_>) -> Result<String, ParseError> {
    let mut units = Vec::new();
    loop {
        match reader.u16_le()? {
            0 => return Ok(String::from_utf16_lossy(&units)),
            unit if units.len() < UNICODE_UNITS_MAX => units.push(unit),
            _ => {
                return Err(ParseError::Limit {
                    bound: "netlogon_name_units",
                });
            }
        }
    }
}

const SAM_LOGON_RESPONSE: u16 = 19;
const SAM_PAUSE_RESPONSE: u16 = 20;
const SAM_USER_UNKNOWN: u16 = 21;
const SAM_LOGON_RESPONSE_EX: u16 = 23;
const SAM_PAUSE_RESPONSE_EX: u16 = 24;
const SAM_USER_UNKNOWN_EX: u16 = 25;

/// The naming context is an application's (section 6.3.1.2).
const DS_NDNC_FLAG: u32 = 0x0000_0400;

/// `NtVersion`, `LmNtToken` and `Lm20Token` end every form.
const NT40_TAIL: usize = 8;

/// A server, user or domain name has at most 256 characters. Lost at the bound: the answer.
const UNICODE_UNITS_MAX: usize = 256;
