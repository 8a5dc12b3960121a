//! Names that name servers were asked for, answered, gave away and took (RFC 1035, RFC 2136).

use crate::Outcome;
use realmward_vocab::{EventTime, HostName};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A DNS answer with something to learn: addresses of a name, the name of an address, or a service's host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NameResolved {
    /// The name asked for, without the last dot.
    pub name: HostName,
    /// The QTYPE.
    pub query_type: u16,
    /// The RCODE.
    pub response_code: u8,
    /// Addresses in the answer, at most 16.
    pub addresses: Vec<IpAddr>,
    /// Names in the answer (PTR, SRV targets, CNAME), at most 16.
    pub names: Vec<HostName>,
}

/// What one host asked one name server for within some minutes, counted: told when it is more or other
/// than what an ordinary host asks for in that time.
///
/// Answers that teach a name are told one by one as [`NameResolved`] and counted here too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamesAsked {
    /// The first question.
    pub since: EventTime,
    /// The last one.
    pub until: EventTime,
    /// Questions.
    pub questions: u32,
    /// Different names among them.
    pub distinct: u32,
    /// Questions without an answer.
    pub unanswered: u32,
    /// Names that do not exist (RCODE 3).
    pub missing: u32,
    /// Answers with any other error: refused, failed, not implemented.
    pub refused: u32,
    /// Different addresses whose names were asked for (PTR).
    pub reverse: u32,
    /// Record types asked for, the most frequent first, at most 8.
    pub kinds: Vec<KindAsked>,
    /// Different service names asked for (SRV), at most 16.
    pub services: Vec<HostName>,
    /// The domains above the names, those with most different names first, at most 4.
    pub parents: Vec<ParentAsked>,
    /// Octets of the largest answer.
    pub answer_octets_max: u32,
    /// The record type of the question that got it.
    pub answer_kind_max: u16,
}

/// A record type and how often it was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindAsked {
    /// The QTYPE.
    pub query_type: u16,
    /// Questions.
    pub questions: u32,
}

/// The names asked for below one domain: what shows a tunnel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentAsked {
    /// The domain that somebody registered: the last two labels, or three of `co.uk` and its like.
    pub name: HostName,
    /// Questions.
    pub questions: u32,
    /// Different names.
    pub distinct: u32,
    /// The longest label below the domain, in octets.
    pub label_octets_max: u8,
    /// Mean length of what stands below the domain, in octets, of different names.
    pub below_octets_mean: u16,
    /// Mean entropy of what stands below the domain, in thousandths of a bit an octet.
    pub below_entropy_millibits: u16,
    /// Questions for TXT, NULL, and other types that carry much.
    pub carrying: u32,
    /// Octets of the questions.
    pub octets_asked: u64,
    /// Octets of the answers.
    pub octets_answered: u64,
}

/// A whole zone, or what changed in it, was asked for (AXFR, RFC 5936; IXFR, RFC 1995; Windows DNS
/// event 6001).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneTransferred {
    /// The zone.
    pub zone: HostName,
    /// Whether only changes were asked for.
    pub incremental: bool,
    /// RCODE of the answer, if it was seen.
    pub response_code: Option<u8>,
    /// Records that came.
    pub records: u32,
    /// Octets that came.
    pub octets: u64,
    /// How it ended: refused, or records came.
    pub outcome: Outcome,
}

/// A zone was changed, or was to be (dynamic update, RFC 2136).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneUpdated {
    /// The zone.
    pub zone: HostName,
    /// Records added, at most 16.
    pub added: Vec<RecordChanged>,
    /// Records, or all of a type or of a name, that were deleted, at most 16.
    pub deleted: Vec<RecordChanged>,
    /// The algorithm of the signature (`gss-tsig`, `hmac-sha256.`), if there is one.
    pub signature: Option<String>,
    /// RCODE of the answer, if it was seen.
    pub response_code: Option<u8>,
    /// How it ended.
    pub outcome: Outcome,
}

/// One record of an update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChanged {
    /// Its name.
    pub name: HostName,
    /// Its type; 255 where all of a name go.
    pub record_type: u16,
    /// The address in it (A, AAAA).
    pub address: Option<IpAddr>,
    /// The host in it (CNAME, PTR, SRV, NS).
    pub host: Option<HostName>,
}
