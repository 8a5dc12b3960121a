//! The ring: a socket, its memory, and the turn of its blocks.

use crate::block::{Block, STATUS_AT};
use crate::interface::Interface;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsFd as _, AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr::{NonNull, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How to open a ring.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Octets of memory; rounded to whole blocks.
    pub octets: usize,
    /// A number that rings on the same interface share to split its connections among them.
    pub fanout: Option<u16>,
    /// Whether to take frames that are for others, as on a mirror port.
    pub promiscuous: bool,
}

/// What the kernel counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Frames that it put into the ring or dropped.
    pub packets: u64,
    /// Frames that it dropped because the ring was full.
    pub dropped: u64,
}

/// A ring of blocks that the kernel fills.
#[derive(Debug)]
pub struct Ring {
    socket: OwnedFd,
    memory: Memory,
    blocks: usize,
    current: usize,
    scratch: Vec<u8>,
    statistics: Statistics,
}

impl Ring {
    /// Opens a ring on an interface. Needs CAP_NET_RAW.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn open(interface: &Interface, options: Options) -> io::Result<Self> {
        let socket = socket()?;
        let version = libc::tpacket_versions::TPACKET_V3 as libc::c_int;
        set(&socket, libc::PACKET_VERSION, &version)?;
        let blocks = (options.octets / BLOCK_OCTETS).max(2);
        set(&socket, libc::PACKET_RX_RING, &request(blocks)?)?;
        let memory = Memory::map(&socket, blocks * BLOCK_OCTETS)?;
        bind(&socket, interface.index)?;
        if let Some(group) = options.fanout {
            let kind = libc::PACKET_FANOUT_HASH | libc::PACKET_FANOUT_FLAG_DEFRAG;
            set(
                &socket,
                libc::PACKET_FANOUT,
                &(u32::from(group) | kind << 16),
            )?;
        }
        if options.promiscuous {
            join_promiscuous(&socket, interface.index)?;
        }
        Ok(Self {
            socket,
            memory,
            blocks,
            current: 0,
            scratch: Vec::new(),
            statistics: Statistics::default(),
        })
    }

    /// The next block, or `None` when none was handed over within `patience`.
    ///
    /// # Errors
    ///
    /// When the interface went down or away. Trying again is right when it went down.
    pub fn next_block(&mut self, patience: Duration) -> io::Result<Option<Block<'_>>> {
        if self.status().load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            self.wait(patience)?;
        }
        let at = self.current;
        // Pairs with the kernel's write of the status after it filled the block.
        if self.memory.status(at).load(Ordering::Acquire) & libc::TP_STATUS_USER == 0 {
            return Ok(None);
        }
        self.current = (at + 1) % self.blocks;
        let (view, status) = (self.memory.block(at), self.memory.status(at));
        Ok(Some(Block::new(view, status, &mut self.scratch)))
    }

    /// What the kernel counted since the ring was opened.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn statistics(&mut self) -> io::Result<Statistics> {
        // The kernel forgets its counts when it tells them.
        let fresh = statistics(&self.socket)?;
        self.statistics.packets += u64::from(fresh.tp_packets);
        self.statistics.dropped += u64::from(fresh.tp_drops);
        Ok(self.statistics)
    }

    fn status(&self) -> &AtomicU32 {
        self.memory.status(self.current)
    }

    fn wait(&self, patience: Duration) -> io::Result<()> {
        let mut asked = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
        match poll(&mut asked, patience) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [asked] = asked;
        if asked
            .revents()
            .is_some_and(|it| it.contains(PollFlags::POLLERR))
        {
            return Err(error_of(&self.socket));
        }
        Ok(())
    }
}

/// Memory that the kernel and we share.
#[derive(Debug)]
struct Memory {
    start: NonNull<u8>,
    octets: usize,
}

// SAFETY: the mapping belongs to this value alone and is not bound to the thread that made it.
unsafe impl Send for Memory {}

impl Memory {
    fn map(socket: &OwnedFd, octets: usize) -> io::Result<Self> {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        // SAFETY: no address is asked for, the descriptor is open, and the kernel checks the length.
        let start =
            unsafe { libc::mmap(null_mut(), octets, protection, flags, socket.as_raw_fd(), 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = NonNull::new(start.cast()).ok_or_else(|| io::Error::other("mapped at 0"))?;
        Ok(Self { start, octets })
    }

    /// Start of a block; numbers past the end give the last one.
    fn start_of(&self, block: usize) -> NonNull<u8> {
        let at = (block * BLOCK_OCTETS).min(self.octets - BLOCK_OCTETS);
        // SAFETY: the whole block from `at` on lies within the mapping.
        unsafe { self.start.add(at) }
    }

    /// The word by which kernel and we hand a block to each other.
    fn status(&self, block: usize) -> &AtomicU32 {
        // SAFETY: within the block, whose length is far larger.
        let word = unsafe { self.start_of(block).add(STATUS_AT) };
        // SAFETY: blocks are page-aligned, so the word is aligned; it lives as long as the mapping,
        // and both sides access it as one word.
        unsafe { AtomicU32::from_ptr(word.cast().as_ptr()) }
    }

    /// A block that the kernel handed over.
    ///
    /// The caller has seen its status say so. The kernel does not write to it until the status is
    /// given back, which [`Block`] does when it and with it this view end; and the ring cannot be
    /// asked for the block again before, because it is borrowed.
    fn block(&self, block: usize) -> &[u8] {
        let start = self.start_of(block);
        // SAFETY: the block lies within the mapping, is initialised (mapped pages are zeroed), and
        // nobody writes to it for the life of the view, see above. The one word that is written
        // when the block is given back is written after the last read of the view.
        unsafe { std::slice::from_raw_parts(start.as_ptr(), BLOCK_OCTETS) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: this is the mapping made in `map`, and no view of it outlives this value.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.octets) };
    }
}

/// A packet socket that receives nothing until it is bound.
fn socket() -> io::Result<OwnedFd> {
    let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no memory is passed.
    let raw = unsafe { libc::socket(libc::AF_PACKET, kind, 0) };
    checked(raw)?;
    // SAFETY: the kernel just gave us this descriptor, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(raw) })
}

fn request(blocks: usize) -> io::Result<libc::tpacket_req3> {
    let narrow = |value: usize| u32::try_from(value).map_err(io::Error::other);
    Ok(libc::tpacket_req3 {
        tp_block_size: narrow(BLOCK_OCTETS)?,
        tp_block_nr: narrow(blocks)?,
        tp_frame_size: narrow(FRAME_OCTETS)?,
        tp_frame_nr: narrow(blocks * (BLOCK_OCTETS / FRAME_OCTETS))?,
        tp_retire_blk_tov: RETIRE_MS,
        tp_sizeof_priv: 0,
        tp_feature_req_word: 0,
    })
}

fn bind(socket: &OwnedFd, interface: u32) -> io::Result<()> {
    // SAFETY: for this plain structure all zeros are a value.
    let mut address: libc::sockaddr_ll = unsafe { zeroed() };
    address.sll_family = u16::try_from(libc::AF_PACKET).map_err(io::Error::other)?;
    address.sll_protocol = u16::try_from(libc::ETH_P_ALL)
        .map_err(io::Error::other)?
        .to_be();
    address.sll_ifindex = i32::try_from(interface).map_err(io::Error::other)?;
    let pointer = (&raw const address).cast();
    // SAFETY: pointer and length describe `address`, which outlives the call.
    let done = unsafe { libc::bind(socket.as_raw_fd(), pointer, length_of(&address)) };
    checked(done)
}

fn join_promiscuous(socket: &OwnedFd, interface: u32) -> io::Result<()> {
    // SAFETY: for this plain structure all zeros are a value.
    let mut membership: libc::packet_mreq = unsafe { zeroed() };
    membership.mr_ifindex = i32::try_from(interface).map_err(io::Error::other)?;
    membership.mr_type = u16::try_from(libc::PACKET_MR_PROMISC).map_err(io::Error::other)?;
    set(socket, libc::PACKET_ADD_MEMBERSHIP, &membership)
}

/// Sets an option whose value is a plain structure or number of the kernel's interface.
fn set<T: Copy>(socket: &OwnedFd, option: libc::c_int, value: &T) -> io::Result<()> {
    let (raw, pointer) = (socket.as_raw_fd(), (&raw const *value).cast());
    // SAFETY: pointer and length describe `value`, which outlives the call; the kernel only reads.
    let done =
        unsafe { libc::setsockopt(raw, libc::SOL_PACKET, option, pointer, length_of(value)) };
    checked(done)
}

fn statistics(socket: &OwnedFd) -> io::Result<libc::tpacket_stats_v3> {
    // SAFETY: for this plain structure all zeros are a value.
    let mut fresh: libc::tpacket_stats_v3 = unsafe { zeroed() };
    let mut length = length_of(&fresh);
    let (raw, option) = (socket.as_raw_fd(), libc::PACKET_STATISTICS);
    let pointer = (&raw mut fresh).cast();
    // SAFETY: pointer and length describe `fresh`, and the kernel writes no more than the length.
    let done = unsafe { libc::getsockopt(raw, libc::SOL_PACKET, option, pointer, &raw mut length) };
    checked(done)?;
    Ok(fresh)
}

fn error_of(socket: &OwnedFd) -> io::Error {
    match nix::sys::socket::getsockopt(socket, nix::sys::socket::sockopt::SocketError) {
        Ok(0) => io::Error::other("the socket failed"),
        Ok(code) => io::Error::from_raw_os_error(code),
        Err(error) => error.into(),
    }
}

fn checked(done: libc::c_int) -> io::Result<()> {
    if done < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

fn length_of<T>(_: &T) -> libc::socklen_t {
    libc::socklen_t::try_from(size_of::<T>()).unwrap_or_default()
}

/// Large enough for many frames of 64 KiB, as offloading cards join them; a multiple of any page.
const BLOCK_OCTETS: usize = 1 << 20;

/// Only a unit in which the kernel counts; frames may be longer.
const FRAME_OCTETS: usize = 2048;

/// A block that is not full is handed over after this time.
const RETIRE_MS: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    /// Rings on the loopback. Where these may not be opened the test says so and is not run; whoever
    /// demands everything, by `REALMWARD_CI_FULL`, hears of it as a failure.
    fn rings(count: usize, fanout: Option<u16>) -> Vec<Ring> {
        let interface = Interface::named("lo").unwrap();
        let options = Options {
            octets: 4 << 20,
            fanout,
            promiscuous: true,
        };
        let opened: io::Result<Vec<Ring>> = (0..count)
            .map(|_| Ring::open(&interface, options))
            .collect();
        match opened {
            Ok(rings) => rings,
            Err(error) if error.raw_os_error() == Some(libc::EPERM) => {
                let demanded = std::env::var_os("REALMWARD_CI_FULL").is_some();
                assert!(!demanded, "no CAP_NET_RAW, so no ring can be tried");
                eprintln!("NOT RUN: no CAP_NET_RAW, so no ring can be tried");
                Vec::new()
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Frames that carry the text, as received.
    fn count(ring: &mut Ring, text: &[u8]) -> usize {
        let mut frames = 0;
        while let Some(mut block) = ring.next_block(Duration::from_millis(200)).unwrap() {
            while let Some(frame) = block.next_frame() {
                assert!(frame.octets.len() <= frame.wire_octets as usize);
                frames += usize::from(!frame.outgoing && frame.octets.ends_with(text));
            }
        }
        frames
    }

    #[test]
    fn frames_of_an_interface_arrive_round_the_ring_more_than_once() {
        let Some(mut ring) = rings(1, None).pop() else {
            return;
        };
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let text = [b"realmward".as_slice(), &[7; 30_000]].concat();
        let mut frames = 0;
        for _ in 0..6 {
            (0..40).for_each(|_| {
                let _ = socket.send_to(&text, socket.local_addr().unwrap());
            });
            frames += count(&mut ring, &text);
        }
        // Loopback belongs to everybody: what others send may cost us frames, and then it is counted.
        let statistics = ring.statistics().unwrap();
        assert!(120 < frames, "{frames} frames, {statistics:?}");
        assert!(
            frames == 240 || 0 < statistics.dropped,
            "{frames} frames, {statistics:?}"
        );
        assert!(480 <= statistics.packets + statistics.dropped);
    }

    #[test]
    fn what_does_not_fit_is_counted_as_dropped() {
        let Some(mut ring) = rings(1, None).pop() else {
            return;
        };
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        for _ in 0..300 {
            let _ = socket.send_to(&[7; 30_000], socket.local_addr().unwrap());
        }
        assert!(100 < ring.statistics().unwrap().dropped);
    }

    #[test]
    fn rings_of_a_group_share_and_keep_both_directions_together() {
        let group = u16::try_from(std::process::id() % 60_000).unwrap();
        let mut rings = rings(2, Some(group));
        let sockets: Vec<UdpSocket> = (0..64)
            .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
            .collect();
        let texts: Vec<String> = (0..32).map(|pair| format!("<pair {pair}>")).collect();
        for (pair, text) in sockets.chunks(2).zip(&texts) {
            let there = pair[1].local_addr().unwrap();
            let back = pair[0].local_addr().unwrap();
            pair[0].send_to(text.as_bytes(), there).unwrap();
            pair[1].send_to(text.as_bytes(), back).unwrap();
        }
        let mut seen = Vec::new();
        for ring in &mut rings {
            let mut mine = vec![0; texts.len()];
            while let Some(mut block) = ring.next_block(Duration::from_millis(200)).unwrap() {
                while let Some(frame) = block.next_frame() {
                    let place = texts
                        .iter()
                        .position(|it| frame.octets.ends_with(it.as_bytes()));
                    if let (Some(place), false) = (place, frame.outgoing) {
                        mine[place] += 1;
                    }
                }
            }
            assert!(mine.iter().all(|it| [0, 2].contains(it)), "{mine:?}");
            seen.push(mine.iter().sum::<i32>());
        }
        if let [first, second] = seen.as_slice() {
            assert_eq!(first + second, 64);
            assert!(*first != 0 && *second != 0, "{seen:?}");
        }
    }
}
