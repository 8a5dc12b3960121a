//! Names, addresses and the plainer facts of the organisation.

use realmward_event::dns::NameResolved;
use realmward_event::kerberos::{
    EncryptedPart, Exchange, KerberosRefused, RequestShape, Ticket, TicketPresented,
};
use realmward_event::smb::SmbNegotiated;
use realmward_event::{Carrier, Endpoint, Event, Fact};
use realmward_vocab::{
    EncryptionType, EventTime, Guid, KdcOptions, KerberosError, PaDataType, TicketHash,
};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Somebody at a machine.
pub(super) struct Client {
    pub(super) name: String,
    pub(super) address: IpAddr,
    pub(super) number: usize,
}

/// What is told of a visit, some milliseconds from fact to fact.
pub(super) struct Told {
    pub(super) events: Vec<Event>,
    now: EventTime,
    from: Endpoint,
}

impl Told {
    pub(super) fn new(now: EventTime, client: &Client) -> Self {
        let port = 49_152 + u16::try_from(client.number % 16_000).unwrap_or_default();
        Self {
            events: Vec::new(),
            now,
            from: Endpoint::new(client.address, port),
        }
    }

    pub(super) fn at(&mut self, server: IpAddr, port: u16, fact: Fact) {
        self.now = self.now.saturating_add(STEP);
        self.events.push(Event {
            time: self.now,
            client: self.from.clone(),
            server: Endpoint::new(server, port),
            fact,
            ..Event::default()
        });
    }
}

pub(super) fn user_at_work(number: usize) -> Client {
    Client {
        name: user_name(number),
        address: address(10, 16, number + 1),
        number,
    }
}

/// Four given names and many family names, as directories have them.
pub(super) fn user_name(number: usize) -> String {
    let given = ["anna", "boris", "carla", "dmitri"];
    let given = given.get(number % given.len()).copied().unwrap_or("eve");
    format!("{given}.u{number:05}")
}

/// The address of this number within a network.
pub(super) fn address(first: u8, second: u8, number: usize) -> IpAddr {
    let [.., high, low] = u32::try_from(number).unwrap_or_default().to_be_bytes();
    Ipv4Addr::new(first, second, high, low).into()
}

/// The name of a server or domain controller.
pub(super) fn host(at: IpAddr) -> String {
    match at {
        IpAddr::V4(it) => {
            let [_, network, high, low] = it.octets();
            let kind = if network == 0 { "dc" } else { "srv" };
            let number = u16::from_be_bytes([high, low]);
            format!("{kind}{number:03}.corp.example")
        }
        IpAddr::V6(it) => it.to_string(),
    }
}

/// A ticket; `drawn` makes it another one than the last.
pub(super) fn ticket_of(client: &Client, service: &str, drawn: usize) -> Ticket {
    let parts = (drawn as u128) << 64 | (client.number as u128) << 8 | service.len() as u128;
    Ticket {
        // Spread like a digest, so that nothing gains from neighbours.
        hash: TicketHash(parts.wrapping_mul(ODD)),
        realm: REALM.into(),
        service: service.into(),
        service_name_type: 2,
        etype: AES256,
        kvno: Some(2),
        cipher_octets: 1000,
        ..Ticket::default()
    }
}

/// As Windows asks.
pub(super) fn shape(padata: &[i32], nonce: usize) -> RequestShape {
    RequestShape {
        options: KdcOptions(0x4081_0010),
        etypes: [18, 17, 23, 24, -135].map(EncryptionType).into(),
        padata: padata.iter().copied().map(PaDataType).collect(),
        service_name_type: 2,
        nonce: u32::try_from(nonce).unwrap_or_default(),
        till: "20370913024805Z".to_owned(),
        rtime: Some("20370913024805Z".to_owned()),
        has_cname: padata.first() == Some(&2),
        ..RequestShape::default()
    }
}

pub(super) const fn encrypted(cipher_octets: u32) -> EncryptedPart {
    EncryptedPart {
        etype: AES256,
        cipher_octets,
    }
}

pub(super) fn resolved(name: &str, at: IpAddr) -> Fact {
    Fact::NameResolved(NameResolved {
        name: name.into(),
        query_type: 1,
        addresses: vec![at],
        ..NameResolved::default()
    })
}

pub(super) fn refused(client: &Client, code: KerberosError) -> Fact {
    Fact::KerberosRefused(KerberosRefused {
        code,
        exchange: Exchange::As,
        client: Some(client.name.as_str().into()),
        realm: REALM.into(),
        service: TGS.into(),
        ..KerberosRefused::default()
    })
}

pub(super) const fn presented(ticket: Ticket, carrier: Carrier) -> Fact {
    Fact::TicketPresented(TicketPresented {
        ticket,
        authenticator: encrypted(160),
        carrier,
        ap_options: 0,
    })
}

pub(super) fn negotiated(client: &Client) -> SmbNegotiated {
    SmbNegotiated {
        dialects: vec![514, 528, 768, 770, 785],
        dialect: Some(785),
        client_guid: Some(Guid((client.number as u128 + 1).wrapping_mul(ODD))),
        client_capabilities: 127,
        signing_required: true,
        ..SmbNegotiated::default()
    }
}

pub(super) const REALM: &str = "CORP.EXAMPLE";
pub(super) const TGS: &str = "krbtgt/CORP.EXAMPLE";
pub(super) const AES256: EncryptionType = EncryptionType(18);

const ODD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
const STEP: Duration = Duration::from_millis(7);
