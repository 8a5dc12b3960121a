//! A small world to observe: addresses, tickets and the events that people and thieves cause.

use realmward_event::dns::NameResolved;
use realmward_event::kerberos::{
    EncryptedPart, Exchange, KerberosRefused, RequestShape, ServiceTicketIssued,
    ServiceTicketRequested, Ticket, TicketGrantRequested, TicketGranted, TicketPresented,
};
use realmward_event::{Endpoint, Event, Fact, Source};
use realmward_profile::{Profile, RosterChange, Settings, Sighting};
use realmward_vocab::{
    EncryptionType, EventTime, FlowId, HostName, KdcOptions, KerberosError, Order, PaDataType,
    TicketHash,
};
use std::net::IpAddr;

pub(crate) const DC1: &str = "10.0.0.10";
pub(crate) const DC2: &str = "10.0.0.11";
pub(crate) const WS1: &str = "10.0.0.21";
pub(crate) const WS2: &str = "10.0.0.22";
pub(crate) const WS3: &str = "10.0.0.23";
pub(crate) const THIEF: &str = "10.0.0.66";

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A profile and the events it took so far.
pub(crate) struct World {
    pub(crate) profile: Profile,
    count: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::told(&Settings::default())
    }

    pub(crate) fn told(settings: &Settings) -> Self {
        Self {
            profile: Profile::new(settings),
            count: 0,
        }
    }

    /// `second`, from, to, port, what: the changes and the sighting.
    pub(crate) fn full(
        &mut self,
        second: i64,
        from: &str,
        to: (&str, u16),
        fact: Fact,
    ) -> (Vec<RosterChange>, Sighting) {
        self.count += 1;
        self.profile
            .observe(event(second, self.count, from, to, fact))
    }

    pub(crate) fn see(&mut self, second: i64, from: &str, to: (&str, u16), fact: Fact) -> Sighting {
        self.full(second, from, to, fact).1
    }

    /// Asks the KDC at [`DC1`].
    pub(crate) fn kdc(&mut self, second: i64, from: &str, fact: Fact) -> Sighting {
        self.see(second, from, (DC1, 88), fact)
    }

    pub(crate) fn is_dc(&self, address: &str) -> bool {
        self.profile
            .roster()
            .domain_controller(ip(address))
            .is_some()
    }
}

pub(crate) fn event(second: i64, count: u64, from: &str, to: (&str, u16), fact: Fact) -> Event {
    Event {
        time: EventTime::from_unix_seconds(second),
        order: Order {
            packet: count,
            index: 0,
        },
        source: Source::Wire(FlowId(count)),
        client: Endpoint::new(ip(from), 40_000),
        server: Endpoint::new(ip(to.0), to.1),
        fact,
        ..Event::default()
    }
}

/// A genuine ticket of the realm; `number` is its identity.
pub(crate) fn ticket(number: u128, service: &str) -> Ticket {
    Ticket {
        hash: TicketHash(number),
        realm: "LAB.EXAMPLE".into(),
        service: service.into(),
        service_name_type: 2,
        etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
        kvno: Some(2),
        cipher_octets: 1_000,
        ..Ticket::default()
    }
}

pub(crate) fn tgt(number: u128) -> Ticket {
    ticket(number, "krbtgt/LAB.EXAMPLE")
}

/// The AS-REQ of Windows with a password.
pub(crate) fn windows_as(client: &str) -> TicketGrantRequested {
    TicketGrantRequested {
        client: Some(client.into()),
        realm: "LAB.EXAMPLE".into(),
        service: "krbtgt/LAB.EXAMPLE".into(),
        timestamp: Some(EncryptedPart {
            etype: EncryptionType(18),
            cipher_octets: 56,
        }),
        shape: RequestShape {
            options: KdcOptions(0x4081_0010),
            etypes: etypes(&[18, 17, 23, 24, -135, 3]),
            padata: vec![PaDataType(2), PaDataType(128)],
            service_name_type: 2,
            till: "20370913024805Z".to_owned(),
            rtime: Some("20370913024805Z".to_owned()),
            ..RequestShape::default()
        },
        ..TicketGrantRequested::default()
    }
}

/// The AS-REQ of impacket with an NT hash.
pub(crate) fn impacket_as(client: &str) -> TicketGrantRequested {
    let mut request = windows_as(client);
    request.timestamp = Some(EncryptedPart {
        etype: EncryptionType(23),
        cipher_octets: 52,
    });
    request.shape.options = KdcOptions(0x5080_0000);
    request.shape.etypes = etypes(&[23]);
    request.shape.service_name_type = 1;
    request.shape.till = "20260102000000Z".to_owned();
    request.shape.rtime = Some("20260102000000Z".to_owned());
    request
}

pub(crate) fn etypes(numbers: &[i32]) -> Vec<EncryptionType> {
    numbers.iter().copied().map(EncryptionType).collect()
}

pub(crate) fn granted_to(request: TicketGrantRequested, ticket: Ticket) -> Fact {
    Fact::TicketGranted(TicketGranted {
        client: request.client.clone().unwrap_or_default(),
        realm: request.realm.clone(),
        ticket,
        reply_etype: EncryptionType(18),
        request: Some(Box::new(request)),
        ..TicketGranted::default()
    })
}

/// A logon of `client` with a password, on Windows.
pub(crate) fn granted(client: &str, ticket: Ticket) -> Fact {
    granted_to(windows_as(client), ticket)
}

pub(crate) fn tgs_req(presented: Ticket, service: &str, options: u32) -> ServiceTicketRequested {
    ServiceTicketRequested {
        presented,
        realm: "LAB.EXAMPLE".into(),
        service: Some(service.into()),
        shape: RequestShape {
            options: KdcOptions(options),
            etypes: etypes(&[18, 17, 23, 24, -135]),
            till: "20370913024805Z".to_owned(),
            ..RequestShape::default()
        },
        ..ServiceTicketRequested::default()
    }
}

pub(crate) const ORDINARY: u32 = 0x4081_0000;
pub(crate) const FORWARDED: u32 = 0x6081_0010;

pub(crate) fn asks(presented: Ticket) -> Fact {
    Fact::ServiceTicketRequested(tgs_req(presented, "cifs/ws2.lab.example", ORDINARY))
}

pub(crate) fn issued(client: &str, presented: Ticket, ticket: Ticket, options: u32) -> Fact {
    let service = ticket.service.as_str().to_owned();
    Fact::ServiceTicketIssued(ServiceTicketIssued {
        client: client.into(),
        realm: "LAB.EXAMPLE".into(),
        ticket,
        reply_etype: EncryptionType(18),
        request: Some(Box::new(tgs_req(presented, &service, options))),
        ..ServiceTicketIssued::default()
    })
}

pub(crate) fn presents(ticket: Ticket) -> Fact {
    Fact::TicketPresented(TicketPresented {
        ticket,
        ..TicketPresented::default()
    })
}

pub(crate) fn refused(code: i32, exchange: Exchange, client: &str, offered: &[i32]) -> Fact {
    Fact::KerberosRefused(KerberosRefused {
        code: KerberosError(code),
        exchange,
        client: Some(client.into()),
        realm: "LAB.EXAMPLE".into(),
        offered_etypes: etypes(offered),
        ..KerberosRefused::default()
    })
}

pub(crate) fn resolved(name: &str, query_type: u16, addresses: &[&str], names: &[&str]) -> Fact {
    Fact::NameResolved(NameResolved {
        name: name.into(),
        query_type,
        addresses: addresses.iter().map(|it| ip(it)).collect(),
        names: names.iter().map(HostName::new).collect(),
        ..NameResolved::default()
    })
}
