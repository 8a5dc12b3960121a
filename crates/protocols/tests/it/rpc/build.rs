//! Fragments built octet by octet, in either byte order.

use super::Record;
use realmward_vocab::{Direction, Guid};

/// A builder of fragments of one side's byte order.
#[derive(Clone, Copy)]
pub(super) struct Build {
    pub(super) big: bool,
}

/// The usual byte order.
pub(super) const LITTLE: Build = Build { big: false };
pub(super) const NDR: Guid = Guid(0x8a885d04_1ceb_11c9_9fe8_08002b104860);
pub(super) const NDR64: Guid = Guid(0x71710533_beba_4937_8319_b5dbef9ccc36);
pub(super) const FEATURES: Guid = Guid(0x6cb71c2c_9812_4540_0300_000000000000);
pub(super) const SVCCTL: Guid = Guid(0x367abb81_9844_35f1_ad32_98f038001003);
/// First and last fragment.
pub(super) const WHOLE: u8 = 3;

impl Build {
    pub(super) fn u16(self, number: u16) -> Vec<u8> {
        match self.big {
            true => number.to_be_bytes().to_vec(),
            false => number.to_le_bytes().to_vec(),
        }
    }

    pub(super) fn u32(self, number: u32) -> Vec<u8> {
        match self.big {
            true => number.to_be_bytes().to_vec(),
            false => number.to_le_bytes().to_vec(),
        }
    }

    pub(super) fn guid(self, guid: Guid) -> Vec<u8> {
        match self.big {
            true => guid.0.to_be_bytes().to_vec(),
            false => guid.to_le_bytes().to_vec(),
        }
    }

    /// A `[string]` of `wchar_t` with its terminator, padded to four.
    pub(super) fn string(self, text: &str) -> Vec<u8> {
        let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let count = u32::try_from(units.len()).unwrap();
        let mut octets = [self.u32(count), self.u32(0), self.u32(count)].concat();
        octets.extend(units.iter().flat_map(|unit| self.u16(*unit)));
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    /// A fragment.
    pub(super) fn pdu(self, ptype: u8, flags: u8, call_id: u32, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(16 + body.len()).unwrap();
        [
            vec![5, 0, ptype, flags, if self.big { 0 } else { 0x10 }, 0, 0, 0],
            self.u16(length),
            self.u16(0), // auth_length
            self.u32(call_id),
            body.to_vec(),
        ]
        .concat()
    }

    /// A bind: context id, interface and transfer syntax of each element.
    pub(super) fn bind(self, call_id: u32, elements: &[(u16, Guid, Guid)]) -> Vec<u8> {
        let mut body = [self.u16(4280), self.u16(4280), self.u32(0)].concat();
        body.extend([u8::try_from(elements.len()).unwrap(), 0, 0, 0]);
        for (context, interface, syntax) in elements {
            body.extend(self.u16(*context));
            body.extend([1, 0]); // n_transfer_syn, reserved
            body.extend([self.guid(*interface), self.u32(2)].concat());
            body.extend([self.guid(*syntax), self.u32(2)].concat());
        }
        self.pdu(11, WHOLE, call_id, &body)
    }

    /// The answer to a bind: result and transfer syntax of each element.
    pub(super) fn bind_ack(self, call_id: u32, results: &[(u16, Guid)]) -> Vec<u8> {
        let mut body = [self.u16(4280), self.u16(4280), self.u32(1)].concat();
        body.extend([self.u16(4), b"135\0".to_vec(), vec![0, 0]].concat()); // sec_addr, padding
        body.extend([u8::try_from(results.len()).unwrap(), 0, 0, 0]);
        for (result, syntax) in results {
            body.extend([self.u16(*result), self.u16(0)].concat());
            body.extend([self.guid(*syntax), self.u32(2)].concat());
        }
        self.pdu(12, WHOLE, call_id, &body)
    }

    /// A request fragment.
    pub(super) fn request(
        self,
        flags: u8,
        call_id: u32,
        context: u16,
        opnum: u16,
        stub: &[u8],
    ) -> Vec<u8> {
        let head = [self.u32(0), self.u16(context), self.u16(opnum)].concat();
        self.pdu(0, flags, call_id, &[&head, stub].concat())
    }

    /// A response fragment.
    pub(super) fn response(self, flags: u8, call_id: u32, stub: &[u8]) -> Vec<u8> {
        let head = [self.u32(0), self.u16(0), self.u16(0)].concat();
        self.pdu(2, flags, call_id, &[&head, stub].concat())
    }

    /// A fault.
    pub(super) fn fault(self, call_id: u32, status: u32) -> Vec<u8> {
        let body = [self.u32(0), self.u32(0), self.u32(status), self.u32(0)].concat();
        self.pdu(3, WHOLE, call_id, &body)
    }

    /// A bind to one interface as context 0, and its acceptance.
    pub(super) fn bound(self, interface: Guid) -> Vec<Record> {
        vec![
            client(1, self.bind(1, &[(0, interface, NDR)])),
            server(2, self.bind_ack(1, &[(0, NDR)])),
        ]
    }
}

pub(super) fn client(packet: u64, octets: Vec<u8>) -> Record {
    (Direction::ToServer, packet, octets)
}

pub(super) fn server(packet: u64, octets: Vec<u8>) -> Record {
    (Direction::ToClient, packet, octets)
}
