//! Small made values.

use realmward_alert::{Alert, AlertId};
use realmward_detect::{Kind, Party, PartyHost, PartyRole, Severity};
use realmward_event::batch::{Batch, EvidencePacket};
use realmward_event::operator::AlertStatus;
use realmward_event::{Endpoint, Event, Outcome};
use realmward_score::{Decibans, Reason, ReasonKind, UserPriority};
use realmward_store::{Activity, AlertRecord, ComputerRecord, Store};
use realmward_vocab::{EventTime, FileId, PacketRef};

pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

pub(crate) fn at(seconds: i64) -> EventTime {
    EventTime::from_unix_seconds(seconds)
}

pub(crate) fn event(seconds: i64) -> Event {
    Event {
        time: at(seconds),
        client: Endpoint::new("10.0.0.9".parse().unwrap(), 4000),
        server: Endpoint::new("10.0.0.1".parse().unwrap(), 88),
        ..Event::default()
    }
}

pub(crate) fn batch(sequence: u64) -> Batch {
    Batch {
        sequence,
        events: vec![event(i64::try_from(sequence).unwrap())],
        packets: vec![packet(1, sequence)],
        ..Batch::default()
    }
}

pub(crate) fn packet(file: u32, packet: u64) -> EvidencePacket {
    EvidencePacket {
        packet: PacketRef {
            file: FileId(file),
            packet,
        },
        time: at(i64::try_from(packet).unwrap()),
        link_type: 1,
        octets_on_wire: 60,
        octets: vec![0xff; 60],
    }
}

pub(crate) fn activity(id: u64, seconds: i64, account: &str, detail: &str) -> Activity {
    Activity {
        id,
        time: at(seconds),
        kind: "ServiceTicketIssued".to_owned(),
        account: account.into(),
        domain: "LAB".into(),
        source_ip: "10.0.0.9".parse().ok(),
        source_name: Some("ws9".into()),
        target_ip: "10.0.0.1".parse().ok(),
        target_name: None,
        outcome: Outcome::Success,
        detail: detail.to_owned(),
        event: event(seconds),
    }
}

pub(crate) fn computer(address: &str, name: &str, seconds: i64) -> ComputerRecord {
    ComputerRecord {
        address: address.parse().unwrap(),
        name: (!name.is_empty()).then(|| name.into()),
        is_domain_controller: false,
        first_seen: at(seconds),
        last_seen: at(seconds),
        last_account: "ann".into(),
    }
}

pub(crate) fn alert(id: u64, revision: u64, detector: &str, account: &str) -> AlertRecord {
    let seconds = i64::try_from(id).unwrap();
    let alert = Alert {
        id: AlertId(id),
        detector: detector.into(),
        severity: Severity::High,
        kind: Kind::Strong,
        confidence: 0.9,
        start: at(seconds),
        end: at(seconds + 1),
        accounts: vec![Party {
            name: account.into(),
            domain: "LAB".into(),
            role: PartyRole::Actor,
        }],
        hosts: vec![PartyHost {
            ip: "10.0.0.9".parse().ok(),
            name: Some("ws9.lab.example".into()),
            role: PartyRole::Source,
        }],
        outcome: Outcome::Success,
        story: vec![format!("{account} asked for tickets")],
        why: Vec::new(),
        evidence: vec![packet(1, id).packet],
        findings: 1,
        status: AlertStatus::Open,
        follows: None,
        revision,
    };
    AlertRecord {
        alert,
        revision,
        status: AlertStatus::Open,
        comment: String::new(),
        judged_by: String::new(),
        judged_at: None,
        changed_at: at(seconds + 1),
    }
}

pub(crate) fn priority(account: &str, evidence: i32) -> UserPriority {
    UserPriority {
        name: account.into(),
        domain: "LAB".into(),
        priority: u8::try_from(evidence.clamp(0, 100)).unwrap(),
        evidence: Decibans(evidence),
        reasons: vec![Reason {
            kind: ReasonKind::Alert(AlertId(1)),
            evidence: Decibans(evidence),
            text: "tickets".to_owned(),
            without: 0,
        }],
    }
}
