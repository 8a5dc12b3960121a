//! What a busy directory tells, without chance: the same number makes the same activity.

use realmward_alert::{Alert, AlertId};
use realmward_detect::{Kind, Party, PartyHost, PartyRole, Severity};
use realmward_event::operator::AlertStatus;
use realmward_event::{Endpoint, Event, Fact, Outcome, kerberos};
use realmward_score::{Decibans, UserPriority};
use realmward_store::{Activity, AlertRecord, ComputerRecord, Position, Produced};
use realmward_vocab::EventTime;
use std::net::{IpAddr, Ipv4Addr};

pub(crate) fn produced(position: u64) -> Produced {
    let activities: Vec<Activity> = (0..PER_COMMIT).map(|it| activity(position, it)).collect();
    let first = activities.first();
    let computers = first.map(computer).into_iter().collect();
    let users = first.map(|it| UserPriority {
        name: it.account.clone(),
        domain: it.domain.clone(),
        priority: 10,
        evidence: Decibans(-i32::try_from(position % 300).unwrap_or(0)),
        reasons: Vec::new(),
    });
    Produced {
        position: Position(position),
        time: first.map(|it| it.time).unwrap_or_default(),
        alerts: first.map(|it| alert(position, it)).into_iter().collect(),
        users: users.into_iter().collect(),
        computers,
        activities,
        ..Produced::default()
    }
}

fn activity(position: u64, index: u64) -> Activity {
    let number = position * PER_COMMIT + index;
    let draw = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    // One service account does a tenth of everything, one domain controller is asked half of it.
    let user = if (draw >> 9).is_multiple_of(10) {
        0
    } else {
        draw % 10_000
    };
    let server = if (draw >> 7).is_multiple_of(2) {
        0
    } else {
        draw / 10_000 % 200
    };
    let source = address(user % 4_000 + 1_000);
    let target = address(server);
    let account = format!("user{user:05}");
    let host = format!("srv{server:03}.corp.example");
    let time = EventTime::from_unix_seconds(1_750_000_000 + i64::try_from(number).unwrap_or(0) * 2);
    let kind = KINDS
        .get(usize::try_from(draw % 5).unwrap_or(0))
        .copied()
        .unwrap_or("Other");
    Activity {
        id: position << 20 | index,
        time,
        kind: kind.to_owned(),
        account: account.as_str().into(),
        domain: "CORP.EXAMPLE".into(),
        source_ip: Some(source),
        source_name: Some(
            format!("ws{:04}.corp.example", user % 4_000)
                .as_str()
                .into(),
        ),
        target_ip: Some(target),
        target_name: Some(host.as_str().into()),
        outcome: if draw.is_multiple_of(17) {
            Outcome::Failure
        } else {
            Outcome::Success
        },
        detail: format!("{account} got a ticket for cifs/{host} from {source} with AES256"),
        event: Event {
            time,
            client: Endpoint::new(source, 50_000),
            server: Endpoint::new(target, 88),
            fact: Fact::ServiceTicketIssued(kerberos::ServiceTicketIssued::default()),
            ..Event::default()
        },
    }
}

fn computer(of: &Activity) -> ComputerRecord {
    ComputerRecord {
        address: of.source_ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        name: of.source_name.clone(),
        is_domain_controller: false,
        first_seen: of.time,
        last_seen: of.time,
        last_account: of.account.clone(),
    }
}

fn alert(id: u64, of: &Activity) -> AlertRecord {
    let alert = Alert {
        id: AlertId(id),
        detector: if id.is_multiple_of(3) {
            "dcsync"
        } else {
            "kerberoasting"
        }
        .into(),
        severity: Severity::High,
        kind: Kind::Strong,
        confidence: 0.9,
        start: of.time,
        end: of.time,
        accounts: vec![Party {
            name: of.account.clone(),
            domain: of.domain.clone(),
            role: PartyRole::Actor,
        }],
        hosts: vec![PartyHost {
            ip: of.source_ip,
            name: of.source_name.clone(),
            role: PartyRole::Source,
        }],
        outcome: of.outcome,
        story: vec![of.detail.clone()],
        why: Vec::new(),
        evidence: Vec::new(),
        findings: 1,
        status: AlertStatus::Open,
        follows: None,
        revision: 1,
    };
    AlertRecord {
        alert,
        revision: 1,
        status: AlertStatus::Open,
        comment: String::new(),
        judged_by: String::new(),
        judged_at: None,
        changed_at: of.time,
    }
}

pub(crate) fn address(number: u64) -> IpAddr {
    let number = u32::try_from(number).unwrap_or(0);
    IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number))
}

pub(crate) const PER_COMMIT: u64 = 500;
pub(crate) const KINDS: &[&str] = &[
    "TicketGranted",
    "ServiceTicketIssued",
    "NtlmAuthenticated",
    "DirectoryBound",
    "ShareOpened",
];
