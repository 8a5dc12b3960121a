//! For who writes a detector: what was told of some captures, and why.

use realmward_testkit::run;
use realmward_testkit::truth::Folder;
use realmward_testkit::verdict::judge;

#[expect(clippy::print_stdout, reason = "the list is the output of the command")]
pub(super) fn print(folders: &[(String, Folder)], only: &str, why: bool) {
    let captures = folders.iter().flat_map(|(_, folder)| &folder.labelled);
    for capture in captures.filter(|it| it.name.contains(only)) {
        let trial = run::trial(capture);
        let alerts: Vec<_> = trial.raised.iter().map(|(it, _)| it.clone()).collect();
        println!("{}: {:?}", capture.name, judge(capture, &alerts));
        println!("  expected: {}", capture.expectation);
        for (alert, after) in &trial.raised {
            println!(
                "  after {:.1} s: {} {} {:.2} {:?} x{}",
                after.as_secs_f64(),
                alert.detector,
                alert.severity.word(),
                alert.confidence,
                alert.outcome,
                alert.findings
            );
            for sentence in &alert.story {
                println!("    {sentence}");
            }
            for because in alert.why.iter().filter(|_| why) {
                println!(
                    "    - {}: {} (expected {})",
                    because.condition, because.observed, because.expected
                );
            }
        }
    }
}
