//! Traffic that is made to fill memory: each kind goes for another store of the sensor.
//!
//! Packets are made as they are read, so that a flood of any length needs no file. What is promised is
//! that memory stays under the ceiling whatever is sent, and that what was given up is counted.

use realmward_sensor::{Ceiling, Sensor, SensorOptions, SensorStats};
use realmward_stream::Input;
use std::io::{self, Read};

/// What is flooded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flood {
    /// Connections without a SYN, each with the beginning of one long message.
    Flows,
    /// Connections in which every second octet is missing, without end.
    Holes,
    /// Datagrams of which fragments are missing, as long as can be.
    Fragments,
    /// Calls of DCE/RPC that never end.
    Rpc,
    /// Files that are asked for over SMB and never answered, on many half-open connections.
    Smb,
    /// Searches of LDAP with ever new numbers that nobody answers.
    Ldap,
}

impl Flood {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Flows,
        Self::Holes,
        Self::Fragments,
        Self::Rpc,
        Self::Smb,
        Self::Ldap,
    ];

    /// Its name on command lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flows => "flows",
            Self::Holes => "holes",
            Self::Fragments => "fragments",
            Self::Rpc => "rpc",
            Self::Smb => "smb",
            Self::Ldap => "ldap",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// Lets so many packets of it through a sensor with this ceiling.
    #[must_use]
    pub fn run(self, packets: u64, octets_max: u64, workers: usize) -> SensorStats {
        let capture = Capture {
            flood: self,
            packets,
            next: 0,
            octets: header(),
            at: 0,
        };
        let input = Input::Stream(self.as_str().to_owned(), Box::new(capture));
        Sensor::new(SensorOptions { workers })
            .under(Ceiling::new(octets_max, 0))
            .run(vec![input], |_| {}, |_| {})
    }

    /// Connections it is spread over.
    const fn flows(self) -> u64 {
        match self {
            Self::Flows | Self::Fragments => u64::MAX,
            Self::Holes | Self::Smb | Self::Ldap => 100_000,
            Self::Rpc => 20_000,
        }
    }

    fn packet(self, number: u64) -> Vec<u8> {
        let (flow, turn) = (number % self.flows(), number / self.flows());
        let port = |it| End { flow, port: it };
        let turn = low(turn);
        match self {
            Self::Flows => tcp(port(445), 1, &nbss(&[0x41; 1300], 100_000)),
            Self::Holes => tcp(port(389), turn.wrapping_mul(2_000), &[0x41; 1_400]),
            Self::Fragments => fragment(low(number)),
            Self::Rpc if turn == 0 => tcp(port(135), 1, &bind()),
            Self::Rpc => {
                let call = call(turn);
                tcp(port(135), 73 + (turn - 1) * low(call.len() as u64), &call)
            }
            Self::Smb => {
                let create = create(turn);
                tcp(port(445), 1 + turn * low(create.len() as u64), &create)
            }
            Self::Ldap => {
                let search = search(turn);
                tcp(port(389), 1 + turn * low(search.len() as u64), &search)
            }
        }
    }
}

/// A pcap of packets that begin with IP.
struct Capture {
    flood: Flood,
    packets: u64,
    next: u64,
    octets: Vec<u8>,
    at: usize,
}

impl Read for Capture {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.at == self.octets.len() {
            if self.next == self.packets {
                return Ok(0);
            }
            let packet = self.flood.packet(self.next);
            let length = low(packet.len() as u64);
            // A hundred thousand packets a second.
            let microseconds = self.next * 10;
            let (second, rest) = (microseconds / 1_000_000, microseconds % 1_000_000);
            let record = [1_700_000_000 + low(second), low(rest), length, length];
            self.octets = record.map(u32::to_le_bytes).concat();
            self.octets.extend(packet);
            self.at = 0;
            self.next += 1;
        }
        let left = self.octets.get(self.at..).unwrap_or_default();
        let count = left.len().min(room.len());
        for (slot, octet) in room.iter_mut().zip(left) {
            *slot = *octet;
        }
        self.at += count;
        Ok(count)
    }
}

fn header() -> Vec<u8> {
    [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 262_144, 101]
        .map(u32::to_le_bytes)
        .concat()
}

/// The end that sends.
#[derive(Clone, Copy)]
struct End {
    flow: u64,
    /// Of the server.
    port: u16,
}

fn ipv4(protocol: u8, identification: u16, place: u16, flow: u64, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + payload.len()).unwrap_or(u16::MAX);
    let [id, place, length] = [identification, place, length].map(u16::to_be_bytes);
    let source = 0x0a00_0000 | low(flow / 40_000) & 0x00ff_ffff;
    let start = [
        0x45, 0, length[0], length[1], id[0], id[1], place[0], place[1],
    ];
    let rest = [64, protocol, 0, 0];
    let server = [192, 0, 2, 1];
    [&start[..], &rest, &source.to_be_bytes(), &server, payload].concat()
}

fn tcp(end: End, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let source = 20_000 + u16::try_from(end.flow % 40_000).unwrap_or_default();
    let ports = [source, end.port].map(u16::to_be_bytes).concat();
    let numbers = [sequence, 0].map(u32::to_be_bytes).concat();
    // ACK without an acknowledgement that says anything.
    let rest = [0x50, 0x00, 0xff, 0xff, 0, 0, 0, 0];
    let segment = [&ports[..], &numbers, &rest, payload].concat();
    ipv4(6, 0, 0, end.flow, &segment)
}

/// The last fragment but one, far behind: it reserves all that comes before it.
fn fragment(number: u32) -> Vec<u8> {
    let identification = u16::try_from(number & 0xffff).unwrap_or_default();
    let place = 0x2000 | (60_000 / 8);
    ipv4(17, identification, place, u64::from(number), &[0x41; 1_400])
}

fn nbss(message: &[u8], length: u32) -> Vec<u8> {
    let [_, length @ ..] = length.to_be_bytes();
    [&[0][..], &length, &[0xfe, b'S', b'M', b'B', 64, 0], message].concat()
}

/// SMB2 CREATE (MS-SMB2 section 2.2.13) of a file with a long name.
fn create(turn: u32) -> Vec<u8> {
    let name: Vec<u8> = format!("{turn:0100}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut message = vec![0xfe, b'S', b'M', b'B', 64, 0, 0, 0, 0, 0, 0, 0, 5, 0, 1, 0];
    message.extend([0; 8]);
    message.extend(u64::from(turn).to_le_bytes());
    message.extend([0; 4]);
    message.extend([1, 0, 0, 0]);
    message.extend([7; 8]);
    message.extend([0; 16]);
    message.extend([57, 0, 0, 0, 2, 0, 0, 0]);
    message.extend([0; 16]);
    message.extend([
        0x89, 0, 0x12, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    ]);
    message.extend([120, 0]);
    message.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
    message.extend([0; 8]);
    message.extend(name);
    let [_, length @ ..] = low(message.len() as u64).to_be_bytes();
    [&[0][..], &length, &message].concat()
}

/// A search request (RFC 4511 section 4.5.1) below a long name.
fn search(turn: u32) -> Vec<u8> {
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
    let [a, b, c, d] = (turn & 0x7fff_ffff | 0x0100_0000).to_be_bytes();
    let length = u8::try_from(body.len()).unwrap_or_default();
    let operation = [&[0x63, 0x81, length][..], &body].concat();
    let whole = u8::try_from(operation.len() + 6).unwrap_or_default();
    [&[0x30, 0x81, whole, 2, 4, a, b, c, d][..], &operation].concat()
}

/// A bind of DCE/RPC (C706 section 12.6.4.3) to the endpoint mapper.
fn bind() -> Vec<u8> {
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

/// The first fragment of a call that never gets its last.
fn call(turn: u32) -> Vec<u8> {
    let stub = [0x41; 1_300];
    let length = u16::try_from(24 + stub.len())
        .unwrap_or_default()
        .to_le_bytes();
    let mut call = vec![5, 0, 0, 1, 0x10, 0, 0, 0, length[0], length[1], 0, 0];
    call.extend(turn.to_le_bytes());
    call.extend([0, 0, 1, 0, 0, 0, 3, 0]);
    call.extend(stub);
    call
}

fn low(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use realmward_sensor::service::memory_peak_octets;
    use std::process::Command;

    /// Not a test by itself: one flood in a process of its own.
    #[expect(clippy::print_stdout, reason = "by its words it answers the test")]
    #[test]
    fn flooded_child() {
        let Ok(name) = std::env::var("FLOOD_OF_CHILD") else {
            return;
        };
        let flood = Flood::named(&name).unwrap();
        let stats = flood.run(PACKETS, CEILING_MIB << 20, 1);
        println!("PEAK {} {:?}", memory_peak_octets() >> 20, stats.bounds());
    }

    #[test]
    fn a_flood_of_any_kind_stays_under_the_ceiling_and_what_was_given_up_is_counted() {
        for flood in Flood::ALL {
            let out = Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "hostile::flood::tests::flooded_child",
                    "--nocapture",
                ])
                .env("FLOOD_OF_CHILD", flood.as_str())
                .output()
                .unwrap();
            let words = String::from_utf8_lossy(&out.stdout).into_owned();
            let told = words.lines().find_map(|it| it.split_once("PEAK "));
            let (_, told) = told.unwrap_or_else(|| panic!("{flood:?}: {words}"));
            let (peak, bounds) = told.split_once(' ').unwrap();
            let peak: u64 = peak.parse().unwrap();
            eprintln!("{flood:?}: {peak} MiB, {bounds}");
            assert!(peak <= CEILING_MIB, "{flood:?}: {told}");
            assert_ne!(bounds, "[]", "{flood:?} reached no bound");
        }
    }

    const PACKETS: u64 = 150_000;
    const CEILING_MIB: u64 = 64;
}
