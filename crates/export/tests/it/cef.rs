//! Alerts of real attacks as CEF and syslog, and names that try to break out.

use realmward_alert::Alert;
use realmward_export::cef::{Profile, Trigger, line, message_id};
use realmward_export::syslog::{Form, Sender, message};
use realmward_pipeline::PipelineSettings;
use realmward_testkit::run::{analyse, fixtures};

fn alerts(capture: &str) -> Vec<Alert> {
    let path = fixtures().join(format!("captures/{capture}.pcap.zst"));
    let (pipeline, _) = analyse(&[path], &PipelineSettings::default());
    pipeline.alerts().to_vec()
}

#[test]
fn both_profiles_tell_real_attacks() {
    let mut lines = Vec::new();
    for capture in ["a01_dcsync_krbtgt", "a27_psexec", "a25_session_enum"] {
        for alert in alerts(capture) {
            let url = Some("https://realmward.example/alerts/1");
            lines.push(line(&alert, Profile::Own, Trigger::New, url));
            lines.push(line(&alert, Profile::Microsoft, Trigger::Update, url));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn names_cannot_break_out_of_their_field() {
    let mut alert = alerts("a01_dcsync_krbtgt").remove(0);
    for party in &mut alert.accounts {
        party.name = "x=1|y\\z\nCEF:0|Evil\u{1b}[31m".into();
    }
    alert.story = vec!["one=two\nthree|four\\five\0six".to_owned()];
    for profile in [Profile::Own, Profile::Microsoft] {
        let line = line(&alert, profile, Trigger::New, None);
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(line.contains(r"msg=one\=two\nthree|four\\five"), "{line}");
        let user = r"suser=x\=1|y\\z\nCEF:0|Evil";
        assert!(line.contains(user), "{line}");
    }
}

#[test]
fn both_envelopes_carry_the_line() {
    let alerts = alerts("a01_dcsync_krbtgt").into_iter();
    let mut of_replication = alerts.filter(|it| it.detector.as_str() == "directory_replication");
    let alert = of_replication.next().expect("the alert");
    let sender = Sender {
        host: "realmward".to_owned(),
        process: 4_711,
    };
    let id = message_id(&alert, Profile::Microsoft);
    assert_eq!(id, "DirectoryServicesReplicationSecu");
    let of = |form| message(form, &sender, alert.start, alert.severity, &id, "CEF:0|x");
    let stamp = line(&alert, Profile::Own, Trigger::New, None);
    let start = stamp
        .split("start=")
        .nth(1)
        .and_then(|it| it.split(' ').next())
        .unwrap_or_default();
    assert_eq!(
        of(Form::Rfc5424),
        format!("<35>1 {start} realmward CEF 4711 {id} - \u{feff}CEF:0|x")
    );
    assert!(of(Form::Rfc3164).starts_with("<35>Nov 24 "));
    assert!(of(Form::Rfc3164).ends_with(" realmward CEF:0|x"));
}
