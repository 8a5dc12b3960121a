//! Labelled captures, each by itself through the whole chain.

use realmward_testkit::run;
use realmward_testkit::truth::{Labelled, all, committed};
use realmward_testkit::verdict::judge;

/// A line for each capture that is not judged as its label demands.
fn wrong(captures: &[Labelled]) -> Vec<String> {
    captures
        .iter()
        .filter_map(|capture| {
            let paths = std::slice::from_ref(&capture.path);
            let (pipeline, _) = run::analyse(paths, &capture.settings());
            let verdict = judge(capture, pipeline.alerts());
            (!verdict.is_right()).then(|| format!("{}: {verdict:?}", capture.name))
        })
        .collect()
}

#[test]
fn committed_captures_are_judged_as_their_labels_demand() {
    let captures = committed(&run::fixtures()).expect("committed captures");
    assert!(40 < captures.len(), "{} captures", captures.len());
    assert_eq!(wrong(&captures), [""; 0]);
}

/// Runs where the corpora are; then each listed capture must be there.
#[test]
fn captures_of_the_corpora_are_judged_as_their_labels_demand() {
    let Some(corpora) = run::corpora() else {
        return;
    };
    let captures = all(&corpora, &run::fixtures()).expect("corpora");
    assert!(1_000 < captures.len(), "{} captures", captures.len());
    assert_eq!(wrong(&captures), [""; 0]);
}
