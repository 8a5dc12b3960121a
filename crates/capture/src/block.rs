//! Frames of one block of the ring: safe code over a view of memory.
//!
//! The layouts are those of `struct tpacket_block_desc` and `struct tpacket3_hdr`, which are the
//! kernel's interface and never change. Offsets are checked against the view all the same.

use realmward_vocab::EventTime;
use std::sync::atomic::{AtomicU32, Ordering};

/// One frame as the interface saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When the kernel saw it.
    pub time: EventTime,
    /// The octets, VLAN tag put back.
    pub octets: &'a [u8],
    /// Its length on the wire, VLAN tag included.
    pub wire_octets: u32,
    /// Whether this machine sent it.
    pub outgoing: bool,
}

/// Frames that the kernel handed over; it gets the block back when this is dropped.
#[derive(Debug)]
pub struct Block<'a> {
    /// The whole block, from its first octet.
    view: &'a [u8],
    status: &'a AtomicU32,
    scratch: &'a mut Vec<u8>,
    at: usize,
    left: u32,
}

impl<'a> Block<'a> {
    pub(crate) fn new(view: &'a [u8], status: &'a AtomicU32, scratch: &'a mut Vec<u8>) -> Self {
        Self {
            view,
            status,
            scratch,
            at: index(long(view, FIRST_AT).unwrap_or_default()),
            left: long(view, COUNT_AT).unwrap_or_default(),
        }
    }

    /// The next frame of the block.
    pub fn next_frame(&mut self) -> Option<Frame<'_>> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let header = self.view.get(self.at..)?;
        let next = index(long(header, 0)?);
        let (seconds, nanoseconds) = (long(header, 4)?, long(header, 8)?);
        let (kept, wire) = (index(long(header, 12)?), long(header, 16)?);
        let status = long(header, 20)?;
        let start = usize::from(short(header, 24)?);
        let outgoing = *header.get(HEADER_OCTETS + PACKET_TYPE_AT)? == libc::PACKET_OUTGOING;
        let octets = header.get(start..)?.get(..kept)?;
        let tag = tag(status, header);
        self.at += next;
        let time = i64::from(seconds) * 1_000_000_000 + i64::from(nanoseconds);
        let (octets, wire_octets) = match tag.and_then(|tag| insert(self.scratch, octets, tag)) {
            Some(tagged) => (tagged, wire.saturating_add(4)),
            None => (octets, wire),
        };
        Some(Frame {
            time: EventTime::from_unix_nanoseconds(time),
            octets,
            wire_octets,
            outgoing,
        })
    }
}

impl Drop for Block<'_> {
    fn drop(&mut self) {
        // Pairs with the kernel's read of the status: it writes to the block only after this.
        self.status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
    }
}

/// The VLAN tag that the network card or the kernel took out.
fn tag(status: u32, header: &[u8]) -> Option<[u8; 4]> {
    if status & libc::TP_STATUS_VLAN_VALID == 0 {
        return None;
    }
    let [_, _, tci @ ..] = long(header, 32)?.to_be_bytes();
    let kind = if status & libc::TP_STATUS_VLAN_TPID_VALID == 0 {
        VLAN
    } else {
        short(header, 36)?
    };
    let [high, low] = kind.to_be_bytes();
    Some([high, low, tci[0], tci[1]])
}

/// The frame with its tag behind the two addresses of Ethernet.
fn insert<'a>(scratch: &'a mut Vec<u8>, octets: &[u8], tag: [u8; 4]) -> Option<&'a [u8]> {
    let (addresses, rest) = octets.split_at_checked(12)?;
    scratch.clear();
    scratch.extend_from_slice(addresses);
    scratch.extend_from_slice(&tag);
    scratch.extend_from_slice(rest);
    Some(scratch)
}

fn long(octets: &[u8], at: usize) -> Option<u32> {
    let field = octets.get(at..)?.first_chunk()?;
    Some(u32::from_ne_bytes(*field))
}

fn short(octets: &[u8], at: usize) -> Option<u16> {
    let field = octets.get(at..)?.first_chunk()?;
    Some(u16::from_ne_bytes(*field))
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// `block_status` of the block.
pub(crate) const STATUS_AT: usize = 8;
/// `num_pkts` of the block.
const COUNT_AT: usize = 12;
/// `offset_to_first_pkt` of the block.
const FIRST_AT: usize = 16;
/// `struct tpacket3_hdr`, aligned: where `struct sockaddr_ll` begins.
const HEADER_OCTETS: usize = 48;
/// `sll_pkttype` in it.
const PACKET_TYPE_AT: usize = 10;
/// The tag of IEEE 802.1Q.
const VLAN: u16 = 0x8100;

#[cfg(test)]
mod tests {
    use super::*;

    /// A block with frames as the kernel lays them out: status, VLAN, octets, packet type.
    fn block(frames: &[(u32, u32, &[u8], u8)]) -> Vec<u8> {
        let mut block = vec![0; 48];
        block[COUNT_AT..][..4].copy_from_slice(&u32::try_from(frames.len()).unwrap().to_ne_bytes());
        block[FIRST_AT..][..4].copy_from_slice(&48_u32.to_ne_bytes());
        for (status, tci, octets, kind) in frames {
            let length = u32::try_from(octets.len()).unwrap();
            let next = 80 + length.next_multiple_of(16);
            let mut header = [next, 7, 9, length, length + 1, *status]
                .map(u32::to_ne_bytes)
                .concat();
            header.extend(80_u16.to_ne_bytes());
            header.extend([0; 6]);
            header.extend(tci.to_ne_bytes());
            header.extend(0x88a8_u16.to_ne_bytes());
            header.resize(80, 0);
            header[HEADER_OCTETS + PACKET_TYPE_AT] = *kind;
            header.extend(*octets);
            header.resize(usize::try_from(next).unwrap(), 0);
            block.extend(header);
        }
        block
    }

    fn read(view: &[u8]) -> Vec<(Vec<u8>, u32, bool)> {
        let (status, mut scratch) = (AtomicU32::new(1), Vec::new());
        let mut seen = Vec::new();
        let mut block = Block::new(view, &status, &mut scratch);
        while let Some(frame) = block.next_frame() {
            assert_eq!(frame.time.unix_nanoseconds(), 7_000_000_009);
            seen.push((frame.octets.to_vec(), frame.wire_octets, frame.outgoing));
        }
        drop(block);
        assert_eq!(status.load(Ordering::Relaxed), libc::TP_STATUS_KERNEL);
        seen
    }

    #[test]
    fn frames_come_out_with_their_tags_and_the_kernel_gets_the_block_back() {
        let (valid, typed) = (
            libc::TP_STATUS_VLAN_VALID,
            libc::TP_STATUS_VLAN_VALID | libc::TP_STATUS_VLAN_TPID_VALID,
        );
        let frame = b"ddddddssssss\x08\x00E";
        let view = block(&[
            (1, 0, frame, 0),
            (valid, 5, frame, libc::PACKET_OUTGOING),
            (typed, 0x2005, frame, 0),
            (typed, 5, b"short", 0),
        ]);
        let tagged = |tag: &[u8]| [b"ddddddssssss", tag, b"\x08\x00E"].concat();
        assert_eq!(
            read(&view),
            [
                (frame.to_vec(), 16, false),
                (tagged(&[0x81, 0, 0, 5]), 20, true),
                (tagged(&[0x88, 0xa8, 0x20, 5]), 20, false),
                (b"short".to_vec(), 6, false),
            ]
        );
    }

    #[test]
    fn offsets_that_cannot_be_end_the_block() {
        let view = block(&[(1, 0, b"abc", 0), (1, 0, b"abc", 0)]);
        for at in 0..view.len() {
            let (status, mut scratch) = (AtomicU32::new(1), Vec::new());
            let mut damaged = view.clone();
            damaged[at] = 0xff;
            let mut block = Block::new(&damaged, &status, &mut scratch);
            let mut frames = 0;
            while block.next_frame().is_some() && frames < 10 {
                frames += 1;
            }
            assert!(frames <= 3);
            drop(block);
            let mut block = Block::new(&view[..at], &status, &mut scratch);
            while block.next_frame().is_some() {}
        }
    }
}
