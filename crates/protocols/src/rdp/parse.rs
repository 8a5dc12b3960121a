//! Octets to messages. No state.

use crate::wire::{ParseError, Reader};
use realmward_vocab::{AccountName, HostName};

/// What a connection request or its answer says (MS-RDPBCGR sections 2.2.1.1 and 2.2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// X.224 Connection Request.
    Request(Request),
    /// X.224 Connection Confirm.
    Confirm(Confirm),
    /// Anything that follows.
    Data,
}

/// X.224 Connection Request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    /// The user in the cookie.
    pub(super) cookie: Option<AccountName>,
    /// `flags` of RDP_NEG_REQ.
    pub(super) flags: u8,
    /// `requestedProtocols`.
    pub(super) requested: u32,
}

/// X.224 Connection Confirm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirm {
    /// `selectedProtocol`; 0 where the server says nothing.
    Selected(u32),
    /// `failureCode`.
    Failed(u32),
}

/// What the client says of itself where nothing hides it (MS-RDPBCGR section 2.2.1.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClientCore {
    /// `keyboardLayout`.
    pub(super) keyboard_layout: u32,
    /// `clientBuild`.
    pub(super) client_build: u32,
    /// `clientName`.
    pub(super) client_name: HostName,
}

/// Reads a TPKT with a X.224 message (RFC 1006 section 6, X.224 section 13).
///
/// ```text
/// message := 3 0 length:u16 LI:u8 code:u8 DST-REF:u16 SRC-REF:u16 class:u8 variable
/// ```
pub(super) fn message(octets: &[u8]) -> Result<Message, ParseError> {
    let mut reader = Reader::new(octets);
    reader.skip(4)?;
    let length = usize::from(reader.u8()?);
    let mut header = reader.sub(length)?;
    let code = header.u8()?;
    match code & 0xf0 {
        CONNECTION_REQUEST => {
            header.skip(5)?;
            request(header).map(Message::Request)
        }
        CONNECTION_CONFIRM => {
            header.skip(5)?;
            confirm(header).map(Message::Confirm)
        }
        _ => Ok(Message::Data),
    }
}

/// ```text
/// variable := ("Cookie: mstshash=" user CRLF | "Cookie: msts=" token CRLF)? RDP_NEG_REQ?
/// ```
fn request(mut reader: Reader<'_>) -> Result<Request, ParseError> {
    let mut request = Request::default();
    let rest = reader.rest();
    if rest.first().is_some_and(|it| *it != NEG_REQ) {
        let end = rest.windows(2).position(|it| it == b"\r\n");
        let line = reader.take(end.unwrap_or(rest.len()))?;
        let user = line.strip_prefix(b"Cookie: mstshash=");
        request.cookie = user.map(|it| AccountName::new(String::from_utf8_lossy(it)));
        reader.skip(2.min(reader.len()))?;
    }
    if reader.is_empty() {
        return Ok(request);
    }
    if reader.u8()? == NEG_REQ {
        request.flags = reader.u8()?;
        reader.skip(2)?;
        request.requested = reader.u32_le()?;
    }
    Ok(request)
}

fn confirm(mut reader: Reader<'_>) -> Result<Confirm, ParseError> {
    if reader.is_empty() {
        return Ok(Confirm::Selected(0));
    }
    let kind = reader.u8()?;
    reader.skip(3)?;
    let value = reader.u32_le()?;
    match kind {
        NEG_RSP => Ok(Confirm::Selected(value)),
        NEG_FAILURE => Ok(Confirm::Failed(value)),
        _ => Err(ParseError::Malformed { field: "type" }),
    }
}

/// Finds the client's core data in a MCS Connect Initial with GCC Conference Create Request.
///
/// ```text
/// ... "Duca" length:PER (type:u16 length:u16 data)*
/// core := version:u32 desktopWidth:u16 desktopHeight:u16 colorDepth:u16 SASSequence:u16
///         keyboardLayout:u32 clientBuild:u32 clientName[32] ...
/// ```
pub(super) fn client_core(octets: &[u8]) -> Option<ClientCore> {
    let head = octets.get(..KEY_WITHIN).unwrap_or(octets);
    let key = head.windows(4).position(|it| it == b"Duca")?;
    let mut reader = Reader::new(octets.get(key + 4..)?);
    if reader.u8().ok()? & 0x80 != 0 {
        reader.skip(1).ok()?;
    }
    loop {
        let kind = reader.u16_le().ok()?;
        let length = usize::from(reader.u16_le().ok()?).checked_sub(4)?;
        let mut block = reader.sub(length).ok()?;
        if kind != CS_CORE {
            continue;
        }
        block.skip(12).ok()?;
        let keyboard_layout = block.u32_le().ok()?;
        let client_build = block.u32_le().ok()?;
        let (units, _) = block.take(32).ok()?.as_chunks::<2>();
        let units = units.iter().map(|it| u16::from_le_bytes(*it));
        let name: Vec<u16> = units.take_while(|it| *it != 0).collect();
        return Some(ClientCore {
            keyboard_layout,
            client_build,
            client_name: HostName::new(String::from_utf16_lossy(&name)),
        });
    }
}

const CONNECTION_REQUEST: u8 = 0xe0;
const CONNECTION_CONFIRM: u8 = 0xd0;
const NEG_REQ: u8 = 1;
const NEG_RSP: u8 = 2;
const NEG_FAILURE: u8 = 3;
const CS_CORE: u16 = 0xc001;

/// The key of the server stands behind some 130 octets of domain parameters.
const KEY_WITHIN: usize = 512;
