//! What the manual promises of `live`, each really started once.

use super::tap::{Summary, Tap};
use super::wire::{MIRROR, Pace};
use super::{Lab, capture, say};
use crate::house::House;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Fails with the first promise that is not kept.
pub(super) fn run(lab: &Lab) -> Result<()> {
    let (room, attack) = (lab.fresh("promises")?, "a22_bloodhound");
    let capture = capture::fixture(attack, &lab.folder)?;
    let house = House::open(&lab.programs, &room.join("data"))?;
    let post = Post::open(lab)?;
    house.join("tap", &post.state)?;
    privileges(lab, &post, &capture)?;
    unit(&post, &capture)?;
    fanout(lab, &post, &capture)?;
    drops(lab, &house, &post, &capture)?;
    half_a_mirror(lab, &house, &post, &capture)?;
    house.stop()
}

/// A place for the sensor that every account can reach, in memory, for these namespaces only.
struct Post {
    sensor: PathBuf,
    state: PathBuf,
}

impl Post {
    fn open(lab: &Lab) -> Result<Self> {
        let mount = ["-t", "tmpfs", "-o", "mode=0755", "tmpfs", PLACE];
        let status = Command::new("mount").args(mount).status()?;
        ensure!(status.success(), "mount {PLACE}");
        let sensor = Path::new(PLACE).join("program");
        fs::copy(&lab.programs.sensor, &sensor)?;
        fs::set_permissions(&sensor, fs::Permissions::from_mode(0o755))?;
        Ok(Self {
            sensor,
            state: PathBuf::from(STATE),
        })
    }

    /// Hands the sensor's folder to an account.
    fn give_to(&self, account: u32) -> Result<()> {
        let mut folders = vec![self.state.clone()];
        while let Some(folder) = folders.pop() {
            chown(&folder, Some(account), Some(account))?;
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                chown(&path, Some(account), Some(account))?;
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(())
    }
}

/// Started as root with `--user nobody`, it keeps nothing of root, and sees.
fn privileges(lab: &Lab, post: &Post, capture: &Path) -> Result<()> {
    post.give_to(NOBODY)?;
    let tap = Tap::open(lab, &post.state, "server", &["--user", "nobody"])?;
    let status = fs::read_to_string(format!("/proc/{}/status", tap.process()))?;
    has_nothing(&status, NOBODY)?;
    let sent = lab.wire.replay(capture, Pace::Own)?;
    sleep(LAST);
    all_read(tap.finish()?, sent.packets)?;
    say("privileges: `live --user nobody` runs as nobody without any capability, and reads all");
    Ok(())
}

/// The command line of the systemd unit as it stands, with the capabilities that it gives.
fn unit(post: &Post, capture: &Path) -> Result<()> {
    let _ = capture;
    let text = fs::read_to_string(crate::tree::root().join(UNIT))?;
    let value = |name: &str| {
        let mut lines = text.lines();
        lines
            .find_map(|it| it.strip_prefix(name)?.strip_prefix('='))
            .with_context(|| format!("{name} in {UNIT}"))
    };
    let line = value("ExecStart")?.replace("$OPTIONS", &format!("--interface {MIRROR}"));
    let mut words = line.split_whitespace();
    ensure!(words.next() == Some("/usr/bin/realmward-sensor"), "{line}");
    ensure!(value("AmbientCapabilities")? == "CAP_NET_RAW", "{UNIT}");
    ensure!(value("CapabilityBoundingSet")? == "CAP_NET_RAW", "{UNIT}");
    post.give_to(ACCOUNT)?;
    let account = ACCOUNT.to_string();
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &account, "--regid", &account, "--clear-groups"]);
    command.args(["--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"]);
    command.args(["--bounding-set=-all,+net_raw", "--no-new-privs", "--"]);
    command.arg(&post.sensor).args(words);
    let tap = Tap::watch(&mut command, &Path::new(PLACE).join("unit.log"))?;
    let status = fs::read_to_string(format!("/proc/{}/status", tap.process()))?;
    has_nothing(&status, ACCOUNT)?;
    tap.end()?;
    // What comes next runs as root, which without capabilities reads no other account's files.
    post.give_to(0)?;
    say(
        "systemd unit: its command line opens the socket with CAP_NET_RAW and then gives that up (its sandbox was not tried)",
    );
    Ok(())
}

/// Two rings share the packets, none is lost, none comes twice.
fn fanout(lab: &Lab, post: &Post, capture: &Path) -> Result<()> {
    let tap = Tap::open(lab, &post.state, "none", &["--workers", "2"])?;
    let sent = lab.wire.replay(capture, Pace::Packets(20_000, 2))?;
    sleep(LAST);
    let busy = threads_busy(tap.process())?;
    all_read(tap.finish()?, sent.packets)?;
    ensure!(2 <= busy, "{busy} threads worked");
    say(&format!(
        "fanout: two rings read {} packets, each once, on two threads",
        sent.packets
    ));
    Ok(())
}

/// A sensor that stands still loses packets, and says exactly how many.
fn drops(lab: &Lab, house: &House<'_>, post: &Post, capture: &Path) -> Result<()> {
    let tap = Tap::open(lab, &post.state, "server", &["--ring-mib", "1"])?;
    tap.signal("STOP")?;
    let sent = lab.wire.replay(capture, Pace::Packets(40_000, 2));
    tap.signal("CONT")?;
    let sent = sent?;
    sleep(LAST);
    let summary = tap.finish()?;
    ensure!(
        0 < summary.dropped && summary.packets + summary.dropped == sent.packets,
        "{} sent, {} read, {} dropped",
        sent.packets,
        summary.packets,
        summary.dropped
    );
    let told = health(house)?.0;
    ensure!(
        told == summary.dropped,
        "health tells of {told}, not {}",
        summary.dropped
    );
    say(&format!(
        "drops: of {} packets {} were dropped, and the server's health says so",
        sent.packets, summary.dropped
    ));
    Ok(())
}

/// A mirror of one direction is told by the doctor and by the server's health.
fn half_a_mirror(lab: &Lab, house: &House<'_>, post: &Post, capture: &Path) -> Result<()> {
    let half = capture::one_direction(capture, &lab.folder)?;
    let tap = Tap::open(lab, &post.state, "server", &[])?;
    let doctor = Command::new(&lab.programs.sensor)
        .args(["doctor", "--interface", MIRROR, "--seconds", "5", "--state"])
        .arg(&post.state)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    lab.wire.replay(&half, Pace::Packets(1000, 6))?;
    let said = doctor.wait_with_output()?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let line = said.lines().find(|it| it.contains("directions"));
    let line = line.with_context(|| said.clone())?;
    ensure!(line.contains("FAIL"), "the doctor says: {said}");
    sleep(LAST);
    tap.finish()?;
    let (_, one_sided, connections) = health(house)?;
    ensure!(
        0 < connections && connections < 2 * one_sided,
        "health: {one_sided} of {connections} connections are one-sided"
    );
    say(&format!(
        "half a mirror: the doctor fails `directions`, and the server's health counts {one_sided} of \
         {connections} connections as one-sided"
    ));
    Ok(())
}

/// Dropped packets, one-sided connections and all connections, of the sensor's last report.
fn health(house: &House<'_>) -> Result<(u64, u64, u64)> {
    let found = house.store()?.health()?;
    let report = found.into_iter().next().and_then(|(_, report)| report);
    let report = report.context("no report")?;
    Ok((
        report.dropped_packets,
        report.one_sided_connections,
        report.connections,
    ))
}

fn all_read(summary: Summary, sent: u64) -> Result<()> {
    ensure!(
        summary.packets == sent && summary.dropped == 0 && summary.waiting == 0,
        "{sent} sent, {summary:?}"
    );
    Ok(())
}

/// Whether a process is this account's, may do nothing of root's, and can never gain more.
fn has_nothing(status: &str, account: u32) -> Result<()> {
    let words = |name: &str| -> Result<Vec<&str>> {
        let line = status.lines().find_map(|it| it.strip_prefix(name));
        let line = line.with_context(|| name.to_owned())?;
        Ok(line.split_whitespace().collect())
    };
    let account = account.to_string();
    for ids in [words("Uid:")?, words("Gid:")?] {
        ensure!(ids.iter().all(|it| **it == account), "ids {ids:?}");
    }
    for set in ["CapEff:", "CapPrm:"] {
        let has = words(set)?.first().map(|it| u64::from_str_radix(it, 16));
        ensure!(has == Some(Ok(0)), "{set} {has:?}");
    }
    ensure!(words("NoNewPrivs:")? == ["1"], "it could gain privileges");
    Ok(())
}

/// Threads that used the processor for more than a moment.
fn threads_busy(process: u32) -> Result<usize> {
    let mut busy = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        let nanoseconds: u64 = text.split(' ').next().unwrap_or_default().parse()?;
        busy += usize::from(BUSY < Duration::from_nanos(nanoseconds));
    }
    Ok(busy)
}

const PLACE: &str = "/var/lib";
const STATE: &str = "/var/lib/realmward-sensor";
const UNIT: &str = "packaging/systemd/realmward-sensor.service";

/// `nobody` of every distribution that matters.
const NOBODY: u32 = 65_534;
/// An account that nobody has.
const ACCOUNT: u32 = 64_321;

/// What came in the last second waits for its batch.
const LAST: Duration = Duration::from_millis(2500);
const BUSY: Duration = Duration::from_millis(10);
