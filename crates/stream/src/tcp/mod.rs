//! TCP: the octets of each direction in order, or told where some are missing.
//!
//! What a connection delivers depends on its own packets alone, so it is the same for any number of
//! workers. In-order octets are handed on as a slice of the frame, without a copy.
//!
//! What we do where receivers differ or attackers play:
//! - Overlap: the octets that came first win, in the delivered and in the held part. A receiver that
//!   prefers the later ones can be shown other octets than us; both stand in the capture.
//! - Retransmission: ignored by sequence number; its content is not compared.
//! - A hole is given up once the peer acknowledges past it (who has the octets will not get them
//!   again), once more is held than the bounds allow, or once the newest held segment is
//!   `HOLE_AGE_MAX` younger than the hole. An attacker who can forge the peer's acknowledgements can
//!   make us skip octets: a gap is always told and counted.
//! - RST ends nothing by itself: a forged one must not blind us. The connection is forgotten sooner,
//!   and octets that still follow are read.
//! - SYN with another sequence number than the connection began with begins a new one.
//! - A run of segments far behind the expected sequence number (`STRAY_MAX` of them) means that we
//!   follow a forged one: we go where they are and tell a gap.
//! - FIN ends a direction only as long as no octets follow it: a forged one must not blind us either.
//! - The single octet of a keep-alive, before the first octet or past a FIN, is none of the stream.
//! - Checksums and windows are not checked: sending hosts leave checksums to the network card.

mod half;
mod held;
mod sequence;

use crate::flow::Side;
use crate::packet::{Head, Seen, TcpFlags, TcpHead};
use half::Half;
use std::time::Duration;

/// What a direction gives, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The next octets, and the packet that brought them.
    Octets(&'a [u8], Seen),
    /// That many octets are missing.
    Gap(u64),
}

/// What reassembly of many connections shares: the octets held, and what was counted.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    held_octets: usize,
    held_octets_max: usize,
    /// What was counted.
    pub counters: TcpCounters,
}

/// What reassembly saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpCounters {
    /// Holes given up.
    pub gaps: u64,
    /// Octets lost in them, those cut by a snap length included.
    pub lost_octets: u64,
    /// Octets that came again.
    pub repeated_octets: u64,
    /// Segments that came before an earlier one.
    pub early_segments: u64,
    /// Holes given up because a bound was reached.
    pub bound_reached: u64,
}

impl TcpCounters {
    /// Adds the counts of another.
    pub const fn merge(&mut self, other: &Self) {
        self.gaps += other.gaps;
        self.lost_octets += other.lost_octets;
        self.repeated_octets += other.repeated_octets;
        self.early_segments += other.early_segments;
        self.bound_reached += other.bound_reached;
    }
}

impl Pool {
    /// A pool whose connections hold at most `held_octets_max` octets together.
    #[must_use]
    pub fn new(held_octets_max: usize) -> Self {
        Self {
            held_octets: 0,
            held_octets_max,
            counters: TcpCounters::default(),
        }
    }

    /// Octets held now.
    #[must_use]
    pub const fn held_octets(&self) -> usize {
        self.held_octets
    }
}

/// How a connection stands after a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It goes on.
    Open,
    /// It was broken off, or one direction ended and the other was never seen.
    Closing,
    /// Both directions ended and all their octets were delivered.
    Finished,
}

/// Reassembly of both directions of one connection.
#[derive(Debug, Default)]
pub struct Connection {
    halves: [Half; 2],
    client: Option<Side>,
    reset: bool,
}

impl Connection {
    /// Whether this segment begins another connection between the same ends.
    #[must_use]
    pub fn is_other(&self, from: Side, tcp: &TcpHead) -> bool {
        tcp.flags.has(TcpFlags::SYN)
            && !tcp.flags.has(TcpFlags::RST)
            && self
                .half(from)
                .start()
                .is_some_and(|start| start != tcp.sequence.wrapping_add(1))
    }

    /// The end that opened the connection, if its SYN was seen.
    #[must_use]
    pub const fn client(&self) -> Option<Side> {
        self.client
    }

    /// Takes a segment; calls `deliver` for what is in order now, in both directions.
    pub fn segment(
        &mut self,
        head: &Head,
        payload: &[u8],
        pool: &mut Pool,
        deliver: &mut impl FnMut(Side, Piece<'_>),
    ) -> Status {
        let Some(tcp) = &head.tcp else {
            return Status::Open;
        };
        self.control(head.from, tcp);
        if tcp.flags.has(TcpFlags::ACK) {
            let peer = head.from.other();
            self.half_mut(peer)
                .acknowledge(tcp.acknowledged, pool, &mut |piece| deliver(peer, piece));
        }
        let sequence = if tcp.flags.has(TcpFlags::SYN) {
            tcp.sequence.wrapping_add(1)
        } else {
            tcp.sequence
        };
        self.half_mut(head.from).take(
            &half::Arrival {
                sequence,
                octets: payload,
                cut: head.cut,
                fin: tcp.flags.has(TcpFlags::FIN),
                seen: head.seen,
            },
            pool,
            &mut |piece| deliver(head.from, piece),
        );
        self.status()
    }

    /// Only looks whether the segment ends the connection; for those whose octets nobody wants.
    pub fn pass_over(&mut self, head: &Head) -> Status {
        let Some(tcp) = &head.tcp else {
            return Status::Open;
        };
        self.control(head.from, tcp);
        self.reset |= tcp.flags.has(TcpFlags::FIN);
        self.status()
    }

    /// Gives up all holes and delivers what is held.
    pub fn finish(&mut self, pool: &mut Pool, deliver: &mut impl FnMut(Side, Piece<'_>)) {
        for side in [Side::Low, Side::High] {
            self.half_mut(side)
                .flush(pool, &mut |piece| deliver(side, piece));
        }
    }

    /// Drops what is held.
    pub fn discard(&mut self, pool: &mut Pool) {
        for half in &mut self.halves {
            half.discard(pool);
        }
    }

    fn control(&mut self, from: Side, tcp: &TcpHead) {
        if tcp.flags.has(TcpFlags::RST) {
            self.reset = true;
        } else if tcp.flags.has(TcpFlags::SYN) {
            self.client = Some(if tcp.flags.has(TcpFlags::ACK) {
                from.other()
            } else {
                from
            });
            self.half_mut(from).begin(tcp.sequence.wrapping_add(1));
        }
    }

    fn status(&self) -> Status {
        let [low, high] = &self.halves;
        match (low.ended(), high.ended()) {
            (true, true) => Status::Finished,
            _ if self.reset => Status::Closing,
            (true, false) if high.start().is_none() => Status::Closing,
            (false, true) if low.start().is_none() => Status::Closing,
            _ => Status::Open,
        }
    }

    const fn half(&self, side: Side) -> &Half {
        let [low, high] = &self.halves;
        match side {
            Side::Low => low,
            Side::High => high,
        }
    }

    const fn half_mut(&mut self, side: Side) -> &mut Half {
        let [low, high] = &mut self.halves;
        match side {
            Side::Low => low,
            Side::High => high,
        }
    }
}

/// Reordering in networks is a matter of milliseconds; a retransmission comes within a second or so.
pub const HOLE_AGE_MAX: Duration = Duration::from_secs(2);

/// Segments far behind what we expect before we go where they are; fewer may be strays of an old
/// connection.
pub const STRAY_MAX: u8 = 4;

#[cfg(test)]
mod tests;
