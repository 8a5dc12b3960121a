//! The activity log over real traffic: each event has a name and a clause.

use realmward_export::activity::{sentence, title, titles};
use realmward_testkit::run::{events, fixtures};
use std::collections::BTreeMap;

#[test]
fn each_kind_of_real_traffic_is_told_in_words() {
    let captures = [
        "a27_psexec",
        "b19_winbind_member",
        "a22_bloodhound",
        "b09_ldap_simple",
    ];
    let paths: Vec<_> = captures
        .iter()
        .map(|name| fixtures().join(format!("captures/{name}.pcap.zst")))
        .collect();
    let mut told = BTreeMap::new();
    for event in events(&paths).expect("captures of the repository") {
        let kind = event.fact.kind();
        let line = sentence(&event);
        assert!(titles().iter().any(|(known, _)| *known == kind), "{kind}");
        assert!(!line.is_empty() && !line.ends_with('.'), "{kind}: {line}");
        told.entry(kind)
            .or_insert_with(|| format!("{}: {line}", title(kind)));
    }
    let lines: Vec<&str> = told.values().map(String::as_str).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
