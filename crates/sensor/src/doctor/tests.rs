use super::*;

#[test]
fn a_finding_is_one_line_and_what_mends_it_another() {
    let fine = Finding::ok("clock", "kept").to_string();
    assert_eq!(fine, "OK    clock: kept");
    let bad = Finding::fail("disk", "full", "make room").to_string();
    assert_eq!(bad, "FAIL  disk: full\n      mend: make room");
}

#[test]
fn the_capability_is_read_from_the_effective_set() {
    for (status, held) in [
        (
            "CapInh:\t0000000000002000\nCapEff:\t0000000000000000\n",
            false,
        ),
        ("CapEff:\t0000000000002000\n", true),
        ("CapEff:\t000001ffffffffff\n", true),
        ("", false),
    ] {
        assert_eq!(machine::has_net_raw(status), held, "{status}");
    }
}

#[test]
fn a_sensor_that_has_not_joined_fails_and_says_how_to_join() {
    let folder = tempfile::tempdir().unwrap();
    let mut findings = Vec::new();
    server::examine(folder.path(), None, &mut findings);
    assert!(findings[0].is_failure() && findings[0].seen.contains("join https://"));
}

#[cfg(target_os = "linux")]
#[test]
fn offloads_that_can_be_turned_off_are_named_with_the_command() {
    let text = "Features for eth1:\ntcp-segmentation-offload: on\n\
                \ttx-tcp-segmentation: on\ngeneric-receive-offload: on [fixed]\n\
                large-receive-offload: off\n";
    let on = interface::on_offloads(text);
    assert_eq!(on, [("tcp-segmentation-offload", "tso")]);
}

#[cfg(target_os = "linux")]
#[test]
fn mirrors_are_judged_by_what_they_show() {
    use crate::service::Observed;
    let verdicts = |seen: Observed| -> Vec<Verdict> {
        let mut findings = Vec::new();
        interface::judge(&seen, "eth1", Duration::from_secs(5), &mut findings);
        findings.iter().map(|it| it.verdict).collect()
    };
    let good = Observed {
        packets: 100,
        connections: 10,
        one_sided: 1,
        ports: vec![(88, "Kerberos", 9), (389, "LDAP", 9)],
        ..Observed::default()
    };
    let one_way = Observed {
        one_sided: 8,
        ..good.clone()
    };
    let elsewhere = Observed {
        connections: 0,
        one_sided: 0,
        ports: vec![(53, "DNS", 1)],
        dropped: 3,
        ..good.clone()
    };
    use Verdict::{Fail, Ok, Warn};
    assert_eq!(verdicts(good), [Ok, Ok, Ok]);
    assert_eq!(verdicts(one_way), [Ok, Fail, Ok]);
    assert_eq!(verdicts(elsewhere), [Warn, Warn, Warn]);
    assert_eq!(verdicts(Observed::default()), [Fail]);
}
