//! Octets to messages. No state.

use crate::wire::{ParseError, Reader, slice_at};

/// What a LOGIN7 says (MS-TDS section 2.2.6.4). The password is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Login<'a> {
    pub(super) host_name: String,
    pub(super) user_name: String,
    pub(super) app_name: String,
    pub(super) server_name: String,
    pub(super) clt_int_name: String,
    pub(super) database: String,
    /// A token of Kerberos or NTLM.
    pub(super) sspi: &'a [u8],
}

/// What of an answer concerns the logon (MS-TDS section 2.2.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// LOGINACK.
    LoginAck,
    /// The number of an ERROR.
    Error(u32),
    /// SSPI.
    Sspi(&'a [u8]),
}

/// `ENCRYPTION` of a PRELOGIN (MS-TDS section 2.2.6.5).
///
/// ```text
/// PRELOGIN := (token:u8 offset:u16 length:u16)* 255 data
/// ```
pub(super) fn encryption(body: &[u8]) -> Option<u8> {
    let mut reader = Reader::new(body);
    loop {
        let token = reader.u8().ok()?;
        if token == 255 {
            return None;
        }
        let offset = usize::from(reader.u16_be().ok()?);
        let length = usize::from(reader.u16_be().ok()?);
        if token == ENCRYPTION {
            return slice_at(body, offset, length)?.first().copied();
        }
    }
}

/// Reads a LOGIN7.
///
/// ```text
/// LOGIN7 := Length:u32 fixed[32] (ibHostName:u16 cchHostName:u16) (user) (password) (app) (server)
///           (unused) (library) (language) (database) ClientID[6] (ibSSPI:u16 cbSSPI:u16) ...
/// ```
pub(super) fn login(body: &[u8]) -> Result<Login<'_>, ParseError> {
    let mut reader = Reader::new(body);
    reader.skip(36)?;
    let mut place = || -> Result<(usize, usize), ParseError> {
        Ok((usize::from(reader.u16_le()?), usize::from(reader.u16_le()?)))
    };
    let host_name = place()?;
    let user_name = place()?;
    place()?;
    let app_name = place()?;
    let server_name = place()?;
    place()?;
    let clt_int_name = place()?;
    place()?;
    let database = place()?;
    reader.skip(6)?;
    let sspi = (usize::from(reader.u16_le()?), usize::from(reader.u16_le()?));
    Ok(Login {
        host_name: text(body, host_name),
        user_name: text(body, user_name),
        app_name: text(body, app_name),
        server_name: text(body, server_name),
        clt_int_name: text(body, clt_int_name),
        database: text(body, database),
        sspi: slice_at(body, sspi.0, sspi.1).unwrap_or_default(),
    })
}

/// Hands out the tokens of an answer, as far as their lengths are known.
///
/// ```text
/// token := kind:u8 length:u16 data
/// ```
pub(super) fn tokens<'a>(body: &'a [u8], mut each: impl FnMut(Token<'a>)) {
    let mut reader = Reader::new(body);
    while let Ok(kind) = reader.u8() {
        if !matches!(kind, ERROR | INFO | LOGIN_ACK | ENV_CHANGE | SSPI) {
            return;
        }
        let Ok(data) = reader.u16_le().and_then(|it| reader.take(usize::from(it))) else {
            return;
        };
        match kind {
            LOGIN_ACK => each(Token::LoginAck),
            SSPI => each(Token::Sspi(data)),
            ERROR => {
                if let Some(number) = data.first_chunk() {
                    each(Token::Error(u32::from_le_bytes(*number)));
                }
            }
            _ => {}
        }
    }
}

/// UTF-16LE at a place that the sender gives.
fn text(body: &[u8], (offset, units): (usize, usize)) -> String {
    let units = units.min(TEXT_UNITS_MAX);
    let octets = slice_at(body, offset, 2 * units).unwrap_or_default();
    let (units, _) = octets.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|it| u16::from_le_bytes(*it)).collect();
    String::from_utf16_lossy(&units)
}

const ENCRYPTION: u8 = 1;
const ERROR: u8 = 0xaa;
const INFO: u8 = 0xab;
const LOGIN_ACK: u8 = 0xad;
const ENV_CHANGE: u8 = 0xe3;
const SSPI: u8 = 0xed;

/// The standard lets each have 128 characters. Lost: the rest of one that is longer.
const TEXT_UNITS_MAX: usize = 128;
