//! Octets to messages. No state.

use super::message::{ClientHello, ServerHello};
use crate::wire::{ParseError, Reader};

/// Reads a ClientHello (RFC 8446 section 4.1.2), as far as it can be read.
///
/// ```text
/// ClientHello := legacy_version:u16 random[32] legacy_session_id<u8> cipher_suites<u16>
///                legacy_compression_methods<u8> extensions<u16>
/// ```
pub(super) fn client_hello(body: &[u8]) -> (ClientHello, Result<(), ParseError>) {
    let mut hello = ClientHello::default();
    let read = client_hello_into(body, &mut hello);
    (hello, read)
}

fn client_hello_into(body: &[u8], hello: &mut ClientHello) -> Result<(), ParseError> {
    let mut reader = Reader::new(body);
    reader.skip(34)?;
    short(&mut reader)?;
    long(&mut reader)?;
    short(&mut reader)?;
    extensions(&mut reader, |kind, mut value| {
        match kind {
            SERVER_NAME => {
                let mut names = long(&mut value)?;
                // host_name is the only kind there ever was.
                if names.u8()? == 0 {
                    hello.server_name = Some(text(long(&mut names)?.rest()));
                }
            }
            ALPN => {
                let mut protocols = long(&mut value)?;
                while !protocols.is_empty() && hello.alpn.len() < ALPN_MAX {
                    hello.alpn.push(text(short(&mut protocols)?.rest()));
                }
            }
            _ => {}
        }
        Ok(())
    })
}

/// Reads a ServerHello (RFC 8446 section 4.1.3), and its extensions as far as they can be read.
///
/// ```text
/// ServerHello := legacy_version:u16 random[32] legacy_session_id<u8> cipher_suite:u16
///                legacy_compression_method:u8 extensions<u16>
/// ```
pub(super) fn server_hello(
    body: &[u8],
) -> Result<(ServerHello, Result<(), ParseError>), ParseError> {
    let mut reader = Reader::new(body);
    let mut hello = ServerHello {
        version: reader.u16_be()?,
        is_retry: reader.array()? == RETRY,
        ..ServerHello::default()
    };
    short(&mut reader)?;
    hello.cipher_suite = reader.u16_be()?;
    reader.skip(1)?;
    let read = extensions(&mut reader, |kind, mut value| {
        match kind {
            SUPPORTED_VERSIONS => hello.version = value.u16_be()?,
            ALPN => hello.alpn = Some(text(short(&mut long(&mut value)?)?.rest())),
            _ => {}
        }
        Ok(())
    });
    Ok((hello, read))
}

/// The first certificate of a Certificate message (RFC 5246 section 7.4.2): that of the sender.
///
/// ```text
/// Certificate := certificate_list<u24> of ASN.1Cert<u24>
/// ```
pub(super) fn certificate(body: &[u8]) -> Result<&[u8], ParseError> {
    let mut reader = Reader::new(body);
    reader.skip(3)?;
    if reader.is_empty() {
        return Ok(&[]);
    }
    let [a, b, c] = reader.array()?;
    let length = u32::from_be_bytes([0, a, b, c]);
    reader.take(usize::try_from(length).unwrap_or(usize::MAX))
}

/// Hands out extensions; there may be none at all.
fn extensions<'a>(
    reader: &mut Reader<'a>,
    mut each: impl FnMut(u16, Reader<'a>) -> Result<(), ParseError>,
) -> Result<(), ParseError> {
    if reader.is_empty() {
        return Ok(());
    }
    let mut extensions = long(reader)?;
    while !extensions.is_empty() {
        let kind = extensions.u16_be()?;
        each(kind, long(&mut extensions)?)?;
    }
    Ok(())
}

/// A vector with one octet of length.
fn short<'a>(reader: &mut Reader<'a>) -> Result<Reader<'a>, ParseError> {
    let length = usize::from(reader.u8()?);
    reader.sub(length)
}

/// A vector with two octets of length.
fn long<'a>(reader: &mut Reader<'a>) -> Result<Reader<'a>, ParseError> {
    let length = usize::from(reader.u16_be()?);
    reader.sub(length)
}

fn text(octets: &[u8]) -> String {
    let octets = octets.get(..TEXT_OCTETS_MAX).unwrap_or(octets);
    String::from_utf8_lossy(octets).into_owned()
}

const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// The random of a HelloRetryRequest: SHA-256 of that name (RFC 8446 section 4.1.3).
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// As the fact promises. Lost: protocols that the client likes least.
const ALPN_MAX: usize = 8;

/// No name of a host is longer. Lost: the rest.
const TEXT_OCTETS_MAX: usize = 256;
