//! Announcements of the browser service (MS-BRWS) in mailslots over NetBIOS datagrams (RFC 1002
//! section 4.4, MS-MAIL).

use super::netbios;
use super::told::Told;
use crate::wire::{ParseError, Reader, cut, slice_at};
use crate::{Facts, Stamp};
use realmward_event::Fact;
use realmward_event::local_name::HostAnnounced;
use realmward_vocab::HostName;

/// Datagrams of one host.
#[derive(Debug, Default)]
pub(super) struct Talk {
    told: Told,
}

/// Whether a datagram can be of this protocol.
pub(super) fn is_plausible(octets: &[u8]) -> bool {
    matches!(octets, [0x10..=0x12, flags, ..] if flags & 0xf0 == 0) && body(octets).is_ok()
}

impl Talk {
    pub(super) fn message(
        &mut self,
        octets: &[u8],
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        if !matches!(octets.first(), Some(0x10..=0x12)) {
            return Ok(());
        }
        let Some(data) = mailslot(body(octets)?) else {
            return Ok(());
        };
        if let Some(announced) = announcement(data)? {
            let fact = Fact::HostAnnounced(announced);
            self.told.report(at, &[], fact, facts);
        }
        Ok(())
    }
}

/// ```text
/// datagram := MSG_TYPE:u8 FLAGS:u8 DGM_ID:u16 SOURCE_IP[4] SOURCE_PORT:u16 DGM_LENGTH:u16
///             PACKET_OFFSET:u16 SOURCE_NAME DESTINATION_NAME USER_DATA
/// ```
fn body(octets: &[u8]) -> Result<&[u8], ParseError> {
    let mut reader = Reader::new(octets);
    reader.skip(14)?;
    netbios::read(octets, &mut reader)?;
    netbios::read(octets, &mut reader)?;
    Ok(reader.rest())
}

/// The data of a SMB_COM_TRANSACTION to the mailslot of the browser (MS-CIFS section 2.2.4.33.1).
fn mailslot(smb: &[u8]) -> Option<&[u8]> {
    if !smb.starts_with(b"\xffSMB\x25") {
        return None;
    }
    let word = |at: usize| {
        smb.get(at..)?
            .first_chunk()
            .copied()
            .map(u16::from_le_bytes)
    };
    let words = usize::from(*smb.get(WORDS_AT)?);
    let name = smb.get(WORDS_AT + 1 + 2 * words + 2..)?;
    if !name.starts_with(b"\\MAILSLOT\\BROWSE\0") {
        return None;
    }
    let length = word(WORDS_AT + 1 + 22)?;
    let offset = word(WORDS_AT + 1 + 24)?;
    slice_at(smb, usize::from(offset), usize::from(length))
}

/// MS-BRWS sections 2.2.1, 2.2.6 and 2.2.10.
///
/// ```text
/// announcement := Command:u8 UpdateCount:u8 Periodicity:u32 ServerName[16] OSVersionMajor:u8
///                 OSVersionMinor:u8 ServerType:u32 BrowserVersion:u16 Signature:u16 Comment
/// ```
fn announcement(data: &[u8]) -> Result<Option<HostAnnounced>, ParseError> {
    let mut reader = Reader::new(data);
    let command = reader.u8()?;
    if !matches!(command, HOST | DOMAIN | LOCAL_MASTER) {
        return Ok(None);
    }
    reader.skip(5)?;
    let name = reader.take(16)?;
    let version = (reader.u8()?, reader.u8()?);
    let server_type = reader.u32_le()?;
    reader.skip(4)?;
    Ok(Some(HostAnnounced {
        name: HostName::new(text(name)),
        command,
        version,
        server_type,
        comment: cut(&text(reader.rest()), COMMENT_OCTETS_MAX),
    }))
}

/// Up to the first zero.
fn text(octets: &[u8]) -> String {
    let text = octets.split(|it| *it == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).trim_end().to_owned()
}

const HOST: u8 = 1;
const DOMAIN: u8 = 12;
const LOCAL_MASTER: u8 = 15;

/// Where the count of words stands, behind the header.
const WORDS_AT: usize = 32;

/// As the fact promises. Lost: the rest of a comment.
const COMMENT_OCTETS_MAX: usize = 64;
