//! Pairs requests with their answers and remembers whose connection it is.
//!
//! NTLM proves itself to a connection, not to a request, so what is asked for later on the same
//! connection belongs to the same account.

use super::facts::{self, Claim};
use super::framing::Follows;
use super::message::{Body, Response};
use super::parse;
use crate::gss::Exchange;
use crate::wire::Piece;
use crate::{Facts, Stamp};
use realmward_event::http::HttpAuthenticated;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{Direction, PacketRef};
use std::collections::VecDeque;

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    exchange: Exchange,
    /// Requests without an answer, in order.
    asked: VecDeque<Asked>,
    /// Schemes that the server offered last.
    offered: Vec<String>,
    /// Scheme and owner, once somebody proved themself to the connection.
    holder: Option<(String, SessionPrincipal)>,
    /// Paths of which a fact has told.
    told: Vec<String>,
    /// Answers so far, while nobody proved anything.
    idle: u32,
    /// Nothing more is to be learned.
    pub(crate) is_over: bool,
}

/// A request without an answer.
#[derive(Debug)]
struct Asked {
    fact: HttpAuthenticated,
    claim: Kind,
    evidence: [PacketRef; 2],
    at: Stamp,
}

/// What the request claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nothing,
    Token,
    Name,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            exchange: Exchange::new(Carrier::Http),
            asked: VecDeque::new(),
            offered: Vec::new(),
            holder: None,
            told: Vec::new(),
            idle: 0,
            is_over: false,
        }
    }
}

impl Session {
    /// Takes a head; says what follows it.
    pub(crate) fn head(
        &mut self,
        direction: Direction,
        piece: &Piece<'_>,
        facts: &mut Facts,
    ) -> Follows {
        let read = match direction {
            Direction::ToServer => self.request(piece, facts),
            Direction::ToClient => {
                parse::response(piece.octets).map(|response| self.response(&response, piece, facts))
            }
        };
        read.unwrap_or_else(|fault| {
            // What follows a head that cannot be read is in an unknown place.
            facts.fault("http", fault);
            self.give_up(facts);
            Follows::Head
        })
    }

    fn request(
        &mut self,
        piece: &Piece<'_>,
        facts: &mut Facts,
    ) -> Result<Follows, crate::wire::ParseError> {
        let request = parse::request(piece.octets)?;
        let mut fact = facts::asked(&request);
        let mut kind = Kind::Nothing;
        if let Some(credentials) = &request.credentials {
            let (scheme, claim) = facts::claim(credentials);
            fact.scheme = scheme;
            kind = match claim {
                Claim::Token(token) => {
                    self.token(Direction::ToServer, &token, piece, facts);
                    fact.principal = self.exchange.principal();
                    Kind::Token
                }
                Claim::Name(principal, cleartext) => {
                    fact.principal = principal;
                    fact.cleartext_password = cleartext;
                    Kind::Name
                }
            };
        }
        if ASKED_MAX <= self.asked.len() {
            facts.limit("http_requests_waiting");
            self.asked.pop_front();
        }
        self.asked.push_back(Asked {
            fact,
            claim: kind,
            evidence: [piece.first, piece.at.packet],
            at: piece.at,
        });
        Ok(match request.body {
            Body::Unsaid => Follows::Head,
            Body::Length(length) => Follows::Octets(length),
            Body::Chunked => Follows::Chunks,
        })
    }

    fn response(&mut self, it: &Response<'_>, piece: &Piece<'_>, facts: &mut Facts) -> Follows {
        if (100..200).contains(&it.status) {
            // 101: what follows is another protocol.
            self.is_over |= it.status == 101;
            return Follows::Head;
        }
        let asked = self.asked.pop_front();
        let method = asked.as_ref().map_or("", |it| it.fact.method.as_str());
        let follows = follows(it, method);
        self.is_over |= method == "CONNECT" && it.status / 100 == 2;
        let mut goes_on = false;
        for challenge in &it.challenges {
            if let Some(token) = facts::token(challenge) {
                goes_on = true;
                self.token(Direction::ToClient, &token, piece, facts);
            }
        }
        let is_refused = matches!(it.status, 401 | 407);
        if is_refused && !it.challenges.is_empty() {
            let names = it.challenges.iter().map(|it| it.name.to_owned());
            self.offered = names.collect();
            self.offered.dedup();
        }
        if let Some(asked) = asked {
            self.answered(asked, it, is_refused && goes_on, piece, facts);
        }
        follows
    }

    /// An answer to what was asked; one that goes on is no verdict yet.
    fn answered(
        &mut self,
        mut asked: Asked,
        it: &Response<'_>,
        goes_on: bool,
        piece: &Piece<'_>,
        facts: &mut Facts,
    ) {
        let is_refused = matches!(it.status, 401 | 407);
        match asked.claim {
            Kind::Nothing => return self.further(asked, it, piece, facts),
            Kind::Token if goes_on => return,
            Kind::Token => {
                let outcome = outcome(is_refused);
                self.exchange.answered(outcome, None, piece.at, facts);
                if asked.fact.principal == SessionPrincipal::Unknown {
                    // An offer that was not taken up: nobody is named.
                    return;
                }
                if !is_refused {
                    let principal = asked.fact.principal.clone();
                    self.holder = Some((asked.fact.scheme.clone(), principal));
                }
            }
            Kind::Name => {
                self.idle = 0;
                if !is_refused && !self.is_new(&asked.fact.path) {
                    return;
                }
            }
        }
        if !is_refused {
            self.told_of(&asked.fact.path);
        }
        asked.fact.outcome = outcome(is_refused);
        self.tell(asked, Some((it, piece)), facts);
    }

    /// A request without credentials: the connection's owner asks for something else, or nobody does.
    fn further(
        &mut self,
        mut asked: Asked,
        it: &Response<'_>,
        piece: &Piece<'_>,
        facts: &mut Facts,
    ) {
        let Some((scheme, principal)) = &self.holder else {
            self.idle += 1;
            self.is_over |= IDLE_MAX <= self.idle;
            return;
        };
        if !self.is_new(&asked.fact.path) || matches!(it.status, 401 | 407) {
            return;
        }
        asked.fact.scheme = scheme.clone();
        asked.fact.principal = principal.clone();
        asked.fact.outcome = Outcome::Success;
        self.told_of(&asked.fact.path);
        self.tell(asked, Some((it, piece)), facts);
    }

    /// Answers will not come for what was asked before a hole.
    pub(crate) fn give_up(&mut self, facts: &mut Facts) {
        self.exchange.finish(facts);
        while let Some(asked) = self.asked.pop_front() {
            if asked.claim != Kind::Nothing && asked.fact.principal != SessionPrincipal::Unknown {
                self.tell(asked, None, facts);
            }
        }
    }

    /// Tells of what never had an answer.
    pub(crate) fn finish(&mut self, facts: &mut Facts) {
        self.give_up(facts);
        self.is_over = true;
    }

    fn tell(&self, asked: Asked, answer: Option<(&Response<'_>, &Piece<'_>)>, facts: &mut Facts) {
        let Asked {
            mut fact,
            evidence: [first, last],
            mut at,
            ..
        } = asked;
        let mut packets = vec![first, last];
        fact.offered.clone_from(&self.offered);
        match answer {
            Some((response, piece)) => {
                fact.status = Some(response.status);
                fact.server_software = facts::text(response.server);
                packets.extend([piece.first, piece.at.packet]);
                at = piece.at;
            }
            None => fact.outcome = Outcome::Attempt,
        }
        facts.report(at, &packets, Fact::HttpAuthenticated(fact));
    }

    fn token(&mut self, from: Direction, token: &[u8], piece: &Piece<'_>, facts: &mut Facts) {
        self.exchange
            .token(from, token, piece.first, piece.at, facts);
    }

    /// Whether no fact has told of this path, and one more may.
    fn is_new(&self, path: &str) -> bool {
        self.told.len() < PATHS_MAX && !self.told.iter().any(|it| it == path)
    }

    fn told_of(&mut self, path: &str) {
        if self.is_new(path) {
            self.told.push(path.to_owned());
        }
    }
}

const fn outcome(is_refused: bool) -> Outcome {
    if is_refused {
        Outcome::Failure
    } else {
        Outcome::Success
    }
}

/// What follows the head of a response (RFC 9112 section 6.3).
fn follows(response: &Response<'_>, method: &str) -> Follows {
    if method == "HEAD" || matches!(response.status, 204 | 304) {
        return Follows::Head;
    }
    match response.body {
        Body::Length(length) => Follows::Octets(length),
        Body::Chunked => Follows::Chunks,
        Body::Unsaid => Follows::Nothing,
    }
}

/// Clients that pipeline send a few. Lost at the bound: the oldest request.
const ASKED_MAX: usize = 16;

/// Paths of one connection that facts tell of, as the fact promises. Lost: which others were asked for.
const PATHS_MAX: usize = 8;

/// Answers without a proof, after which a connection is listened to no more: a browser that needs to
/// prove itself is asked to at its first request. Lost: a proof that comes later.
const IDLE_MAX: u32 = 32;
