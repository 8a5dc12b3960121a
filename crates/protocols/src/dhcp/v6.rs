//! Octets of version 6 (RFC 8415) to a message. No state.

use super::message::{Kind, Message};
use super::parse::{NAME_SERVERS_MAX, vendor_class};
use crate::dns::name;
use crate::wire::{ParseError, Reader};
use realmward_vocab::HostName;
use std::net::IpAddr;

/// Reads a message, and what relays wrapped around it.
///
/// ```text
/// message := msg-type:u8 transaction-id[3] option*
/// relayed := msg-type:u8 hop-count:u8 link-address[16] peer-address[16] option*
/// option  := option-code:u16 option-len:u16 value
/// ```
pub(super) fn message(octets: &[u8]) -> Result<Message, ParseError> {
    let mut octets = octets;
    let mut message = Message::default();
    for _ in 0..=RELAYS_MAX {
        let mut reader = Reader::new(octets);
        let kind = reader.u8()?;
        if !matches!(kind, RELAY_FORW | RELAY_REPL) {
            plain(kind, &mut reader, &mut message)?;
            return Ok(message);
        }
        reader.skip(1)?;
        message.relay = Some(IpAddr::from(reader.array::<16>()?));
        message.is_paired = true;
        reader.skip(16)?;
        octets = find(reader, OPTION_RELAY_MSG)?;
    }
    Err(ParseError::Limit {
        bound: "dhcp_relays",
    })
}

fn plain(kind: u8, reader: &mut Reader<'_>, message: &mut Message) -> Result<(), ParseError> {
    let [a, b, c] = reader.array()?;
    message.xid = u32::from_be_bytes([0, a, b, c]);
    message.kind = match kind {
        3 | 5 | 6 => Kind::Request,
        7 => Kind::Ack,
        8 => Kind::Release,
        9 => Kind::Decline,
        _ => Kind::Other,
    };
    let mut refused = false;
    while !reader.is_empty() {
        let code = reader.u16_be()?;
        let length = usize::from(reader.u16_be()?);
        let mut value = reader.sub(length)?;
        match code {
            1 => message.hardware_address = card(value.rest()).to_vec(),
            3 => {
                value.skip(12)?;
                refused |= association(value, message)?;
            }
            4 => {
                value.skip(4)?;
                refused |= association(value, message)?;
            }
            16 => {
                value.skip(6)?;
                message.vendor_class = vendor_class(value.rest());
            }
            23 => {
                let (servers, _) = value.rest().as_chunks::<16>();
                let servers = servers.iter().map(|it| IpAddr::from(*it));
                message.name_servers = servers.take(NAME_SERVERS_MAX).collect();
            }
            24 => message.domain = encoded(value),
            39 => {
                value.skip(1)?;
                message.full_name = encoded(value);
            }
            _ => {}
        }
    }
    if message.kind == Kind::Ack && message.address.is_none() {
        let settles = !message.name_servers.is_empty();
        message.kind = match (refused, settles) {
            (true, _) => Kind::Nak,
            (false, true) => Kind::Inform,
            (false, false) => Kind::Other,
        };
    }
    Ok(())
}

/// The options of an IA_NA or IA_TA: its first address, and whether there is none to be had.
fn association(mut reader: Reader<'_>, message: &mut Message) -> Result<bool, ParseError> {
    let mut refused = false;
    while !reader.is_empty() {
        let code = reader.u16_be()?;
        let length = usize::from(reader.u16_be()?);
        let mut value = reader.sub(length)?;
        match code {
            5 if message.address.is_none() => {
                let address = IpAddr::from(value.array::<16>()?);
                value.skip(4)?;
                let valid = value.u32_be()?;
                // An address with no life left is taken away.
                if valid != 0 || message.kind != Kind::Ack {
                    message.address = Some(address);
                    message.lease_s = (message.kind == Kind::Ack).then_some(valid);
                }
            }
            13 => refused |= value.u16_be()? != 0,
            _ => {}
        }
    }
    Ok(refused)
}

fn find<'a>(mut reader: Reader<'a>, wanted: u16) -> Result<&'a [u8], ParseError> {
    loop {
        let code = reader.u16_be()?;
        let length = usize::from(reader.u16_be()?);
        let value = reader.take(length)?;
        if code == wanted {
            return Ok(value);
        }
    }
}

/// The network card in a DUID made of one (RFC 8415 section 11), or the whole identifier.
fn card(duid: &[u8]) -> &[u8] {
    let card = match duid {
        [0, 1, _, _, _, _, _, _, card @ ..] | [0, 3, _, _, card @ ..] => card,
        whole => whole,
    };
    card.get(..IDENTIFIER_OCTETS_MAX).unwrap_or(card)
}

/// The first name of a list; one that is not ended is a host's own (RFC 4704 section 4.2).
fn encoded(value: Reader<'_>) -> Option<HostName> {
    let octets = value.rest();
    let ended = name::read(octets, &mut Reader::new(octets)).or_else(|_| {
        let octets = [octets, &[0]].concat();
        name::read(&octets, &mut Reader::new(&octets))
    });
    ended.ok().filter(|it| !it.is_empty())
}

const RELAY_FORW: u8 = 12;
const RELAY_REPL: u8 = 13;
const OPTION_RELAY_MSG: u16 = 9;

/// RFC 8415 lets eight relays stand in a row. Past it the message is not read.
const RELAYS_MAX: usize = 8;

/// The longest identifier that is kept; RFC 8415 allows 130 octets. Lost: its end.
const IDENTIFIER_OCTETS_MAX: usize = 20;
