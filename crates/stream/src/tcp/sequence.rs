//! Sequence numbers, which wrap (RFC 9293 section 3.4).

/// How far `sequence` is ahead of `base`; negative when behind.
pub(super) const fn distance(sequence: u32, base: u32) -> i32 {
    sequence.wrapping_sub(base).cast_signed()
}

/// `base` moved on by `count` octets.
pub(super) fn advance(base: u32, count: usize) -> u32 {
    base.wrapping_add(u32::try_from(count & 0xffff_ffff).unwrap_or_default())
}

/// Whether `sequence` lies at or behind `from`, and not before `floor` if there is one.
pub(super) fn lies_in(sequence: u32, from: Option<u32>, floor: Option<u32>) -> bool {
    from.is_some_and(|from| distance(sequence, from) >= 0)
        && floor.is_none_or(|floor| distance(sequence, floor) >= 0)
}
