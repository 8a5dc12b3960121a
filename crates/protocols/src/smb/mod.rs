//! SMB1, SMB2 and SMB3 over NetBIOS session framing (MS-SMB2, MS-CIFS): who logged on to a server and
//! how, which shares, pipes and files were opened, and the RPC on pipes.
//!
//! The octets of files are passed over without a copy: only the heads of reads and writes are looked
//! at, unless their handle is that of a pipe. Requests and answers are paired by their numbers, never
//! by order, so that pairing survives compounds, asynchronous answers and lost packets. A connection
//! joined late is read as far as it explains itself: octets for an unknown handle that are RPC are
//! taken for a pipe without a name, and a session whose setup was not seen has an unknown principal.
//!
//! Deliberately absent: encrypted messages, which are counted once a session; what is compressed, of
//! which only the beginning in clear is read; what a directory listing gives, file information, locks,
//! and the older core commands of SMB1.

mod asked;
mod facts;
mod limits;
mod logon;
mod nbss;
mod negotiation;
mod opens;
mod session;
mod sessions;
mod smb1;
mod smb2;
mod table;
mod text;

use crate::wire::{Assembler, Framing, ParseError, Piece};
use crate::{Dissector, Facts, Recognised, Stamp};
use asked::Moment;
use limits::MESSAGE_OCTETS_MAX;
use nbss::Version;
use realmward_event::Fact;
use realmward_event::smb::SmbSizesContradict;
use realmward_vocab::Direction;
use session::Connection;
use std::cell::{Cell, RefCell};

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {
    streams: [Assembler; 2],
    connection: Connection,
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let Some(stream) = self.streams.get_mut(direction.index()) else {
            return;
        };
        // INVARIANT: the assembler never asks for an extent while it delivers, so the two closures
        // never borrow at the same time.
        let connection = RefCell::new(&mut self.connection);
        let is_astray = Cell::new(false);
        let framed = |octets: &[u8]| {
            let framing = nbss::frame(octets, direction, &connection.borrow());
            is_astray.set(is_astray.get() || matches!(framing, Framing::Drop(_)));
            framing
        };
        stream.feed(octets, at, FRAME_OCTETS_MAX, framed, |piece| {
            let mut connection = connection.borrow_mut();
            if let Err(error) = message(&mut connection, direction, &piece, facts) {
                facts.fault(PROTOCOL, error);
            }
        });
        if is_astray.get() {
            facts.fault(PROTOCOL, ParseError::Malformed { field: "Protocol" });
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        let Some(stream) = self.streams.get_mut(direction.index()) else {
            return;
        };
        if !stream.lose(lost) {
            self.connection.gap(direction, facts);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        for stream in &mut self.streams {
            stream.reset();
        }
        self.connection.finish(facts);
    }
}

/// Whether these first octets of a direction are this protocol, and who sent them.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    nbss::recognise(octets)
}

/// Takes a framed message, or the head of one.
fn message(
    connection: &mut Connection,
    direction: Direction,
    piece: &Piece<'_>,
    facts: &mut Facts,
) -> Result<(), ParseError> {
    let octets = piece.octets.get(nbss::HEADER_OCTETS..).unwrap_or_default();
    let moment = Moment {
        first: piece.first,
        at: piece.at,
    };
    if direction == Direction::ToClient {
        connection.sessions.hear_server();
    }
    let is_cut = piece.passed_over != 0;
    if is_cut && MESSAGE_OCTETS_MAX <= octets.len() {
        facts.limit("smb_message_octets");
    }
    match Version::of(octets) {
        Some(Version::Smb1) => smb1::message(connection, direction, octets, moment, facts),
        Some(Version::Smb2) => smb2::message(connection, direction, octets, is_cut, moment, facts),
        Some(Version::Encrypted) => smb2::hidden(connection, octets, moment, facts),
        Some(Version::Compressed) => {
            compressed(connection, direction, piece, moment, facts);
            Ok(())
        }
        None => Ok(()), // session service without SMB
    }
}

/// Takes a compressed message as far as it is in clear: its header, and what a read or a write says
/// of its size.
fn compressed(
    connection: &mut Connection,
    direction: Direction,
    piece: &Piece<'_>,
    moment: Moment,
    facts: &mut Facts,
) {
    facts.limit("smb_compressed_message");
    let octets = piece.octets.get(nbss::HEADER_OCTETS..).unwrap_or_default();
    let Ok(header) = smb2::compressed::read(octets) else {
        return;
    };
    let length = octets.len().saturating_add(piece.passed_over);
    if header.contradicts(length) {
        if !std::mem::replace(&mut connection.has_contradicted, true) {
            let fact = SmbSizesContradict {
                original_octets: header.original_octets,
                offset: header.offset,
                message_octets: u32::try_from(length).unwrap_or(u32::MAX),
            };
            let fact = Fact::SmbSizesContradict(fact);
            facts.report(moment.at, &moment.packets(), fact);
        }
        return;
    }
    if let Some(clear) = header.clear(octets)
        && Version::of(clear) == Some(Version::Smb2)
    {
        // What cannot be told for want of octets is no fault of the sender.
        let _ = smb2::message(connection, direction, clear, true, moment, facts);
    }
}

/// The longest part of a message that is delivered.
const FRAME_OCTETS_MAX: usize = nbss::HEADER_OCTETS + MESSAGE_OCTETS_MAX;

/// The name under which faults are counted.
const PROTOCOL: &str = "smb";
