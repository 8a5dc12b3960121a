//! VXLAN (RFC 7348 section 5): a header of eight octets, then Ethernet. Clouds mirror with it.

/// The frame in a message, if its header is one.
pub(super) fn frame(message: &[u8]) -> Option<&[u8]> {
    let flags = *message.first()?;
    (flags & VALID_NETWORK != 0)
        .then(|| message.get(HEADER..))
        .flatten()
}

/// As registered. The one that Linux took before is not looked at: anybody may use it.
pub(super) const PORT: u16 = 4789;
const HEADER: usize = 8;
/// The network number is valid. Of the other bits nothing follows: mirrors set some of them.
const VALID_NETWORK: u8 = 0x08;
