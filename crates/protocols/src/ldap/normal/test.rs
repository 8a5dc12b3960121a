//! Single tests of a filter in their normal form.

use super::Form;
use crate::ldap::filter;
use crate::ldap::limits::FILTER_VALUE_OCTETS_MAX;
use crate::wire::{ParseError, Reader, der};

/// A test by itself.
pub(super) fn of(filter: der::Element<'_>) -> Result<Form, ParseError> {
    let mut reader = Reader::new(filter.content);
    match filter.tag {
        0xa3 | 0xa8 => assertion(&mut reader, "="),
        0xa4 => substrings(&mut reader),
        0xa5 => assertion(&mut reader, ">="),
        0xa6 => assertion(&mut reader, "<="),
        0x87 => Ok(present(&name(filter.content))),
        0xa9 => extensible(&mut reader),
        _ => Err(ParseError::Malformed { field: "Filter" }),
    }
}

/// Every object of a directory has a class, so asking for one asks for everything.
fn present(name: &str) -> Form {
    if name == "objectclass" {
        Form::All
    } else {
        Form::One(format!("({name}=*)"))
    }
}

/// Active Directory takes `~=` for `=`.
fn assertion(reader: &mut Reader<'_>, operator: &str) -> Result<Form, ParseError> {
    let name = name(der::expect(reader, OCTET_STRING, "attributeDesc")?);
    let value = value(&name, der::expect(reader, OCTET_STRING, "assertionValue")?)?;
    Ok(Form::One(format!("({name}{operator}{value})")))
}

fn substrings(reader: &mut Reader<'_>) -> Result<Form, ParseError> {
    let name = name(der::expect(reader, OCTET_STRING, "type")?);
    let mut parts = Reader::new(der::expect(reader, 0x30, "substrings")?);
    let mut text = String::new();
    let mut open = true;
    while !parts.is_empty() {
        let part = der::element(&mut parts)?;
        let written = folded(part.content)?;
        if written.is_empty() {
            continue;
        }
        if part.tag != 0x80 {
            text.push('*');
        }
        text.push_str(&written);
        open = part.tag != 0x82;
    }
    if text.is_empty() {
        return Ok(present(&name));
    }
    if open {
        text.push('*');
    }
    Ok(Form::One(format!("({name}={text})")))
}

/// `MatchingRuleAssertion ::= SEQUENCE { matchingRule [1], type [2], matchValue [3], dnAttributes [4] }`
fn extensible(reader: &mut Reader<'_>) -> Result<Form, ParseError> {
    let (mut rule, mut kind, mut wanted, mut dn) = (&[][..], &[][..], &[][..], "");
    while !reader.is_empty() {
        let part = der::element(reader)?;
        match part.tag {
            0x81 => rule = part.content,
            0x82 => kind = part.content,
            0x83 => wanted = part.content,
            0x84 if part.content.iter().any(|octet| *octet != 0) => dn = ":dn",
            _ => {}
        }
    }
    let name = name(kind);
    if rule.is_empty() && dn.is_empty() {
        return Ok(Form::One(format!("({name}={})", value(&name, wanted)?)));
    }
    if let Some(bits) = number(wanted)
        && matches!(rule, BIT_AND | BIT_OR)
        && dn.is_empty()
    {
        return Ok(tested_bits(&name, bits, rule == BIT_AND));
    }
    let rule = folded(rule)?;
    let colon = if rule.is_empty() { "" } else { ":" };
    let value = value(&name, wanted)?;
    Ok(Form::One(format!("({name}{dn}{colon}{rule}:={value})")))
}

/// One test a bit: all of them for the one rule, any for the other.
fn tested_bits(name: &str, bits: u64, all: bool) -> Form {
    let mut tests: Vec<String> = (0..u64::BITS)
        .map(|place| 1_u64 << place)
        .filter(|bit| bits & bit != 0)
        .map(|bit| format!("({name}:1.2.840.113556.1.4.803:={bit})"))
        .collect();
    tests.sort_unstable();
    match (tests.len(), all) {
        (0, true) => Form::One(format!("({name}=*)")),
        (0, false) => Form::None,
        (1, _) => Form::One(tests.concat()),
        (_, true) => Form::And(tests),
        (_, false) => Form::Or(tests),
    }
}

/// An attribute's name: in lower case, and by name where an identifier is well known.
fn name(octets: &[u8]) -> String {
    let octets = octets.get(..FILTER_VALUE_OCTETS_MAX).unwrap_or(octets);
    let lower = String::from_utf8_lossy(octets).trim().to_lowercase();
    let oid = lower.strip_prefix("oid.").unwrap_or(&lower);
    let known = NAMES.iter().find(|(known, _)| *known == oid);
    known.map_or_else(|| oid.to_owned(), |(_, name)| (*name).to_owned())
}

/// A value as the attribute compares it.
fn value(name: &str, octets: &[u8]) -> Result<String, ParseError> {
    if NUMBERS.contains(&name)
        && let Some(number) = signed(octets)
    {
        return Ok(number.to_string());
    }
    let text = folded(octets)?;
    if name == "objectcategory" {
        return Ok(category(&text));
    }
    Ok(text)
}

/// A category may be named by its class or by the class's place in the schema.
fn category(text: &str) -> String {
    let by_place = text
        .split_once(",cn=schema,")
        .and_then(|(class, _)| class.strip_prefix("cn="));
    by_place.map_or_else(|| text.to_owned(), |class| class.replace('-', ""))
}

/// Octets in lower case, written as the filter's text writes them.
fn folded(octets: &[u8]) -> Result<String, ParseError> {
    if FILTER_VALUE_OCTETS_MAX < octets.len() {
        return Err(ParseError::Limit {
            bound: "ldap_filter_normal",
        });
    }
    let mut text = String::new();
    match std::str::from_utf8(octets) {
        Ok(valid) => filter::value(valid.trim().to_lowercase().as_bytes(), &mut text)?,
        Err(_) => filter::value(octets, &mut text)?,
    }
    Ok(text)
}

fn signed(octets: &[u8]) -> Option<i64> {
    std::str::from_utf8(octets).ok()?.trim().parse().ok()
}

/// A number as bits; a negative one of 32 bits has 32.
fn number(octets: &[u8]) -> Option<u64> {
    let number = signed(octets)?;
    match i32::try_from(number) {
        Ok(small) if small < 0 => Some(u64::from(small.cast_unsigned())),
        _ => Some(number.cast_unsigned()),
    }
}

const OCTET_STRING: u8 = 0x04;

/// `LDAP_MATCHING_RULE_BIT_AND` and `LDAP_MATCHING_RULE_BIT_OR`.
const BIT_AND: &[u8] = b"1.2.840.113556.1.4.803";
const BIT_OR: &[u8] = b"1.2.840.113556.1.4.804";

/// Attributes of integer syntax that questions are about.
const NUMBERS: [&str; 14] = [
    "accountexpires",
    "admincount",
    "badpwdcount",
    "grouptype",
    "instancetype",
    "lastlogontimestamp",
    "lockouttime",
    "logoncount",
    "msds-supportedencryptiontypes",
    "primarygroupid",
    "pwdlastset",
    "samaccounttype",
    "systemflags",
    "useraccountcontrol",
];

/// Identifiers (MS-ADA1 to MS-ADA3, RFC 4519) by which a question may hide what it is about.
const NAMES: [(&str, &str); 19] = [
    ("1.2.840.113556.1.2.102", "memberof"),
    ("1.2.840.113556.1.2.281", "ntsecuritydescriptor"),
    ("1.2.840.113556.1.4.8", "useraccountcontrol"),
    ("1.2.840.113556.1.4.96", "pwdlastset"),
    ("1.2.840.113556.1.4.98", "primarygroupid"),
    ("1.2.840.113556.1.4.146", "objectsid"),
    ("1.2.840.113556.1.4.150", "admincount"),
    ("1.2.840.113556.1.4.221", "samaccountname"),
    ("1.2.840.113556.1.4.302", "samaccounttype"),
    ("1.2.840.113556.1.4.609", "sidhistory"),
    ("1.2.840.113556.1.4.656", "userprincipalname"),
    ("1.2.840.113556.1.4.771", "serviceprincipalname"),
    ("1.2.840.113556.1.4.782", "objectcategory"),
    ("1.2.840.113556.1.4.1787", "msds-allowedtodelegateto"),
    (
        "1.2.840.113556.1.4.2182",
        "msds-allowedtoactonbehalfofotheridentity",
    ),
    ("2.5.4.0", "objectclass"),
    ("2.5.4.3", "cn"),
    ("2.5.4.13", "description"),
    ("2.5.4.31", "member"),
];
