//! The one way in which octets become facts, whatever the protocol.

use crate::wire::ParseError;
use realmward_event::Fact;
use realmward_vocab::{Direction, EventTime, PacketRef};

/// When and in which packet something was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Time of the packet.
    pub time: EventTime,
    /// The packet.
    pub packet: PacketRef,
}

/// A conversation of one protocol over one transport connection, or over datagrams of one 5-tuple.
///
/// A dissector never panics, keeps bounded state, and does work linear in the octets it is fed.
pub trait Dissector {
    /// Takes octets of one direction: on a stream the next ones in order, cut anywhere;
    /// over UDP exactly one datagram.
    fn feed(&mut self, direction: Direction, octets: &[u8], at: Stamp, facts: &mut Facts);

    /// `lost` octets of one direction were not captured; the next `feed` comes after them.
    /// Resynchronise at the next message boundary, and pair nothing across the hole.
    fn gap(&mut self, direction: Direction, lost: u64, facts: &mut Facts);

    /// The conversation is over or was forgotten: give what can be said without the missing answers.
    fn finish(&mut self, facts: &mut Facts);

    /// Whether nothing more can be learned: the conversation need not be fed, nor its stream put in
    /// order. `finish` is called all the same.
    fn is_done(&self) -> bool {
        false
    }
}

/// What a look at first octets says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// The protocol, and the sender of these octets is the client (`ToServer`) or the server.
    Yes(Direction),
    /// The protocol; who sent them cannot be told.
    Likely,
    /// More octets are needed to tell.
    TooShort,
    /// Another protocol.
    No,
}

/// A fact with the packets that prove it, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Proven {
    /// What happened.
    pub fact: Fact,
    /// When: the time of the packet that completed it.
    pub time: EventTime,
    /// Packets of the request first, then of the answer; at most `EVIDENCE_MAX`.
    pub evidence: Vec<PacketRef>,
}

/// Where dissectors put what they learned. One lives in each packet worker.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Facts not yet taken, in order.
    pub pending: Vec<Proven>,
    /// Questions of DNS that ended, to be counted by whoever knows both ends.
    pub asked: Vec<crate::dns::Asked>,
    /// Faults, bounds and hidden content, counted.
    pub counters: Counters,
}

impl Facts {
    /// Reports a fact that became complete at `at`, proven by `evidence`.
    pub fn report(&mut self, at: Stamp, evidence: &[PacketRef], fact: Fact) {
        let mut packets: Vec<PacketRef> = Vec::with_capacity(evidence.len().min(EVIDENCE_MAX));
        for packet in evidence {
            if packets.len() < EVIDENCE_MAX && !packets.contains(packet) {
                packets.push(*packet);
            }
        }
        packets.sort_unstable();
        self.pending.push(Proven {
            fact,
            time: at.time,
            evidence: packets,
        });
    }

    /// Counts a message that could not be read.
    pub fn fault(&mut self, protocol: &'static str, error: ParseError) {
        match error {
            ParseError::Limit { bound } => bump(&mut self.counters.limits, bound),
            ParseError::Incomplete { .. } | ParseError::Malformed { .. } => {
                bump(&mut self.counters.faults, protocol);
            }
        }
    }

    /// Counts a bound that was reached.
    pub fn limit(&mut self, bound: &'static str) {
        bump(&mut self.counters.limits, bound);
    }

    /// Counts something that encryption hid.
    pub fn opaque(&mut self, what: Opaque) {
        bump(&mut self.counters.opaque, what.as_str());
    }
}

/// Counts that go into the summary. The lists are short: one entry a protocol or bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages that broke their specification, by protocol.
    pub faults: Vec<(&'static str, u64)>,
    /// Bounds of ours that were reached, by name.
    pub limits: Vec<(&'static str, u64)>,
    /// Content hidden by encryption, by kind.
    pub opaque: Vec<(&'static str, u64)>,
}

/// What encryption hid from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opaque {
    /// An SMB3 session whose messages are encrypted; counted once a session.
    Smb3Session,
    /// An RPC call whose stub is sealed (auth level 6).
    SealedRpcCall,
    /// An LDAP session that is sealed; counted once a session.
    SealedLdapSession,
    /// A TLS session; counted once a session.
    TlsSession,
    /// A Kerberos request armoured by FAST.
    ArmouredKerberos,
    /// A KRB-SAFE, KRB-PRIV or KRB-CRED of a service over its own connection.
    SealedKerberos,
}

impl Opaque {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::Smb3Session,
        Self::SealedRpcCall,
        Self::SealedLdapSession,
        Self::TlsSession,
        Self::ArmouredKerberos,
        Self::SealedKerberos,
    ];

    /// A stable name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smb3Session => "smb3_encrypted_session",
            Self::SealedRpcCall => "sealed_rpc_call",
            Self::SealedLdapSession => "sealed_ldap_session",
            Self::TlsSession => "tls_session",
            Self::ArmouredKerberos => "armoured_kerberos_request",
            Self::SealedKerberos => "sealed_kerberos_message",
        }
    }
}

impl Counters {
    /// Adds the counts of another worker.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.faults, &other.faults),
            (&mut self.limits, &other.limits),
            (&mut self.opaque, &other.opaque),
        ] {
            for (name, count) in theirs {
                add(mine, name, *count);
            }
        }
    }
}

fn bump(list: &mut Vec<(&'static str, u64)>, name: &'static str) {
    add(list, name, 1);
}

fn add(list: &mut Vec<(&'static str, u64)>, name: &'static str, count: u64) {
    match list.iter_mut().find(|(it, _)| *it == name) {
        Some((_, total)) => *total = total.saturating_add(count),
        None => list.push((name, count)),
    }
}

/// A request, its fragments and its answer fit; a fact proven by more packets names the first ones.
pub const EVIDENCE_MAX: usize = 16;
