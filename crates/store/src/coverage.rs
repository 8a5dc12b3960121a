//! Which sensor sees which domain controller, by what protocols, and since when.
//!
//! Counted when activities are committed, for servers that are known as domain controllers by then: what
//! was seen of one before it was known as one is not counted. Bounded by sensors times domain controllers.

use crate::codec::{address, count, number, text, time};
use crate::open::Fault;
use crate::{Activity, SensorId, Store, StoreError, canonical};
use realmward_event::Fact;
use realmward_vocab::EventTime;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// What one sensor sees of one domain controller in one protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Covered {
    /// Which sensor.
    pub sensor: SensorId,
    /// The domain controller.
    pub address: IpAddr,
    /// `Kerberos`, `LDAP`, `SMB`, `RPC`, `NTLM` or `DNS`.
    pub protocol: String,
    /// Time of the first event.
    pub first_seen: EventTime,
    /// Time of the last event.
    pub last_seen: EventTime,
    /// How many events.
    pub events: u64,
}

impl Store {
    /// What sensors see of domain controllers.
    ///
    /// # Errors
    /// As any reading.
    pub fn coverage(&self) -> Result<Vec<Covered>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT sensor, address, protocol, first_seen, last_seen, events FROM coverage \
                 ORDER BY address, sensor, protocol LIMIT 10000",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Covered {
                    sensor: SensorId(row.get(0)?),
                    address: address(row, 1)?.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                    protocol: text(row, 2)?,
                    first_seen: time(row, 3)?,
                    last_seen: time(row, 4)?,
                    events: count(row, 5)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Server, place in the journal and protocol.
type Key = (String, u64, &'static str);

/// Counts activities that are new.
pub(crate) fn put(it: &Connection, added: &[&Activity]) -> Result<(), Fault> {
    let mut seen: BTreeMap<Key, (i64, i64, u64)> = BTreeMap::new();
    for activity in added {
        let Some(server) = activity.event.server.address else {
            continue;
        };
        let Some(protocol) = protocol(&activity.event.fact) else {
            continue;
        };
        let time = activity.time.unix_nanoseconds();
        let key = (canonical(server), activity.id >> POSITION_SHIFT, protocol);
        let (first, last, events) = seen.entry(key).or_insert((time, time, 0));
        *first = time.min(*first);
        *last = time.max(*last);
        *events += 1;
    }
    let mut sensor_of = it.prepare_cached(
        "SELECT j.sensor FROM journal AS j, computers AS c \
         WHERE j.position = ? AND c.address = ? AND c.is_domain_controller",
    )?;
    let mut row = it.prepare_cached(
        "INSERT INTO coverage (sensor, address, protocol, first_seen, last_seen, events) \
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sensor, address, protocol) DO UPDATE SET \
         first_seen = min(coverage.first_seen, excluded.first_seen), \
         last_seen = max(coverage.last_seen, excluded.last_seen), \
         events = coverage.events + excluded.events",
    )?;
    for ((address, position, protocol), (first, last, events)) in seen {
        let sensor: Option<u32> = sensor_of
            .query_row(params![number(position), address], |row| row.get(0))
            .optional()?;
        if let Some(sensor) = sensor {
            row.execute(params![
                sensor,
                address,
                protocol,
                first,
                last,
                number(events)
            ])?;
        }
    }
    Ok(())
}

/// In what a fact was said.
const fn protocol(fact: &Fact) -> Option<&'static str> {
    Some(match fact {
        Fact::TicketGrantRequested(_)
        | Fact::TicketGranted(_)
        | Fact::ServiceTicketRequested(_)
        | Fact::ServiceTicketIssued(_)
        | Fact::KerberosRefused(_) => "Kerberos",
        Fact::NtlmAuthenticated(_) => "NTLM",
        Fact::SmbNegotiated(_)
        | Fact::SmbSessionAnswered(_)
        | Fact::SmbSessionEncrypted(_)
        | Fact::ShareOpened(_)
        | Fact::FileOpened(_)
        | Fact::FileClosed(_)
        | Fact::SmbSizesContradict(_) => "SMB",
        Fact::RpcBound(_) | Fact::RpcCalled(_) | Fact::EndpointMapped(_) => "RPC",
        Fact::DirectoryBound(_) | Fact::DirectorySearched(_) | Fact::DirectoryServerSeen(_) => {
            "LDAP"
        }
        Fact::NameResolved(_)
        | Fact::NamesAsked(_)
        | Fact::ZoneTransferred(_)
        | Fact::ZoneUpdated(_) => "DNS",
        Fact::AddressLeased(_) => "DHCP",
        Fact::NetworkAccessAsked(_) | Fact::NetworkSessionReported(_) => "RADIUS",
        Fact::LocalNameAsked(_)
        | Fact::LocalNameAnswered(_)
        | Fact::NetbiosNameClaimed(_)
        | Fact::HostAnnounced(_) => "Local names",
        Fact::RemoteDesktopAsked(_) => "RDP",
        Fact::TlsNegotiated(_) => "TLS",
        Fact::DatabaseLogon(_) => "SQL Server",
        // A ticket is presented in any protocol, and a decision in none.
        _ => return None,
    })
}

/// An activity's id is its place in the journal, then its place in the batch.
const POSITION_SHIFT: u32 = 20;
