//! Packets that begin with IP, from attackers without number to one server.

/// The end that attacks.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) address: u32,
    pub(super) port: u16,
}

impl End {
    /// Connections of few hosts: forty thousand ports each.
    pub(super) fn of_few(flow: u64) -> Self {
        Self {
            address: 0x0a00_0000 | low(flow / 40_000) & 0x00ff_ffff,
            port: 20_000 + u16::try_from(flow % 40_000).unwrap_or_default(),
        }
    }

    /// A host for each.
    pub(super) fn of_many(flow: u64) -> Self {
        Self {
            address: 0x0a00_0000 | low(flow) & 0x00ff_ffff,
            port: 40_000,
        }
    }
}

/// The server's address.
const SERVER: [u8; 4] = [192, 0, 2, 1];

fn ipv4(protocol: u8, ends: [[u8; 4]; 2], [id, place]: [u16; 2], payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap_or(u16::MAX);
    let [id, place, length] = [id, place, length].map(u16::to_be_bytes);
    let start = [
        0x45, 0, length[0], length[1], id[0], id[1], place[0], place[1],
    ];
    let [source, destination] = ends;
    [
        &start[..],
        &[64, protocol, 0, 0],
        &source,
        &destination,
        payload,
    ]
    .concat()
}

fn segment(ports: [u16; 2], sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let ports = ports.map(u16::to_be_bytes).concat();
    let numbers = [sequence, 0].map(u32::to_be_bytes).concat();
    // With an ACK that acknowledges nothing that says anything, and no checksum.
    let rest = [0x50, flags, 0xff, 0xff, 0, 0, 0, 0];
    [&ports[..], &numbers, &rest, payload].concat()
}

/// A segment to the server.
pub(super) fn tcp(end: End, port: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let segment = segment([end.port, port], sequence, 0, payload);
    ipv4(6, [end.address.to_be_bytes(), SERVER], [0, 0], &segment)
}

/// What opens a connection.
pub(super) fn syn(end: End, port: u16) -> Vec<u8> {
    let segment = segment([end.port, port], 0, 2, &[]);
    ipv4(6, [end.address.to_be_bytes(), SERVER], [0, 0], &segment)
}

/// A segment of the server.
pub(super) fn answer(end: End, port: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let segment = segment([port, end.port], sequence, 0, payload);
    ipv4(6, [SERVER, end.address.to_be_bytes()], [0, 0], &segment)
}

/// A datagram to the server.
pub(super) fn udp(end: End, port: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + payload.len()).unwrap_or(u16::MAX);
    let header = [end.port, port, length, 0].map(u16::to_be_bytes).concat();
    let datagram = [&header[..], payload].concat();
    ipv4(17, [end.address.to_be_bytes(), SERVER], [0, 0], &datagram)
}

/// A fragment of a datagram, and not its last, at a place in units of eight octets.
pub(super) fn fragment(end: End, id: u16, place: u16, payload: &[u8]) -> Vec<u8> {
    let ends = [end.address.to_be_bytes(), SERVER];
    ipv4(17, ends, [id, 0x2000 | place], payload)
}

/// Puts a packet into VXLAN (RFC 7348), as a mirror of a cloud does.
pub(super) fn vxlan(packet: &[u8]) -> Vec<u8> {
    let ethernet = [&[0; 12][..], &[8, 0], packet].concat();
    let frame = [&[8, 0, 0, 0, 0, 0, 42, 0][..], &ethernet].concat();
    let mirror = End {
        address: 0xc612_0001,
        port: 49_152,
    };
    udp(mirror, 4789, &frame)
}

/// The low half.
pub(super) fn low(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or_default()
}
