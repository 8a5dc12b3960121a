//! Killed at any moment, the store has what it acknowledged, once, and the chain holds.

use crate::made::{activity, alert, at, batch, priority};
use realmward_store::{
    ActivityFilter, AuditEntry, Notice, Output, OutputId, Page, Position, Produced, SensorId,
    Store, UserKey,
};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const FOLDER: &str = "REALMWARD_STORE_KILL_FOLDER";
const ROUNDS: usize = 10;

/// Run by the test below in a process of its own; alone it has nothing to do.
#[test]
fn the_child_appends_and_commits_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let store = Store::open(Path::new(&folder)).unwrap();
    let mut next = store.appended().unwrap().0 + 1;
    let mut position = store.snapshot().unwrap().map_or(0, |it| it.0.0);
    loop {
        // The last batch is sent again, as a sensor does that saw no answer.
        for sequence in next.saturating_sub(1).max(1)..=next {
            store.append_batch(SensorId(1), &batch(sequence)).unwrap();
        }
        eprintln!("\nacked {next}");
        let entry = AuditEntry {
            time: at(1),
            who: format!("batch {next}"),
            ..AuditEntry::default()
        };
        store.append_audit(&entry).unwrap();
        for (entry, _) in store.entries_after(Position(position), 3).unwrap() {
            position = entry.0;
            store.commit(&made_of(position)).unwrap();
        }
        next += 1;
    }
}

fn made_of(position: u64) -> Produced {
    let id = position << 20;
    Produced {
        position: Position(position),
        time: at(1),
        activities: vec![
            activity(id, 1, "ann", "one"),
            activity(id + 1, 1, "ann", "two"),
        ],
        alerts: vec![alert(position / 5 + 1, position % 5 + 1, "dcsync", "ann")],
        users: vec![priority("ann", i32::try_from(position % 90).unwrap())],
        notices: vec![Notice {
            alert: position / 5 + 1,
            revision: position % 5 + 1,
            is_new: position.is_multiple_of(5),
        }],
        snapshot: position
            .is_multiple_of(4)
            .then(|| position.to_be_bytes().to_vec()),
        ..Produced::default()
    }
}

/// Runs the child until it has acknowledged `acks` batches, and kills it a little later.
fn killed_after(folder: &Path, acks: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::the_child_appends_and_commits_until_it_is_killed",
        ])
        .args(["--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut acked = Vec::new();
    while acked.len() < acks {
        let line = lines.next().expect("the child runs").unwrap();
        acked.extend(
            line.strip_prefix("acked ")
                .map(|it| it.parse::<u64>().unwrap()),
        );
    }
    // Somewhere between two acknowledgements, never at the same place.
    std::thread::sleep(std::time::Duration::from_micros(acks as u64 * 617 % 5_000));
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = lines.map_while(Result::ok);
    acked.extend(rest.filter_map(|it| it.strip_prefix("acked ")?.parse::<u64>().ok()));
    acked.last().copied().unwrap()
}

#[test]
fn what_was_acknowledged_survives_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let opened = Store::open(folder.path()).unwrap();
    let output = Output {
        id: OutputId(0),
        name: "siem".to_owned(),
        kind: "syslog".to_owned(),
        target: String::new(),
        options: serde_json::Value::Null,
        disabled: false,
    };
    opened.put_output(&output).unwrap();
    drop(opened);
    for round in 0..ROUNDS {
        let acked = killed_after(folder.path(), round * 7 % 23 + 1);
        let store = Store::open(folder.path()).unwrap();
        store.check().unwrap();
        let appended = store.appended().unwrap().0;
        assert!(
            acked <= appended && appended <= acked + 1,
            "{acked} {appended}"
        );
        let entries = store.entries_after(Position(0), 10_000).unwrap();
        assert_eq!(entries.len() as u64, appended, "each batch once");
        let committed = store.committed().unwrap().0;
        assert!(committed <= appended);
        assert_committed(&store, committed);
        let verdict = store.verify_audit().unwrap();
        assert_eq!(verdict.broken, None);
        assert!(appended - 1 - round as u64 <= verdict.rows + 1);
    }
}

fn assert_committed(store: &Store, committed: u64) {
    let filter = ActivityFilter::default();
    let mut page = Page::first(1_000);
    let mut activities = 0;
    loop {
        let listing = store.activities(&filter, &page).unwrap();
        activities += listing.items.len() as u64;
        let Some(next) = listing.next else { break };
        page.after = Some(next);
    }
    assert_eq!(activities, 2 * committed, "each activity once");
    let user = store
        .user(&UserKey::new(&"ann".into(), &"lab".into()))
        .unwrap();
    assert_eq!(user.map_or(0, |it| it.activities), 2 * committed);
    let notices = store.due_notices(at(9), 100_000).unwrap();
    assert_eq!(notices.len() as u64, committed, "each notice once");
    if let Some((position, body)) = store.snapshot().unwrap() {
        assert_eq!(body, position.0.to_be_bytes());
        assert!(position.0 <= committed);
    }
}
