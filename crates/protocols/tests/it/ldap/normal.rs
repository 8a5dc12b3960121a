//! Filters that ask the same have the same normal form, and others have not.

use super::build::{client, long, long_message};
use super::{run, searches};
use crate::conversation::count;

/// The filter that RFC 4515 writes so, encoded; enough of it for these tests.
fn encoded(text: &str) -> Vec<u8> {
    let (filter, rest) = one(text);
    assert_eq!(rest, "");
    filter
}

fn one(text: &str) -> (Vec<u8>, &str) {
    let text = text.strip_prefix('(').unwrap();
    for (sign, tag) in [('&', 0xa0), ('|', 0xa1), ('!', 0xa2)] {
        if let Some(mut rest) = text.strip_prefix(sign) {
            let mut parts = Vec::new();
            while rest.starts_with('(') {
                let (part, after) = one(rest);
                parts.extend(part);
                rest = after;
            }
            return (long(tag, &parts), rest.strip_prefix(')').unwrap());
        }
    }
    let (inner, rest) = text.split_once(')').unwrap();
    (test(inner), rest)
}

fn test(text: &str) -> Vec<u8> {
    let string = |text: &str| long(4, &unescaped(text));
    for (sign, tag) in [(">=", 0xa5), ("<=", 0xa6), ("~=", 0xa8)] {
        if let Some((name, value)) = text.split_once(sign) {
            return long(tag, &[string(name), string(value)].concat());
        }
    }
    if let Some((left, value)) = text.split_once(":=") {
        let mut parts = left.split(':');
        let mut content = Vec::new();
        let name = parts.next().unwrap();
        for rule in parts.filter(|it| *it != "dn") {
            content.extend(long(0x81, rule.as_bytes()));
        }
        content.extend(long(0x82, name.as_bytes()));
        content.extend(long(0x83, &unescaped(value)));
        return long(0xa9, &content);
    }
    let (name, value) = text.split_once('=').unwrap();
    if value == "*" {
        return long(0x87, name.as_bytes());
    }
    if !value.contains('*') {
        return long(0xa3, &[string(name), string(value)].concat());
    }
    let parts: Vec<&str> = value.split('*').collect();
    let last = parts.len() - 1;
    let mut content = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let tag = match place {
            0 => 0x80,
            it if it == last => 0x82,
            _ => 0x81,
        };
        if tag == 0x81 || !part.is_empty() {
            content.extend(long(tag, &unescaped(part)));
        }
    }
    long(0xa4, &[string(name), long(0x30, &content)].concat())
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut parts = text.split('\\');
    let mut octets = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        octets.push(u8::from_str_radix(digits, 16).unwrap());
        octets.extend(rest.as_bytes());
    }
    octets
}

/// The search for a filter, as its fact tells it.
fn searched(filter: &[u8]) -> realmward_event::ldap::DirectorySearched {
    let head = [4, 0, 0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0];
    let content = [&head[..], filter, &long(0x30, &[])].concat();
    let facts = run(&[client(1, long_message(1, 0x63, &content))]);
    assert_eq!(facts.counters.faults, []);
    searches(&facts)[0].clone()
}

fn normal(text: &str) -> String {
    let fact = searched(&encoded(text));
    fact.normal().to_owned()
}

const KERBEROASTABLE: &str = "(&(!(useraccountcontrol:1.2.840.113556.1.4.803:=2))(samaccounttype=805306368)(serviceprincipalname=*))";

#[test]
fn the_same_question_has_one_text_however_it_is_put() {
    for (wanted, ways) in [
        (
            KERBEROASTABLE,
            &[
                "(&(samAccountType=805306368)(servicePrincipalName=*)(!(UserAccountControl:1.2.840.113556.1.4.803:=2)))",
                "(&(servicePrincipalName=*)(&(samAccountType=0805306368)(!(userAccountControl:1.2.840.113556.1.4.804:=2))))",
                "(&(objectClass=*)(1.2.840.113556.1.4.771=*)(OID.1.2.840.113556.1.4.302=805306368)(!(|(userAccountControl:1.2.840.113556.1.4.803:=2))))",
                "(!(|(!(servicePrincipalName=**))(!(samaccounttype=\\380\\35306368))(userAccountControl:1.2.840.113556.1.4.803:=2)))",
                "(&(servicePrincipalName=*)(servicePrincipalName=*)(samAccountType~=805306368)(!(userAccountControl:1.2.840.113556.1.4.803:=+2)))",
                "(&(servicePrincipalName=*)(|(servicePrincipalName=*)(cn=x))(samAccountType=805306368)(!(!(!(userAccountControl:1.2.840.113556.1.4.803:=2)))))",
            ][..],
        ),
        (
            "(cn=a*b*c)",
            &["(CN=A*b**C)", "(2.5.4.3=a*b*c)", "(cn=\\61*b*c)"],
        ),
        ("(cn=ж\\2a)", &["(cn=Ж\\2a)", "(cn:= ж\\2A)"]),
        (
            "(&(useraccountcontrol:1.2.840.113556.1.4.803:=16)(useraccountcontrol:1.2.840.113556.1.4.803:=2))",
            &["(userAccountControl:1.2.840.113556.1.4.803:=18)"],
        ),
        (
            "(|(useraccountcontrol:1.2.840.113556.1.4.803:=16)(useraccountcontrol:1.2.840.113556.1.4.803:=2))",
            &["(userAccountControl:1.2.840.113556.1.4.804:=18)"],
        ),
        (
            "(grouptype:1.2.840.113556.1.4.803:=2147483648)",
            &["(groupType:1.2.840.113556.1.4.803:=-2147483648)"],
        ),
        (
            "(objectclass=*)",
            &["(objectClass=*)", "(&)", "(|(cn=a)(objectClass=*))"],
        ),
        ("(!(objectclass=*))", &["(|)", "(!(&))", "(&(cn=a)(|))"]),
        (
            "(objectcategory=person)",
            &["(objectCategory=CN=Person,CN=Schema,CN=Configuration,DC=lab,DC=example)"],
        ),
        (
            "(memberof:1.2.840.113556.1.4.1941:=cn=domain admins,cn=users)",
            &["(memberOf:1.2.840.113556.1.4.1941:=CN=Domain Admins,CN=Users)"],
        ),
    ] {
        for way in ways {
            assert_eq!(normal(way), wanted, "{way}");
        }
        assert_eq!(normal(wanted), wanted, "a normal form is its own");
    }
}

#[test]
fn other_questions_have_other_texts() {
    let all = [
        "(cn=a)",
        "(cn=a*)",
        "(cn=*a)",
        "(cn=*a*)",
        "(!(cn=a))",
        "(cn>=a)",
        "(&(cn=a)(sn=b))",
        "(|(cn=a)(sn=b))",
        "(!(&(cn=a)(sn=b)))",
        "(&(cn=a)(|(sn=b)(sn=c)))",
        "(|(cn=a)(&(sn=b)(sn=c)))",
        "(useraccountcontrol=2)",
        "(useraccountcontrol:1.2.840.113556.1.4.803:=2)",
        "(useraccountcontrol:1.2.840.113556.1.4.804:=6)",
        "(useraccountcontrol:1.2.840.113556.1.4.803:=6)",
    ];
    for (place, one) in all.iter().enumerate() {
        for other in &all[place + 1..] {
            assert_ne!(normal(one), normal(other), "{one} {other}");
        }
    }
}

#[test]
fn a_filter_without_bound_has_no_normal_form_and_costs_little() {
    let mut nested = long(0x87, b"cn");
    for _ in 0..2_000 {
        nested = long(0xa2, &nested);
    }
    let wide = long(0xa1, &long(0x87, b"cn").repeat(5_000));
    let alternating = (0..60).fold(long(0x87, b"cn"), |inner, place| {
        let more = long(0x87, format!("attribute{place}").as_bytes());
        long(0xa0 + (place & 1), &[inner, more].concat())
    });
    let value = [long(4, b"cn"), long(4, &[b'a'; 600])].concat();
    for filter in [nested, wide, long(0xa3, &value)] {
        let head = [4, 0, 0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0];
        let content = [&head[..], &filter, &long(0x30, &[])].concat();
        let facts = run(&[client(1, long_message(1, 0x63, &content))]);
        assert_eq!(searches(&facts)[0].normal_filter, "");
        assert_ne!(count(&facts.counters.limits, "ldap_filter_normal"), 0);
    }
    assert!(!searched(&alternating).normal().is_empty());
}
