//! Messages that make a sensor remember something.

/// Octets that say nothing.
pub(super) const FILLER: [u8; 1_400] = [0x41; 1_400];

/// The beginning of a message of SMB that would be a hundred kilobytes long.
pub(super) fn smb_beginning() -> Vec<u8> {
    let [_, length @ ..] = 100_000_u32.to_be_bytes();
    let header = [0xfe, b'S', b'M', b'B', 64, 0];
    [&[0][..], &length, &header, &[0x41; 1_300]].concat()
}

fn smb2(command: u8, flags: u32, turn: u32, body: &[u8]) -> Vec<u8> {
    let mut message = vec![0xfe, b'S', b'M', b'B', 64, 0, 0, 0, 0, 0, 0, 0];
    message.extend([command, 0, 1, 0]);
    message.extend(flags.to_le_bytes());
    message.extend([0; 4]);
    message.extend(u64::from(turn).to_le_bytes());
    message.extend([0; 4]);
    message.extend([1, 0, 0, 0]);
    message.extend([7; 8]);
    message.extend([0; 16]);
    message.extend(body);
    let [_, length @ ..] = u32::try_from(message.len())
        .unwrap_or_default()
        .to_be_bytes();
    [&[0][..], &length, &message].concat()
}

const TREE_CONNECT: u8 = 3;
const CREATE: u8 = 5;

/// First a TREE_CONNECT (MS-SMB2 section 2.2.9) of an administrative share, where all that changes is
/// told; it is as long as what comes then: a CREATE each turn.
pub(super) fn open(turn: u32) -> Vec<u8> {
    if 0 < turn {
        return create(turn);
    }
    let path = utf16(&format!(r"\\{:0115}\ADMIN$", 1));
    let mut body = vec![9, 0, 0, 0, 72, 0];
    body.extend(u16::try_from(path.len()).unwrap_or_default().to_le_bytes());
    body.extend(path);
    smb2(TREE_CONNECT, 0, turn, &body)
}

/// The answers, of which each is as long as the first: the share and the files are open.
pub(super) fn opened(turn: u32) -> Vec<u8> {
    if 0 < turn {
        return created(turn);
    }
    let mut body = vec![16, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 1, 0x1f, 0];
    body.resize(88, 0);
    smb2(TREE_CONNECT, 1, turn, &body)
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// SMB2 CREATE (MS-SMB2 section 2.2.13) of a file with a long name, to be deleted when it is closed.
pub(super) fn create(turn: u32) -> Vec<u8> {
    let name = utf16(&format!("{turn:0100}"));
    let mut body = vec![57, 0, 0, 0, 2, 0, 0, 0];
    body.extend([0; 16]);
    body.extend([
        0x89, 0, 0x12, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0,
    ]);
    body.extend([120, 0]);
    body.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
    body.extend([0; 8]);
    body.extend(name);
    smb2(CREATE, 0, turn, &body)
}

/// Its answer (MS-SMB2 section 2.2.14): the file is open.
fn created(turn: u32) -> Vec<u8> {
    let mut body = vec![89, 0, 0, 0, 1, 0, 0, 0];
    body.extend([0; 56]);
    body.extend(u64::from(turn).to_le_bytes());
    body.extend([9; 8]);
    body.extend([0; 8]);
    smb2(CREATE, 1, turn, &body)
}

/// The beginning of a search of LDAP that claims to be a megabyte long, as long as a filler.
pub(super) fn ldap_beginning() -> Vec<u8> {
    let start = [
        0x30, 0x84, 0, 0x10, 0, 0, 2, 1, 1, 0x63, 0x84, 0, 0x0f, 0xff, 0xf7, 4, 0,
    ];
    let mut beginning = start.to_vec();
    beginning.resize(FILLER.len(), 0x41);
    beginning
}

fn ldap(turn: u32, operation: &[u8]) -> Vec<u8> {
    let [a, b, c, d] = (turn & 0x7fff_ffff | 0x0100_0000).to_be_bytes();
    let whole = u8::try_from(operation.len() + 6).unwrap_or_default();
    [&[0x30, 0x81, whole, 2, 4, a, b, c, d][..], operation].concat()
}

/// A search request (RFC 4511 section 4.5.1) below a long name.
pub(super) fn search(turn: u32) -> Vec<u8> {
    let base = [b'x'; 100];
    let body = [
        &[0x04, 100][..],
        &base,
        &[0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0],
        &[0x87, 11],
        b"objectClass",
        &[0x30, 0],
    ]
    .concat();
    let length = u8::try_from(body.len()).unwrap_or_default();
    ldap(turn, &[&[0x63, 0x81, length][..], &body].concat())
}

/// The end of a search.
pub(super) fn search_done(turn: u32) -> Vec<u8> {
    ldap(turn, &[0x65, 7, 0x0a, 1, 0, 4, 0, 4, 0])
}

/// A bind of DCE/RPC (C706 section 12.6.4.3) to the endpoint mapper.
pub(super) fn bind() -> Vec<u8> {
    let mut bind = vec![5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0];
    bind.extend([0xb8, 0x10, 0xb8, 0x10, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]);
    bind.extend([
        0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0,
        0xfa, 3, 0, 0, 0,
    ]);
    bind.extend([
        0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48,
        0x60, 2, 0, 0, 0,
    ]);
    bind
}

/// A call of DCE/RPC; of several fragments the first if it is not `whole`.
pub(super) fn call(turn: u32, whole: bool, stub: &[u8]) -> Vec<u8> {
    let length = u16::try_from(24 + stub.len())
        .unwrap_or_default()
        .to_le_bytes();
    let flags = if whole { 3 } else { 1 };
    let mut call = vec![5, 0, 0, flags, 0x10, 0, 0, 0, length[0], length[1], 0, 0];
    call.extend(turn.to_le_bytes());
    call.extend([0, 0, 1, 0, 0, 0, 3, 0]);
    call.extend(stub);
    call
}

/// The beginning of an AS-REQ over TCP (RFC 4120 section 7.2.2) that claims to be 190,000 octets long.
pub(super) fn as_req_beginning() -> Vec<u8> {
    let length = 190_000_u32;
    let [_, a, b, c] = (length - 5).to_be_bytes();
    let [_, d, e, f] = (length - 10).to_be_bytes();
    let start = [0x6a, 0x83, a, b, c, 0x30, 0x83, d, e, f];
    let fields = [0xa1, 3, 2, 1, 5, 0xa2, 3, 2, 1, 10, 0xa3, 0x83, 2, 0, 0];
    [&length.to_be_bytes()[..], &start, &fields, &[0x41; 1_300]].concat()
}

fn labels(number: u64) -> Vec<u8> {
    let name = format!(
        "{:016x}{:016x}",
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        number
    );
    let length = u8::try_from(name.len()).unwrap_or_default();
    [&[length][..], name.as_bytes(), b"\x04corp\x07example\0"].concat()
}

/// A question of DNS for a name that nobody asked for before, of a kind that few ask for.
pub(super) fn question(number: u64) -> Vec<u8> {
    let [.., a, b] = number.to_be_bytes();
    let head = [a, b, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    [&head[..], &labels(number), &[0, 16, 0, 1]].concat()
}

/// A question of NBNS (RFC 1002 section 4.2.12) for a name that nobody asked for before.
pub(super) fn nbns(number: u64) -> Vec<u8> {
    let [.., a, b] = number.to_be_bytes();
    let head = [a, b, 1, 0x10, 0, 1, 0, 0, 0, 0, 0, 0];
    let name = format!("{:<15}", format!("H{number:x}"));
    let halves = |octet: u8| [b'A' + (octet >> 4), b'A' + (octet & 15)];
    let coded: Vec<u8> = name.bytes().chain([0]).flat_map(halves).collect();
    [&head[..], &[32], &coded, &[0, 0, 32, 0, 1]].concat()
}

/// A question of LLMNR (RFC 4795) for a name that nobody asked for before.
pub(super) fn llmnr(number: u64) -> Vec<u8> {
    let [.., a, b] = number.to_be_bytes();
    let head = [a, b, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    [&head[..], &labels(number), &[0, 1, 0, 1]].concat()
}

/// A DHCPREQUEST (RFC 2131) of a client with a long name.
pub(super) fn dhcp(number: u64) -> Vec<u8> {
    let [.., a, b, c, d] = number.to_be_bytes();
    let mut message = vec![1, 1, 6, 0, a, b, c, d];
    message.extend([0; 20]);
    message.extend([2, 0, a, b, c, d]);
    message.extend([0; 202]);
    message.extend([0x63, 0x82, 0x53, 0x63, 53, 1, 3, 12, 60]);
    message.extend(format!("{number:060}").bytes());
    message.push(255);
    message
}

/// An Accounting-Request (RFC 2866) of a user with a long name.
pub(super) fn accounting(number: u64) -> Vec<u8> {
    let [.., id] = number.to_be_bytes();
    let name = format!("{number:0100}");
    let mut attributes = vec![40, 6, 0, 0, 0, 1, 1, 102];
    attributes.extend(name.bytes());
    attributes.extend([8, 6, 10, 1, 2, 3]);
    let [high, low] = u16::try_from(20 + attributes.len())
        .unwrap_or_default()
        .to_be_bytes();
    [&[4, id, high, low][..], &[7; 16], &attributes].concat()
}

/// A record of TLS with some of a hello that is as long as can be.
pub(super) fn hello(turn: u32) -> Vec<u8> {
    let mut fragment = vec![0x41; 1_300];
    if turn == 0 {
        let start = [1, 0, 0xff, 0xf0, 3, 3];
        for (slot, octet) in fragment.iter_mut().zip(start) {
            *slot = octet;
        }
    }
    let [high, low] = u16::try_from(fragment.len())
        .unwrap_or_default()
        .to_be_bytes();
    [&[22, 3, 1, high, low][..], &fragment].concat()
}

/// The beginning of a request of HTTP whose head never ends.
pub(super) fn http_beginning() -> Vec<u8> {
    let start = b"POST /wsman HTTP/1.1\r\nHost: dc1.corp.example\r\nAuthorization: Negotiate ";
    [&start[..], &[0x41; 1_300]].concat()
}
