//! A pair of interfaces: one end in a namespace where captures are replayed, the other here.

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The wire; whoever holds its other end goes with it.
pub(super) struct Wire {
    holder: Child,
}

/// How fast to replay.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pace {
    /// As it was recorded.
    Own,
    /// So many packets a second, over and over with new addresses, for so many seconds.
    Packets(u32, u64),
    /// So many packets a second, without an end.
    Trickle(u32),
    /// As fast as goes, likewise.
    Top(u64),
}

/// What tcpreplay says it did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    pub(super) packets: u64,
    pub(super) seconds: f64,
    pub(super) mbit_s: f64,
}

impl Sent {
    pub(super) fn packets_s(&self) -> f64 {
        f64::from(u32::try_from(self.packets).unwrap_or(u32::MAX)) / self.seconds.max(1e-3)
    }
}

impl Wire {
    /// Makes both ends and brings them up, without any address.
    pub(super) fn open() -> Result<Self> {
        run(Command::new("ip").args(["link", "set", "lo", "up"]))?;
        let holder = Command::new("unshare")
            .args(["--net", "sleep", "infinity"])
            .stdin(Stdio::null())
            .spawn()
            .context("unshare")?;
        let wire = Self { holder };
        let id = wire.holder.id().to_string();
        let (mine, begun) = (fs::read_link("/proc/self/ns/net")?, Instant::now());
        while fs::read_link(format!("/proc/{id}/ns/net"))? == mine {
            ensure!(begun.elapsed() < PATIENCE, "no namespace for the wire");
            sleep(PAUSE);
        }
        fs::write(NO_IPV6, "1")?;
        run(wire
            .there("sh")
            .args(["-c", &format!("echo 1 > {NO_IPV6}")]))?;
        run(Command::new("ip").args([
            "link", "add", MIRROR, "mtu", MTU, "type", "veth", "peer", "name", WIRE, "mtu", MTU,
            "netns", &id,
        ]))?;
        run(Command::new("ip").args(["link", "set", MIRROR, "up"]))?;
        run(wire.there("ip").args(["link", "set", WIRE, "up"]))?;
        Ok(wire)
    }

    /// A command in the namespace of the other end.
    fn there(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        let id = self.holder.id().to_string();
        command.args(["--net", "--target", &id, "--", program]);
        command
    }

    /// Begins to replay a capture, which must not be compressed.
    pub(super) fn begin(&self, capture: &Path, pace: Pace) -> Result<Replay> {
        let mut command = self.there("tcpreplay");
        command.args(["--intf1", WIRE]);
        let again = |it: u64| format!("--duration={it}");
        match pace {
            Pace::Own => {}
            Pace::Packets(rate, seconds) => {
                command.args(AGAIN).arg(again(seconds));
                command.arg(format!("--pps={rate}"));
            }
            Pace::Trickle(rate) => {
                command.args(["--loop=0", &format!("--pps={rate}")]);
            }
            Pace::Top(seconds) => {
                command.args(AGAIN).arg(again(seconds)).arg("--topspeed");
            }
        }
        let child = command
            .arg(capture)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("tcpreplay")?;
        Ok(Replay(child))
    }

    /// Replays a capture to its end.
    pub(super) fn replay(&self, capture: &Path, pace: Pace) -> Result<Sent> {
        self.begin(capture, pace)?.finish()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A replay under way.
pub(super) struct Replay(Child);

impl Replay {
    /// Breaks it off.
    pub(super) fn end(mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    pub(super) fn is_over(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    pub(super) fn finish(self) -> Result<Sent> {
        let out = self.0.wait_with_output()?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let errors = String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "tcpreplay: {text}\n{errors}");
        sent(&text).with_context(|| format!("tcpreplay said: {text}\n{errors}"))
    }
}

/// `Actual: 80 packets (17 bytes) sent in 0.45 seconds`, `Rated: 38.0 Bps, 0.3 Mbps, 17.4 pps`.
fn sent(text: &str) -> Option<Sent> {
    let after = |mark: &str| Some(text.split_once(mark)?.1);
    let number = |text: &str| text.split_whitespace().next()?.parse::<f64>().ok();
    let failed = after("Failed packets:").and_then(number)?;
    let packets = after("Successful packets:")?;
    Some(Sent {
        packets: packets.split_whitespace().next()?.parse().ok()?,
        seconds: number(after("sent in ")?)?,
        mbit_s: number(after("Bps, ")?)?,
    })
    .filter(|_| failed < 1.0)
}

/// Packets that came at this end, and those that the kernel dropped before any ring saw them.
pub(super) fn arrived() -> Result<(u64, u64)> {
    let text = fs::read_to_string("/proc/net/dev")?;
    let mark = format!("{MIRROR}:");
    let line = text.lines().find_map(|it| it.trim().strip_prefix(&mark));
    let numbers: Vec<u64> = line
        .context("no counters")?
        .split_whitespace()
        .filter_map(|it| it.parse().ok())
        .collect();
    match numbers[..] {
        [_, packets, _, dropped, ..] => Ok((packets, dropped)),
        _ => anyhow::bail!("{text}"),
    }
}

fn run(command: &mut Command) -> Result<()> {
    let out = command.output().with_context(|| format!("{command:?}"))?;
    let errors = String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success(), "{command:?}: {errors}");
    Ok(())
}

/// The end at which the sensor watches.
pub(super) const MIRROR: &str = "rwmirror";
const WIRE: &str = "rwwire";

/// Captures of virtual machines have joined frames.
const MTU: &str = "65535";

/// Both ends stay silent by themselves.
const NO_IPV6: &str = "/proc/sys/net/ipv6/conf/default/disable_ipv6";

/// From memory, over and over; each pass has addresses of its own, so that its connections are new.
const AGAIN: [&str; 4] = [
    "--preload-pcap",
    "--loop=0",
    "--unique-ip",
    "--no-flow-stats",
];

const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tcpreplay_says_is_understood() {
        let text = "Actual: 80 packets (17449 bytes) sent in 0.457545 seconds\n\
                    Rated: 38136.1 Bps, 0.305 Mbps, 174.84 pps\n\
                    Statistics for network device: rwwire\n\
                    \tSuccessful packets:        80\n\
                    \tFailed packets:            0\n";
        let said = sent(text).unwrap();
        assert_eq!(said.packets, 80);
        assert!((said.mbit_s - 0.305).abs() < 1e-9);
        assert!(sent(&text.replace("            0", "            3")).is_none());
        assert!(sent("nothing").is_none());
    }
}
