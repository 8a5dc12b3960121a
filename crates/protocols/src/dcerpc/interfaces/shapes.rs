//! What the readers of several interfaces have in common: lists with a bound, and meanings made of them.

use super::{Meaning, Ndr};
use crate::wire::ParseError;
use realmward_event::rpc::{Accounts, Arguments};

/// Strings of a list and characters of each that are kept.
pub(super) const NAMES: (usize, usize) = (NAMES_MAX, 256);

/// Paths, if there are any.
pub(super) fn paths(paths: Vec<String>) -> Option<Meaning> {
    (!paths.is_empty()).then(|| Meaning::Arguments(Arguments::Paths(paths)))
}

/// Accounts, if anything was read of them.
pub(super) fn accounts(accounts: Accounts) -> Option<Meaning> {
    (accounts != Accounts::default())
        .then(|| Meaning::Arguments(Arguments::Accounts(Box::new(accounts))))
}

/// A conformant array of numbers: its maximum count, then `count` of them, of which a list is kept.
pub(super) fn numbers(ndr: &mut Ndr<'_>, count: usize) -> Result<Vec<u32>, ParseError> {
    ndr.size()?;
    let mut numbers = Vec::new();
    for _ in 0..count.min(NAMES_MAX) {
        numbers.push(ndr.u32()?);
    }
    Ok(numbers)
}

/// UTF-16 up to its first NUL, at most so many characters.
pub(super) fn utf16(octets: &[u8], characters_max: usize) -> String {
    let (units, _) = octets.as_chunks::<2>();
    let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units.take(characters_max).take_while(|unit| *unit != 0))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// A number as a fact counts it.
pub(super) fn counted(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Entries of a list that are kept: the first ones show what was asked for or given away, and the
/// count says how many there were.
pub(super) const NAMES_MAX: usize = 64;
