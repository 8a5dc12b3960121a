//! The packets that a person downloads: read back, and held against what the page shows of them.

use anyhow::{Context as _, Result, ensure};
use realmward_stream::CaptureReader;
use std::path::Path;

/// The octets of each packet of a capture.
pub(super) fn read(file: &Path) -> Result<Vec<Vec<u8>>> {
    let mut reader =
        CaptureReader::open(file).map_err(|it| anyhow::anyhow!("{}", it.in_words()))?;
    let mut packets = Vec::new();
    while reader
        .advance()
        .map_err(|it| anyhow::anyhow!("{}", it.in_words()))?
    {
        packets.push(reader.frame().data.to_vec());
    }
    Ok(packets)
}

/// Every packet that the page shows is in the capture, which has no more than the `named` ones.
pub(super) fn hold(packets: &[Vec<u8>], shown: &[String], named: usize) -> Result<()> {
    ensure!(
        packets.len() <= named,
        "the alert names {named} packets, the file has {}",
        packets.len()
    );
    ensure!(!shown.is_empty(), "the page shows no packet");
    for (at, it) in (1..).zip(shown) {
        let octets = octets(it).with_context(|| format!("packet {at} of the page"))?;
        ensure!(
            packets.iter().any(|it| it.starts_with(&octets)),
            "packet {at} of the page is not in the file"
        );
    }
    Ok(())
}

/// `0000  4e 54 4c 4d ...  NTLM`: place, at most 16 octets, letters.
fn octets(hex: &str) -> Result<Vec<u8>> {
    let mut octets = Vec::new();
    for line in hex.lines() {
        let digits = line.get(6..53.min(line.len())).context("a short line")?;
        for octet in digits.split_whitespace() {
            octets.push(u8::from_str_radix(octet, 16)?);
        }
    }
    ensure!(!octets.is_empty(), "it is empty");
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "0000  4e 54 4c 4d 53 53 50 00                          NTLMSSP.\n";

    fn check(packets: &[&[u8]], named: usize) -> bool {
        let packets: Vec<Vec<u8>> = packets.iter().map(|it| it.to_vec()).collect();
        hold(&packets, &[LINE.to_owned()], named).is_ok()
    }

    #[test]
    fn a_file_without_the_packet_of_the_page_is_refused() {
        assert!(check(&[b"NTLMSSP\0\x01"], 1));
        assert!(check(&[b"other", b"NTLMSSP\0\x01"], 2));
        assert!(!check(&[b"NTLMSSX\0\x01"], 1));
        assert!(!check(&[b"other", b"NTLMSSP\0\x01"], 1));
        assert!(!check(&[], 0));
    }
}
