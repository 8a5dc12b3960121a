//! DCE/RPC that begins with HTTP (MS-RPCH): version 1 of Windows itself on port 593, and both channels of
//! version 2 where they are not inside TLS.
//!
//! Of HTTP only as much is read as leads to the fragments: heads up to their empty line, and the bodies
//! of refusals. Each channel of version 2 has the fragments of one side only, so that calls are told
//! without answers. Who logs on to the proxy, and joining the two channels, are absent.

use super::{Conversation as Fragments, parse};
use crate::wire::{Framing, begins_with};
use crate::{Dissector, Facts, Recognised, Stamp};
use realmward_event::rpc::Transport;
use realmward_vocab::Direction;

/// One connection.
#[derive(Debug)]
pub struct Conversation {
    fragments: Fragments,
    heads: [Head; 2],
}

/// What stands before the fragments of one side.
#[derive(Debug, Default)]
struct Head {
    kept: Vec<u8>,
    /// How many of them have no empty line, so that none is looked at twice.
    searched: usize,
    /// Octets of a body without fragments that are still to come.
    skip: usize,
    is_over: bool,
}

/// What the first octets are.
enum Step {
    /// More of them are needed.
    Wait,
    /// A head of so many octets, with a body of so many that has no fragments.
    Skip(usize, usize),
    /// Fragments begin after so many octets.
    Fragments(usize),
}

impl Default for Conversation {
    fn default() -> Self {
        Self::new()
    }
}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fragments: Fragments::new(Transport::Http),
            heads: Default::default(),
        }
    }
}

impl Head {
    /// Takes octets of heads; once they are over, gives what of the kept ones are fragments.
    fn take(&mut self, direction: Direction, octets: &[u8], facts: &mut Facts) -> Option<Vec<u8>> {
        let skipped = self.skip.min(octets.len());
        self.skip -= skipped;
        self.kept
            .extend_from_slice(octets.get(skipped..).unwrap_or_default());
        let mut done = 0;
        loop {
            let rest = self.kept.get(done..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            match step(direction, rest, self.searched) {
                Step::Wait => {
                    self.searched = rest.len();
                    break;
                }
                Step::Skip(head, body) => {
                    let all = head.saturating_add(body);
                    let there = all.min(rest.len());
                    done += there;
                    self.skip = all - there;
                    self.searched = 0;
                }
                Step::Fragments(after) => {
                    self.is_over = true;
                    let kept = std::mem::take(&mut self.kept);
                    return Some(kept.get(done + after..).unwrap_or_default().to_vec());
                }
            }
        }
        self.kept.drain(..done);
        if HEAD_OCTETS_MAX < self.kept.len() {
            facts.limit("rpc_http_head");
            self.kept = Vec::new();
            self.is_over = true;
        }
        None
    }
}

impl Dissector for Conversation {
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts) {
        let Some(head) = self.heads.get_mut(direction.index()) else {
            return;
        };
        if head.is_over {
            self.fragments.feed(direction, octets, at, facts);
        } else if let Some(fragments) = head.take(direction, octets, facts) {
            self.fragments.feed(direction, &fragments, at, facts);
        }
    }

    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts) {
        let Some(head) = self.heads.get_mut(direction.index()) else {
            return;
        };
        match usize::try_from(lost) {
            Ok(lost) if !head.is_over && lost <= head.skip && head.kept.is_empty() => {
                head.skip -= lost;
            }
            _ => {
                head.is_over = true;
                head.kept.clear();
                self.fragments.gap(direction, lost, facts);
            }
        }
    }

    fn finish(&mut self, facts: &mut Facts) {
        self.fragments.finish(facts);
    }
}

fn step(direction: Direction, octets: &[u8], searched: usize) -> Step {
    if direction == Direction::ToClient {
        match begins_with(octets, GREETING) {
            Some(true) => return Step::Fragments(GREETING.len()),
            None => return Step::Wait,
            Some(false) => {}
        }
    }
    let is_head = match direction {
        Direction::ToServer => begins_any(octets, &METHODS),
        Direction::ToClient => begins_with(octets, b"HTTP/1.1 "),
    };
    match is_head {
        Some(true) => {}
        Some(false) => return Step::Fragments(0),
        None => return Step::Wait,
    }
    let begin = searched.saturating_sub(3);
    let fresh = octets.get(begin..).unwrap_or_default();
    let Some(end) = fresh.windows(4).position(|it| it == b"\r\n\r\n") else {
        return Step::Wait;
    };
    let end = begin + end;
    let head = octets.get(..end).unwrap_or_default();
    let length = content_length(head);
    // Fragments come in a body without an end; what is short is a leg of the logon, or its refusal.
    let is_refusal = direction == Direction::ToClient && !head.starts_with(b"HTTP/1.1 200");
    match is_refusal || length <= BODY_WITHOUT_FRAGMENTS_MAX {
        true => Step::Skip(end + 4, length),
        false => Step::Fragments(end + 4),
    }
}

/// `Content-Length`; without it, a body without an end.
fn content_length(head: &[u8]) -> usize {
    head.split(|octet| *octet == b'\n')
        .filter_map(|line| line.split_at_checked(CONTENT_LENGTH.len()))
        .find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_LENGTH))
        .and_then(|(_, value)| std::str::from_utf8(value).ok()?.trim().parse().ok())
        .unwrap_or(usize::MAX)
}

/// Whether these first octets are HTTP that leads to RPC, and who sent them.
#[must_use]
pub fn recognise(octets: &[u8]) -> Recognised {
    match (begins_with(octets, GREETING), begins_any(octets, &METHODS)) {
        (Some(true), _) => Recognised::Yes(Direction::ToClient),
        (_, Some(true)) => Recognised::Yes(Direction::ToServer),
        (Some(false), Some(false)) => Recognised::No,
        _ => Recognised::TooShort,
    }
}

fn begins_any(octets: &[u8], starts: &[&[u8]]) -> Option<bool> {
    let mut answer = Some(false);
    for start in starts {
        match begins_with(octets, start) {
            Some(true) => return Some(true),
            None => answer = None,
            Some(false) => {}
        }
    }
    answer
}

/// The extent of a fragment that ties the two channels together (MS-RPCH section 2.2.3.5), of which
/// nothing is read.
pub(super) fn rts(octets: &[u8]) -> Option<Framing> {
    match octets {
        [5, 0, RTS, _, 0x10, 0, 0, 0, low, high, ..] => {
            let length = usize::from(u16::from_le_bytes([*low, *high]));
            (parse::HEADER_OCTETS <= length).then_some(Framing::Head {
                head: parse::HEADER_OCTETS,
                total: length,
            })
        }
        [5, 0, RTS, ..] if octets.len() < parse::HEADER_OCTETS => {
            Some(Framing::Need(parse::HEADER_OCTETS))
        }
        _ => None,
    }
}

/// Whether these octets are the head of such a fragment.
pub(super) fn is_rts(octets: &[u8]) -> bool {
    octets.starts_with(&[5, 0, RTS])
}

/// What a server of version 1 says first (MS-RPCH section 2.1.1.2).
const GREETING: &[u8] = b"ncacn_http/1.0";
/// The methods of version 2 (MS-RPCH section 2.1.2.1).
const METHODS: [&[u8]; 2] = [b"RPC_IN_DATA ", b"RPC_OUT_DATA "];
const CONTENT_LENGTH: &[u8] = b"content-length:";
/// A channel asks for at least 128 KiB (MS-RPCH section 2.1.2.1.1), but the request of an OUT channel
/// has only the fragments of its set-up: 76 octets or more. What is shorter is an echo of the logon.
const BODY_WITHOUT_FRAGMENTS_MAX: usize = 32;
/// A head with a token of Kerberos has some kilobytes. Past it, the side is not read.
const HEAD_OCTETS_MAX: usize = 32 * 1024;
/// `PTYPE` of RTS.
const RTS: u8 = 20;
