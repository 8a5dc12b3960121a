//! Every page under `fixtures/detectors` is a suite of tests: what it says is found, and nothing else.

use realmward_detect::{Registered, detectors};
use realmward_testkit::scenario::{Page, Section, SectionKind, Way, play};
use std::path::Path;

fn page(detector: &Registered) -> Page {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/detectors")
        .join(detector.metadata.id)
        .with_extension("md");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Page::parse(&text).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()))
}

/// Plays every section of every page in one way; what differs from the pages.
fn differences(way: Way) -> Vec<String> {
    let mut differences = Vec::new();
    for detector in detectors::ALL {
        for section in &page(detector).sections {
            differences.extend(
                difference(detector, section, way)
                    .into_iter()
                    .map(|it| format!("{}: `{}`: {it}", detector.metadata.id, section.title)),
            );
        }
    }
    differences
}

fn difference(detector: &Registered, section: &Section, way: Way) -> Vec<String> {
    let found = play(section, std::slice::from_ref(detector), way).expect("states are written");
    section
        .lines
        .iter()
        .zip(found)
        .filter(|(line, found)| line.expected != *found)
        .map(|(line, found)| format!("\n  at    {}\n  found {found:?}", line.text))
        .collect()
}

#[test]
fn every_page_finds_what_it_says_and_nothing_else() {
    let differences = differences(Way {
        shards: 1,
        stops: false,
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn eight_shards_find_what_one_finds() {
    let differences = differences(Way {
        shards: 8,
        stops: false,
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_stop_after_every_line_loses_nothing_and_tells_nothing_twice() {
    for shards in [1, 8] {
        let differences = differences(Way {
            shards,
            stops: true,
        });
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}

#[test]
fn every_detector_says_what_it_tells_leaves_alone_and_cannot_see() {
    for detector in detectors::ALL {
        let page = page(detector);
        for kind in [SectionKind::Attack, SectionKind::Benign, SectionKind::Blind] {
            assert!(
                page.sections.iter().any(|section| section.kind == kind),
                "{} has no section of kind {kind:?}",
                detector.metadata.id
            );
        }
    }
}

#[test]
fn what_a_section_claims_is_what_it_expects() {
    for detector in detectors::ALL {
        for section in page(detector).sections {
            let severities: Vec<&str> = section
                .lines
                .iter()
                .flat_map(|line| &line.expected)
                .filter_map(|it| it.split(' ').nth(1))
                .collect();
            let grave = severities.iter().any(|it| *it != "low");
            let holds = match section.kind {
                SectionKind::Attack | SectionKind::Noise => !severities.is_empty(),
                // Low is worth knowing and no accusation.
                SectionKind::Benign | SectionKind::Blind => !grave,
            };
            assert!(holds, "{}: `{}`", detector.metadata.id, section.title);
        }
    }
}
