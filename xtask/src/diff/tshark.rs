//! Runs tshark over a capture, once: what it said is kept under the target folder.
//!
//! Kept is a line for each frame and for each node of its trees, compressed, under the digest of the
//! capture, of tshark's version and of the options, so that only new captures cost anything.

use super::node::{Frame, Node};
use super::pdml;
use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// tshark, as installed.
pub(super) struct Tshark {
    /// Its version line.
    pub(super) version: String,
    folder: PathBuf,
}

impl Tshark {
    /// tshark, if it is installed.
    pub(super) fn find() -> Option<Self> {
        let out = Command::new("tshark").arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&out.stdout);
        let version = text.lines().next()?.trim().to_owned();
        out.status.success().then(|| Self {
            version,
            folder: crate::tree::root().join("target/diff"),
        })
    }

    /// Calls `take` with each frame that holds one of [`PROTOCOLS`].
    pub(super) fn frames(&self, capture: &Path, mut take: impl FnMut(&Frame)) -> Result<()> {
        let kept = self.folder.join(self.key(capture)?);
        if !kept.is_file() {
            fs::create_dir_all(&self.folder)?;
            self.run(capture, &kept)
                .with_context(|| capture.display().to_string())?;
        }
        let file = zstd::Decoder::new(File::open(&kept)?)?;
        read(BufReader::new(file), &mut take)
    }

    fn key(&self, capture: &Path) -> Result<String> {
        let mut digest = Sha256::new();
        digest.update(fs::read(capture)?);
        for text in [&self.version, FORMAT]
            .into_iter()
            .chain(OPTIONS.iter().copied())
        {
            digest.update([0]);
            digest.update(text);
        }
        digest.update(PROTOCOLS.join(" "));
        let mut name = String::new();
        for octet in digest.finalize().iter().take(12) {
            write!(name, "{octet:02x}")?;
        }
        Ok(name)
    }

    /// The frames whose checksum of TCP is wrong, which tshark does not look at unless it is told to.
    pub(super) fn wrong_checksums(&self, capture: &Path) -> Result<Vec<u64>> {
        let options = ["-o", "tcp.check_checksum:TRUE"];
        self.numbers(capture, &options, "tcp.checksum.status == 0")
    }

    /// The frames with a ClientHello in connections in which the server had spoken before.
    pub(super) fn late_hellos(&self, capture: &Path) -> Result<Vec<u64>> {
        self.numbers(capture, OPTIONS, "tls.handshake.type == 1 && tcp.ack > 1")
    }

    /// The frames that a filter takes.
    fn numbers(&self, capture: &Path, options: &[&str], filter: &str) -> Result<Vec<u64>> {
        let plain = self.plain(capture)?;
        let out = Command::new("tshark")
            .args(options)
            .args([
                "-n",
                "-T",
                "fields",
                "-e",
                "frame.number",
                "-Y",
                filter,
                "-r",
            ])
            .arg(plain.path())
            .output()
            .context("tshark")?;
        let text = String::from_utf8_lossy(&out.stdout);
        Ok(text.lines().filter_map(|it| it.parse().ok()).collect())
    }

    /// The capture, without its compression.
    fn plain(&self, capture: &Path) -> Result<tempfile::NamedTempFile> {
        let plain = tempfile::NamedTempFile::new_in(&self.folder)?;
        fs::write(plain.path(), unpacked(&fs::read(capture)?)?)?;
        Ok(plain)
    }

    fn run(&self, capture: &Path, kept: &Path) -> Result<()> {
        let plain = self.plain(capture)?;
        let mut child = Command::new("tshark")
            .args(OPTIONS)
            .args(["-T", "pdml", "-J"])
            .arg(format!("{CONTEXT} {}", PROTOCOLS.join(" ")))
            .args(["-Y", &PROTOCOLS.join(" or "), "-r"])
            .arg(plain.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("tshark")?;
        let out = child.stdout.take().context("output of tshark")?;
        let part = tempfile::NamedTempFile::new_in(&self.folder)?;
        let mut to = zstd::Encoder::new(BufWriter::new(part.as_file()), 3)?;
        let read = pdml::frames(BufReader::new(out), |frame| write_frame(&mut to, frame));
        // A damaged capture ends tshark with an error; what it said until then counts.
        let status = child.wait()?;
        if let Err(error) = read {
            ensure!(!status.success(), "PDML: {error:#}");
        }
        to.finish()?.flush()?;
        part.persist(kept)?;
        Ok(())
    }
}

/// A capture without its compression.
pub(super) fn unpacked(octets: &[u8]) -> Result<Vec<u8>> {
    Ok(match octets {
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::decode_all(octets)?,
        [0x1f, 0x8b, ..] => {
            let mut plain = Vec::new();
            // A file that ends early is read as far as it goes.
            let _ = flate2::read::MultiGzDecoder::new(octets).read_to_end(&mut plain);
            plain
        }
        _ => octets.to_vec(),
    })
}

fn write_frame(to: &mut impl std::io::Write, frame: &Frame) -> Result<()> {
    let notes: Vec<&str> = frame.notes.iter().map(String::as_str).collect();
    let notes = notes.join(",");
    writeln!(to, "F\t{}\t{}\t{notes}", frame.number, frame.stream)?;
    for protocol in &frame.protocols {
        write_node(to, protocol, 0)?;
    }
    Ok(())
}

fn write_node(to: &mut impl std::io::Write, node: &Node, depth: usize) -> Result<()> {
    let show = node.show.replace('\\', "\\\\").replace('\t', "\\t");
    let show = show.replace('\n', "\\n").replace('\r', "\\r");
    writeln!(to, "{depth}\t{}\t{show}\t{}", node.name, node.value)?;
    for child in &node.children {
        write_node(to, child, depth + 1)?;
    }
    Ok(())
}

fn read(from: impl std::io::BufRead, take: &mut impl FnMut(&Frame)) -> Result<()> {
    let mut frame: Option<Frame> = None;
    let mut open: Vec<Node> = Vec::new();
    for line in from.lines() {
        let line = line?;
        let mut parts = line.split('\t');
        let mut part = || parts.next().unwrap_or_default();
        let (first, second, third, fourth) = (part(), part(), part(), part());
        if first == "F" {
            if let Some(mut done) = frame.take() {
                close(&mut open, 0, &mut done);
                take(&done);
            }
            frame = Some(Frame {
                number: second.parse()?,
                stream: third.to_owned(),
                notes: fourth.split(',').map(str::to_owned).collect(),
                protocols: Vec::new(),
            });
            continue;
        }
        let frame = frame.as_mut().context("a node before any frame")?;
        close(&mut open, first.parse()?, frame);
        open.push(Node {
            name: second.to_owned(),
            show: unescaped(third),
            value: fourth.to_owned(),
            children: Vec::new(),
        });
    }
    if let Some(mut done) = frame {
        close(&mut open, 0, &mut done);
        take(&done);
    }
    Ok(())
}

/// Ends the nodes that are `depth` deep and deeper.
fn close(open: &mut Vec<Node>, depth: usize, frame: &mut Frame) {
    while depth < open.len()
        && let Some(node) = open.pop()
    {
        match open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => frame.protocols.push(node),
        }
    }
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                _ => '\\',
            },
            other => other,
        });
    }
    plain
}

/// Protocols that tables look at. One more costs a run of tshark over everything.
pub(super) const PROTOCOLS: &[&str] = &[
    "kerberos",
    "ntlmssp",
    "smb",
    "smb2",
    "dcerpc",
    "ldap",
    "cldap",
    "dns",
    "mdns",
    "llmnr",
    "nbns",
    "radius",
    "dhcp",
    "rdp",
    "tpkt",
    "tds",
    "tls",
    "http",
    "epm",
    "drsuapi",
    "samr",
    "lsarpc",
    "srvsvc",
    "svcctl",
    "rpc_netlogon",
    "isystemactivator",
    "kpasswd",
    "winreg",
    "atsvc",
    "spoolss",
    "efs",
    "netdfs",
    "fsrvp",
    "dnsserver",
    "dhcpv6",
    "browser",
];

/// Protocols of which only the connection and notes are kept.
const CONTEXT: &str = "tcp udp";

/// No names are looked up; segments out of order are put in order, as we do.
const OPTIONS: &[&str] = &["-n", "-o", "tcp.reassemble_out_of_order:TRUE"];

/// Changes when what is kept does.
const FORMAT: &str = "1";
