//! Accounts, sessions, tokens, sensors, the audit log.

use crate::made::{at, batch, store};
use realmward_event::batch::SensorHealth;
use realmward_store::{Account, AuditEntry, AuditVerdict, Page, Role, SensorId, Session, Token};

#[test]
fn an_account_is_found_whatever_the_case() {
    let (_folder, store) = store();
    let account = Account {
        name: "Жанна".to_owned(),
        password: "hash".to_owned(),
        role: Role::Analyst,
        disabled: false,
    };
    store.put_account(&account).unwrap();
    assert_eq!(store.account("жАННА").unwrap(), Some(account.clone()));
    let other = Account {
        role: Role::Viewer,
        ..account
    };
    store.put_account(&other).unwrap();
    assert_eq!(store.accounts().unwrap(), vec![other]);
    assert_eq!(store.account("bob").unwrap(), None);
}

#[test]
fn sessions_end_one_by_one_all_at_once_and_by_age() {
    let (_folder, store) = store();
    let session = |seen| Session {
        account: "Ann".to_owned(),
        begun: at(1),
        seen: at(seen),
        address: "::1".to_owned(),
    };
    for number in 1..=4 {
        store
            .put_session([number; 32], &session(i64::from(number)))
            .unwrap();
    }
    store.put_session([1; 32], &session(9)).unwrap();
    assert_eq!(store.session([1; 32]).unwrap(), Some(session(9)));
    store.end_session([1; 32]).unwrap();
    assert_eq!(store.session([1; 32]).unwrap(), None);
    assert_eq!(store.end_stale_sessions(at(3), at(0)).unwrap(), 1);
    assert_eq!(store.sessions_of("ann").unwrap().len(), 2);
    assert_eq!(store.end_sessions_of("ANN").unwrap(), 2);
}

#[test]
fn a_token_works_once() {
    let (_folder, store) = store();
    let token = Token {
        purpose: "password".to_owned(),
        subject: "ann".to_owned(),
        expires: at(10),
    };
    store.put_token([1; 32], &token).unwrap();
    assert_eq!(store.token([1; 32]).unwrap(), Some(token.clone()));
    assert_eq!(store.take_token([1; 32]).unwrap(), Some(token));
    assert_eq!(store.take_token([1; 32]).unwrap(), None);
}

#[test]
fn a_sensor_joins_by_a_token_that_stands_and_can_be_shut_out() {
    let (_folder, store) = store();
    let token = Token {
        purpose: "sensor".to_owned(),
        subject: "dmz".to_owned(),
        expires: at(10),
    };
    let enrol = |secret: u8, certificate: &str, now| {
        store.put_token([secret; 32], &token).unwrap();
        store
            .enrol([secret; 32], "dmz", certificate, at(now))
            .unwrap()
    };
    assert!(
        store
            .enrol([9; 32], "dmz", "none", at(1))
            .unwrap()
            .is_none()
    );
    assert!(enrol(1, "late", 10).is_none());
    let first = enrol(2, "aa", 5).unwrap();
    assert!(store.enrol([2; 32], "dmz", "bb", at(5)).unwrap().is_none());
    assert_eq!(first.id, SensorId(1));
    assert_eq!(store.sensor("aa").unwrap(), Some(first));
    let second = enrol(3, "cc", 6).unwrap();
    assert_eq!(second.id, SensorId(2));
    assert_eq!(store.sensor("aa").unwrap(), None, "its name was taken over");
    assert!(store.revoke_sensor(second.id, at(7)).unwrap());
    assert!(!store.revoke_sensor(second.id, at(8)).unwrap());
    assert_eq!(store.sensor("cc").unwrap(), None);
    assert_eq!(store.sensors().unwrap().len(), 2);
}

#[test]
fn the_latest_report_is_the_health_of_a_sensor() {
    let (_folder, store) = store();
    let token = Token {
        purpose: "sensor".to_owned(),
        subject: "dmz".to_owned(),
        expires: at(10),
    };
    store.put_token([1; 32], &token).unwrap();
    let id = store
        .enrol([1; 32], "dmz", "aa", at(1))
        .unwrap()
        .unwrap()
        .id;
    for (sequence, packets) in [(1, 10), (2, 20), (4, 40)] {
        let mut batch = batch(sequence);
        batch.health = Some(SensorHealth {
            time: at(i64::try_from(packets).unwrap()),
            packets,
            ..SensorHealth::default()
        });
        store.append_batch(id, &batch).unwrap();
    }
    store.sensor_heard(id, at(44)).unwrap();
    let (sensor, report) = store.health().unwrap().remove(0);
    assert_eq!(report.unwrap().packets, 40);
    assert_eq!((sensor.sequence, sensor.batches, sensor.missing), (4, 3, 1));
    assert_eq!(sensor.last_seen, Some(at(44)));
    assert_eq!(store.sensor_reports(id, at(20)).unwrap().len(), 2);
}

#[test]
fn the_audit_log_is_followed_on_from_where_it_was_whole() {
    let (_folder, store) = store();
    let append = |number| {
        let entry = AuditEntry {
            time: at(number),
            ..AuditEntry::default()
        };
        store.append_audit(&entry).unwrap();
    };
    (1..=5).for_each(append);
    let part = store
        .verify_audit_after(&AuditVerdict::default(), 2)
        .unwrap();
    assert_eq!((part.rows, part.broken), (2, None));
    let rest = store.verify_audit_after(&part, 100).unwrap();
    assert_eq!(rest, store.verify_audit().unwrap());
    append(6);
    let more = store.verify_audit_after(&rest, 100).unwrap();
    assert_eq!((more.rows, more.broken), (6, None));
    assert_eq!(store.audit_length().unwrap(), 6);
    let other = AuditVerdict {
        head: [1; 32],
        ..rest
    };
    let broken = store.verify_audit_after(&other, 100).unwrap();
    assert_eq!(broken.broken, Some(5));
}

#[test]
fn the_audit_log_is_a_chain() {
    let (_folder, store) = store();
    for number in 1..=3 {
        let entry = AuditEntry {
            time: at(number),
            who: if number == 2 { "bob" } else { "ann" }.to_owned(),
            action: "login".to_owned(),
            ..AuditEntry::default()
        };
        store.append_audit(&entry).unwrap();
    }
    let verdict = store.verify_audit().unwrap();
    assert_eq!((verdict.rows, verdict.broken), (3, None));
    assert_ne!(verdict.head, [0; 32]);
    let page = store.audit("ann", &Page::first(1)).unwrap();
    assert_eq!(page.items[0].id, 3);
    let page = Page {
        after: page.next,
        ..Page::first(1)
    };
    assert_eq!(store.audit("ann", &page).unwrap().items[0].id, 1);
}
