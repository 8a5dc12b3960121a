//! SQL Server's protocol (MS-TDS): who logs on to a database, where that is readable.
//!
//! A logon is in the clear only where one side refuses encryption; else there is a TLS handshake within
//! the first messages, which is handed on, and the server's verdict may be readable after it. The
//! password is never read, and queries are deliberately absent.

mod parse;

use crate::gss::Exchange;
use crate::tls;
use crate::wire::{Assembler, Framing, ParseError, Piece, cut};
use crate::{Dissector, EVIDENCE_MAX, Facts, Recognised, Stamp};
use parse::Token;
use realmward_event::tds::DatabaseLogon;
use realmward_event::{Carrier, Fact, Outcome};
use realmward_vocab::{AccountName, Direction, HostName, PacketRef};

/// One conversation.
#[derive(Debug)]
pub struct Conversation {
    streams: [Assembler; 2],
    talk: Talk,
}

#[derive(Debug)]
struct Talk {
    /// What a message of several packets has so far.
    partial: [Vec<u8>; 2],
    exchange: Exchange,
    tls: tls::Conversation,
    encryption: Option<u8>,
    logon: Option<Box<DatabaseLogon>>,
    evidence: Vec<PacketRef>,
    last: Stamp,
    is_over: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            streams: Default::default(),
            talk: Talk {
                partial: Default::default(),
                exchange: Exchange::new(Carrier::Tds),
                tls: tls::Conversation::within("tds"),
                encryption: None,
                logon: None,
                evidence: Vec::new(),
                last: Stamp::default(),
                is_over: false,
            },
        }
    }
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Talk {
    /// Takes a packet: `type:u8 status:u8 length:u16 SPID:u16 PacketID:u8 Window:u8 data`, or a record
    /// of TLS.
    fn packet(&mut self, direction: Direction, piece: Piece<'_>, facts: &mut Facts) {
        let [kind, status, _, _, _, _, _, _, body @ ..] = piece.octets else {
            return;
        };
        if self.is_over {
            return;
        }
        if is_tls(*kind) {
            // The handshake is over, and what follows is hidden, or the verdict comes in the clear.
            return;
        }
        let Some(partial) = self.partial.get_mut(direction.index()) else {
            return;
        };
        if MESSAGE_OCTETS_MAX < partial.len() + body.len() {
            partial.clear();
            self.is_over = true;
            return facts.limit("tds_message_octets");
        }
        if status & END_OF_MESSAGE == 0 {
            partial.extend_from_slice(body);
            return;
        }
        let (mut whole, at) = (std::mem::take(partial), piece.at);
        let message = if whole.is_empty() {
            body
        } else {
            whole.extend_from_slice(body);
            &whole
        };
        let read = self.message(direction, *kind, message, piece.first, at, facts);
        if let Err(error) = read {
            facts.fault("tds", error);
        }
    }

    fn message(
        &mut self,
        direction: Direction,
        kind: u8,
        body: &[u8],
        first: PacketRef,
        at: Stamp,
        facts: &mut Facts,
    ) -> Result<(), ParseError> {
        match (direction, kind) {
            (_, PRELOGIN) if body.first().is_some_and(|it| is_tls(*it)) => {
                self.tls.feed(direction, body, at, facts);
            }
            (Direction::ToServer, PRELOGIN) => self.prove(first, at),
            (Direction::ToServer, LOGIN7) => {
                self.prove(first, at);
                let login = parse::login(body)?;
                let fact = DatabaseLogon {
                    integrated: !login.sspi.is_empty(),
                    user: AccountName::new(login.user_name),
                    client_host: HostName::new(login.host_name),
                    application: cut(&login.app_name, TEXT_OCTETS_MAX),
                    server_name: HostName::new(login.server_name),
                    library: cut(&login.clt_int_name, TEXT_OCTETS_MAX),
                    database: cut(&login.database, TEXT_OCTETS_MAX),
                    encryption: self.encryption,
                    outcome: Outcome::Attempt,
                    error: None,
                };
                self.logon = Some(Box::new(fact));
                self.exchange
                    .token(Direction::ToServer, login.sspi, first, at, facts);
            }
            (Direction::ToServer, SSPI) => {
                self.prove(first, at);
                self.exchange
                    .token(Direction::ToServer, body, first, at, facts);
            }
            (Direction::ToServer, BATCH | RPC) => self.end(facts),
            (Direction::ToClient, ANSWER) => self.answer(body, first, at, facts),
            _ => {}
        }
        Ok(())
    }

    fn answer(&mut self, body: &[u8], first: PacketRef, at: Stamp, facts: &mut Facts) {
        if self.logon.is_none() && self.encryption.is_none() {
            self.encryption = parse::encryption(body);
            return;
        }
        let (mut tokens, mut verdict) = (Vec::new(), None);
        parse::tokens(body, |token| match token {
            Token::LoginAck => verdict = verdict.or(Some(None)),
            Token::Error(number) => verdict = verdict.or(Some(Some(number))),
            Token::Sspi(octets) if tokens.len() < SSPI_MAX => tokens.push(octets),
            Token::Sspi(_) => {}
        });
        for token in tokens {
            self.exchange
                .token(Direction::ToClient, token, first, at, facts);
        }
        let Some(error) = verdict else {
            return;
        };
        let outcome = match error {
            None => Outcome::Success,
            Some(_) => Outcome::Failure,
        };
        self.exchange.answered(outcome, None, at, facts);
        self.prove(first, at);
        // Where the logon itself was hidden, its verdict still says that there was one.
        let logon = self.logon.get_or_insert_default();
        logon.encryption = self.encryption;
        logon.outcome = outcome;
        logon.error = error;
        self.end(facts);
    }

    fn prove(&mut self, first: PacketRef, at: Stamp) {
        self.last = at;
        for packet in [first, at.packet] {
            if self.evidence.len() < EVIDENCE_MAX && !self.evidence.contains(&packet) {
                self.evidence.push(packet);
            }
        }
    }

    /// Tells the logon; what follows is not read.
    fn end(&mut self, facts: &mut Facts) {
        self.is_over = true;
        self.partial = Default::default();
        self.exchange.finish(facts);
        self.tls.finish(facts);
        if let Some(logon) = self.logon.take() {
            facts.report(self.last, &self.evidence, Fact::DatabaseLogon(*logon));
        }
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let Self { streams, talk } = self;
        if talk.is_over {
            return;
        }
        if let Some(stream) = streams.get_mut(direction.index()) {
            stream.feed(octets, at, PACKET_OCTETS_MAX, frame, |piece| {
                talk.packet(direction, piece, facts);
            });
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        if let Some(stream) = self.streams.get_mut(direction.index())
            && !stream.lose(lost)
            && !self.talk.is_over
        {
            self.talk.end(facts);
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        if !self.talk.is_over {
            self.talk.end(facts);
        }
    }
}

/// Whether these first octets of a direction are this protocol: a PRELOGIN, of which the first option
/// is the version, alone says who sent it. Clients of version 7.0 begin with the logon.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    match *octets {
        [PRELOGIN, 0 | 1, high, low, 0, 0, _, 0, 0, 0, _, 0, 6, ..]
            if usize::from(u16::from_be_bytes([high, low])) <= PACKET_OCTETS_MAX =>
        {
            Recognised::Yes(Direction::ToServer)
        }
        [ANSWER, 1, 0, _, 0, 0, 1, 0, 0, 0, _, 0, 6, ..] => Recognised::Yes(Direction::ToClient),
        [
            LOGIN7,
            0 | 1,
            high,
            low,
            0,
            0,
            _,
            _,
            a,
            b,
            c,
            0,
            _,
            _,
            _,
            0x70..=0x74,
            ..,
        ] if u32::from_be_bytes([0, 0, high, low]) <= u32::from_le_bytes([a, b, c, 0]) + HEAD => {
            Recognised::Yes(Direction::ToServer)
        }
        [LOGIN7, 0 | 1, _, _, 0, 0, ..] if octets.len() < 16 => Recognised::TooShort,
        [] | [PRELOGIN | ANSWER] | [PRELOGIN | ANSWER, 0 | 1] => Recognised::TooShort,
        [PRELOGIN | ANSWER, 0 | 1, ..] if octets.len() < 13 => Recognised::TooShort,
        _ => Recognised::No,
    }
}

fn frame(octets: &[u8]) -> Framing {
    match *octets {
        [kind, 3, _, high, low, ..] if is_tls(kind) => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            Framing::Head {
                head: 5,
                total: 5 + length,
            }
        }
        [kind, _, high, low, ..] if !is_tls(kind) => {
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length < HEADER_OCTETS {
                return Framing::LOST;
            }
            Framing::Whole(length)
        }
        [kind, version, ..] if is_tls(kind) && version != 3 => Framing::LOST,
        _ => Framing::Need(5),
    }
}

/// Types of TLS records, which no packet of ours has.
const fn is_tls(kind: u8) -> bool {
    matches!(kind, 20..=23)
}

const BATCH: u8 = 1;
const RPC: u8 = 3;
const ANSWER: u8 = 4;
const LOGIN7: u8 = 16;
const SSPI: u8 = 17;
const PRELOGIN: u8 = 18;

const END_OF_MESSAGE: u8 = 1;

const HEADER_OCTETS: usize = 8;

/// The same, beside a length of 32 bits.
const HEAD: u32 = 8;

/// The standard ends packets at 32,767 octets.
const PACKET_OCTETS_MAX: usize = 32_767;

/// A logon with the largest ticket. Past it the conversation is not read.
const MESSAGE_OCTETS_MAX: usize = 128 * 1024;

/// Tokens in one answer; real ones have one. Lost: the rest.
const SSPI_MAX: usize = 4;

/// As the fact promises. Lost: the rest of a text.
const TEXT_OCTETS_MAX: usize = 128;
