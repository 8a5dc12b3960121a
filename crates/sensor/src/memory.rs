//! One ceiling for all memory, kept under any input.
//!
//! What each part may take has bounds of its own (flows in a lane, octets held in a hole, messages that
//! wait), but all of them together could take more than a machine has. So while packets are read the
//! allocator is asked, now and then, how much is in use by everything there is: flows, holes,
//! fragments, what dissectors remember, the packets of evidence, and what waits to be written. When that
//! comes near the ceiling, memory is given up in this order, as much as it takes, and counted:
//! 1. datagrams of which fragments are missing, and octets that wait behind a hole;
//! 2. conversations that ended, and connections that never said anything;
//! 3. of the others the ones that were silent longest.
//!
//! What is given up in the third step is told as if the connection ended, and read as joined in its
//! middle if it goes on. Below the ceiling nothing depends on any of this, so results are the same for
//! any number of workers; at the ceiling they may differ.
//!
//! The rest of the ceiling, a quarter, is for what the allocator holds without use.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The ceiling, shared by all who follow packets.
#[derive(Clone, Debug, Default)]
pub struct Ceiling {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// 0: there is none.
    octets_max: u64,
    /// Resident and not the allocator's: rings, the program itself.
    beside: u64,
    /// Kept open: a sandbox may not let it be opened again.
    statm: Option<File>,
    /// How often memory had to be given up.
    reached: AtomicU64,
    /// At the last look more than half was used.
    is_close: AtomicBool,
}

impl Ceiling {
    /// At most so many octets resident; `rings` of them are the kernel's to fill.
    #[must_use]
    pub fn new(octets_max: u64, rings: u64) -> Self {
        Self {
            shared: Arc::new(Shared {
                octets_max,
                beside: rings + PROGRAM_OCTETS,
                statm: File::open("/proc/self/statm").ok(),
                ..Shared::default()
            }),
        }
    }

    /// How many packets may be read before the next look.
    pub(crate) fn look_each(&self) -> u64 {
        if self.shared.is_close.load(Ordering::Relaxed) {
            LOOK_EACH_PACKETS_CLOSE
        } else {
            LOOK_EACH_PACKETS
        }
    }

    /// Whether memory must be given up now. Cheap as long as it is far from that.
    pub(crate) fn is_near(&self) -> bool {
        let max = self.shared.octets_max;
        if max == 0 {
            return false;
        }
        let resident = self.shared.resident_octets();
        let is_close = max / 2 < resident;
        self.shared.is_close.store(is_close, Ordering::Relaxed);
        if !is_close {
            return false;
        }
        let used = self.shared.used_octets().unwrap_or(resident);
        let is_near = max / 4 * 3 < used;
        if is_near {
            self.shared.reached.fetch_add(1, Ordering::Relaxed);
        } else if max / 16 * 15 < resident {
            // Much is free and not given back: that is no reason to forget anything.
            give_back();
        }
        is_near
    }

    /// How often memory had to be given up.
    #[must_use]
    pub fn reached(&self) -> u64 {
        self.shared.reached.load(Ordering::Relaxed)
    }
}

#[cfg(target_os = "linux")]
fn allocated() -> Option<u64> {
    realmward_capture::allocated_octets().map(|it| it as u64)
}

#[cfg(not(target_os = "linux"))]
fn allocated() -> Option<u64> {
    None
}

fn give_back() {
    #[cfg(target_os = "linux")]
    realmward_capture::give_back();
}

impl Shared {
    /// Memory resident now (proc(5), `statm`), or what takes its place if the system does not tell.
    fn resident_octets(&self) -> u64 {
        let mut text = [0; 64];
        let read = self.statm.as_ref().map(|it| it.read_at(&mut text, 0));
        let text = match read {
            Some(Ok(count)) => text.get(..count).unwrap_or_default(),
            _ => &[],
        };
        let pages = text.split(|it| *it == b' ').nth(1);
        let pages = pages.and_then(|it| std::str::from_utf8(it).ok()?.parse::<u64>().ok());
        match pages {
            Some(pages) => pages * PAGE_OCTETS,
            None => self.used_octets().unwrap_or_default(),
        }
    }

    /// What is in use, by all there is.
    fn used_octets(&self) -> Option<u64> {
        Some(allocated()? + self.beside)
    }
}

/// Where pages are larger, the allocator is asked sooner than need be.
const PAGE_OCTETS: u64 = 4096;

/// The program, its libraries and stacks, as far as they are ever touched.
const PROGRAM_OCTETS: u64 = 16 << 20;

/// What holds if nothing else is said, in MiB: a domain controller of a large site needs a fraction.
pub const CEILING_MIB: u64 = 256;

/// Packets between two looks at the ceiling, far from it.
const LOOK_EACH_PACKETS: u64 = 2048;

/// And close to it: what these can take is less than the last quarter of any ceiling that makes sense.
const LOOK_EACH_PACKETS_CLOSE: u64 = 256;
