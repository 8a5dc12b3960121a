//! Why bytes could not be read.

use std::fmt;

/// Why bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// The message goes on: at least `needed` more octets. A state, not a fault.
    Incomplete {
        /// Octets missing, at least.
        needed: usize,
    },
    /// The bytes break their own specification; `field` is the specification's name for the place.
    Malformed {
        /// Field name as in the specification.
        field: &'static str,
    },
    /// The bytes may be legal but pass a bound of ours; always counted, never silent.
    Limit {
        /// Which bound.
        bound: &'static str,
    },
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { needed } => write!(f, "at least {needed} octets are missing"),
            Self::Malformed { field } => write!(f, "field {field} is malformed"),
            Self::Limit { bound } => write!(f, "bound {bound} was reached"),
        }
    }
}

impl std::error::Error for ParseError {}
