//! Kerberos: AS and TGS exchanges.

use super::super::dice::seconds;
use super::{Caller, Held, Kdc, Talk};
use realmward_event::Fact;
use realmward_event::kerberos::{
    EncryptedPart, Exchange, KerberosRefused, ServiceTicketIssued, ServiceTicketRequested, Ticket,
    TicketGrantRequested, TicketGranted,
};
use realmward_vocab::{EncryptionType, KerberosError, PrincipalName, TicketHash};

impl Talk<'_> {
    /// A logon that the KDC accepts: the ticket-granting ticket.
    pub(in super::super) fn logs_on(
        &mut self,
        caller: &Caller,
        kdc: &Kdc,
        etype: EncryptionType,
        asks_first: bool,
    ) -> Held {
        if asks_first && caller.software.asks_first() {
            self.is_refused(caller, kdc, None, KerberosError::KDC_ERR_PREAUTH_REQUIRED);
        }
        let line = self.air.line(caller.address, kdc.address, KERBEROS);
        let request = self.asks(caller, kdc, Some(etype));
        self.air
            .say(self.now, &line, Fact::TicketGrantRequested(request.clone()));
        self.pause(0.001, 0.008);
        let name_type = request.shape.service_name_type;
        let ticket = self.seals(kdc, &granting(kdc), name_type, kdc.kvno, caller.octets);
        let granted = TicketGranted {
            client: PrincipalName::new(caller.account.as_str()),
            realm: caller.realm.clone(),
            ticket: ticket.clone(),
            reply_etype: etype,
            request: Some(Box::new(request)),
            ..TicketGranted::default()
        };
        self.air.say(self.now, &line, Fact::TicketGranted(granted));
        self.pause(0.001, 0.01);
        self.held(ticket)
    }

    /// A logon that the KDC refuses.
    pub(in super::super) fn is_refused(
        &mut self,
        caller: &Caller,
        kdc: &Kdc,
        proof: Option<EncryptionType>,
        code: KerberosError,
    ) {
        let line = self.air.line(caller.address, kdc.address, KERBEROS);
        let request = self.asks(caller, kdc, proof);
        self.air
            .say(self.now, &line, Fact::TicketGrantRequested(request));
        self.pause(0.001, 0.006);
        let knows = code != KerberosError::KDC_ERR_C_PRINCIPAL_UNKNOWN;
        let refused = KerberosRefused {
            code,
            exchange: Exchange::As,
            client: Some(PrincipalName::new(caller.account.as_str())),
            realm: kdc.realm.clone(),
            service: granting(kdc),
            offered_etypes: if knows {
                vec![EncryptionType::AES256_CTS_HMAC_SHA1_96]
            } else {
                Vec::new()
            },
            presented: None,
            ..KerberosRefused::default()
        };
        self.air
            .say(self.now, &line, Fact::KerberosRefused(refused));
        self.pause(0.001, 0.01);
    }

    /// A ticket for a service, got with a ticket-granting ticket.
    pub(in super::super) fn gets(
        &mut self,
        caller: &Caller,
        kdc: &Kdc,
        with: &Held,
        wanted: &Wanted<'_>,
    ) -> Held {
        let line = self.air.line(caller.address, kdc.address, KERBEROS);
        let key = EncryptionType::AES256_CTS_HMAC_SHA1_96;
        let nonce = self.nonce();
        let name = u32::try_from(caller.account.as_str().len()).unwrap_or(8);
        let request = ServiceTicketRequested {
            presented: with.ticket.clone(),
            authenticator: EncryptedPart {
                etype: key,
                cipher_octets: 126 + name,
            },
            realm: kdc.realm.clone(),
            service: Some(wanted.service.clone()),
            enc_authorization_data_octets: caller.software.authorization_octets(),
            shape: caller.software.ticket(self.now, key, nonce),
            ..ServiceTicketRequested::default()
        };
        self.air.say(
            self.now,
            &line,
            Fact::ServiceTicketRequested(request.clone()),
        );
        self.pause(0.001, 0.006);
        let name_type = request.shape.service_name_type;
        let mut ticket = self.seals(
            kdc,
            wanted.service,
            name_type,
            wanted.kvno,
            caller.octets + 106,
        );
        ticket.etype = wanted.etype;
        let issued = ServiceTicketIssued {
            client: PrincipalName::new(caller.account.as_str()),
            realm: caller.realm.clone(),
            ticket: ticket.clone(),
            reply_etype: key,
            request: Some(Box::new(request)),
            ..ServiceTicketIssued::default()
        };
        self.air
            .say(self.now, &line, Fact::ServiceTicketIssued(issued));
        self.pause(0.001, 0.006);
        Held {
            until: with.until,
            ticket,
        }
    }

    fn asks(
        &mut self,
        caller: &Caller,
        kdc: &Kdc,
        proof: Option<EncryptionType>,
    ) -> TicketGrantRequested {
        let nonce = self.nonce();
        TicketGrantRequested {
            client: Some(PrincipalName::new(caller.account.as_str())),
            realm: kdc.realm.clone(),
            service: granting(kdc),
            timestamp: proof.map(|etype| EncryptedPart {
                etype,
                cipher_octets: caller.software.proof_octets(etype),
            }),
            shape: caller.software.logon(caller, self.now, proof, nonce),
            ..TicketGrantRequested::default()
        }
    }

    fn seals(
        &mut self,
        kdc: &Kdc,
        service: &PrincipalName,
        service_name_type: i32,
        kvno: u32,
        octets: u32,
    ) -> Ticket {
        Ticket {
            hash: TicketHash(self.dice.long()),
            realm: kdc.realm.clone(),
            service: service.clone(),
            service_name_type,
            etype: EncryptionType::AES256_CTS_HMAC_SHA1_96,
            kvno: Some(kvno),
            cipher_octets: octets,
            ..Ticket::default()
        }
    }

    fn held(&self, ticket: Ticket) -> Held {
        Held {
            until: self.now.saturating_add(seconds(LIFE_S)),
            ticket,
        }
    }

    fn nonce(&mut self) -> u32 {
        u32::try_from(self.dice.bits() >> 33).unwrap_or_default()
    }
}

/// A service for which a ticket is wanted.
pub(in super::super) struct Wanted<'a> {
    pub(in super::super) service: &'a PrincipalName,
    pub(in super::super) kvno: u32,
    pub(in super::super) etype: EncryptionType,
}

/// `krbtgt/REALM`.
pub(in super::super) fn granting(kdc: &Kdc) -> PrincipalName {
    PrincipalName::new(format!("krbtgt/{}", kdc.realm))
}

const KERBEROS: u16 = 88;

/// The default life of a ticket, ten hours, less what clients keep as reserve.
const LIFE_S: f64 = 35_400.0;
