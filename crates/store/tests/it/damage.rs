//! Bad files, a full disk, a chain that was touched.

use crate::made::{activity, at, batch, store};
use realmward_store::{
    ActivityFilter, Appended, AuditEntry, Page, Position, Produced, SensorId, Store, StoreError,
};
use std::fs;

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("realmward.db");
    let noise = vec![0x5a; 20_000];
    fs::write(&file, &noise).unwrap();
    let error = Store::open(folder.path()).err().unwrap();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("realmward.db") && text.contains("backup"),
        "{text}"
    );
    assert_eq!(fs::read(&file).unwrap(), noise);
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    let (folder, store) = store();
    for sequence in 1..200 {
        store.append_batch(SensorId(1), &batch(sequence)).unwrap();
    }
    store.check().unwrap();
    let file = store.file().to_owned();
    drop(store);
    let mut octets = fs::read(&file).unwrap();
    for octet in octets.iter_mut().skip(4096) {
        *octet = 0xa5;
    }
    fs::write(&file, &octets).unwrap();
    let error = match Store::open(folder.path()) {
        Err(error) => error,
        Ok(store) => store.check().unwrap_err(),
    };
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("realmward.db"));
    assert_eq!(fs::read(&file).unwrap(), octets);
}

fn change(folder: &std::path::Path, sql: &str) {
    let connection = rusqlite::Connection::open(folder.join("realmward.db")).unwrap();
    connection.execute_batch(sql).unwrap();
}

#[test]
fn a_newer_or_foreign_database_is_refused() {
    let (folder, opened) = store();
    drop(opened);
    change(folder.path(), "PRAGMA user_version = 999");
    let error = Store::open(folder.path()).err().unwrap();
    assert!(
        matches!(error, StoreError::Newer { found: 999, .. }),
        "{error:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    change(folder.path(), "CREATE TABLE theirs (a)");
    let error = Store::open(folder.path()).err().unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = Store::open(&file.join("data")).err().unwrap();
    assert!(matches!(error, StoreError::Unwritable { .. }), "{error:?}");
}

#[test]
fn a_full_disk_loses_nothing_and_passes() {
    let (folder, store) = store();
    store.append_batch(SensorId(1), &batch(1)).unwrap();
    store.limit_pages(1).unwrap();
    let mut acked = 1;
    let error = loop {
        match store.append_batch(SensorId(1), &batch(acked + 1)) {
            Ok(_) => acked += 1,
            Err(error) => break error,
        }
        assert!(acked < 10_000, "it never got full");
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    let big = Produced {
        position: Position(1),
        activities: (0..500)
            .map(|it| activity(1 << 20 | it, 1, "ann", "much"))
            .collect(),
        ..Produced::default()
    };
    assert!(matches!(store.commit(&big), Err(StoreError::Full { .. })));
    assert_eq!(store.committed().unwrap(), Position(0));
    let entries = store.entries_after(Position(0), 10_000).unwrap();
    assert_eq!(entries.len() as u64, acked);
    store.limit_pages(1 << 30).unwrap();
    assert_eq!(
        store.append_batch(SensorId(1), &batch(acked + 1)).unwrap(),
        Appended::New(Position(acked + 1))
    );
    store.commit(&big).unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    store.check().unwrap();
    let found = store.activities(&ActivityFilter::default(), &Page::first(1000));
    assert_eq!(found.unwrap().items.len(), 500);
}

#[test]
fn the_first_row_that_was_touched_is_named() {
    let touched = [
        ("UPDATE audit SET detail = 'other' WHERE id = 3", Some(3)),
        (
            "UPDATE audit SET who = 'ann', action = 'login ' WHERE id = 2",
            Some(2),
        ),
        ("DELETE FROM audit WHERE id = 4", Some(4)),
        ("DELETE FROM audit WHERE id = 5", Some(5)),
        ("UPDATE audit_head SET length = 6", Some(6)),
        (
            "INSERT INTO audit SELECT 6, time, who, action, subject, detail, address, hash \
             FROM audit WHERE id = 5",
            Some(6),
        ),
        ("SELECT 1", None),
    ];
    for (sql, broken) in touched {
        let (folder, store) = store();
        for number in 1..=5 {
            let entry = AuditEntry {
                time: at(number),
                who: "ann".to_owned(),
                action: "login".to_owned(),
                ..AuditEntry::default()
            };
            assert_eq!(store.append_audit(&entry).unwrap(), number.unsigned_abs());
        }
        let triggers = "DROP TRIGGER audit_keeps; DROP TRIGGER audit_stays;";
        change(folder.path(), &format!("{triggers} {sql}"));
        assert_eq!(store.verify_audit().unwrap().broken, broken, "{sql}");
    }
}

#[test]
fn the_audit_log_refuses_to_be_changed() {
    let (folder, store) = store();
    store.append_audit(&AuditEntry::default()).unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("realmward.db")).unwrap();
    for sql in ["DELETE FROM audit", "UPDATE audit SET who = 'bob'"] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn a_copy_is_a_whole_store() {
    let (_folder, store) = store();
    store.append_batch(SensorId(1), &batch(1)).unwrap();
    let other = tempfile::tempdir().unwrap();
    let copy = other.path().join("realmward.db");
    store.back_up(&copy).unwrap();
    assert!(store.back_up(&copy).is_err(), "a file that is there stays");
    let copy = Store::open(other.path()).unwrap();
    assert_eq!(copy.entries_after(Position(0), 9).unwrap().len(), 1);
}
