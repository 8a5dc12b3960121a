//! Signs of a stack: weighed, and put into words where they hold.

use crate::{Stack, Tell};
use realmward_event::kerberos::RequestShape;
use realmward_vocab::{EncryptionType, KdcOptions, PaDataType};

use super::Told;

/// One property of a request.
pub(super) struct Sign<'a> {
    pub(super) holds: bool,
    pub(super) weight: u32,
    pub(super) condition: &'static str,
    pub(super) observed: Observed<'a>,
    pub(super) expected: &'static str,
}

/// What a sign shows; put into words only where it is told, since most requests show nothing.
pub(super) enum Observed<'a> {
    Words(&'static str),
    Options(KdcOptions),
    KeyTypes(&'a [EncryptionType]),
    ShortTimestamp(u32),
}

/// The stack, if the signs that hold weigh enough together.
pub(super) fn weigh(stack: Stack, mark: u32, signs: &[Sign<'_>]) -> Option<Told> {
    let held = || signs.iter().filter(|sign| sign.holds);
    let sum: u32 = held().map(|sign| sign.weight).sum();
    (mark <= sum).then(|| Told {
        stack,
        tells: held().map(Sign::tell).collect(),
    })
}

impl Sign<'_> {
    fn tell(&self) -> Tell {
        Tell {
            condition: self.condition.to_owned(),
            observed: self.observed.in_words(),
            expected: self.expected.to_owned(),
        }
    }
}

impl Observed<'_> {
    fn in_words(&self) -> String {
        match self {
            Self::Words(words) => (*words).to_owned(),
            Self::Options(options) => format!("{options:?}"),
            Self::KeyTypes(etypes) => list(etypes),
            Self::ShortTimestamp(octets) => format!("{octets} octets: no microseconds"),
        }
    }
}

/// Key types as numbers, which is how the lists of stacks are known.
pub(super) fn numbers(shape: &RequestShape) -> Vec<i32> {
    shape.etypes.iter().map(|it| it.0).collect()
}

/// `18,17,23`.
fn list(etypes: &[EncryptionType]) -> String {
    let words: Vec<String> = etypes.iter().map(|it| it.0.to_string()).collect();
    words.join(",")
}

/// The end of time as Windows writes it, in requests for as long as allowed.
pub(super) fn asks_windows_time(shape: &RequestShape) -> bool {
    shape.till.starts_with("20370913")
}

/// A time of zero: as long as allowed, in the words of MIT, Heimdal and Java.
pub(super) fn asks_zero_time(shape: &RequestShape) -> bool {
    shape.till.starts_with("1970")
}

/// Extensions that only MIT and Heimdal send: armour (RFC 6113), fresh keys (RFC 8070), and the
/// wish to have the request confirmed (RFC 6806 section 11).
pub(super) fn has_unix_padata(shape: &RequestShape) -> bool {
    shape
        .padata
        .iter()
        .any(|it| matches!(it.0, 133 | 136 | 149 | 150))
}

/// MIT and Heimdal, told apart loosely: MIT lists more key types and asks for fresh keys.
pub(super) fn unix(shape: &RequestShape) -> Option<Stack> {
    let etypes = numbers(shape);
    let only_mit = etypes.iter().any(|it| matches!(it, 16 | 19 | 20 | 25 | 26))
        || shape.padata.iter().any(|it| matches!(it.0, 133 | 150));
    if has_unix_padata(shape) {
        let heimdal = etypes == [18, 17, 23] && !only_mit;
        return Some(if heimdal { Stack::Heimdal } else { Stack::Mit });
    }
    (etypes.contains(&16) && etypes.contains(&25)).then_some(Stack::Mit)
}

/// Key types that only Windows has, and lists.
pub(super) fn has_windows_etype(etypes: &[i32]) -> bool {
    etypes.iter().any(|it| matches!(it, -135 | -133 | -128))
}

pub(super) fn only_contains(shape: &RequestShape, allowed: &[PaDataType]) -> bool {
    shape.padata.iter().all(|it| allowed.contains(it))
}
