//! The HTML page: nothing hostile gets out of its text, nothing leads outside, links lead somewhere.

use crate::sample;
use realmward_export::{Report, html};
use std::collections::BTreeSet;
use std::path::Path;

/// Kept where a person can open it: `target/tmp/report.html`.
fn page(report: &Report, name: &str) -> String {
    let page = html::render(report);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(path, &page).unwrap();
    page
}

/// The values of every attribute of this name.
fn values<'a>(page: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    page.split(&format!(" {attribute}=\""))
        .skip(1)
        .filter_map(|it| it.split('"').next())
        .collect()
}

#[test]
fn a_hostile_name_opens_no_element() {
    let page = page(&sample::report(), "report.html");
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<script>alert"));
    assert!(page.contains("&#60;script&#62;alert(1)"));
    assert!(!page.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn the_page_asks_for_nothing() {
    let page = html::render(&sample::report());
    assert!(page.contains("default-src &#39;none&#39;"));
    for outside in [
        "http://", "https://", "//cdn", "src=", "@import", "url(http",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    for inline in ["style=", "onclick", "onload", "javascript:"] {
        assert!(!page.contains(&format!(" {inline}")), "{inline}");
    }
}

#[test]
fn every_link_leads_to_a_place_on_the_page() {
    for report in [sample::report(), sample::quiet(), Report::default()] {
        let page = html::render(&report);
        let places = values(&page, "id");
        for link in values(&page, "href") {
            let place = link.strip_prefix('#').unwrap();
            assert!(places.contains(place), "{link}");
        }
    }
}

#[test]
fn the_graph_and_its_table_say_the_same() {
    let page = html::render(&sample::report());
    let table = page.split("Each line of the graph").nth(1).unwrap();
    let rows = table.split("</tbody>").next().unwrap();
    // The head of the table is a row as well.
    assert_eq!(
        rows.matches("<tr>").count() - 1,
        page.matches("url(#head-").count()
    );
    for line in [
        "account svc_backup (CORP.EXAMPLE)",
        "device ws-17 (10.0.0.77)",
    ] {
        assert!(
            page.contains(&format!("<th scope=\"row\">{line}</th>")),
            "{line}"
        );
    }
    assert!(page.contains("domain controller dc1.corp.example (10.0.0.5)"));
}

#[test]
fn the_graph_shows_what_was_seen_around_the_alerts_and_says_what_it_leaves_out() {
    let page = html::render(&sample::report());
    for line in [
        "account svc_backup (CORP.EXAMPLE)</th><td data-label=\"What\">worked from (3)</td><td data-label=\"To\">device 10.0.0.9</td>",
        "; the other way: logged on (2)</td>",
    ] {
        assert!(page.contains(line), "{line}");
    }
    assert!(!page.contains("ws-12"), "who else uses a domain controller");
    assert!(page.contains("neither are 26 more accounts and devices"));
}

#[test]
fn a_quiet_capture_says_what_was_watched() {
    let page = page(&sample::quiet(), "quiet.html");
    assert!(page.contains("<h1>No alerts</h1>"));
    assert!(page.contains("What could not be seen"));
    assert!(!page.contains("id=\"users\""));
}

#[test]
fn equal_reports_give_equal_pages() {
    assert_eq!(
        html::render(&sample::report()),
        html::render(&sample::report())
    );
}
