//! What is wrong with a capture, and where.

use std::io;

/// A capture could not be read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {damage} at octet {offset}, after {packets} packets")]
pub struct CaptureFault {
    /// The file's name as given.
    pub file: String,
    /// Where, in the uncompressed capture.
    pub offset: u64,
    /// How many packets were read before.
    pub packets: u64,
    /// What.
    pub damage: CaptureDamage,
}

/// What is wrong with a capture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureDamage {
    /// There is not a single octet.
    #[error("the file is empty")]
    Empty,
    /// Neither pcap nor pcapng.
    #[error("the format is neither pcap nor pcapng")]
    UnknownFormat,
    /// The file ends within a record.
    #[error("the file ends within {within}: {missing} octets are missing")]
    Truncated {
        /// What it ends in.
        within: &'static str,
        /// How many octets are missing, at least.
        missing: usize,
    },
    /// A length that cannot be.
    #[error("{field} of {length} octets is impossible")]
    Length {
        /// Which length.
        field: &'static str,
        /// Its value.
        length: u64,
    },
    /// A block that breaks the format.
    #[error("{field} is malformed")]
    Malformed {
        /// What in it.
        field: &'static str,
    },
    /// The operating system or the decompressor refused.
    #[error("reading failed: {0}")]
    Unreadable(String),
}

impl From<io::Error> for CaptureDamage {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
