//! What the allocator of the C library says of itself, for whoever keeps a ceiling of memory.

/// Octets of memory that are allocated now, by all threads; `None` where the C library does not tell.
#[must_use]
pub fn allocated_octets() -> Option<usize> {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: it takes nothing, and gives a plain structure back.
        let told = unsafe { libc::mallinfo2() };
        Some(told.uordblks.saturating_add(told.hblkhd))
    }
    #[cfg(not(target_env = "gnu"))]
    None
}

/// Gives memory that is free back to the system.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: it touches free memory only, under the allocator's own locks.
        unsafe { libc::malloc_trim(0) };
    }
}

#[cfg(all(test, target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_allocated_is_told_and_what_is_freed_is_not() {
        let before = allocated_octets().unwrap();
        let many: Vec<Box<[u8; 1000]>> = (0..20_000).map(|_| Box::new([7; 1000])).collect();
        let with = allocated_octets().unwrap();
        assert!(before + 20_000_000 <= with, "{before} {with}");
        drop(many);
        give_back();
        assert!(allocated_octets().unwrap() + 15_000_000 < with);
    }
}
