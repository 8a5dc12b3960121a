//! Certificate enrolment without DCOM (MS-ICPR section 3.2.4).

use super::shapes;
use super::{
    COMMAND_CHARACTERS_MAX, Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns,
};
use crate::wire::{ParseError, Reader};
use realmward_event::rpc::{Arguments, CertificateRequest};

/// `icpr`.
pub(super) static INTERFACE: Interface = Interface::named(
    0x91ae6020_9e3c_11cf_8d7c_00aa00c091be,
    0,
    "icpr",
    Returns::HResult,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[(0, "CertServerRequest")];

/// `CertServerRequest`.
const DECODED: &[u16] = &[0];

/// `CertServerRequest(dwFlags, pwszAuthority, pdwRequestId, pctbAttribs, pctbRequest)`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut it = CertificateRequest::default();
    let mut request = clear.request;
    // What was read before a fault counts.
    let _ = request.u32().and_then(|_| asked(&mut request, &mut it));
    certificate(it)
}

/// A request, if anything was read of it.
pub(super) fn certificate(it: CertificateRequest) -> Option<Meaning> {
    (it != CertificateRequest::default())
        .then(|| Meaning::Arguments(Arguments::Certificate(Box::new(it))))
}

fn asked(request: &mut Ndr<'_>, it: &mut CertificateRequest) -> Result<(), ParseError> {
    let authority = request.unique_wide_string(NAME_CHARACTERS_MAX)?;
    it.authority = authority.unwrap_or_default();
    request.u32()?; // pdwRequestId
    // Attributes are text, a line each (MS-WCCE section 2.2.2.7).
    it.attributes = shapes::utf16(blob(request)?, COMMAND_CHARACTERS_MAX);
    it.names = principal_names(blob(request)?);
    Ok(())
}

/// `CERTTRANSBLOB` (MS-WCCE section 2.2.2.2): a count and a pointer, then the octets.
pub(super) fn blob<'a>(request: &mut Ndr<'a>) -> Result<&'a [u8], ParseError> {
    request.structure()?;
    let length = request.u32()?;
    if !request.pointer()? {
        return Ok(&[]);
    }
    request.size()?; // maximum count
    request.take(usize::try_from(length).unwrap_or(usize::MAX))
}

/// The user principal names in a request for a certificate, wherever they stand: as `otherName` of a
/// subject alternative name, `OID(szOID_NT_PRINCIPAL_NAME) [0] UTF8String` (MS-WCCE section 2.2.2.7.7).
pub(super) fn principal_names(octets: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for (place, window) in octets.windows(PRINCIPAL_NAME.len()).enumerate() {
        if window != PRINCIPAL_NAME {
            continue;
        }
        let rest = octets
            .get(place + PRINCIPAL_NAME.len()..)
            .unwrap_or_default();
        if let Ok(name) = utf8_string(Reader::new(rest)) {
            names.push(name);
        }
        if NAMES_IN_REQUEST_MAX <= names.len() {
            break;
        }
    }
    names
}

/// `[0] UTF8String`, both in the short form of lengths.
fn utf8_string(mut reader: Reader<'_>) -> Result<String, ParseError> {
    if reader.u8()? != 0xa0 {
        return Err(ParseError::Malformed { field: "value" });
    }
    reader.u8()?;
    if reader.u8()? != 0x0c {
        return Err(ParseError::Malformed {
            field: "UTF8String",
        });
    }
    let length = reader.u8()?;
    let text = reader.take(usize::from(length & 0x7f))?;
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// `szOID_NT_PRINCIPAL_NAME`, 1.3.6.1.4.1.311.20.2.3, with tag and length.
const PRINCIPAL_NAME: [u8; 12] = [
    0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03,
];
/// A request is for one name; who asks for more shows it in the first ones.
const NAMES_IN_REQUEST_MAX: usize = 4;
