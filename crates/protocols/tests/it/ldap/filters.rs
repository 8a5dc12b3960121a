//! Filters as text.

use super::build::{client, done, long, long_message, present, search, server};
use super::{run, searches};
use crate::conversation::count;
use rasn_ldap::{
    AttributeValueAssertion, Filter, MatchingRuleAssertion, ResultCode, SubstringChoice,
    SubstringFilter,
};

fn is(kind: &str, value: &[u8]) -> AttributeValueAssertion {
    AttributeValueAssertion::new(kind.into(), value.to_vec().into())
}

fn substrings(kind: &str, parts: Vec<SubstringChoice>) -> Filter {
    Filter::Substrings(SubstringFilter::new(kind.into(), parts))
}

fn text(filter: Filter) -> String {
    let facts = run(&[client(1, search(1, "", filter, &[]))]);
    searches(&facts)[0].filter.clone()
}

#[test]
fn every_kind_of_filter_is_written_as_rfc_4515_writes_it() {
    let octets = |text: &str| text.to_owned().into_bytes().into();
    let rule = |rule: Option<&str>, kind: Option<&str>, dn| {
        let value = octets("2");
        Filter::ExtensibleMatch(MatchingRuleAssertion::new(
            rule.map(Into::into),
            kind.map(Into::into),
            value,
            dn,
        ))
    };
    let initial = SubstringChoice::Initial(octets("a"));
    let any = SubstringChoice::Any(octets("b"));
    let last = SubstringChoice::Final(octets("c"));
    for (filter, wanted) in [
        (present("objectClass"), "(objectClass=*)"),
        (Filter::EqualityMatch(is("cn", b"x")), "(cn=x)"),
        (Filter::GreaterOrEqual(is("n", b"1")), "(n>=1)"),
        (Filter::LessOrEqual(is("n", b"1")), "(n<=1)"),
        (Filter::ApproxMatch(is("n", b"1")), "(n~=1)"),
        (
            Filter::And(vec![present("a"), !present("b")].into()),
            "(&(a=*)(!(b=*)))",
        ),
        (Filter::Or(vec![present("a")].into()), "(|(a=*))"),
        (Filter::And(Vec::new().into()), "(&)"),
        (substrings("s", vec![initial.clone()]), "(s=a*)"),
        (substrings("s", vec![any.clone()]), "(s=*b*)"),
        (substrings("s", vec![last.clone()]), "(s=*c)"),
        (
            substrings("s", vec![initial, any.clone(), any, last]),
            "(s=a*b*b*c)",
        ),
        (
            rule(Some("1.2.840.113556.1.4.803"), Some("uac"), false),
            "(uac:1.2.840.113556.1.4.803:=2)",
        ),
        (rule(None, Some("ou"), true), "(ou:dn:=2)"),
        (rule(Some("2.5.13.2"), None, false), "(:2.5.13.2:=2)"),
    ] {
        assert_eq!(text(filter), wanted);
    }
}

#[test]
fn a_value_keeps_letters_of_any_script_and_escapes_what_is_no_text() {
    for (value, wanted) in [
        (&b"a*b(c)d\\e\0"[..], "(v=a\\2ab\\28c\\29d\\5ce\\00)"),
        ("Иванов".as_bytes(), "(v=Иванов)"),
        (b"\x01\x05\xff\xfe", "(v=\\01\\05\\ff\\fe)"),
        (b"", "(v=)"),
    ] {
        assert_eq!(text(Filter::EqualityMatch(is("v", value))), wanted);
    }
}

#[test]
fn a_filter_longer_than_the_bound_is_cut_and_what_follows_it_is_kept() {
    let many = vec![present("objectClass"); 200];
    let facts = run(&[
        client(1, search(1, "DC=x", Filter::Or(many.into()), &["cn", "sn"])),
        server(2, done(1, ResultCode::Success)),
    ]);
    let searched = &searches(&facts)[0];
    assert!(
        searched
            .filter
            .starts_with("(|(objectClass=*)(objectClass=*)")
    );
    assert!((1_000..=1_024).contains(&searched.filter.len()));
    assert_eq!(searched.attributes, ["cn", "sn"]);
    assert_eq!(count(&facts.counters.limits, "ldap_filter_octets"), 1);
}

#[test]
fn a_filter_nested_without_end_costs_no_stack_and_keeps_its_beginning() {
    // 15,000 times `not`, as deep as 64 KiB and then some can hold.
    let mut filter = vec![0x87, 1, b'x'];
    for _ in 0..15_000 {
        filter = long(0xa2, &filter);
    }
    let facts = run(&[client(1, long_message(1, 0x63, &search_content(&filter)))]);
    let searched = &searches(&facts)[0];
    assert_eq!(searched.base, "DC=x");
    assert!(searched.filter.starts_with("(!(!(!("));
    assert!(searched.filter.len() <= 128);
    assert_eq!(count(&facts.counters.limits, "ldap_filter_depth"), 1);
}

#[test]
fn attributes_past_the_bound_are_counted_and_not_kept() {
    let names: Vec<String> = (0..100).map(|it| format!("a{it}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let facts = run(&[client(1, search(1, "", present("x"), &names))]);
    assert_eq!(searches(&facts)[0].attributes.len(), 64);
    assert_eq!(count(&facts.counters.limits, "ldap_attributes"), 1);
}

#[test]
fn a_filter_of_an_unknown_kind_does_not_cost_the_search() {
    let facts = run(&[client(
        1,
        long_message(1, 0x63, &search_content(&[0xbe, 0x00])),
    )]);
    assert_eq!(searches(&facts)[0].base, "DC=x");
    assert_eq!(count(&facts.counters.faults, "ldap"), 1);
}

/// The content of a search for everything below `DC=x`.
fn search_content(filter: &[u8]) -> Vec<u8> {
    let mut content = long(0x04, b"DC=x");
    content.extend([0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0]);
    content.extend(filter);
    content.extend(long(0x30, &[]));
    content
}
