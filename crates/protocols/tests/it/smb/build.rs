//! Builds messages, every octet named.

use crate::conversation::Record;
use realmward_vocab::Direction;

pub(super) const SESSION: u64 = 0x51;
pub(super) const TREE: u32 = 7;
pub(super) const FILE: u128 = 0xf11e;
pub(super) const PENDING: u32 = 0x103;
pub(super) const DENIED: u32 = 0xc000_0022;

/// From the client, in packet `packet`.
pub(super) fn client(packet: u64, octets: Vec<u8>) -> Record {
    (Direction::ToServer, packet, octets)
}

/// From the server, in packet `packet`.
pub(super) fn server(packet: u64, octets: Vec<u8>) -> Record {
    (Direction::ToClient, packet, octets)
}

/// Adds the length of direct TCP.
pub(super) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&length.to_be_bytes()[..], message].concat()
}

/// One SMB2 message.
#[derive(Clone, Copy)]
pub(super) struct Smb2 {
    pub(super) command: u16,
    pub(super) status: u32,
    pub(super) flags: u32,
    pub(super) id: u64,
    pub(super) tree: u32,
    pub(super) session: u64,
}

pub(super) const REQUEST: Smb2 = Smb2 {
    command: 0,
    status: 0,
    flags: 0,
    id: 0,
    tree: TREE,
    session: SESSION,
};

pub(super) const RESPONSE: Smb2 = Smb2 {
    flags: 1,
    ..REQUEST
};

impl Smb2 {
    pub(super) fn with(self, body: &[u8]) -> Vec<u8> {
        self.then(0, body)
    }

    /// With `NextCommand`.
    pub(super) fn then(self, next: u32, body: &[u8]) -> Vec<u8> {
        [
            b"\xfeSMB",
            &64_u16.to_le_bytes()[..],
            &[0; 2], // CreditCharge
            &self.status.to_le_bytes(),
            &self.command.to_le_bytes(),
            &[0; 2], // Credit
            &self.flags.to_le_bytes(),
            &next.to_le_bytes(),
            &self.id.to_le_bytes(),
            &[0; 4], // Reserved
            &self.tree.to_le_bytes(),
            &self.session.to_le_bytes(),
            &[0; 16], // Signature
            body,
        ]
        .concat()
    }
}

/// A compound of messages, each padded to eight octets.
pub(super) fn compound(messages: &[(Smb2, Vec<u8>)]) -> Vec<u8> {
    let mut octets = Vec::new();
    for (place, (header, body)) in messages.iter().enumerate() {
        let mut body = body.clone();
        let is_last = place + 1 == messages.len();
        if !is_last {
            body.resize(body.len().next_multiple_of(8), 0);
        }
        let next = if is_last { 0 } else { 64 + body.len() };
        octets.extend(header.then(u32::try_from(next).unwrap(), &body));
    }
    octets
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn length16(octets: &[u8]) -> [u8; 2] {
    u16::try_from(octets.len()).unwrap().to_le_bytes()
}

fn length32(octets: &[u8]) -> [u8; 4] {
    u32::try_from(octets.len()).unwrap().to_le_bytes()
}

pub(super) fn tree_connect(path: &str) -> Vec<u8> {
    let path = utf16(path);
    // StructureSize Flags PathOffset PathLength
    [&[9, 0, 0, 0, 72, 0][..], &length16(&path), &path].concat()
}

pub(super) fn tree_connected(share_type: u8) -> Vec<u8> {
    [&[16, 0, share_type, 0][..], &[0; 12]].concat()
}

pub(super) fn create(name: &str, disposition: u32) -> Vec<u8> {
    let name = utf16(name);
    [
        &57_u16.to_le_bytes()[..],
        &[0; 22], // SecurityFlags to Reserved
        &0x0012_019f_u32.to_le_bytes(),
        &[0; 8], // FileAttributes ShareAccess
        &disposition.to_le_bytes(),
        &[0; 4],   // CreateOptions
        &[120, 0], // NameOffset
        &length16(&name),
        &[0; 8], // CreateContexts
        &name,
    ]
    .concat()
}

pub(super) fn created(file: u128) -> Vec<u8> {
    [&[89, 0][..], &[0; 62], &file.to_le_bytes(), &[0; 8]].concat()
}

pub(super) fn close(file: u128) -> Vec<u8> {
    [&[24, 0][..], &[0; 6], &file.to_le_bytes()].concat()
}

pub(super) fn closed() -> Vec<u8> {
    [&[60, 0][..], &[0; 58]].concat()
}

pub(super) fn read(file: u128) -> Vec<u8> {
    [&[49, 0][..], &[0; 14], &file.to_le_bytes(), &[0; 17]].concat()
}

pub(super) fn read_answer(data: &[u8]) -> Vec<u8> {
    [&[17, 0, 80, 0][..], &length32(data), &[0; 8], data].concat()
}

pub(super) fn write(file: u128, data: &[u8]) -> Vec<u8> {
    [
        &[49, 0, 112, 0][..],
        &length32(data),
        &[0; 8],
        &file.to_le_bytes(),
        &[0; 16],
        data,
    ]
    .concat()
}

pub(super) fn transceive(file: u128, data: &[u8]) -> Vec<u8> {
    [
        &[57, 0, 0, 0][..],
        &0x0011_c017_u32.to_le_bytes(),
        &file.to_le_bytes(),
        &120_u32.to_le_bytes(),
        &length32(data),
        &[0; 24],
        data,
    ]
    .concat()
}

pub(super) fn transceived(file: u128, data: &[u8]) -> Vec<u8> {
    [
        &[49, 0, 0, 0][..],
        &0x0011_c017_u32.to_le_bytes(),
        &file.to_le_bytes(),
        &[0; 8],
        &112_u32.to_le_bytes(),
        &length32(data),
        &[0; 8],
        data,
    ]
    .concat()
}

pub(super) fn error() -> Vec<u8> {
    vec![9, 0, 0, 0, 0, 0, 0, 0, 0]
}

/// A bind to svcctl without authentication.
pub(super) fn bind() -> Vec<u8> {
    let head = [5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0];
    let offer = [0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0];
    let abstract_syntax = 0x367a_bb81_9844_35f1_ad32_98f0_3800_1003;
    let transfer_syntax = 0x8a88_5d04_1ceb_11c9_9fe8_0800_2b10_4860;
    let guid = |number| realmward_vocab::Guid(number).to_le_bytes();
    [
        &head[..],
        &offer,
        &guid(abstract_syntax),
        &[2, 0, 0, 0],
        &guid(transfer_syntax),
        &[2, 0, 0, 0],
    ]
    .concat()
}

/// A request of an operation, without arguments.
pub(super) fn request(call: u8, opnum: u8) -> Vec<u8> {
    let head = [5, 0, 0, 3, 0x10, 0, 0, 0, 24, 0, 0, 0, call, 0, 0, 0];
    [&head[..], &[0, 0, 0, 0, 0, 0, opnum, 0]].concat()
}

/// The response: no results but a return code.
pub(super) fn response(call: u8) -> Vec<u8> {
    let head = [5, 0, 2, 3, 0x10, 0, 0, 0, 28, 0, 0, 0, call, 0, 0, 0];
    [&head[..], &[0; 12]].concat()
}

/// One SMB1 message: header, and commands with words and bytes.
#[derive(Clone, Copy)]
pub(super) struct Smb1 {
    pub(super) reply: bool,
    pub(super) status: u32,
    pub(super) unicode: bool,
    pub(super) tid: u16,
    pub(super) uid: u16,
    pub(super) mid: u16,
}

impl Smb1 {
    /// A message of one command. `words` begin with four octets of AndX where the command has them.
    pub(super) fn with(self, command: u8, words: &[u8], bytes: &[u8]) -> Vec<u8> {
        self.chain(&[(command, words.to_vec(), bytes.to_vec())])
    }

    /// A message of chained commands, whose first two words are filled in.
    pub(super) fn chain(self, commands: &[(u8, Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let flags2: u16 = if self.unicode { 0xc000 } else { 0x4000 };
        let mut octets = [
            b"\xffSMB",
            &[commands[0].0][..],
            &self.status.to_le_bytes(),
            &[if self.reply { 0x80 } else { 0 }],
            &flags2.to_le_bytes(),
            &[0; 12], // PIDHigh SecurityFeatures Reserved
            &self.tid.to_le_bytes(),
            &[1, 0], // PIDLow
            &self.uid.to_le_bytes(),
            &self.mid.to_le_bytes(),
        ]
        .concat();
        for (place, (command, words, bytes)) in commands.iter().enumerate() {
            let mut words = words.clone();
            let end = octets.len() + 1 + words.len() + 2 + bytes.len();
            if matches!(command, 0x2d | 0x2e | 0x2f | 0x73 | 0x74 | 0x75 | 0xa2) && 4 <= words.len()
            {
                let next = commands.get(place + 1).map(|(next, _, _)| *next);
                words[0] = next.unwrap_or(0xff);
                let end = u16::try_from(end).unwrap();
                words[2..4].copy_from_slice(&end.to_le_bytes());
            }
            octets.push(u8::try_from(words.len() / 2).unwrap());
            octets.extend(&words);
            octets.extend(length16(bytes));
            octets.extend(bytes);
        }
        octets
    }
}
