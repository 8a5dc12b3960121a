//! TCP: the octets of each direction in order, or told where some are missing.
//!
//! What a connection delivers depends on its own packets alone, so it is the same for any number of
//! workers. In-order octets are handed on as a slice of the frame, without a copy.
//!
//! What we do where receivers differ or attackers play:
//! - Overlap: the octets that came first win, as with Windows since Vista. Linux takes what fills a
//!   hole over what waits behind it, and can so be shown other octets than us; both stand in the
//!   capture. A segment that repeats other octets than those that came first is counted
//!   (`contradictions`): no honest sender does.
//! - Retransmission: ignored by sequence number, its content compared with the sum of what came first
//!   where it has the same beginning.
//! - Checksum: a segment whose checksum is wrong is dropped, and counted, if its direction showed right
//!   ones before. If it did not, checksums are not what they were (taps and address translation change
//!   them), and it is counted and read. One that is not set yet, as the sending host sees it, is read
//!   (see [`Checksum`]), and so is one longer than Ethernet carries: cards join segments.
//! - A hole is given up once the peer acknowledges past it (who has the octets will not get them
//!   again), once more is held than the bounds allow, or once the newest held segment is
//!   `HOLE_AGE_MAX` younger than the hole. An attacker who can forge the peer's acknowledgements can
//!   make us skip octets: a gap is always told and counted.
//! - Out of the window: windows are not kept, so a segment far ahead is held like any other and may
//!   make us skip to it. If then `STRAY_MAX` segments in a row come from before it, we go back.
//! - RST ends nothing by itself: a forged one must not blind us. The connection is forgotten sooner,
//!   and octets that still follow are read.
//! - SYN with another sequence number than the connection began with begins a new one if the old one
//!   was closed or shows one direction only; otherwise only once the peer has answered it (RFC 5961
//!   section 4: its receiver does not believe it either), and until then it is counted and ignored.
//! - A run of segments far behind the expected sequence number (`STRAY_MAX` of them) means that we
//!   follow a forged one: we go where they are and tell a gap.
//! - FIN ends a direction only as long as no octets follow it: a forged one must not blind us either.
//! - The single octet of a keep-alive, before the first octet or past a FIN, is none of the stream.
//! - Urgent octets stay in the stream, and are counted: none of our protocols sends any, and a receiver
//!   takes one out that we read.

mod arrival;
mod checksum;
mod half;
mod held;
mod recent;
mod sequence;
mod trust;

pub use checksum::Checksum;

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
    /// Segments with other octets than came first in their place.
    pub contradictions: u64,
    /// Segments dropped because their checksum is wrong, where others were right.
    pub bad_checksums: u64,
    /// Segments read although their checksum is wrong.
    pub wrong_checksums: u64,
    /// Segments with urgent octets.
    pub urgent: u64,
    /// Segments that would begin a connection in the middle of another.
    pub syn_within: u64,
}

impl TcpCounters {
    /// Adds the counts of another.
    pub const fn merge(&mut self, other: &Self) {
        self.gaps += other.gaps;
        self.lost_octets += other.lost_octets;
        self.repeated_octets += other.repeated_octets;
        self.early_segments += other.early_segments;
        self.bound_reached += other.bound_reached;
        self.contradictions += other.contradictions;
        self.bad_checksums += other.bad_checksums;
        self.wrong_checksums += other.wrong_checksums;
        self.urgent += other.urgent;
        self.syn_within += other.syn_within;
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
    /// Where another connection would begin that was asked for amid this one, and by whom.
    asked: Option<(Side, u32)>,
}

impl Connection {
    /// Whether this segment begins another connection between the same ends.
    #[must_use]
    pub fn is_other(&self, from: Side, tcp: &TcpHead) -> bool {
        if !self.would_begin_anew(from, tcp) {
            return false;
        }
        let answered =
            tcp.flags.has(TcpFlags::ACK) && self.asked == Some((from.other(), tcp.acknowledged));
        let both = self.halves.iter().all(|half| half.start().is_some());
        answered || !both || self.status() != Status::Open
    }

    fn would_begin_anew(&self, from: Side, tcp: &TcpHead) -> bool {
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
        let sum = checksum::sum(payload);
        let joined = SEGMENT_OCTETS_MAX < payload.len();
        let fits = tcp.checksum.fits(sum).filter(|fits| *fits || !joined);
        if !self.half_mut(head.from).trust.believes(fits, pool) {
            return self.status();
        }
        if self.would_begin_anew(head.from, tcp) {
            self.asked = Some((head.from, tcp.sequence.wrapping_add(1)));
            pool.counters.syn_within += 1;
            return self.status();
        }
        pool.counters.urgent += u64::from(tcp.flags.has(TcpFlags::URG) && !payload.is_empty());
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
            &arrival::Arrival {
                sequence,
                octets: payload,
                cut: head.cut,
                fin: tcp.flags.has(TcpFlags::FIN),
                seen: head.seen,
                sum,
            },
            pool,
            &mut |piece| deliver(head.from, piece),
        );
        self.status()
    }

    /// Whether octets wait behind a hole.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.halves.iter().any(Half::is_holding)
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
            if tcp.flags.has(TcpFlags::ACK) {
                self.half_mut(from.other()).begin(tcp.acknowledged);
            }
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

/// The longest segment on Ethernet; what is longer was joined by a network card.
const SEGMENT_OCTETS_MAX: usize = 1460;

/// Segments far behind what we expect before we go where they are; fewer may be strays of an old
/// connection.
pub const STRAY_MAX: u8 = 4;

#[cfg(test)]
mod tests;
