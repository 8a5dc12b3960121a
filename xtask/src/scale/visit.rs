//! What one visit of a user or a service at a server makes a sensor tell.

use super::words::{
    AES256, Client, REALM, TGS, Told, address, encrypted, host, negotiated, presented, refused,
    resolved, shape, ticket_of, user_at_work, user_name,
};
use realmward_event::kerberos::{
    ServiceTicketIssued, ServiceTicketRequested, Ticket, TicketGrantRequested, TicketGranted,
};
use realmward_event::ldap::{DirectoryBound, DirectorySearched};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::rpc::{RpcBound, RpcCalled, Transport};
use realmward_event::smb::{FileOpened, ShareOpened, SmbSessionAnswered};
use realmward_event::{Carrier, Event, Fact, Outcome, SessionPrincipal};
use realmward_testkit::hostile::random::Random;
use realmward_vocab::interface::LSARPC;
use realmward_vocab::{EventTime, KerberosError, NtStatus, ResultCode};
use std::net::IpAddr;

/// The moment, and chance.
pub(super) struct Visit<'a> {
    pub(super) day: usize,
    pub(super) now: EventTime,
    pub(super) users: usize,
    pub(super) random: &'a mut Random,
}

impl Visit<'_> {
    /// The first of the day: tickets, policy, directory.
    pub(super) fn logon(mut self, user: usize) -> Vec<Event> {
        let client = user_at_work(user);
        let dc = self.controller();
        let mut told = Told::new(self.now, &client);
        told.at(dc, 53, resolved(&host(dc), dc));
        if self.random.below(40) == 0 {
            let code = KerberosError::KDC_ERR_PREAUTH_FAILED;
            told.at(dc, 88, refused(&client, code));
        }
        let granted = self.granted(&client);
        told.at(dc, 88, Fact::TicketGranted(granted));
        self.directory(&client, dc, &mut told, 3);
        self.share(&client, dc, "SYSVOL", &mut told, 4);
        told.events
    }

    /// One of what people do all day.
    pub(super) fn work(mut self, user: usize) -> Vec<Event> {
        let client = user_at_work(user);
        let mut told = Told::new(self.now, &client);
        let server = self.server();
        match self.random.below(20) {
            0..10 => {
                told.at(self.controller(), 53, resolved(&host(server), server));
                let files = 2 + self.random.below(6);
                self.share(&client, server, "projects", &mut told, files);
            }
            10..14 => {
                let ticket = self.ticket(&client, "http", server, &mut told);
                told.at(server, 80, presented(ticket, Carrier::Http));
            }
            14..17 => {
                let dc = self.controller();
                self.directory(&client, dc, &mut told, 2);
            }
            17..19 => {
                let ends_well = 0 < self.random.below(20);
                told.at(server, 445, self.ntlm(&client, ends_well));
            }
            _ => {
                let dc = self.controller();
                self.calls(&client, dc, &mut told);
            }
        }
        told.events
    }

    /// A service reads the directory; the first does half of that.
    pub(super) fn service(mut self) -> Vec<Event> {
        let number = if self.random.below(2) == 0 {
            0
        } else {
            self.random.below(SERVICES)
        };
        let client = Client {
            name: format!("svc_{number:03}"),
            address: address(10, 2, number + 1),
            number: self.users + number,
        };
        let mut told = Told::new(self.now, &client);
        let dc = self.controller();
        let granted = self.granted(&client);
        told.at(dc, 88, Fact::TicketGranted(granted));
        self.directory(&client, dc, &mut told, 9);
        told.events
    }

    /// Half of all asks the first domain controller.
    fn controller(&mut self) -> IpAddr {
        let number = self.random.below(2) * self.random.below(CONTROLLERS);
        address(10, 0, number + 1)
    }

    fn server(&mut self) -> IpAddr {
        let number = self.random.below(2) * self.random.below(SERVERS);
        address(10, 1, number + 1)
    }

    fn directory(&mut self, client: &Client, dc: IpAddr, told: &mut Told, searches: usize) {
        let ticket = self.ticket(client, "ldap", dc, told);
        let principal = SessionPrincipal::Ticket(ticket.hash);
        told.at(dc, 389, presented(ticket, Carrier::Ldap));
        let bound = DirectoryBound {
            principal: principal.clone(),
            mechanism: "GSS-SPNEGO".to_owned(),
            result: Some(ResultCode(0)),
            ..DirectoryBound::default()
        };
        told.at(dc, 389, Fact::DirectoryBound(bound));
        for _ in 0..searches {
            let whom = self.random.below(self.users);
            let searched = DirectorySearched {
                base: "DC=corp,DC=example".to_owned(),
                scope: 2,
                filter: format!("(&(objectClass=user)(sAMAccountName={}))", user_name(whom)),
                attributes: ["displayName", "mail", "memberOf"]
                    .map(str::to_owned)
                    .into(),
                entries: 1,
                result: Some(ResultCode(0)),
                principal: principal.clone(),
                outcome: Outcome::Success,
                ..DirectorySearched::default()
            };
            told.at(dc, 389, Fact::DirectorySearched(searched));
        }
    }

    fn share(
        &mut self,
        client: &Client,
        server: IpAddr,
        name: &str,
        told: &mut Told,
        files: usize,
    ) {
        let ticket = self.ticket(client, "cifs", server, told);
        let principal = SessionPrincipal::Ticket(ticket.hash);
        let share = format!("\\\\{}\\{name}", host(server));
        told.at(server, 445, Fact::SmbNegotiated(negotiated(client)));
        told.at(server, 445, presented(ticket, Carrier::Smb));
        let answered = SmbSessionAnswered {
            principal: principal.clone(),
            ..SmbSessionAnswered::default()
        };
        told.at(server, 445, Fact::SmbSessionAnswered(answered));
        let opened = ShareOpened {
            share: share.as_str().into(),
            principal: principal.clone(),
            status: Some(NtStatus(0)),
        };
        told.at(server, 445, Fact::ShareOpened(opened));
        for _ in 0..files {
            let number = self.random.below(5000);
            let opened = FileOpened {
                share: share.as_str().into(),
                name: format!("{:02}\\report-{number:04}.docx", number % 40),
                access: 0x0012_0089,
                principal: principal.clone(),
                status: Some(NtStatus(0)),
                ..FileOpened::default()
            };
            told.at(server, 445, Fact::FileOpened(opened));
        }
    }

    fn calls(&mut self, client: &Client, dc: IpAddr, told: &mut Told) {
        let ticket = self.ticket(client, "cifs", dc, told);
        let principal = SessionPrincipal::Ticket(ticket.hash);
        told.at(dc, 445, presented(ticket, Carrier::Smb));
        let (interface, transport) = (LSARPC, Transport::Pipe("lsarpc".to_owned()));
        let bound = RpcBound {
            interface,
            interface_name: Some("lsarpc".to_owned()),
            contexts_asked: 1,
            accepted: Some(true),
            transport: transport.clone(),
            principal: principal.clone(),
            ..RpcBound::default()
        };
        told.at(dc, 445, Fact::RpcBound(bound));
        let called = RpcCalled {
            interface: Some(interface),
            interface_name: Some("lsarpc".to_owned()),
            opnum: 46,
            operation: Some("LsarQueryInformationPolicy2".to_owned()),
            request_octets: 22,
            response_octets: Some(176),
            return_code: Some(0),
            outcome: Outcome::Success,
            transport,
            principal,
            ..RpcCalled::default()
        };
        told.at(dc, 445, Fact::RpcCalled(called));
    }

    /// A new ticket for a service.
    fn ticket(&mut self, client: &Client, service: &str, at: IpAddr, told: &mut Told) -> Ticket {
        let service = format!("{service}/{}", host(at));
        let drawn = self.random.below(usize::MAX);
        let ticket = ticket_of(client, &service, drawn);
        let presented = ticket_of(client, TGS, self.day);
        let request = ServiceTicketRequested {
            presented,
            authenticator: encrypted(184),
            realm: REALM.into(),
            service: Some(service.as_str().into()),
            shape: shape(&[1, 136], self.random.below(1 << 31)),
            ..ServiceTicketRequested::default()
        };
        let issued = ServiceTicketIssued {
            client: client.name.as_str().into(),
            realm: REALM.into(),
            ticket: ticket.clone(),
            reply_etype: AES256,
            request: Some(Box::new(request)),
            ..ServiceTicketIssued::default()
        };
        told.at(address(10, 0, 1), 88, Fact::ServiceTicketIssued(issued));
        ticket
    }

    fn granted(&mut self, client: &Client) -> TicketGranted {
        let request = TicketGrantRequested {
            client: Some(client.name.as_str().into()),
            realm: REALM.into(),
            service: TGS.into(),
            timestamp: Some(encrypted(56)),
            shape: shape(&[2, 128], self.random.below(1 << 31)),
            ..TicketGrantRequested::default()
        };
        TicketGranted {
            client: client.name.as_str().into(),
            realm: REALM.into(),
            ticket: ticket_of(client, TGS, self.day),
            reply_etype: AES256,
            request: Some(Box::new(request)),
            ..TicketGranted::default()
        }
    }

    fn ntlm(&mut self, client: &Client, ends_well: bool) -> Fact {
        let mut drawn = || Some(self.random.below(usize::MAX) as u64);
        let status = NtStatus(if ends_well { 0 } else { 0xc000_006a });
        Fact::NtlmAuthenticated(NtlmAuthenticated {
            user: client.name.as_str().into(),
            domain: "CORP".into(),
            workstation: format!("WS{:05}", client.number).as_str().into(),
            flags: 0x6208_8215,
            response_version: 2,
            server_challenge: drawn(),
            proof: drawn(),
            client_challenge: drawn(),
            has_mic: true,
            outcome: status.into(),
            status: Some(status),
            ..NtlmAuthenticated::default()
        })
    }
}

const CONTROLLERS: usize = 4;
const SERVERS: usize = 200;
const SERVICES: usize = 100;
