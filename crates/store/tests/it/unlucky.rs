//! Names in other alphabets, reports that are no numbers, files that were put together by hand.

use crate::made::{alert, at, batch, store};
use realmward_event::batch::{Batch, SensorHealth};
use realmward_store::{
    AlertFilter, AuditEntry, HitKind, Page, Position, Produced, Sensor, SensorId, Session, Store,
    StoreError, Token,
};
use realmward_vocab::TicketHash;
use std::fs;
use std::path::Path;

/// A sensor that joined with a token of its own.
fn enrolled(store: &Store, certificate: &str) -> Sensor {
    let token = Token {
        purpose: "sensor".to_owned(),
        subject: "s".to_owned(),
        expires: at(100),
    };
    store.put_token([7; 32], &token).unwrap();
    let enrolled = store.enrol([7; 32], "s", certificate, at(1)).unwrap();
    enrolled.unwrap()
}

#[test]
fn sessions_end_whatever_the_case_in_any_alphabet() {
    for (written, asked) in [("Ann", "ANN"), ("Иванов", "иВАНОВ"), ("Ökö", "ökÖ")] {
        let (_folder, store) = store();
        for (secret, name) in [(1, written), (2, "other")] {
            let session = Session {
                account: name.to_owned(),
                begun: at(1),
                seen: at(1),
                address: String::new(),
            };
            store.put_session([secret; 32], &session).unwrap();
        }
        assert_eq!(store.sessions_of(asked).unwrap().len(), 1, "{written}");
        assert_eq!(store.end_sessions_of(asked).unwrap(), 1, "{written}");
        assert_eq!(store.session([1; 32]).unwrap(), None, "{written}");
        assert!(store.session([2; 32]).unwrap().is_some());
    }
}

#[test]
fn a_short_text_is_found_whatever_the_case_in_any_alphabet() {
    let (_folder, store) = store();
    let produced = Produced {
        position: Position(1),
        alerts: vec![alert(1, 1, "dcsync", "Яна")],
        ..Produced::default()
    };
    store.commit(&produced).unwrap();
    for text in ["Ян", "ян", "ЯНА", "яна"] {
        let hits = store.search(text, 9).unwrap();
        assert!(hits.iter().any(|it| it.kind == HitKind::Alert), "{text}");
        let filter = AlertFilter {
            text: text.to_owned(),
            ..AlertFilter::default()
        };
        let found = store.alerts(&filter, &Page::default()).unwrap();
        assert_eq!(found.items.len(), 1, "{text}");
    }
}

#[test]
fn a_report_with_what_is_no_number_can_be_read_again() {
    let (_folder, store) = store();
    let sensor = enrolled(&store, "print");
    for (sequence, lag_s) in [(1, f64::NAN), (2, f64::INFINITY), (3, 1.5)] {
        let health = SensorHealth {
            lag_s,
            span_s: -lag_s,
            ..SensorHealth::default()
        };
        let batch = Batch {
            health: Some(health),
            ..batch(sequence)
        };
        store.append_batch(sensor.id, &batch).unwrap();
        assert_eq!(store.health().unwrap().len(), 1);
    }
    let reports = store.sensor_reports(sensor.id, at(-1)).unwrap();
    let lags: Vec<f64> = reports.iter().map(|it| it.lag_s).collect();
    assert_eq!(lags, [0.0, 0.0, 1.5]);
}

/// The files of a store of 20 batches, as a kill leaves them, in a folder of their own.
fn killed(names: &[&str]) -> tempfile::TempDir {
    let (folder, store) = store();
    for sequence in 1..=20 {
        store.append_batch(SensorId(1), &batch(sequence)).unwrap();
    }
    let other = tempfile::tempdir().unwrap();
    for name in names {
        fs::copy(folder.path().join(name), other.path().join(name)).unwrap();
    }
    other
}

fn assert_refused(folder: &Path) {
    let log = folder.join("realmward.db-wal");
    let before = fs::read(&log).unwrap();
    assert!(!before.is_empty());
    let error = Store::open(folder).err().expect("it is refused");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("-wal"), "{error}");
    assert_eq!(fs::read(&log).unwrap(), before, "the log is left alone");
}

#[test]
fn a_log_without_its_database_is_not_thrown_away() {
    assert_refused(killed(&["realmward.db-wal"]).path());
    let cut = killed(&["realmward.db", "realmward.db-wal"]);
    fs::write(cut.path().join("realmward.db"), b"").unwrap();
    assert_refused(cut.path());
}

#[test]
fn a_database_with_its_log_goes_on() {
    let folder = killed(&["realmward.db", "realmward.db-wal"]);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.entries_after(Position(0), 100).unwrap().len(), 20);
}

#[test]
fn a_ticket_is_text_for_people_and_a_number_for_us() {
    let hash = TicketHash(u128::MAX - 5);
    let text = serde_json::to_value(hash).unwrap();
    assert_eq!(text, "fffffffffffffffffffffffffffffffa");
    assert_eq!(serde_json::from_value::<TicketHash>(text).unwrap(), hash);
    // What earlier builds wrote is read, if not to the last digit.
    assert_eq!(
        serde_json::from_str::<TicketHash>("7").unwrap(),
        TicketHash(7)
    );
    assert!(serde_json::from_str::<TicketHash>("\"xyz\"").is_err());
    let mut octets = Vec::new();
    ciborium::into_writer(&hash, &mut octets).unwrap();
    assert!(octets.len() < 20, "{octets:?}");
    assert_eq!(
        ciborium::from_reader::<TicketHash, _>(octets.as_slice()).unwrap(),
        hash
    );
}

#[test]
fn what_is_done_together_is_done_or_not_as_a_whole() {
    let (folder, store) = store();
    let add = |store: &Store, number: u8| {
        let tag = Token {
            purpose: "any".to_owned(),
            subject: String::new(),
            expires: at(9),
        };
        store.put_token([number; 32], &tag)
    };
    let failed = store.together(|store| {
        add(store, 1)?;
        assert!(store.token([1; 32])?.is_some(), "it reads what it wrote");
        store.append_audit(&AuditEntry::default())?;
        store.together(|store| add(store, 2))?;
        Err::<(), StoreError>(StoreError::Busy {
            file: folder.path().to_owned(),
        })
    });
    assert!(matches!(failed, Err(StoreError::Busy { .. })));
    for hash in [[1; 32], [2; 32]] {
        assert_eq!(store.token(hash).unwrap(), None);
    }
    assert_eq!(store.verify_audit().unwrap().rows, 0);
    let done: Result<u64, StoreError> = store.together(|store| {
        add(store, 1)?;
        store.append_audit(&AuditEntry::default())
    });
    assert_eq!(done.unwrap(), 1);
    assert!(store.token([1; 32]).unwrap().is_some());
    // Other threads wait for each other and lose nothing.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    let done: Result<u64, StoreError> =
                        store.together(|store| store.append_audit(&AuditEntry::default()));
                    done.unwrap();
                }
            });
        }
    });
    assert_eq!(store.verify_audit().unwrap().rows, 101);
}

#[test]
fn a_certificate_that_was_renewed_ends_the_one_before_when_it_is_used() {
    let (_folder, store) = store();
    let id = enrolled(&store, "one").id;
    let knows = |certificate: &str| store.sensor(certificate).unwrap().map(|it| it.id);
    assert!(store.renew_sensor(id, "two", at(5)).unwrap());
    assert_eq!(knows("one"), Some(id));
    assert_eq!(knows("two"), Some(id));
    assert_eq!(knows("one"), None);
    assert!(store.renew_sensor(id, "three", at(5)).unwrap());
    assert!(store.revoke_sensor(id, at(2)).unwrap());
    assert!(!store.renew_sensor(id, "four", at(5)).unwrap());
    for certificate in ["one", "two", "three", "four"] {
        assert_eq!(knows(certificate), None, "{certificate}");
    }
}
