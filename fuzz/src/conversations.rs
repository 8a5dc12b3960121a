//! Octets as conversations: records of `kind(1) packet(4) length(4) octets`, big-endian, as in the
//! test data of the protocols, so that each of those files is a seed.
//!
//! Kind 0 is from the client, 1 from the server; with 2 added, `length` octets were lost instead.
//! Anything else begins a bare message up to the end, which both sides send.
//! Two promises are checked: nothing panics, and a stream tells the same however it is cut.
//! `cargo test -p realmward-protocols` replays past crashes with this very file.

use realmward_event::Carrier;
use realmward_event::Outcome;
use realmward_event::local_name::NameService;
use realmward_event::rpc::Transport;
use realmward_protocols::gss::Exchange;
use realmward_protocols::{
    Dissector, Facts, Stamp, certificate, dcerpc, dhcp, dns, http, kerberos, ldap, local_name, nmf,
    radius, rdp, smb, tds, tls,
};
use realmward_vocab::{Direction, EventTime, FileId, PacketRef};

/// Kerberos over TCP and over UDP.
pub fn kerberos(octets: &[u8]) {
    let _ = kerberos::recognise(true, octets);
    let _ = kerberos::recognise(false, octets);
    stream(|| kerberos::Conversation::new(false), octets);
    play(kerberos::Conversation::new(true), octets, usize::MAX);
}

/// SMB over TCP.
pub fn smb(octets: &[u8]) {
    let _ = smb::recognise(octets);
    stream(smb::Conversation::new, octets);
}

/// DCE/RPC over TCP, in a pipe, over UDP and behind HTTP.
pub fn dcerpc(octets: &[u8]) {
    let _ = dcerpc::recognise(octets);
    stream(|| dcerpc::Conversation::new(Transport::Tcp), octets);
    let pipe = dcerpc::Conversation::new(Transport::Pipe("svcctl".into()));
    play(pipe, octets, usize::MAX);
    let _ = dcerpc::connectionless::recognise(octets);
    play(
        dcerpc::connectionless::Conversation::new(),
        octets,
        usize::MAX,
    );
    let _ = dcerpc::http::recognise(octets);
    stream(dcerpc::http::Conversation::new, octets);
}

/// LDAP over TCP and CLDAP over UDP.
pub fn ldap(octets: &[u8]) {
    let _ = ldap::recognise(true, octets);
    let _ = ldap::recognise(false, octets);
    stream(|| ldap::Conversation::new(false), octets);
    play(ldap::Conversation::new(true), octets, usize::MAX);
}

/// Remote desktops.
pub fn rdp(octets: &[u8]) {
    let _ = rdp::recognise(octets);
    stream(rdp::Conversation::new, octets);
}

/// SQL Server.
pub fn tds(octets: &[u8]) {
    let _ = tds::recognise(octets);
    stream(tds::Conversation::new, octets);
}

/// TLS from its first octet.
pub fn tls(octets: &[u8]) {
    let _ = tls::recognise(octets);
    stream(tls::Conversation::new, octets);
}

/// HTTP and .NET message framing.
pub fn http(octets: &[u8]) {
    let _ = http::recognise(octets);
    let _ = nmf::recognise(octets);
    stream(http::Conversation::new, octets);
    stream(nmf::Conversation::new, octets);
}

/// What is rare in a Kerberos request: a certificate, armour, a reason.
pub fn proofs(octets: &[u8]) {
    let _ = certificate::read(octets);
    if let Ok(found) = kerberos::parse::certificates(octets) {
        let _ = certificate::read(found.signer);
    }
    let _ = kerberos::parse::armored(octets);
    let _ = kerberos::parse::error_data(octets);
}

/// DNS over TCP and over UDP.
pub fn dns(octets: &[u8]) {
    let _ = dns::recognise(true, octets);
    let _ = dns::recognise(false, octets);
    stream(|| dns::Conversation::new(false), octets);
    play(dns::Conversation::new(true), octets, usize::MAX);
}

/// RADIUS.
pub fn radius(octets: &[u8]) {
    let _ = radius::recognise(octets);
    play(radius::Conversation::new(), octets, usize::MAX);
}

/// DHCP of both versions.
pub fn dhcp(octets: &[u8]) {
    let _ = dhcp::recognise(octets);
    play(dhcp::Conversation::new(), octets, usize::MAX);
}

/// NetBIOS names and datagrams, LLMNR and mDNS.
pub fn local_name(octets: &[u8]) {
    for service in [NameService::Netbios, NameService::Llmnr, NameService::Mdns] {
        let _ = local_name::recognise(service, octets);
        play(local_name::Conversation::new(service), octets, usize::MAX);
    }
    let _ = local_name::recognise_announcement(octets);
    play(
        local_name::Conversation::announcements(),
        octets,
        usize::MAX,
    );
}

/// Authentication tokens of both sides, in each carrier.
pub fn gss(octets: &[u8]) {
    for carrier in [
        Carrier::Smb,
        Carrier::Ldap,
        Carrier::Rpc,
        Carrier::Http,
        Carrier::Dns,
    ] {
        let mut exchange = Exchange::new(carrier);
        let mut facts = Facts::default();
        for record in records(octets) {
            let at = record.at;
            match record.lost {
                None => exchange.token(record.from, record.octets, at.packet, at, &mut facts),
                Some(_) => exchange.answered(Outcome::Success, None, at, &mut facts),
            }
        }
        exchange.finish(&mut facts);
    }
}

/// Plays a stream as it is cut, and, if none of it was lost, cut smaller: both must tell the same.
///
/// Faults may be counted otherwise, for where no boundary is found, how much is dropped at once
/// depends on how much came; so may the first packet of a message that comes after dropped octets.
fn stream<D: Dissector>(begin: impl Fn() -> D, octets: &[u8]) {
    let whole = play(begin(), octets, usize::MAX);
    if records(octets).iter().any(|record| record.lost.is_some()) {
        return;
    }
    let told = |facts: &Facts| -> Vec<_> {
        let proven = facts.pending.iter();
        proven.map(|it| (it.time, it.fact.clone())).collect()
    };
    for size in [1, 7] {
        let cut = play(begin(), octets, size);
        let (one, other) = (told(&whole), told(&cut));
        assert_eq!(one, other, "facts differ in pieces of {size}");
        let (one, other) = (&whole.counters, &cut.counters);
        assert_eq!(
            one.opaque, other.opaque,
            "counts differ in pieces of {size}"
        );
    }
}

/// Plays records, their octets in pieces of `size`.
fn play(mut conversation: impl Dissector, octets: &[u8], size: usize) -> Facts {
    let mut facts = Facts::default();
    for record in records(octets) {
        match record.lost {
            Some(lost) => conversation.gap(record.from, lost, &mut facts),
            None => {
                for piece in record.octets.chunks(size) {
                    conversation.feed(record.from, piece, record.at, &mut facts);
                }
            }
        }
    }
    conversation.finish(&mut facts);
    facts
}

/// One record.
struct Record<'a> {
    from: Direction,
    at: Stamp,
    /// Octets that were lost instead of captured.
    lost: Option<u64>,
    octets: &'a [u8],
}

/// The records; the last one may be shorter than it says.
fn records(octets: &[u8]) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    let mut rest = octets;
    while let Some(&kind) = rest.first() {
        if 3 < kind {
            for from in [Direction::ToServer, Direction::ToClient] {
                records.push(Record {
                    from,
                    at: stamp(0),
                    lost: None,
                    octets: rest,
                });
            }
            break;
        }
        let Some((head, after)) = rest.split_first_chunk::<9>() else {
            break;
        };
        let [_, a, b, c, d, e, f, g, h] = *head;
        let length = u32::from_be_bytes([e, f, g, h]);
        let lost = (kind & 2 != 0).then_some(u64::from(length));
        let taken = match lost {
            Some(_) => 0,
            None => after
                .len()
                .min(usize::try_from(length).unwrap_or(usize::MAX)),
        };
        let (octets, remaining) = after.split_at(taken);
        rest = remaining;
        let from = if kind & 1 == 0 {
            Direction::ToServer
        } else {
            Direction::ToClient
        };
        let at = stamp(u32::from_be_bytes([a, b, c, d]));
        records.push(Record {
            from,
            at,
            lost,
            octets,
        });
    }
    records
}

fn stamp(packet: u32) -> Stamp {
    Stamp {
        time: EventTime::from_unix_seconds(i64::from(packet)),
        packet: PacketRef {
            file: FileId(0),
            packet: u64::from(packet),
        },
    }
}
