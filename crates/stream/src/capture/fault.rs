//! What is wrong with a capture, and where.

use std::io;

/// A capture could not be read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}", self.in_words())]
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

impl CaptureFault {
    /// What is wrong and where, without the file: a place is named only in what could be opened.
    #[must_use]
    pub fn in_words(&self) -> String {
        if self.offset == 0 && self.packets == 0 {
            return self.damage.to_string();
        }
        let s = if self.packets == 1 { "" } else { "s" };
        format!(
            "{}, at byte {}, after {} packet{s}",
            self.damage, self.offset, self.packets
        )
    }
}

/// What is wrong with a capture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureDamage {
    /// There is no such file.
    #[error("there is no such file")]
    Absent,
    /// There is not a single octet.
    #[error("the file is empty")]
    Empty,
    /// Neither pcap nor pcapng.
    #[error("this is no capture: neither pcap nor pcapng")]
    UnknownFormat,
    /// The file ends within a record.
    #[error("the file ends within {within}, with {missing} or more bytes missing")]
    Truncated {
        /// What it ends in.
        within: &'static str,
        /// How many octets are missing, at least.
        missing: usize,
    },
    /// A length that cannot be.
    #[error("{field} of {length} bytes is impossible")]
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
        match error.kind() {
            io::ErrorKind::NotFound => Self::Absent,
            _ => Self::Unreadable(error.to_string()),
        }
    }
}
