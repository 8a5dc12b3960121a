//! A report that has everything: several severities, damage, hostile names, sums that add up.

use realmward_detect::{Because, Party, PartyHost, PartyRole, Severity};
use realmward_event::Outcome;
use realmward_export::{
    Alert, Domain, DomainController, EvidenceOfRole, Hidden, Hygiene, HygieneUser, Input, Place,
    Reached, Reason, ReasonAbout, Report, Skipped, Summary, User,
};
use realmward_vocab::{EventTime, FileId, PacketRef};

/// A name that tries to run a script, to clear a terminal and to turn the reading direction.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\u{1b}[2J\u{202e}'\"&";

const START: i64 = 1_795_489_176;

pub(crate) fn report() -> Report {
    let mut report = Report {
        inputs: inputs(),
        skipped: Skipped { files: 2 },
        domains: vec![Domain {
            name: "corp.example".into(),
        }],
        domain_controllers: controllers(),
        alerts: vec![lateral(), dcsync(), sessions()],
        users: users(),
        reach: reach(),
        hygiene: hygiene(),
        hidden: hidden(),
        summary: summary(),
    };
    report.sort();
    report
}

pub(crate) fn quiet() -> Report {
    let mut report = report();
    report.alerts.clear();
    report.users.clear();
    report.inputs.truncate(1);
    report.summary.excluded.clear();
    report.skipped.files = 0;
    report
}

fn at(seconds: i64) -> EventTime {
    EventTime::from_unix_nanoseconds((START + seconds) * 1_000_000_000 + 703_000_000)
}

fn packet(file: u32, packet: u64) -> PacketRef {
    PacketRef {
        file: FileId(file),
        packet,
    }
}

fn inputs() -> Vec<Input> {
    vec![
        Input {
            name: "dc1.pcapng".into(),
            packets: 48_213,
            bytes: 31_250_000,
            first: Some(at(0)),
            last: Some(at(849)),
            damage: None,
        },
        Input {
            name: "branch/ws17.pcap.zst".into(),
            packets: 1_024,
            bytes: 512_000,
            first: Some(at(30)),
            last: Some(at(400)),
            damage: Some(
                "the file ends within a packet, with 12 or more bytes missing, at byte 524288, \
                 after 1024 packets"
                    .into(),
            ),
        },
    ]
}

fn controllers() -> Vec<DomainController> {
    let sign = |what: &str, number| EvidenceOfRole {
        what: what.into(),
        packet: Some(packet(0, number)),
    };
    vec![
        DomainController {
            address: "10.0.0.5".into(),
            name: Some("dc1.corp.example".into()),
            evidence: vec![
                sign("answered as KDC", 12),
                sign("described itself in a root DSE", 31),
            ],
        },
        DomainController {
            address: "10.0.0.6".into(),
            name: None,
            evidence: vec![EvidenceOfRole {
                what: "named by the operator".into(),
                packet: None,
            }],
        },
    ]
}

fn party(name: &str, role: PartyRole) -> Party {
    Party {
        name: name.into(),
        domain: "CORP.EXAMPLE".into(),
        role,
    }
}

fn host(name: Option<&str>, ip: &str, role: PartyRole) -> PartyHost {
    PartyHost {
        ip: Some(ip.parse().unwrap()),
        name: name.map(Into::into),
        role,
    }
}

fn because(condition: &str, observed: &str, expected: &str) -> Because {
    Because {
        condition: condition.into(),
        observed: observed.into(),
        expected: expected.into(),
    }
}

fn dcsync() -> Alert {
    Alert {
        number: 2,
        detector: "directory_replication".into(),
        external_id: Some(2006),
        title: "Replication of directory secrets from what is not a domain controller".into(),
        severity: Severity::High,
        techniques: vec!["T1003.006".into()],
        start: at(600),
        end: at(612),
        accounts: vec![
            party("svc_backup", PartyRole::Actor),
            party("krbtgt", PartyRole::Target),
        ],
        hosts: vec![
            host(Some("ws-17"), "10.0.0.77", PartyRole::Source),
            host(Some("dc1.corp.example"), "10.0.0.5", PartyRole::Target),
        ],
        outcome: Outcome::Success,
        confidence: 0.97,
        findings: 2,
        story: vec![
            "svc_backup on ws-17 asked dc1.corp.example to replicate directory secrets".into(),
        ],
        why: vec![
            because(
                "operation",
                "IDL_DRSGetNCChanges, 14 calls",
                "only between domain controllers",
            ),
            because(
                "role of 10.0.0.77",
                "no sign of a domain controller in 14 minutes",
                "a domain controller",
            ),
        ],
        evidence: (31_207..31_260)
            .chain([31_300, 31_302])
            .map(|it| packet(0, it))
            .chain([packet(1, 900)])
            .collect(),
        next_steps: vec![
            "Disable svc_backup and isolate ws-17.".into(),
            "Reset krbtgt twice, with a day between, and every account that was replicated.".into(),
        ],
    }
}

fn lateral() -> Alert {
    Alert {
        number: 1,
        detector: "remote_execution".into(),
        external_id: Some(2019),
        title: "Remote execution over service control".into(),
        severity: Severity::Medium,
        techniques: vec!["T1569.002".into(), "T1021.002".into()],
        start: at(300),
        end: at(300),
        accounts: vec![party(HOSTILE, PartyRole::Actor)],
        hosts: vec![
            host(Some(HOSTILE), "10.0.0.66", PartyRole::Source),
            host(Some("ws-17"), "10.0.0.77", PartyRole::Target),
        ],
        outcome: Outcome::Attempt,
        confidence: 0.6,
        findings: 1,
        story: vec![format!("{HOSTILE} created a service on ws-17")],
        why: vec![because("service", HOSTILE, "a known service")],
        evidence: vec![packet(0, 9_001)],
        next_steps: vec!["Look at the service on ws-17.".into()],
    }
}

fn sessions() -> Alert {
    Alert {
        number: 3,
        detector: "session_enumeration".into(),
        external_id: None,
        title: "Session enumeration".into(),
        severity: Severity::Low,
        techniques: vec!["T1049".into()],
        start: at(100),
        end: at(104),
        accounts: vec![],
        hosts: vec![host(None, "fe80::66", PartyRole::Source)],
        outcome: Outcome::Unknown,
        confidence: 0.25,
        findings: 12,
        story: vec!["fe80::66 asked 12 servers for their sessions".into()],
        why: vec![because("servers asked", "12", "")],
        evidence: vec![packet(1, 3), packet(1, 4)],
        next_steps: vec![],
    }
}

fn users() -> Vec<User> {
    let reason = |about, evidence, text: &str, without| Reason {
        about,
        evidence,
        text: text.into(),
        without,
    };
    let prior = "before any evidence: one user in 2,000 is compromised in a week";
    vec![
        User {
            name: "svc_backup".into(),
            domain: "CORP.EXAMPLE".into(),
            priority: 89,
            sum: 91,
            reasons: vec![
                reason(
                    ReasonAbout::Alert(2),
                    371,
                    "Replication of directory secrets from ws-17",
                    0,
                ),
                reason(
                    ReasonAbout::Repetition(2),
                    50,
                    "1 more finding of the same kind",
                    72,
                ),
                reason(ReasonAbout::Prior, -330, prior, 100),
            ],
        },
        User {
            name: HOSTILE.into(),
            domain: String::new(),
            priority: 1,
            sum: -212,
            reasons: vec![
                reason(
                    ReasonAbout::Alert(1),
                    118,
                    "Remote execution over service control",
                    0,
                ),
                reason(ReasonAbout::Prior, -330, prior, 94),
            ],
        },
    ]
}

fn reach() -> Vec<Reached> {
    let account = |name: &str| Place::Account(name.into());
    let device = |ip: &str, name: Option<&str>| Place::Device {
        ip: ip.parse().unwrap(),
        name: name.map(Into::into),
    };
    let seen = |from, to, what: &str, times| Reached {
        from,
        to,
        what: what.into(),
        times,
    };
    let mut reach = vec![
        seen(
            account("svc_backup"),
            device("10.0.0.9", None),
            "worked from",
            3,
        ),
        seen(
            account(HOSTILE),
            device("10.0.0.77", None),
            "worked from",
            1,
        ),
        seen(
            device("10.0.0.5", None),
            device("10.0.0.77", None),
            "logged on",
            2,
        ),
        seen(
            device("10.0.0.12", Some("ws-12")),
            device("10.0.0.5", None),
            "logged on",
            9,
        ),
    ];
    reach.extend((0..30).map(|it| {
        let other = device(&format!("10.0.1.{it}"), None);
        seen(other, device("10.0.0.77", None), "logged on", 1)
    }));
    reach
}

fn hygiene() -> Vec<Hygiene> {
    let row = |id: &str, what: &str, times, by| Hygiene {
        id: id.into(),
        what: what.into(),
        times,
        by,
    };
    let by = |account: &str, ip: &str, times| HygieneUser {
        account: account.into(),
        address: Some(ip.parse().unwrap()),
        times,
    };
    vec![
        row(
            "rc4_tickets",
            "RC4 tickets",
            14,
            vec![by("svc_old", "10.0.0.9", 12), by("", "10.0.0.10", 2)],
        ),
        row(
            "ntlm_v1",
            "NTLMv1 logons",
            2,
            vec![by(HOSTILE, "10.0.0.66", 2)],
        ),
        row("cleartext_binds", "cleartext LDAP binds", 0, vec![]),
        row("smb1", "SMB1 connections", 0, vec![]),
    ]
}

fn hidden() -> Vec<Hidden> {
    vec![
        Hidden {
            id: "smb_encrypted".into(),
            what: "encrypted SMB sessions".into(),
            times: 12,
            means: "shares, files and pipes in them are not visible; who logged on is".into(),
        },
        Hidden {
            id: "tls".into(),
            what: "TLS connections to directory ports".into(),
            times: 0,
            means: "not visible at all".into(),
        },
    ]
}

fn summary() -> Summary {
    let counts = |pairs: &[(&str, u64)]| {
        pairs
            .iter()
            .map(|(name, times)| ((*name).to_owned(), *times))
            .collect()
    };
    Summary {
        packets: 49_237,
        bytes: 31_762_000,
        seconds: 849.0,
        flows: 812,
        facts: counts(&[("RpcCalled", 412), ("TicketPresented", 96)]),
        parse_faults: counts(&[("kerberos", 1), ("smb", 0)]),
        bounds_hit: counts(&[("tcp_gap", 3)]),
        users_seen: 12,
        excluded: counts(&[("account=svc_scan", 4)]),
        interrupted: false,
    }
}
