//! The promises to whoever reads a stranger's capture, on every fixture broken in every way.

use realmward_testkit::hostile::{Plan, Watch, captures, run};

#[test]
fn no_cut_and_no_edit_of_a_fixture_panics_hangs_or_takes_memory() {
    let captures = captures().unwrap();
    let plan = Plan::test();
    let tally = run(&captures, &plan, &Watch::start(PEAK_MIB_MAX)).unwrap();
    eprintln!("{tally}");
    assert_eq!(tally.fixtures, captures.len() as u64);
    assert!(tally.cuts == tally.chain_cuts && tally.fixtures < tally.cuts);
    assert_eq!(tally.edits, tally.fixtures * plan.edits);
    // Edits that lose everything would prove nothing.
    assert!(
        10 * tally.edits < tally.events,
        "edited captures say little"
    );
}

/// It was 95 when this was written, the fixtures themselves included.
const PEAK_MIB_MAX: u64 = 256;
