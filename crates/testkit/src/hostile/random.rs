//! Numbers that look random and are the same in every run (SplitMix64, Steele, Lea and Flood 2014).

/// A generator; the seed decides all it gives.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// One whose sequence this seed decides.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    pub(super) fn octet(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// One of these.
    pub(super) fn pick<T: Copy + Default>(&mut self, these: &[T]) -> T {
        let place = self.below(these.len());
        these.get(place).copied().unwrap_or_default()
    }
}
