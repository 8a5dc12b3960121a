//! HTTP/1 (RFC 9110, RFC 9112), as far as somebody proves who they are in it.
//!
//! Remote management, enrolment of certificates, federation and mail of Windows carry NTLM and
//! Kerberos in `Authorization` and `WWW-Authenticate` (RFC 4559, MS-NTHT); their tokens go to
//! [`crate::gss`]. Who asks for which path is told once an answer says how it ended. Bodies are passed
//! over; passwords of `Basic` never leave `parse.rs`. A connection in which nobody proves anything is
//! soon listened to no more. HTTP/2 and what is under TLS are deliberately absent.

mod facts;
mod framing;
mod message;
mod parse;
mod session;

pub use parse::recognise;

use crate::wire::Assembler;
use crate::{Dissector, Facts, Stamp};
use framing::{Form, Framer};
use realmward_vocab::Direction;
use session::Session;

/// One connection.
#[derive(Debug, Default)]
pub struct Conversation {
    channels: [Channel; 2],
    session: Session,
}

/// One direction.
#[derive(Debug, Default)]
struct Channel {
    assembler: Assembler,
    framer: Framer,
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
        if self.session.is_over {
            return;
        }
        let Some(Channel { assembler, framer }) = self.channels.get_mut(direction.index()) else {
            return;
        };
        let session = &mut self.session;
        let oversized = assembler.feed(
            octets,
            at,
            HEAD_OCTETS_MAX,
            |octets| framer.frame(direction, octets),
            |piece| {
                if framer.delivered(piece.octets) == Form::Head && !session.is_over {
                    framer.body(session.head(direction, &piece, facts));
                }
            },
        );
        for _ in 0..oversized {
            facts.limit("http_head_octets");
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        let Some(channel) = self.channels.get_mut(direction.index()) else {
            return;
        };
        if !channel.assembler.lose(lost) {
            channel.framer.lost();
            self.session.give_up(facts);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        self.session.finish(facts);
    }

    fn is_done(&self) -> bool {
        self.session.is_over
    }
}

/// A token has at most 64 KiB, and four thirds of that in base64; other fields of real heads stay below
/// 16 KiB. A longer head is passed over and counted; its exchange is not seen.
const HEAD_OCTETS_MAX: usize = 112 << 10;
