//! Bodies of PA-DATA that facts need whole, read by rasn.
//!
//! Salts and names stay open types: accounts with Cyrillic names have salts that no GeneralString
//! of X.680 admits, and the key types beside them are what counts.

use crate::kerberos::{message, parse};
use crate::wire;
use rasn::prelude::{Any, AsnType, Decode, OctetString, SequenceOf};
use rasn::{Decoder, ber};
use realmward_vocab::{EncryptionType, PaDataType, PrincipalName, Realm};

/// ETYPE-INFO2-ENTRY (RFC 4120 section 5.2.7.5).
#[derive(AsnType, Decode)]
#[non_exhaustive]
struct EtypeInfo2Entry {
    #[rasn(tag(explicit(0)))]
    etype: i32,
    #[rasn(tag(explicit(1)))]
    _salt: Option<Any>,
    #[rasn(tag(explicit(2)))]
    _s2kparams: Option<OctetString>,
}

/// PA-FOR-USER (MS-SFU section 2.2.1).
#[derive(AsnType, Decode)]
#[non_exhaustive]
struct PaForUser {
    #[rasn(tag(explicit(0)))]
    user_name: Any,
    #[rasn(tag(explicit(1)))]
    user_realm: Any,
    #[rasn(tag(explicit(2)))]
    _cksum: Option<Any>,
    #[rasn(tag(explicit(3)))]
    _auth_package: Option<Any>,
}

/// PA-S4U-X509-USER (MS-SFU section 2.2.2).
#[derive(AsnType, Decode)]
#[non_exhaustive]
struct PaS4uX509User {
    #[rasn(tag(explicit(0)))]
    user_id: S4uUserId,
    #[rasn(tag(explicit(1)))]
    _checksum: Option<Any>,
}

/// S4UUserID (MS-SFU section 2.2.2).
#[derive(AsnType, Decode)]
#[non_exhaustive]
struct S4uUserId {
    #[rasn(tag(explicit(0)))]
    _nonce: Any,
    #[rasn(tag(explicit(1)))]
    cname: Option<Any>,
    #[rasn(tag(explicit(2)))]
    crealm: Option<Any>,
    #[rasn(tag(explicit(3)))]
    subject_certificate: Option<Any>,
    #[rasn(tag(explicit(4)))]
    _options: Option<Any>,
}

/// The key types that the `e-data` of an error offers, in order, at most `ETYPES_MAX`.
pub(super) fn offered_etypes(e_data: &[u8]) -> Vec<EncryptionType> {
    let method_data = parse::PaDatas::of_method_data(e_data);
    let info2 = method_data
        .find(PaDataType::PA_ETYPE_INFO2.0)
        .and_then(|octets| ber::decode::<SequenceOf<EtypeInfo2Entry>>(octets).ok());
    if let Some(entries) = info2 {
        return kept(entries.iter().map(|it| it.etype));
    }
    let info = method_data
        .find(PA_ETYPE_INFO)
        .and_then(|octets| ber::decode::<rasn_kerberos::EtypeInfo>(octets).ok());
    kept(info.iter().flatten().map(|it| it.etype))
}

fn kept(etypes: impl Iterator<Item = i32>) -> Vec<EncryptionType> {
    etypes.take(ETYPES_MAX).map(EncryptionType).collect()
}

/// The user in whose name a service asks (MS-SFU section 3.1.5.1.1).
#[derive(Debug, Default)]
pub(super) struct ForUser {
    pub(super) name: Option<PrincipalName>,
    pub(super) realm: Option<Realm>,
    /// Whether a certificate names the user.
    pub(super) by_certificate: bool,
}

/// Reads PA-FOR-USER and PA-S4U-X509-USER.
pub(super) fn for_user(padata: parse::PaDatas<'_>) -> ForUser {
    let mut found = ForUser::default();
    if let Some(body) = padata.find(PaDataType::PA_FOR_USER.0)
        && let Ok(body) = ber::decode::<PaForUser>(body)
    {
        found.name = named(&body.user_name);
        found.realm = realm_of(&body.user_realm);
    }
    if let Some(body) = padata.find(PaDataType::PA_S4U_X509_USER.0)
        && let Ok(body) = ber::decode::<PaS4uX509User>(body)
    {
        let user = body.user_id;
        found.name = found.name.or_else(|| user.cname.as_ref().and_then(named));
        found.realm = found
            .realm
            .or_else(|| user.crealm.as_ref().and_then(realm_of));
        found.by_certificate = user.subject_certificate.is_some();
    }
    found
}

fn named(name: &Any) -> Option<PrincipalName> {
    let name: message::PrincipalName<'_> =
        wire::value(parse::principal_name(name.as_bytes())).ok()?;
    Some(super::principal(&name)).filter(|it| !it.is_empty())
}

fn realm_of(realm: &Any) -> Option<Realm> {
    let element = wire::der::element(&mut wire::Reader::new(realm.as_bytes())).ok()?;
    Some(super::realm(element.content)).filter(|it| !it.is_empty())
}

/// PA-ETYPE-INFO (RFC 4120 section 5.2.7.4).
const PA_ETYPE_INFO: i32 = 11;

/// IANA lists 26 key types; no honest list is longer, and the first ones are the fingerprint.
pub(super) const ETYPES_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    /// An element with a short length.
    fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let mut element = vec![tag, u8::try_from(content.len()).unwrap()];
        element.extend(content);
        element
    }

    /// PA-DATA of this type in a SEQUENCE OF PA-DATA.
    fn method_data(padata_type: &[u8], value: &[u8]) -> Vec<u8> {
        let padata_type = element(0xa1, &[&element(2, &[padata_type])]);
        let value = element(0xa2, &[&element(4, &[value])]);
        element(0x30, &[&element(0x30, &[&padata_type, &value])])
    }

    /// `userName` or `cname` of `number`.
    fn name(number: u8, text: &str) -> Vec<u8> {
        let name_type = element(0xa0, &[&[2, 1, 10]]);
        let text = element(0x1b, &[text.as_bytes()]);
        let strings = element(0xa1, &[&element(0x30, &[&text])]);
        element(0xa0 | number, &[&element(0x30, &[&name_type, &strings])])
    }

    #[test]
    fn a_cyrillic_salt_does_not_hide_the_key_types() {
        let salt = element(0x1b, &["LAB.EXAMPLEиванов".as_bytes()]);
        let aes = element(0x30, &[&[0xa0, 3, 2, 1, 18], &element(0xa1, &[&salt])]);
        let rc4 = element(0x30, &[&[0xa0, 3, 2, 1, 23]]);
        let entries = element(0x30, &[&aes, &rc4]);
        let want = [
            EncryptionType::AES256_CTS_HMAC_SHA1_96,
            EncryptionType::RC4_HMAC,
        ];
        assert_eq!(offered_etypes(&method_data(&[19], &entries)), want);
        assert_eq!(offered_etypes(&method_data(&[20], &entries)), []);
    }

    #[test]
    fn the_older_list_is_read_when_the_newer_one_is_missing() {
        let entry = element(0x30, &[&[0xa0, 3, 2, 1, 3], &[0xa1, 3, 4, 1, b's']]);
        let entries = element(0x30, &[&entry]);
        let want = [EncryptionType::DES_CBC_MD5];
        assert_eq!(offered_etypes(&method_data(&[11], &entries)), want);
    }

    #[test]
    fn a_service_may_name_its_user_in_two_ways() {
        let realm = element(0xa1, &[&[0x1b, 1, b'R']]);
        let by_name = element(0x30, &[&name(0, "иванов"), &realm]);
        let user_id = element(
            0x30,
            &[
                &[0xa0, 3, 2, 1, 5],
                &name(1, "jane"),
                &[0xa2, 3, 0x1b, 1, b'R'],
            ],
        );
        let by_id = element(0x30, &[&element(0xa0, &[&user_id])]);
        for (padata_type, body, want) in [
            (&[0, 129], &by_name, Some("иванов")),
            (&[0, 130], &by_id, Some("jane")),
            (&[0, 129], &by_id, None),
            (&[0, 131], &by_name, None),
        ] {
            let padata = method_data(padata_type, body);
            let found = for_user(parse::PaDatas::of_method_data(&padata)).name;
            assert_eq!(found.as_ref().map(PrincipalName::as_str), want);
        }
    }
}
