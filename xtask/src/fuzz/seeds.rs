//! Seeds: the test data of the protocols, small captures, and conversations cut out of fixtures.
//!
//! A conversation is written as the targets read it (`fuzz/src/conversations.rs`): for each segment
//! its side, its packet and its octets; a datagram stands alone.

use anyhow::Result;
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use realmward_stream::CaptureReader;
use realmward_vocab::Direction;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the seeds of a target into its corpus.
pub(super) fn write(name: &str, corpus: &Path) -> Result<()> {
    let root = crate::tree::root();
    let data = if name == "dcerpc" { "rpc" } else { name };
    let mut seeds = files(&root.join("crates/protocols/tests/data").join(data));
    seeds.extend(files(&root.join("fuzz/regressions").join(name)));
    for path in seeds {
        let to = path.file_name().unwrap_or_default();
        fs::copy(&path, corpus.join(to))?;
    }
    let ports = PORTS.iter().find(|it| it.0 == name).map(|it| it.1);
    for path in crate::tree::files("fixtures/captures", "zst")? {
        let from = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name == "capture" {
            let plain = zstd::decode_all(&fs::read(&path)?[..])?;
            if plain.len() <= CAPTURE_MAX {
                fs::write(corpus.join(&from), plain)?;
            }
        } else if let Some(ports) = ports {
            let conversations = conversations(&path, ports)?;
            for (place, octets) in conversations.into_iter().take(EACH).enumerate() {
                fs::write(corpus.join(format!("{from}-{place}")), octets)?;
            }
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|it| it.path())
        .filter(|it| it.is_file())
        .collect()
}

/// Every conversation of the fixtures that a target reads, as segments with their sides.
pub(crate) fn segments(name: &str) -> Result<Vec<Vec<Segment>>> {
    let ports = PORTS.iter().find(|it| it.0 == name).map(|it| it.1);
    let mut all = Vec::new();
    for path in crate::tree::files("fixtures/captures", "zst")? {
        all.extend(cut(&path, ports.unwrap_or_default())?.into_values());
    }
    Ok(all)
}

/// Octets of one side in one packet.
pub(crate) struct Segment {
    pub(crate) from: Direction,
    packet: u32,
    pub(crate) octets: Vec<u8>,
    is_stream: bool,
}

/// Conversations as the targets read them.
fn conversations(capture: &Path, ports: &[u16]) -> Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    for segments in cut(capture, ports)?.into_values() {
        let mut seed = Vec::new();
        for segment in segments {
            if !segment.is_stream {
                seed = segment.octets;
                break;
            }
            if CONVERSATION_MAX < seed.len() + segment.octets.len() {
                continue;
            }
            seed.push(u8::from(segment.from == Direction::ToClient));
            seed.extend(segment.packet.to_be_bytes());
            seed.extend(u32::try_from(segment.octets.len())?.to_be_bytes());
            seed.extend(segment.octets);
        }
        seeds.push(seed);
    }
    Ok(seeds)
}

/// Conversations with one of the ports, by their client.
fn cut(capture: &Path, ports: &[u16]) -> Result<BTreeMap<String, Vec<Segment>>> {
    let mut found: BTreeMap<String, Vec<Segment>> = BTreeMap::new();
    let mut reader = CaptureReader::open(capture)?;
    while reader.advance()? {
        let frame = reader.frame();
        let packet = u32::try_from(frame.packet)?;
        let Ok(sliced) = SlicedPacket::from_ethernet(frame.data) else {
            continue;
        };
        let Some(NetSlice::Ipv4(ip)) = &sliced.net else {
            continue;
        };
        let [source, destination] = [ip.header().source_addr(), ip.header().destination_addr()];
        let (from, to, octets, is_stream) = match &sliced.transport {
            Some(TransportSlice::Tcp(it)) => {
                (it.source_port(), it.destination_port(), it.payload(), true)
            }
            Some(TransportSlice::Udp(it)) => {
                (it.source_port(), it.destination_port(), it.payload(), false)
            }
            _ => continue,
        };
        let from_server = ports.contains(&from);
        if octets.is_empty() || !from_server && !ports.contains(&to) {
            continue;
        }
        let (client, from) = if from_server {
            ((destination, to), Direction::ToClient)
        } else {
            ((source, from), Direction::ToServer)
        };
        let segments = found.entry(format!("{client:?} {is_stream}")).or_default();
        let octets = octets.to_vec();
        segments.push(Segment {
            from,
            packet,
            octets,
            is_stream,
        });
    }
    Ok(found)
}

/// Where fixtures speak what a target reads.
const PORTS: &[(&str, &[u16])] = &[
    ("kerberos", &[88]),
    ("ldap", &[389, 3268]),
    ("smb", &[445, 139]),
    ("dcerpc", &[135, 49152, 49153, 49154]),
    ("dns", &[53]),
    ("radius", &[1812, 1813]),
    ("dhcp", &[67, 68, 546, 547]),
    ("local_name", &[137, 138, 5355, 5353]),
    ("tls", &[443, 636]),
    ("http", &[80, 593, 5985]),
    ("rdp", &[3389]),
    ("tds", &[1433]),
];

/// So many conversations of each capture.
const EACH: usize = 4;

const CONVERSATION_MAX: usize = 32_768;
const CAPTURE_MAX: usize = 131_072;
