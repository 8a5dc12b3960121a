//! DCE/RPC over pipes and over connections of its own.

use super::{Caller, Held, Peer, Talk};
use crate::organisation::air::Line;
use realmward_event::kerberos::{EncryptedPart, TicketPresented};
use realmward_event::rpc::{Arguments, EndpointMapped, RpcBound, RpcCalled, Transport};
use realmward_event::smb::FileOpened;
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{EncryptionType, Guid, NtStatus, ShareName, interface};

/// A pipe and the interface behind it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Pipe {
    pub(in super::super) name: &'static str,
    pub(in super::super) interface: Guid,
}

impl Pipe {
    pub(in super::super) const SAMR: Self = Self::new("samr", interface::SAMR);
    pub(in super::super) const SRVSVC: Self = Self::new("srvsvc", interface::SRVSVC);
    pub(in super::super) const WKSSVC: Self = Self::new("wkssvc", interface::WKSSVC);
    pub(in super::super) const SVCCTL: Self = Self::new("svcctl", interface::SVCCTL);
    pub(in super::super) const WINREG: Self = Self::new("winreg", interface::WINREG);
    pub(in super::super) const TASKS: Self = Self::new("atsvc", interface::TASK_SCHEDULER);

    const fn new(name: &'static str, interface: Guid) -> Self {
        Self { name, interface }
    }
}

/// An operation.
#[derive(Clone, Debug)]
pub(in super::super) struct Call {
    pub(in super::super) opnum: u16,
    pub(in super::super) operation: &'static str,
    pub(in super::super) request_octets: u32,
    pub(in super::super) response_octets: u32,
    pub(in super::super) arguments: Arguments,
    pub(in super::super) works: bool,
}

impl Call {
    /// One that works, with arguments of no interest.
    pub(in super::super) const fn new(opnum: u16, operation: &'static str) -> Self {
        Self {
            opnum,
            operation,
            request_octets: 96,
            response_octets: 64,
            arguments: Arguments::None,
            works: true,
        }
    }

    /// One about a service.
    pub(in super::super) fn of_service(mut self, name: &str, path: Option<&str>) -> Self {
        self.arguments = Arguments::Service {
            name: name.to_owned(),
            binary_path: path.map(str::to_owned),
        };
        self
    }
}

impl Talk<'_> {
    /// Calls through a pipe of an open session.
    pub(in super::super) fn calls(
        &mut self,
        line: &Line,
        principal: &SessionPrincipal,
        host: &str,
        pipe: Pipe,
        calls: &[Call],
    ) {
        let opened = FileOpened {
            share: ShareName::new(format!("\\\\{host}\\IPC$")),
            name: pipe.name.to_owned(),
            is_pipe: true,
            access: 0x0012_019f,
            may_create: false,
            principal: principal.clone(),
            status: Some(NtStatus::STATUS_SUCCESS),
            ..FileOpened::default()
        };
        self.air.say(self.now, line, Fact::FileOpened(opened));
        self.pause(0.001, 0.01);
        let transport = Transport::Pipe(pipe.name.to_owned());
        self.binds_rpc(
            line,
            principal,
            pipe.interface,
            pipe.name,
            (0, 0),
            &transport,
        );
        for call in calls {
            self.says_call(
                line,
                principal,
                (pipe.interface, pipe.name),
                call,
                0,
                &transport,
            );
        }
    }

    /// Calls over a connection of its own, sealed, with a ticket for the server.
    pub(in super::super) fn calls_sealed(
        &mut self,
        caller: &Caller,
        peer: &Peer,
        held: &Held,
        interface: (Guid, &'static str),
        calls: &[Call],
    ) {
        let line = self.air.line(caller.address, peer.address, DYNAMIC);
        let presented = TicketPresented {
            ticket: held.ticket.clone(),
            authenticator: EncryptedPart {
                etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
                cipher_octets: 146,
            },
            carrier: Carrier::Rpc,
            ..TicketPresented::default()
        };
        self.air
            .say(self.now, &line, Fact::TicketPresented(presented));
        self.pause(0.001, 0.005);
        let principal = SessionPrincipal::Ticket(held.ticket.hash);
        let tcp = Transport::Tcp;
        self.binds_rpc(&line, &principal, interface.0, interface.1, (9, 6), &tcp);
        for call in calls {
            self.says_call(&line, &principal, interface, call, 6, &tcp);
        }
    }

    fn binds_rpc(
        &mut self,
        line: &Line,
        principal: &SessionPrincipal,
        interface: Guid,
        name: &str,
        (auth_type, auth_level): (u8, u8),
        transport: &Transport,
    ) {
        let bound = RpcBound {
            interface,
            interface_name: Some(name.to_owned()),
            contexts_asked: 2,
            bind_time_features: true,
            accepted: Some(true),
            auth_type,
            auth_level,
            transport: transport.clone(),
            principal: principal.clone(),
            ..RpcBound::default()
        };
        self.air.say(self.now, line, Fact::RpcBound(bound));
        self.pause(0.001, 0.01);
    }

    fn says_call(
        &mut self,
        line: &Line,
        principal: &SessionPrincipal,
        (interface, name): (Guid, &str),
        call: &Call,
        auth_level: u8,
        transport: &Transport,
    ) {
        let outcome = match (call.works, auth_level) {
            (false, _) => Outcome::Failure,
            (true, 6) if call.opnum != 3 => Outcome::Attempt,
            (true, _) => Outcome::Success,
        };
        let called = RpcCalled {
            interface: Some(interface),
            interface_name: Some(name.to_owned()),
            opnum: call.opnum,
            operation: Some(call.operation.to_owned()),
            auth_level,
            request_octets: call.request_octets,
            response_octets: Some(call.response_octets),
            return_code: (auth_level == 0).then_some(if call.works { 0 } else { 5 }),
            outcome,
            arguments: if auth_level == 6 {
                Arguments::None
            } else {
                call.arguments.clone()
            },
            transport: transport.clone(),
            principal: principal.clone(),
            ..RpcCalled::default()
        };
        self.air.say(self.now, line, Fact::RpcCalled(called));
        self.pause(0.005, 0.06);
    }
}

/// The endpoint mapper's answer that replication waits at the port which `calls_sealed` uses.
pub(in super::super) fn mapped(talk: &mut Talk<'_>, caller: &Caller, peer: &Peer) {
    let line = talk.air.line(caller.address, peer.address, 135);
    let mapped = EndpointMapped {
        interface: interface::DRSUAPI,
        interface_name: Some("drsuapi".to_owned()),
        port: Some(DYNAMIC),
        ..EndpointMapped::default()
    };
    talk.air.say(talk.now, &line, Fact::EndpointMapped(mapped));
    talk.pause(0.001, 0.01);
}

/// What a replication asks: bind, then changes of so many partitions.
pub(in super::super) fn replicates(partitions: usize, octets: u32) -> Vec<Call> {
    let mut calls = vec![Call::new(0, "DRSBind")];
    for _ in 0..partitions {
        calls.push(Call {
            request_octets: 312,
            response_octets: octets,
            ..Call::new(3, "DRSGetNCChanges")
        });
    }
    calls
}

const DYNAMIC: u16 = 49_667;
