//! One ceiling for all memory, kept under any input.
//!
//! What each part may take has bounds of its own (flows in a lane, octets held in a hole, messages that
//! wait), but all of them together could take more than a machine has. So the program counts what it
//! allocates, whatever for: flows, holes, fragments, what dissectors remember, the packets of evidence,
//! and what waits to be written. While packets are read the count is looked at, the more often the
//! less room there is. When it comes near the ceiling, memory is given up in this order, as much as it
//! takes, and counted:
//! 1. datagrams of which fragments are missing, and octets that wait behind a hole;
//! 2. conversations that ended, and connections that never said anything;
//! 3. of the others the ones that were silent longest; and the oldest counts of names.
//!
//! What is given up in the third step is told as if the connection ended, and read as joined in its
//! middle if it goes on. That makes facts, and facts take memory: they are told a few at a time, and
//! whoever tells waits until these few are on their way. Close to the ceiling nothing waits but one
//! flow's facts.
//!
//! Below the ceiling nothing depends on any of this, so results are the same for any number of workers;
//! at the ceiling they may differ. The rest of the ceiling, a quarter, is for what the allocator holds
//! without use; if that is more, it is given back, and if that does not help, more is given up.

use crossbeam_channel::Sender;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// When to look again at the ceiling; each who follows packets has one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    left: i64,
}

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
    /// Looks at which much was resident, and the number of the one at which what is free was given back.
    looks: AtomicU64,
    given_back: AtomicU64,
}

impl Ceiling {
    /// At most so many octets resident; `rings` of them are the kernel's to fill. What the program has
    /// by now, beside what it allocated, stays.
    #[must_use]
    pub fn new(octets_max: u64, rings: u64) -> Self {
        let mut shared = Shared {
            octets_max,
            beside: 0,
            statm: File::open("/proc/self/statm").ok(),
            ..Shared::default()
        };
        let program = shared.resident_octets();
        let program = program.saturating_sub(allocated().unwrap_or(program));
        shared.beside = rings + program + STACKS_OCTETS;
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Takes a packet of so many octets; now and then, whether memory must be given up.
    #[inline]
    pub(crate) fn is_reached(&self, pace: &mut Pace, octets: usize) -> bool {
        pace.left -= PACKET_COST + i64::try_from(octets).unwrap_or(i64::MAX / 2);
        pace.left < 0 && self.look(pace)
    }

    /// The closer it is, the sooner the next look.
    #[cold]
    fn look(&self, pace: &mut Pace) -> bool {
        let is_near = self.is_near();
        let room = self.shared.room(self.shared.octets_max / 4 * 3);
        let each = (room / GROWTH_MAX).clamp(LOOK_EACH_MIN, LOOK_EACH_MAX);
        pace.left = i64::try_from(each).unwrap_or(i64::MAX);
        is_near
    }

    /// Whether memory must be given up now.
    pub(crate) fn is_near(&self) -> bool {
        let max = self.shared.octets_max;
        if max == 0 {
            return false;
        }
        let is_near = self.shared.room(max / 4 * 3) == 0 || self.is_strewn();
        if is_near {
            self.shared.reached.fetch_add(1, Ordering::Relaxed);
        }
        is_near
    }

    /// Whether much is resident although what is free was given back: what is in use is strewn.
    fn is_strewn(&self) -> bool {
        let max = self.shared.octets_max;
        let resident = self.shared.resident_octets();
        if resident < max / 8 * 7 {
            return false;
        }
        // To give back takes time, the more the more there may be: it must not be had for little.
        let now = self.shared.looks.fetch_add(1, Ordering::Relaxed);
        let last = self.shared.given_back.load(Ordering::Relaxed);
        if last + max / GIVE_BACK_EACH < now || last == 0 {
            self.shared.given_back.store(now, Ordering::Relaxed);
            give_back();
        }
        max / 16 * 15 <= self.shared.resident_octets()
    }

    /// Whether so little room is left that nothing should wait on its way.
    pub(crate) fn is_tight(&self) -> bool {
        let max = self.shared.octets_max;
        max != 0 && self.shared.room(max / 16 * 13) == 0
    }

    /// Hands something on; whether there is anybody to take it. Where memory is short, waits until it
    /// was taken.
    pub(crate) fn hand_on<T>(&self, to: &Sender<T>, it: T) -> bool {
        let taken = to.send(it).is_ok();
        while taken && !to.is_empty() && self.is_tight() {
            std::thread::sleep(PAUSE);
        }
        taken
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

/// A thread ends: what it allocated is counted.
pub(crate) fn thread_ends() {
    #[cfg(target_os = "linux")]
    realmward_capture::settle();
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
            None => allocated().unwrap_or_default() + self.beside,
        }
    }

    /// What may still be allocated until so much is in use. What was never touched is not in use.
    fn room(&self, most: u64) -> u64 {
        match allocated() {
            Some(allocated) => most.saturating_sub(allocated + self.beside),
            None => most.saturating_sub(self.resident_octets()),
        }
    }
}

/// Where pages are larger, memory is given up sooner than need be.
const PAGE_OCTETS: u64 = 4096;

/// Stacks, and what libraries in C allocate, as far as they are ever touched.
const STACKS_OCTETS: u64 = 12 << 20;

/// What holds if nothing else is said, in MiB: a domain controller of a large site needs a fraction.
pub const CEILING_MIB: u64 = 256;

/// What a packet is counted for beside its octets: what a connection takes that begins with it.
const PACKET_COST: i64 = 1024;

/// Octets of packets do not make more octets of memory than this, each.
const GROWTH_MAX: u64 = 8;

/// Octets of packets between two looks at the ceiling: these cost next to nothing.
const LOOK_EACH_MAX: u64 = 4 << 20;

/// And where no room is left: what these can take is less than the last quarter of any ceiling that
/// makes sense.
const LOOK_EACH_MIN: u64 = 64 << 10;

/// For each of so many octets of the ceiling, one more look between two at which what is free is given
/// back.
const GIVE_BACK_EACH: u64 = 16 << 20;

/// Between two looks whether what was handed on was taken.
const PAUSE: Duration = Duration::from_micros(50);
