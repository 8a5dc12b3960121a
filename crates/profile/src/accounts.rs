//! On whose behalf something was done.

use crate::devices::Devices;
use crate::domains::Domains;
use crate::ledger::Ledger;
use crate::{Actor, ActorSource, Certainty};
use realmward_event::kerberos::account_of;
use realmward_event::{Event, Fact, Outcome, SessionPrincipal};
use realmward_vocab::{AccountName, DomainName, PrincipalName, Realm, TicketHash};

/// What an actor is inferred from.
pub(crate) struct Knowledge<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) devices: &'a Devices,
    pub(crate) domains: &'a Domains,
}

impl Knowledge<'_> {
    /// The account that acts in this event, if that is known or can be inferred.
    pub(crate) fn actor(&self, event: &Event) -> Option<Actor> {
        let actor = match &event.fact {
            Fact::TicketGrantRequested(it) => named(it.client.as_ref()?, &it.realm),
            Fact::TicketGranted(it) => named(&it.client, &it.realm),
            Fact::ServiceTicketRequested(it) => return self.of_ticket(event, it.presented.hash),
            Fact::ServiceTicketIssued(it) => match &it.request {
                Some(request) => match self.ledger.owner(request.presented.hash) {
                    Some(owner) => issued(owner),
                    None => named(&it.client, &it.realm),
                },
                None => named(&it.client, &it.realm),
            },
            Fact::KerberosRefused(it) => match (&it.client, &it.presented) {
                (Some(client), _) => named(client, &it.realm),
                (None, Some(ticket)) => return self.of_ticket(event, ticket.hash),
                (None, None) => return None,
            },
            Fact::TicketPresented(it) => return self.of_ticket(event, it.ticket.hash),
            Fact::NtlmAuthenticated(it) => Actor {
                name: it.user.clone(),
                domain: it.domain.clone(),
                source: ActorSource::Message,
                certainty: if it.outcome == Outcome::Success {
                    Certainty::High
                } else {
                    Certainty::Medium
                },
            },
            Fact::SmbSessionAnswered(it) => return self.of_session(event, &it.principal),
            Fact::ShareOpened(it) => return self.of_session(event, &it.principal),
            Fact::FileOpened(it) => return self.of_session(event, &it.principal),
            Fact::RpcBound(it) => return self.of_session(event, &it.principal),
            Fact::RpcCalled(it) => return self.of_session(event, &it.principal),
            Fact::DirectoryBound(it) => return self.of_session(event, &it.principal),
            Fact::DirectorySearched(it) => return self.of_session(event, &it.principal),
            _ => return None,
        };
        self.known(actor)
    }

    fn of_session(&self, event: &Event, principal: &SessionPrincipal) -> Option<Actor> {
        match principal {
            SessionPrincipal::Ntlm { user, domain } => self.known(Actor {
                name: user.clone(),
                domain: domain.clone(),
                source: ActorSource::NtlmSession,
                certainty: Certainty::High,
            }),
            SessionPrincipal::Ticket(hash) => self.of_ticket(event, *hash),
            SessionPrincipal::Named(name) => self.known(Actor {
                name: simple_name(name),
                domain: DomainName::default(),
                source: ActorSource::SimpleBind,
                certainty: Certainty::High,
            }),
            SessionPrincipal::Unknown => self.at_address(event),
            SessionPrincipal::Anonymous => None,
        }
    }

    fn of_ticket(&self, event: &Event, hash: TicketHash) -> Option<Actor> {
        match self.ledger.owner(hash) {
            Some(owner) => self.known(issued(owner)),
            None => self.at_address(event),
        }
    }

    fn at_address(&self, event: &Event) -> Option<Actor> {
        let actor = self
            .devices
            .latest_logon(event.client.address?, event.time)?;
        self.known(actor)
    }

    /// An actor with a name, its domain under one name.
    fn known(&self, mut actor: Actor) -> Option<Actor> {
        if actor.name.is_empty() || actor.name.as_str().eq_ignore_ascii_case("WELLKNOWN") {
            return None;
        }
        actor.domain = self.domains.canonical(&actor.domain);
        Some(actor)
    }
}

fn named(client: &PrincipalName, realm: &Realm) -> Actor {
    Actor {
        name: account_of(client),
        domain: DomainName::new(realm.as_str()),
        source: ActorSource::Message,
        certainty: Certainty::High,
    }
}

fn issued((name, domain): (AccountName, DomainName)) -> Actor {
    Actor {
        name,
        domain,
        source: ActorSource::IssuedTicket,
        certainty: Certainty::High,
    }
}

/// `CN=alice,CN=Users,...`, `LAB\alice` and `alice@lab.example` all name alice.
fn simple_name(name: &AccountName) -> AccountName {
    let text = name.as_str();
    let text = text.rsplit('\\').next().unwrap_or(text);
    let text = text.split('@').next().unwrap_or(text);
    let is_dn = text
        .get(..3)
        .is_some_and(|it| it.eq_ignore_ascii_case("cn="));
    let text = if is_dn {
        text.get(3..)
            .unwrap_or(text)
            .split(',')
            .next()
            .unwrap_or(text)
    } else {
        text
    };
    AccountName::new(text)
}
