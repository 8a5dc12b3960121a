//! What stands in clear around sealed requests and refusals: armour, wishes for a PAC, reasons.

use super::{Integers, ap_req, encrypted_data, list, pa_data, walk};
use crate::kerberos::message::KrbFastArmoredReq;
use crate::wire::{ParseError, Reader, der, value};

/// Reads the body of PA-FX-FAST in a request.
///
/// ```text
/// PA-FX-FAST-REQUEST ::= CHOICE { armored-data [0] KrbFastArmoredReq }
/// KrbFastArmoredReq ::= SEQUENCE { armor [0] KrbFastArmor OPTIONAL, req-checksum [1] Checksum, enc-fast-req [2] EncryptedData }
/// KrbFastArmor ::= SEQUENCE { armor-type [0] Int32, armor-value [1] OCTET STRING }
/// ```
///
/// # Errors
///
/// [`ParseError`] when the octets are none, or its parts cannot be read.
pub fn armored(octets: &[u8]) -> Result<KrbFastArmoredReq<'_>, ParseError> {
    let armored = der::expect(&mut Reader::new(octets), 0xa0, "armored-data")?;
    let mut fields = walk::Fields::of_sequence(armored);
    let mut found = KrbFastArmoredReq::default();
    while let Some((number, content)) = fields.step() {
        match number {
            0 => match armor(content) {
                Ok(armor) => found.armor = Some(armor),
                Err(fault) => fields.adopt(Some(fault)),
            },
            2 => fields.read(&mut found.enc_fast_req, content, encrypted_data),
            _ => {}
        }
    }
    fields.fault.map_or(Ok(found), Err)
}

fn armor(octets: &[u8]) -> Result<crate::kerberos::message::ApReq<'_>, ParseError> {
    let mut fields = walk::Fields::of_sequence(octets);
    let (mut armor_type, mut armor_value) = (0, &[][..]);
    while let Some((number, content)) = fields.step() {
        match number {
            0 => fields.read(&mut armor_type, content, walk::integer),
            1 => fields.read(&mut armor_value, content, walk::octets),
            _ => {}
        }
    }
    match (fields.fault, armor_type) {
        (Some(fault), _) => Err(fault),
        (None, FX_FAST_ARMOR_AP_REQUEST) => ap_req(armor_value),
        (None, _) => Err(ParseError::Malformed {
            field: "armor-type",
        }),
    }
}

/// `KERB-PA-PAC-REQUEST ::= SEQUENCE { include-pac [0] BOOLEAN }` (MS-KILE section 2.2.3).
#[must_use]
pub fn pac_request(octets: &[u8]) -> Option<bool> {
    let (_, content) = walk::Fields::of_sequence(octets).step()?;
    let boolean = der::expect(&mut Reader::new(content), 0x01, "include-pac").ok()?;
    boolean.first().map(|octet| *octet != 0)
}

/// `PA-PAC-OPTIONS ::= SEQUENCE { flags [0] KerberosFlags }` (MS-KILE section 2.2.10).
#[must_use]
pub fn pac_options(octets: &[u8]) -> Option<u32> {
    let (_, content) = walk::Fields::of_sequence(octets).step()?;
    value(walk::flags(content)).ok()
}

/// `KERB-KEY-LIST-REQ ::= SEQUENCE OF Int32` (MS-KILE section 2.2.11).
#[must_use]
pub fn key_list(octets: &[u8]) -> Integers<'_> {
    list::sequence_of(octets).map(Integers).unwrap_or_default()
}

/// The NTSTATUS in the `e-data` of a refusal.
///
/// ```text
/// KERB-ERROR-DATA ::= SEQUENCE { data-type [1] INTEGER, data-value [2] OCTET STRING OPTIONAL }
/// KERB-EXT-ERROR := status:u32 reserved:u32 flags:u32
/// ```
///
/// Alone (MS-KILE section 2.2.2, type 3), or as the PA-PW-SALT of METHOD-DATA, which has that number.
#[must_use]
pub fn error_data(e_data: &[u8]) -> Option<u32> {
    let alone = value(pa_data(e_data)).ok();
    let found = alone
        .filter(|it| it.padata_type == KERB_ERR_TYPE_EXTENDED)
        .map(|it| it.padata_value)
        .or_else(|| list::PaDatas::of_method_data(e_data).find(KERB_ERR_TYPE_EXTENDED))?;
    let mut reader = Reader::new(found);
    let (status, reserved) = (reader.u32_le().ok()?, reader.u32_le().ok()?);
    (reader.len() == 4 && reserved == 0).then_some(status)
}

/// The only armour there is (RFC 6113 section 5.4.1.1).
const FX_FAST_ARMOR_AP_REQUEST: i32 = 1;

/// `KERB_ERR_TYPE_EXTENDED`.
const KERB_ERR_TYPE_EXTENDED: i32 = 3;
