use super::disk::segments_of;
use super::*;
use crate::wire;
use realmward_event::batch::SensorHealth;
use std::fs::OpenOptions;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

const LIMIT: u64 = 64 * 1024 * 1024;

fn mark(packet: u64) -> Order {
    Order { packet, index: 1 }
}

/// A batch that can be told from others.
fn batch(number: u64) -> Batch {
    Batch {
        health: Some(SensorHealth {
            packets: number,
            input: format!("{number} {}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            ..SensorHealth::default()
        }),
        ..Batch::default()
    }
}

fn append(spool: &mut Spool, number: u64) -> Appended {
    let appended = spool.append(&mut batch(number), mark(number)).unwrap();
    if appended == Appended::Full {
        spool.drop_batch();
    }
    appended
}

/// Takes all that waits: number, drops told, content.
fn take(spool: &mut Spool) -> Vec<(u64, u64, u64)> {
    let mut taken = Vec::new();
    while let Some((sequence, octets)) = spool.oldest().unwrap() {
        let batch = wire::decode(&octets).unwrap();
        assert_eq!(batch.sequence, sequence);
        let packets = batch.health.unwrap().packets;
        taken.push((sequence, batch.dropped, packets));
        spool.acknowledge(sequence).unwrap();
    }
    taken
}

fn newest(folder: &Path) -> PathBuf {
    segments_of(folder).unwrap().pop().unwrap().1
}

#[test]
fn what_was_kept_comes_back_in_order_after_a_restart_and_numbers_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    for number in 1..=3 {
        assert_eq!(append(&mut spool, number), Appended::Kept(number));
    }
    spool.acknowledge(1).unwrap();
    drop(spool);
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    assert_eq!(spool.mark(), mark(3));
    assert_eq!(take(&mut spool), [(2, 0, 2), (3, 0, 3)]);
    drop(spool);
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    assert_eq!((spool.waiting(), spool.mark()), (0, mark(3)));
    assert_eq!(append(&mut spool, 9), Appended::Kept(4));
    assert_eq!(spool.damage(), Damage::default());
}

#[test]
fn a_full_spool_keeps_the_oldest_and_the_next_kept_tells_the_gap() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), 4000).unwrap();
    let mut number = 0;
    let mut append_next = |spool: &mut Spool| {
        number += 1;
        append(spool, number)
    };
    while matches!(append_next(&mut spool), Appended::Kept(_)) {}
    let kept = spool.waiting();
    for _ in 0..3 {
        assert_eq!(append_next(&mut spool), Appended::Full);
    }
    assert!(spool.octets() <= 4000);
    // What is not yet told survives a restart.
    drop(spool);
    let mut spool = Spool::open(folder.path(), 4000).unwrap();
    assert_eq!(spool.dropped(), 4);
    let taken = take(&mut spool);
    assert_eq!(taken.len() as u64, kept);
    assert_eq!(append_next(&mut spool), Appended::Kept(kept + 1));
    assert_eq!(take(&mut spool), [(kept + 1, 4, kept + 5)]);
    assert_eq!(spool.dropped(), 0);
}

#[test]
fn acknowledged_segments_are_deleted_and_a_small_spool_never_locks_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), 4000).unwrap();
    for number in 1..200 {
        assert_eq!(append(&mut spool, number), Appended::Kept(number));
        assert_eq!(take(&mut spool).len(), 1);
        assert!(segments_of(folder.path()).unwrap().len() <= 2);
    }
}

#[test]
fn a_torn_end_is_cut_wherever_it_tore() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    append(&mut spool, 1);
    let path = newest(folder.path());
    let before = fs::metadata(&path).unwrap().len();
    append(&mut spool, 2);
    drop(spool);
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() as u64 {
        fs::write(&path, &whole[..usize::try_from(length).unwrap()]).unwrap();
        let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
        let kept = u64::from(before <= length);
        assert_eq!(spool.waiting(), kept, "torn at {length}");
        assert_eq!(append(&mut spool, 7), Appended::Kept(kept + 1));
        drop(spool);
        let spool = Spool::open(folder.path(), LIMIT).unwrap();
        assert_eq!(spool.waiting(), kept + 1, "torn at {length}");
    }
}

#[test]
fn a_damaged_record_is_lost_alone_and_its_number_is_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    append(&mut spool, 1);
    let path = newest(folder.path());
    let start = usize::try_from(spool.octets()).unwrap();
    append(&mut spool, 2);
    let end = usize::try_from(spool.octets()).unwrap();
    append(&mut spool, 3);
    drop(spool);
    let whole = fs::read(&path).unwrap();
    for at in start..end {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        fs::write(&path, &damaged).unwrap();
        let _ = fs::remove_file(folder.path().join(ACKNOWLEDGED));
        let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
        assert_eq!(spool.damage().lost_batches, 1, "damaged at {at}");
        assert_eq!(take(&mut spool), [(1, 0, 1), (3, 0, 3)], "damaged at {at}");
        assert_eq!(append(&mut spool, 4), Appended::Kept(4));
    }
}

#[test]
fn what_was_acknowledged_and_then_lost_does_not_give_its_number_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    for number in 1..=3 {
        append(&mut spool, number);
    }
    spool.acknowledge(3).unwrap();
    drop(spool);
    let path = newest(folder.path());
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(60).unwrap();
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    assert_eq!(append(&mut spool, 4), Appended::Kept(4));
}

#[test]
fn damage_while_running_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(folder.path(), LIMIT).unwrap();
    append(&mut spool, 1);
    append(&mut spool, 2);
    let path = newest(folder.path());
    let mut octets = fs::read(&path).unwrap();
    octets[SEGMENT_OCTETS + 40] ^= 1;
    fs::write(&path, octets).unwrap();
    assert_eq!(take(&mut spool), [(2, 0, 2)]);
    assert_eq!(spool.damage().lost_batches, 1);
}

#[test]
fn two_sensors_cannot_share_and_a_later_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), LIMIT).unwrap();
    let again = Spool::open(folder.path(), LIMIT);
    assert!(matches!(again, Err(SpoolError::InUse(_))));
    drop(spool);
    let path = newest(folder.path());
    let mut header = fs::read(&path).unwrap();
    header[7] = 9;
    let crc = crc32fast::hash(&header[..20]).to_le_bytes();
    header[20..24].copy_from_slice(&crc);
    fs::write(&path, &header).unwrap();
    let later = Spool::open(folder.path(), LIMIT);
    assert!(matches!(later, Err(SpoolError::Version { version: 9, .. })));
    assert_eq!(fs::read(&path).unwrap(), header);
}

/// The child of the test below: appends for ever and says each number once it is kept.
#[test]
fn child_that_is_killed() {
    let Some(folder) = std::env::var_os("SPOOL_OF_CHILD") else {
        return;
    };
    let mut spool = Spool::open(Path::new(&folder), LIMIT).unwrap();
    for _ in 0..100_000 {
        let number = spool.mark().packet + 1;
        let Appended::Kept(sequence) = append(&mut spool, number) else {
            panic!("not kept");
        };
        // Past the harness, which would hold it back.
        let _ = io::stderr().write_all(format!("kept {sequence} {number}\n").as_bytes());
        if number.is_multiple_of(3) {
            let (oldest, _) = spool.oldest().unwrap().unwrap();
            spool.acknowledge(oldest).unwrap();
        }
    }
}

#[test]
fn nothing_kept_is_lost_when_the_process_is_killed_at_any_point() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = 0;
    for round in 0_u64..25 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "spool::tests::child_that_is_killed",
                "--nocapture",
            ])
            .env("SPOOL_OF_CHILD", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let enough = said + 1 + round * 7 % 23;
        for line in lines.by_ref() {
            let line = line.unwrap();
            let numbers = line.strip_prefix("kept ").expect(&line);
            let (sequence, number) = numbers.split_once(' ').unwrap();
            assert_eq!(sequence, number, "numbers are used once, without gaps");
            said = sequence.parse().unwrap();
            if enough <= said {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            if let Some((sequence, _)) =
                line.strip_prefix("kept ").and_then(|it| it.split_once(' '))
                && let Ok(sequence) = sequence.parse()
            {
                said = sequence;
            }
        }
        let spool = Spool::open(folder.path(), LIMIT).unwrap();
        let last = spool.mark().packet;
        assert!((said..=said + 1).contains(&last), "{last} of {said}");
        assert_eq!(spool.damage().lost_batches, 0);
        let waiting: Vec<u64> = spool.waiting.iter().map(|it| it.sequence).collect();
        assert!(waiting.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        assert_eq!(waiting.last(), Some(&last));
        said = last;
    }
}
