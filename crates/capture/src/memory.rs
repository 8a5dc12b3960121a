//! How much memory is allocated, for whoever keeps a ceiling of it.
//!
//! What the allocator of the C library says of itself it finds by looking at each free piece: the more
//! there are, the longer it takes, and an attacker can see to it that there are many. So a program
//! that keeps a ceiling counts what it allocates ([`Counting`]), which costs a few instructions each.
//! What libraries in C allocate is not in the count.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering};

/// The system's allocator, with a count: to be the `#[global_allocator]` of a program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

/// By all threads, but for what each has still to add.
static ALLOCATED: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    // Nothing that must be dropped: that would have to be registered, which may allocate.
    static UNCOUNTED: Cell<isize> = const { Cell::new(0) };
}

// SAFETY: all is done by the system's allocator; what is counted decides nothing here.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(taken(layout.size()));
        // SAFETY: the caller keeps what the trait asks for.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(taken(layout.size()));
        // SAFETY: the caller keeps what the trait asks for.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, octets: *mut u8, layout: Layout) {
        count(-taken(layout.size()));
        // SAFETY: the caller keeps what the trait asks for.
        unsafe { System.dealloc(octets, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, octets: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(taken(size) - taken(layout.size()));
        // SAFETY: the caller keeps what the trait asks for.
        unsafe { System.realloc(octets, layout, size) }
    }
}

/// With the length that stands before it and what is rounded up, as glibc has it.
#[inline]
#[expect(
    clippy::cast_possible_wrap,
    reason = "nothing longer than an `isize` can be allocated"
)]
const fn taken(size: usize) -> isize {
    (size.wrapping_add(23) & !15) as isize
}

#[inline]
fn count(octets: isize) {
    let left = UNCOUNTED.try_with(|it| {
        let sum = it.get().wrapping_add(octets);
        let is_much = UNCOUNTED_MAX < sum.unsigned_abs();
        it.set(if is_much { 0 } else { sum });
        if is_much { sum } else { 0 }
    });
    let left = left.unwrap_or(octets);
    if left != 0 {
        ALLOCATED.fetch_add(left, Ordering::Relaxed);
    }
}

/// Adds what this thread has not yet: to be called at its end, where threads come and go.
pub fn settle() {
    let left = UNCOUNTED.try_with(|it| it.replace(0)).unwrap_or_default();
    ALLOCATED.fetch_add(left, Ordering::Relaxed);
}

/// Octets that are allocated now, by all threads; `None` in a program that does not count.
#[must_use]
pub fn allocated_octets() -> Option<usize> {
    usize::try_from(ALLOCATED.load(Ordering::Relaxed))
        .ok()
        .filter(|it| *it != 0)
}

/// Gives memory that is free back to the system. Looks at each free piece.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: it touches free memory only, under the allocator's own locks.
        unsafe { libc::malloc_trim(0) };
    }
}

/// What a thread keeps to itself, so that threads seldom meet.
const UNCOUNTED_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static COUNTING: Counting = Counting;

    #[test]
    fn what_is_allocated_is_counted_and_what_is_freed_is_not() {
        let before = allocated_octets().unwrap();
        let many: Vec<Box<[u8; 1000]>> = (0..20_000).map(|_| Box::new([7; 1000])).collect();
        let mut grown = vec![0_u8; 1 << 20];
        grown.resize(8 << 20, 1);
        let with = allocated_octets().unwrap();
        assert!(before + 28_000_000 <= with, "{before} {with}");
        std::thread::spawn(move || {
            drop((many, grown));
            settle();
        })
        .join()
        .unwrap();
        give_back();
        let after = allocated_octets().unwrap();
        assert!(after < before + 4_000_000, "{before} {with} {after}");
    }
}
