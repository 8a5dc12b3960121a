//! The endpoint mapper (C706 appendix O, MS-RPCE section 2.2.1.2): which port an interface listens on.

use super::{Clear, Handles, Interface, Meaning, NAME_CHARACTERS_MAX, Ndr, Returns};
use crate::wire::{ParseError, Reader};
use realmward_event::rpc::EndpointMapped;
use realmward_vocab::Guid;

/// `epm`.
pub(super) static INTERFACE: Interface = Interface::named(
    0xe1af8308_5d1f_11c9_91a4_08002b14a0fa,
    3,
    "epm",
    Returns::Win32,
    OPERATIONS,
)
.decoded(DECODED, decode);

const OPERATIONS: &[(u16, &str)] = &[
    (0, "ept_insert"),
    (1, "ept_delete"),
    (2, "ept_lookup"),
    (3, "ept_map"),
    (4, "ept_lookup_handle_free"),
    (5, "ept_inq_object"),
    (6, "ept_mgmt_delete"),
];

/// `ept_map`.
const DECODED: &[u16] = &[3];

/// `ept_map(obj, map_tower, entry_handle, max_towers) -> (entry_handle, num_towers, towers, status)`.
fn decode(clear: &Clear<'_>, _: &mut Handles) -> Option<Meaning> {
    let mut request = clear.request;
    let object = match request.pointer().ok()? {
        true => Some(request.guid().ok()?).filter(|object| *object != Guid::default()),
        false => None,
    };
    if !request.pointer().ok()? {
        return None;
    }
    let asked = Tower::read(twr(&mut request).ok()?).ok()?;
    let mut mapped = EndpointMapped {
        interface: asked.interface?,
        object,
        ..EndpointMapped::default()
    };
    if let Some(response) = clear.response {
        // What was read before a fault counts.
        let _ = places(response, &mut mapped);
    }
    Some(Meaning::Endpoint(Box::new(mapped)))
}

/// Where the interface listens: of each transport the first tower.
fn places(mut response: Ndr<'_>, mapped: &mut EndpointMapped) -> Result<(), ParseError> {
    response.handle()?;
    response.u32()?; // num_towers
    response.size()?; // maximum count
    response.size()?; // offset
    let towers = response.size()?.min(TOWERS_MAX);
    let mut present = 0;
    for _ in 0..towers {
        present += usize::from(response.pointer()?);
    }
    for _ in 0..present {
        let tower = Tower::read(twr(&mut response)?)?;
        mapped.port = mapped.port.or(tower.port);
        mapped.udp_port = mapped.udp_port.or(tower.udp_port);
        mapped.http_port = mapped.http_port.or(tower.http_port);
        mapped.pipe = mapped.pipe.take().or(tower.pipe);
    }
    Ok(())
}

/// `twr_t`: the conformance count, `tower_length`, `tower_octet_string`.
fn twr<'a>(ndr: &mut Ndr<'a>) -> Result<&'a [u8], ParseError> {
    ndr.size()?;
    let length = ndr.u32()?;
    ndr.take(usize::try_from(length).unwrap_or(usize::MAX))
}

/// What a protocol tower says (C706 appendix L).
#[derive(Clone, Debug, Default)]
struct Tower {
    interface: Option<Guid>,
    port: Option<u16>,
    udp_port: Option<u16>,
    http_port: Option<u16>,
    pipe: Option<String>,
}

impl Tower {
    /// `floor_count(2)`, then floors of `lhs_length(2) lhs rhs_length(2) rhs`. Lengths are little-endian
    /// whatever the stub's byte order.
    fn read(octets: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(octets);
        let floors = reader.u16_le()?.min(FLOORS_MAX);
        let mut tower = Self::default();
        for _ in 0..floors {
            let length = reader.u16_le()?;
            let mut left = reader.sub(usize::from(length))?;
            let length = reader.u16_le()?;
            let mut right = reader.sub(usize::from(length))?;
            match left.u8()? {
                PROTOCOL_UUID if tower.interface.is_none() => {
                    tower.interface = Some(Guid::from_le_bytes(left.array()?));
                }
                PROTOCOL_TCP => tower.port = port(&mut right)?,
                PROTOCOL_UDP => tower.udp_port = port(&mut right)?,
                PROTOCOL_HTTP => tower.http_port = port(&mut right)?,
                PROTOCOL_PIPE => tower.pipe = Some(pipe(right.rest())),
                _ => {}
            }
        }
        Ok(tower)
    }
}

/// A port, big-endian whatever the stub's byte order; 0 is none.
fn port(right: &mut Reader<'_>) -> Result<Option<u16>, ParseError> {
    Ok(Some(right.u16_be()?).filter(|port| *port != 0))
}

/// `\pipe\name`, without what all pipes have, up to its NUL.
fn pipe(octets: &[u8]) -> String {
    let text = octets.split(|octet| *octet == 0).next().unwrap_or_default();
    let name = String::from_utf8_lossy(text.get(..NAME_CHARACTERS_MAX).unwrap_or(text));
    let name = name.to_lowercase();
    let bare = name.trim_start_matches('\\');
    bare.strip_prefix("pipe\\").unwrap_or(bare).to_owned()
}

/// Towers looked at in an answer: clients ask for four.
const TOWERS_MAX: usize = 16;
/// Floors looked at in a tower: towers of connection-oriented RPC have five.
const FLOORS_MAX: u16 = 8;
/// Protocol identifier of a floor that names an interface or a transfer syntax.
const PROTOCOL_UUID: u8 = 0x0d;
/// Protocol identifier of the TCP floor.
const PROTOCOL_TCP: u8 = 0x07;
/// Protocol identifier of the UDP floor.
const PROTOCOL_UDP: u8 = 0x08;
/// Protocol identifier of the floor of a named pipe.
const PROTOCOL_PIPE: u8 = 0x0f;
/// Protocol identifier of the floor of RPC over HTTP (MS-RPCH section 2.1).
const PROTOCOL_HTTP: u8 = 0x1f;
