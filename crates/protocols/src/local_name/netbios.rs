//! Names of NetBIOS on the wire (RFC 1001 section 14.1): fifteen octets of name and one that says what
//! of the host is meant, each written as two letters, and a scope.

use crate::dns::name as dns;
use crate::wire::{ParseError, Reader};
use realmward_vocab::HostName;

/// A name and its sixteenth octet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) name: HostName,
    pub(super) suffix: u8,
}

/// Reads the name at the start of `reader`, which must be the tail of `message`.
pub(super) fn read<'a>(message: &'a [u8], reader: &mut Reader<'a>) -> Result<Name, ParseError> {
    let whole = dns::read(message, reader)?;
    let label = whole.as_str().as_bytes().first_chunk::<32>();
    let label = label.ok_or(ParseError::Malformed { field: "NAME" })?;
    let mut octets = [0; 16];
    let (pairs, _) = label.as_chunks::<2>();
    for (octet, [high, low]) in octets.iter_mut().zip(pairs) {
        let nibble = |letter: &u8| letter.checked_sub(b'A').filter(|it| *it < 16);
        *octet = nibble(high)
            .zip(nibble(low))
            .map(|(high, low)| high << 4 | low)
            .ok_or(ParseError::Malformed { field: "NAME" })?;
    }
    Ok(plain(&octets))
}

/// The name of sixteen octets as they are.
pub(super) fn plain(octets: &[u8; 16]) -> Name {
    let [name @ .., suffix] = octets;
    let text = String::from_utf8_lossy(name);
    Name {
        name: HostName::new(text.trim_end_matches([' ', '\0'])),
        suffix: *suffix,
    }
}
