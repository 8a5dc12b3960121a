//! Which protocol a flow speaks, told by its first octets, and the conversation that reads it.
//!
//! Content decides; ports only say whom to ask first and break ties. A flow whose first segments no
//! protocol claims is ignored from then on: nothing of it is held or reassembled any more. In a flow
//! that was joined in its middle, a message may begin at any later segment, so more are tried.

mod choice;
mod probe;
mod protocol;

use choice::{Choice, choose};
use probe::Probe;
use protocol::{of_ports, served_side};
use realmward_protocols::{Dissector, Facts, Stamp};
use realmward_stream::tcp::Piece;
use realmward_stream::{FlowKey, Seen, Side};
use realmward_vocab::Direction;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is known of a flow's start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) key: FlowKey,
    /// The end that sent the first SYN; `None` when the flow was joined in its middle.
    pub(crate) client: Option<Side>,
}

/// How far we are with a flow.
#[derive(Debug)]
pub(crate) enum Stage {
    /// The protocol is not known yet.
    Undecided(Option<Box<Probe>>),
    /// A protocol was recognised.
    Speaking(Speech),
    /// None was; nobody wants its octets.
    Ignored,
    /// The conversation is over; what still comes is not part of it.
    Closed,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Undecided(None)
    }
}

/// A recognised conversation.
pub(crate) struct Speech {
    dissector: Box<dyn Dissector>,
    client: Side,
}

impl fmt::Debug for Speech {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speech")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl Stage {
    /// Takes what a flow delivers next.
    pub(crate) fn take(&mut self, origin: Origin, side: Side, piece: Piece<'_>, facts: &mut Facts) {
        match (&mut *self, piece) {
            (Self::Speaking(speech), piece) => {
                if !speech.take(side, piece, facts) {
                    *self = Self::Ignored;
                } else if speech.dissector.is_done() {
                    self.close(facts);
                    *self = Self::Ignored;
                }
            }
            (Self::Undecided(probe), Piece::Gap(_)) => {
                probe.get_or_insert_default().miss(side);
            }
            (Self::Undecided(_), Piece::Octets(octets, seen)) => {
                self.consider(origin, side, octets, seen, facts);
            }
            (Self::Ignored | Self::Closed, _) => {}
        }
    }

    /// Whether somebody wants the octets.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self, Self::Undecided(_) | Self::Speaking(_))
    }

    /// The end that asks, once a protocol was recognised.
    pub(crate) const fn client(&self) -> Option<Side> {
        match self {
            Self::Speaking(speech) => Some(speech.client),
            _ => None,
        }
    }

    /// The conversation is over.
    pub(crate) fn close(&mut self, facts: &mut Facts) {
        if let Self::Speaking(speech) = self {
            speech.guarded(facts, |dissector, facts| dissector.finish(facts));
        }
        *self = Self::Closed;
    }

    /// Reads a datagram that belongs to no known conversation.
    pub(crate) fn of_datagram(key: &FlowKey, from: Side, octets: &[u8]) -> Option<Self> {
        let hints = of_ports(true, key);
        let Choice::Taken(protocol, sender) = choose(hints, true, true, octets) else {
            return None;
        };
        let served = served_side(key);
        let client = sender_side(sender, from)
            .or(served.map(Side::other))
            .unwrap_or(from);
        Some(Self::Speaking(Speech {
            dissector: protocol.converse(true),
            client,
        }))
    }

    fn consider(
        &mut self,
        origin: Origin,
        side: Side,
        octets: &[u8],
        seen: Seen,
        facts: &mut Facts,
    ) {
        let Self::Undecided(probe) = self else {
            return;
        };
        let at_start = origin.client.is_some() && probe.as_ref().is_none_or(|it| !it.missed(side));
        let kept = probe.as_ref().map(|probe| probe.kept(side));
        let hints = of_ports(false, &origin.key);
        let choice = match &kept {
            Some(kept) if !kept.is_empty() => {
                choose(hints, false, at_start, &[kept.as_slice(), octets].concat())
            }
            _ => choose(hints, false, at_start, octets),
        };
        let kept = kept.map_or(0, |kept| kept.len());
        match choice {
            Choice::Taken(protocol, sender) => {
                let probe = probe.take().unwrap_or_default();
                let client = orientation(origin, sender_side(sender, side), side);
                let speech = Speech {
                    dissector: protocol.converse(false),
                    client,
                };
                *self = speech.begin(origin, &probe, (side, octets, seen), facts);
            }
            Choice::Wait if kept + octets.len() <= HEAD_OCTETS_MAX => {
                let probe = probe.get_or_insert_default();
                probe.keep(side, seen, octets);
            }
            Choice::Wait | Choice::None => {
                let probe = probe.get_or_insert_default();
                probe.miss(side);
                if probe.is_hopeless(side, origin.client.is_some()) {
                    *self = Self::Ignored;
                }
            }
        }
    }
}

impl Speech {
    /// Gives the dissector what was kept, then the octets that told the protocol.
    fn begin(
        mut self,
        origin: Origin,
        probe: &Probe,
        (side, octets, seen): (Side, &[u8], Seen),
        facts: &mut Facts,
    ) -> Stage {
        let other = side.other();
        let joined = origin.client.is_none() && probe.kept(other).is_empty();
        let mut alive = true;
        if joined || probe.missed(other) {
            // The other side may be in the middle of a message.
            alive &= self.take(other, Piece::Gap(1), facts);
        }
        for (side, seen, octets) in probe.pieces() {
            alive = alive && self.take(*side, Piece::Octets(octets, *seen), facts);
        }
        alive = alive && self.take(side, Piece::Octets(octets, seen), facts);
        if alive {
            Stage::Speaking(self)
        } else {
            Stage::Ignored
        }
    }

    /// Feeds the dissector; `false` if it panicked and must not be used again.
    fn take(&mut self, side: Side, piece: Piece<'_>, facts: &mut Facts) -> bool {
        let direction = if side == self.client {
            Direction::ToServer
        } else {
            Direction::ToClient
        };
        self.guarded(facts, |dissector, facts| match piece {
            Piece::Octets(octets, seen) => {
                let at = Stamp {
                    time: seen.time,
                    packet: seen.packet,
                };
                dissector.feed(direction, octets, at, facts);
            }
            Piece::Gap(lost) => dissector.gap(direction, lost, facts),
        })
    }

    /// A dissector should never panic; if one does, only its conversation is lost, and counted.
    fn guarded(
        &mut self,
        facts: &mut Facts,
        call: impl FnOnce(&mut dyn Dissector, &mut Facts),
    ) -> bool {
        let dissector = self.dissector.as_mut();
        let outcome = catch_unwind(AssertUnwindSafe(|| call(dissector, &mut *facts)));
        if outcome.is_err() {
            facts.limit(DISSECTOR_PANIC);
        }
        outcome.is_ok()
    }
}

/// Who is the client: the SYN knows, then the content, then the ports, then who spoke first.
fn orientation(origin: Origin, by_content: Option<Side>, speaker: Side) -> Side {
    origin
        .client
        .or(by_content)
        .or_else(|| served_side(&origin.key).map(Side::other))
        .unwrap_or(speaker)
}

fn sender_side(sender: Option<Direction>, from: Side) -> Option<Side> {
    sender.map(|direction| match direction {
        Direction::ToServer => from,
        Direction::ToClient => from.other(),
    })
}

/// The name under which a dissector's panic is counted.
pub(crate) const DISSECTOR_PANIC: &str = "dissector_panic";

/// A protocol that cannot be told from so many octets of one side is none of ours.
const HEAD_OCTETS_MAX: usize = 512;

#[cfg(test)]
mod tests;
