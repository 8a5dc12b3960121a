//! The netlogon ping and its answers (MS-ADTS sections 6.3.1 and 6.3.3), asked over UDP or TCP.

use super::facts::text;
use super::limits::NAME_OCTETS_MAX;
use crate::dns::name;
use crate::wire::{ParseError, Reader, der};
use realmward_event::ldap::NetlogonPing;
use realmward_vocab::{AccountName, DomainName, HostName};

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

/// What a ping's filter asks: equalities joined by `&`.
pub(crate) fn question(filter: &[u8]) -> NetlogonPing {
    let mut ping = NetlogonPing::default();
    let Ok(outer) = der::element(&mut Reader::new(filter)) else {
        return ping;
    };
    if outer.tag != AND {
        ask(&mut ping, outer);
        return ping;
    }
    let mut reader = Reader::new(outer.content);
    while let Ok(element) = der::element(&mut reader) {
        ask(&mut ping, element);
    }
    ping
}

fn ask(ping: &mut NetlogonPing, element: der::Element<'_>) {
    let mut reader = Reader::new(element.content);
    let (Ok(kind), Ok(value)) = (
        der::expect(&mut reader, 0x04, "attributeDesc"),
        der::expect(&mut reader, 0x04, "assertionValue"),
    ) else {
        return;
    };
    let is = |name: &str| kind.eq_ignore_ascii_case(name.as_bytes());
    if element.tag != EQUALITY || value.is_empty() {
        return;
    }
    let value_text = || text(value, NAME_OCTETS_MAX);
    if is("Host") {
        ping.host = Some(HostName::new(value_text()));
    } else if is("User") {
        ping.user = Some(AccountName::new(value_text()));
    } else if is("DnsDomain") {
        ping.domain = Some(DomainName::new(value_text()));
    } else if is("NtVer") {
        ping.version = Reader::new(value).u32_le().ok();
    }
}

/// Whether an answer says that the user who was asked for exists; a paused server does not say.
pub(crate) fn knows_user(value: &[u8]) -> Option<bool> {
    match Reader::new(value).u16_le().ok()? {
        SAM_LOGON_RESPONSE | SAM_LOGON_RESPONSE_EX => Some(true),
        SAM_USER_UNKNOWN | SAM_USER_UNKNOWN_EX => Some(false),
        _ => None,
    }
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

const AND: u8 = 0xa0;
const EQUALITY: u8 = 0xa3;

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
