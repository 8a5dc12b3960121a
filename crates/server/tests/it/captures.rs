//! The captures that tests read: the lab's, and small ones made by hand.

use std::path::PathBuf;

/// A capture of `fixtures/captures`, by the stem of its name.
pub(crate) fn fixture(stem: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/captures")
        .join(format!("{stem}.pcap.zst"));
    path.canonicalize().unwrap().display().to_string()
}

/// A little-endian, microsecond, Ethernet pcap with these frames, a second apart from `start`.
pub(crate) fn pcap(start: u32, frames: &[&[u8]]) -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0x0004_0000, 1] {
        file.extend(u32::to_le_bytes(word));
    }
    for (second, frame) in (start..).zip(frames) {
        let length = u32::try_from(frame.len()).unwrap();
        for word in [second, 0, length, length] {
            file.extend(u32::to_le_bytes(word));
        }
        file.extend_from_slice(frame);
    }
    file
}

/// A UDP datagram on Ethernet that no protocol claims.
pub(crate) fn frame() -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    frame.extend([
        0x45, 0, 0, 32, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    ]);
    frame.extend([0xc0, 0, 0xc0, 1, 0, 12, 0, 0, b'n', b'o', b'n', b'e']);
    frame
}
