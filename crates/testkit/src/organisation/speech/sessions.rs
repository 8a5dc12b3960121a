//! Sessions: SMB, HTTP and LDAP, with Kerberos or NTLM, and what is opened in them.

use super::{Caller, Held, Kdc, Peer, Software, Talk};
use crate::organisation::air::Line;
use realmward_event::directory::DirectoryServerSeen;
use realmward_event::dns::NameResolved;
use realmward_event::kerberos::{EncryptedPart, TicketPresented};
use realmward_event::ldap::{DirectoryBound, DirectorySearched};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::smb::{
    FileOpened, ShareOpened, SmbNegotiated, SmbSessionAnswered, SmbSessionEncrypted,
};
use realmward_event::{Carrier, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{EncryptionType, Guid, HostName, NtStatus, ResultCode, ShareName};

/// How a session is opened.
#[derive(Clone, Copy)]
pub(in super::super) enum Logon<'a> {
    /// With a service ticket.
    Ticket(&'a Held),
    /// With NTLM; whether the password is right.
    Ntlm(bool),
}

impl Talk<'_> {
    /// A client looks a host up at a domain controller.
    pub(in super::super) fn looks_up(&mut self, caller: &Caller, kdc: &Kdc, peer: &Peer) {
        let line = self.air.line(caller.address, kdc.address, 53);
        let resolved = NameResolved {
            name: peer.host.clone(),
            query_type: 1,
            addresses: vec![peer.address],
            ..NameResolved::default()
        };
        self.air.say(self.now, &line, Fact::NameResolved(resolved));
        self.pause(0.0005, 0.003);
    }

    /// A client asks a domain controller what it is (netlogon ping).
    pub(in super::super) fn pings(&mut self, caller: &Caller, kdc: &Kdc) {
        let line = self.air.line(caller.address, kdc.address, 389);
        let seen = DirectoryServerSeen {
            host: Some(kdc.host.clone()),
            domain: Some(kdc.dns.clone()),
            netbios_domain: Some(kdc.netbios.clone()),
            is_domain_controller: true,
        };
        self.air
            .say(self.now, &line, Fact::DirectoryServerSeen(seen));
        self.pause(0.0005, 0.003);
    }

    /// An SMB session; the line and whose it is.
    pub(in super::super) fn opens_smb(
        &mut self,
        caller: &Caller,
        peer: &Peer,
        logon: Logon<'_>,
    ) -> (Line, SessionPrincipal) {
        let line = self.air.line(caller.address, peer.address, 445);
        let is_tool = caller.software == Software::Impacket;
        let negotiated = SmbNegotiated {
            dialects: vec![0x0202, 0x0210, 0x0300, 0x0302, 0x0311],
            dialect: Some(0x0311),
            client_guid: Some(if is_tool { self.letters() } else { caller.guid }),
            client_capabilities: if is_tool { 0x40 } else { 0x7f },
            offers_smb1: is_tool,
            signing_required: true,
            ..SmbNegotiated::default()
        };
        self.air
            .say(self.now, &line, Fact::SmbNegotiated(negotiated));
        self.pause(0.001, 0.01);
        let (principal, works) = self.proves(caller, peer, &line, logon, Carrier::Smb);
        let answered = SmbSessionAnswered {
            principal: principal.clone(),
            status: if works {
                NtStatus::STATUS_SUCCESS
            } else {
                NtStatus::STATUS_LOGON_FAILURE
            },
            ..SmbSessionAnswered::default()
        };
        self.air
            .say(self.now, &line, Fact::SmbSessionAnswered(answered));
        self.pause(0.001, 0.01);
        (line, principal)
    }

    /// From here on the session is encrypted.
    pub(in super::super) fn hides(&mut self, line: &Line, principal: &SessionPrincipal) {
        let principal = principal.clone();
        self.air.say(
            self.now,
            line,
            Fact::SmbSessionEncrypted(SmbSessionEncrypted { principal }),
        );
        self.pause(0.001, 0.01);
    }

    /// A share is opened.
    pub(in super::super) fn opens_share(
        &mut self,
        line: &Line,
        principal: &SessionPrincipal,
        share: &str,
    ) {
        let opened = ShareOpened {
            share: ShareName::new(share),
            principal: principal.clone(),
            status: Some(NtStatus::STATUS_SUCCESS),
        };
        self.air.say(self.now, line, Fact::ShareOpened(opened));
        self.pause(0.001, 0.05);
    }

    /// A file is opened, or written.
    pub(in super::super) fn opens_file(
        &mut self,
        line: &Line,
        principal: &SessionPrincipal,
        share: &str,
        name: &str,
        writes: bool,
    ) {
        let opened = FileOpened {
            share: ShareName::new(share),
            name: name.to_owned(),
            is_pipe: false,
            access: if writes { 0x0012_0196 } else { 0x0012_0089 },
            may_create: writes,
            principal: principal.clone(),
            status: Some(NtStatus::STATUS_SUCCESS),
            ..FileOpened::default()
        };
        self.air.say(self.now, line, Fact::FileOpened(opened));
        self.pause(0.01, 0.4);
    }

    /// A page of a web server.
    pub(in super::super) fn browses(&mut self, caller: &Caller, peer: &Peer, logon: Logon<'_>) {
        let line = self.air.line(caller.address, peer.address, 80);
        self.proves(caller, peer, &line, logon, Carrier::Http);
    }

    /// A bind to a directory, sealed afterwards.
    pub(in super::super) fn binds(
        &mut self,
        caller: &Caller,
        peer: &Peer,
        logon: Logon<'_>,
    ) -> (Line, SessionPrincipal) {
        let line = self.air.line(caller.address, peer.address, 389);
        let (principal, works) = self.proves(caller, peer, &line, logon, Carrier::Ldap);
        let result = if works {
            ResultCode::SUCCESS
        } else {
            ResultCode::INVALID_CREDENTIALS
        };
        let bound = DirectoryBound {
            principal: principal.clone(),
            mechanism: "GSS-SPNEGO".to_owned(),
            result: Some(result),
            ..DirectoryBound::default()
        };
        self.air.say(self.now, &line, Fact::DirectoryBound(bound));
        self.pause(0.001, 0.01);
        (line, principal)
    }

    /// A readable search.
    pub(in super::super) fn searches(
        &mut self,
        line: &Line,
        principal: &SessionPrincipal,
        base: &str,
        filter: &str,
        entries: u32,
    ) {
        let searched = DirectorySearched {
            base: base.to_owned(),
            scope: 2,
            filter: filter.to_owned(),
            entries,
            result: Some(ResultCode::SUCCESS),
            principal: principal.clone(),
            outcome: Outcome::Success,
            ..DirectorySearched::default()
        };
        self.air
            .say(self.now, line, Fact::DirectorySearched(searched));
        self.pause(0.01, 0.2);
    }

    /// What proves who is at the client; whose session it is, and whether the server took it.
    pub(super) fn proves(
        &mut self,
        caller: &Caller,
        peer: &Peer,
        line: &Line,
        logon: Logon<'_>,
        carrier: Carrier,
    ) -> (SessionPrincipal, bool) {
        match logon {
            Logon::Ticket(held) => {
                let presented = TicketPresented {
                    ticket: held.ticket.clone(),
                    authenticator: EncryptedPart {
                        etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
                        cipher_octets: 150,
                    },
                    carrier,
                    ..TicketPresented::default()
                };
                self.air
                    .say(self.now, line, Fact::TicketPresented(presented));
                self.pause(0.001, 0.008);
                (SessionPrincipal::Ticket(held.ticket.hash), true)
            }
            Logon::Ntlm(works) => {
                let authenticated = self.ntlm(caller, peer, carrier, works);
                self.air
                    .say(self.now, line, Fact::NtlmAuthenticated(authenticated));
                self.pause(0.001, 0.008);
                let principal = SessionPrincipal::Ntlm {
                    user: caller.account.clone(),
                    domain: caller.netbios.clone(),
                };
                (principal, works)
            }
        }
    }

    fn ntlm(
        &mut self,
        caller: &Caller,
        peer: &Peer,
        carrier: Carrier,
        works: bool,
    ) -> NtlmAuthenticated {
        let windows = matches!(caller.software, Software::Windows | Software::WindowsStored);
        let class = match carrier {
            Carrier::Http => "HTTP",
            Carrier::Ldap => "ldap",
            _ => "cifs",
        };
        let named = match caller.software {
            Software::Impacket => format!("cifs/{}", peer.host),
            _ => format!("{class}/{}", peer.address),
        };
        let status = if works {
            NtStatus::STATUS_SUCCESS
        } else {
            NtStatus::STATUS_LOGON_FAILURE
        };
        NtlmAuthenticated {
            user: caller.account.clone(),
            domain: caller.netbios.clone(),
            workstation: if windows {
                caller.host.clone()
            } else {
                HostName::default()
            },
            flags: if windows { 0xe288_8215 } else { 0xe088_8235 },
            negotiate_flags: Some(if windows { 0xe208_8297 } else { 0xe088_8235 }),
            client_version: windows.then_some((10, 0, 19_041)),
            response_version: 2,
            server_challenge: Some(self.dice.bits()),
            proof: Some(self.dice.bits()),
            client_challenge: Some(self.dice.bits()),
            target_name: Some(named),
            has_mic: windows,
            server_name: Some(HostName::new(peer.host.short().as_str().to_uppercase())),
            server_dns_domain: Some(peer.dns.clone()),
            carrier,
            outcome: if works {
                Outcome::Success
            } else {
                Outcome::Failure
            },
            status: (carrier == Carrier::Smb).then_some(status),
            ..NtlmAuthenticated::default()
        }
    }

    /// Sixteen letters, as impacket makes its identifier.
    fn letters(&mut self) -> Guid {
        let mut octets = [0_u8; 16];
        for octet in &mut octets {
            let letter = u8::try_from(self.dice.below(26)).unwrap_or_default();
            *octet = letter + if self.dice.chance(0.5) { b'a' } else { b'A' };
        }
        Guid::from_le_bytes(octets)
    }
}
