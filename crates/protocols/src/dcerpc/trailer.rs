//! The verification trailer behind a clear stub (MS-RPCE section 2.2.2.13).
//!
//! A client that signs its calls says in it again what it bound to, so that nobody can turn its call
//! into another. To a listener that joined late it names the interface that no bind named.

use super::limits::TRAILER_OCTETS_MAX;
use super::message::{ByteOrder, Syntaxes};
use crate::wire::{ParseError, Reader};
use realmward_vocab::Guid;

/// `rpc_sec_vt_pcontext`: what the client bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) interface: Guid,
    pub(super) syntaxes: Syntaxes,
}

/// The trailer at the end of a stub, if there is one: what it verifies, and its octets.
pub(super) fn read(stub: &[u8], order: ByteOrder) -> Option<(Option<Verified>, usize)> {
    let begin = stub.len().saturating_sub(TRAILER_OCTETS_MAX);
    let end = stub.get(begin..)?;
    let place = end
        .windows(SIGNATURE.len())
        .rposition(|window| window == SIGNATURE)?;
    let commands = Reader::new(end.get(place + SIGNATURE.len()..)?);
    Some((verified(commands, order).ok().flatten(), end.len() - place))
}

/// Walks the commands: `command(2) length(2) value`, the last one with `SEC_VT_COMMAND_END`.
fn verified(mut commands: Reader<'_>, order: ByteOrder) -> Result<Option<Verified>, ParseError> {
    loop {
        let command = order.u16(&mut commands)?;
        let length = order.u16(&mut commands)?;
        let mut value = commands.sub(usize::from(length))?;
        if command & COMMAND_MASK == COMMAND_PCONTEXT {
            let interface = order.guid(&mut value)?;
            value.skip(4)?; // version
            let mut syntaxes = Syntaxes::default();
            syntaxes.add(order.guid(&mut value)?);
            return Ok(Some(Verified {
                interface,
                syntaxes,
            }));
        }
        if command & COMMAND_END != 0 {
            return Ok(None);
        }
    }
}

/// `rpc_vt_signature`.
const SIGNATURE: [u8; 8] = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];
/// The number of a command, without its flags.
const COMMAND_MASK: u16 = 0x3fff;
/// `SEC_VT_COMMAND_END`.
const COMMAND_END: u16 = 0x4000;
/// `SEC_VT_COMMAND_PCONTEXT`.
const COMMAND_PCONTEXT: u16 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    const DRSUAPI: Guid = Guid(0xe3514235_4b06_11d1_ab04_00c04fc2dcd2);
    const NDR: Guid = Guid(0x8a885d04_1ceb_11c9_9fe8_08002b104860);

    fn trailer() -> Vec<u8> {
        [
            &SIGNATURE[..],
            &[1, 0, 4, 0, 1, 0, 0, 0], // bitmask
            &[2, 0x40, 40, 0],         // pcontext, the last one
            &DRSUAPI.to_le_bytes(),
            &[4, 0, 0, 0],
            &NDR.to_le_bytes(),
            &[2, 0, 0, 0],
        ]
        .concat()
    }

    #[test]
    fn a_trailer_names_what_was_bound_to() {
        let stub = [vec![7; 200], trailer()].concat();
        let (verified, octets) = read(&stub, ByteOrder::Little).unwrap();
        assert_eq!(verified.unwrap().interface, DRSUAPI);
        assert!(verified.unwrap().syntaxes.ndr);
        assert_eq!(octets, trailer().len());
    }

    #[test]
    fn a_trailer_cut_anywhere_or_of_hostile_lengths_is_none_or_verifies_nothing() {
        let whole = trailer();
        for cut in 0..whole.len() {
            if let Some((verified, _)) = read(&whole[..cut], ByteOrder::Little) {
                assert!(verified.is_none() || 60 <= cut, "{cut}");
            }
        }
        for place in SIGNATURE.len()..whole.len() {
            let mut poked = whole.clone();
            poked[place] = 0xff;
            let _ = read(&poked, ByteOrder::Little);
            let _ = read(&poked, ByteOrder::Big);
        }
        let far = [trailer(), vec![0; 1000]].concat();
        assert_eq!(read(&far, ByteOrder::Little), None, "not at the end");
    }
}
