//! Seeds: the test data of the protocols, small captures, and conversations cut out of fixtures.
//!
//! A conversation is written as the targets read it (`fuzz/src/conversations.rs`): for each segment
//! its side, its packet and its octets; a datagram stands alone.

use anyhow::Result;
use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use realmward_stream::CaptureReader;
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
            for (place, octets) in conversations.into_values().take(EACH).enumerate() {
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

/// Conversations with one of the ports, by their two ends.
fn conversations(capture: &Path, ports: &[u16]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found: BTreeMap<String, Vec<u8>> = BTreeMap::new();
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
        let ends = [ip.header().source_addr(), ip.header().destination_addr()];
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
        let client = if from_server {
            (ends[1], to)
        } else {
            (ends[0], from)
        };
        let key = format!("{client:?} {is_stream}");
        let seed = found.entry(key).or_default();
        if is_stream && seed.len() + octets.len() < CONVERSATION_MAX {
            seed.push(u8::from(from_server));
            seed.extend(packet.to_be_bytes());
            seed.extend(u32::try_from(octets.len())?.to_be_bytes());
            seed.extend(octets);
        } else if !is_stream && seed.is_empty() {
            seed.extend(octets);
        }
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
    ("dhcp", &[67, 68]),
    ("names", &[137, 5355, 5353]),
    ("tls", &[443, 636]),
];

/// So many conversations of each capture.
const EACH: usize = 4;

const CONVERSATION_MAX: usize = 32_768;
const CAPTURE_MAX: usize = 131_072;
