//! On whose behalf something was done.
//!
//! In order of strength: the message names the account; its session was opened under a name; its
//! ticket was issued to a name; and, last and never sure, whoever got in from the same address.

use crate::account_key::split;
use crate::accounts::Accounts;
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
    pub(crate) accounts: &'a Accounts,
}

impl Knowledge<'_> {
    /// The account that acts in this event, if that is known or can be inferred.
    pub(crate) fn actor(&self, event: &Event) -> Option<Actor> {
        match &event.fact {
            Fact::TicketGrantRequested(it) => self.named(event, it.client.as_ref()?, &it.realm),
            Fact::TicketGranted(it) => self.named(event, &it.client, &it.realm),
            Fact::ServiceTicketRequested(it) => self.of_ticket(event, it.presented.hash),
            Fact::ServiceTicketIssued(it) => it
                .request
                .as_ref()
                .and_then(|request| self.owner(event, request.presented.hash))
                .or_else(|| self.named(event, &it.client, &it.realm)),
            Fact::KerberosRefused(it) => it
                .presented
                .as_ref()
                .and_then(|ticket| self.owner(event, ticket.hash))
                .or_else(|| self.named(event, it.client.as_ref()?, &it.realm))
                .or_else(|| self.of_ticket(event, it.presented.as_ref()?.hash)),
            Fact::TicketPresented(it) => self.of_ticket(event, it.ticket.hash),
            Fact::NtlmAuthenticated(it) => self.known(
                event,
                Actor {
                    name: it.user.clone(),
                    domain: it.domain.clone(),
                    source: ActorSource::Message,
                    certainty: if it.outcome == Outcome::Success {
                        Certainty::High
                    } else {
                        Certainty::Medium
                    },
                },
            ),
            fact => self.of_session(event, session(fact)?),
        }
    }

    fn of_session(&self, event: &Event, principal: &SessionPrincipal) -> Option<Actor> {
        match principal {
            SessionPrincipal::Ntlm { user, domain } => self.known(
                event,
                Actor {
                    name: user.clone(),
                    domain: domain.clone(),
                    source: ActorSource::NtlmSession,
                    certainty: Certainty::High,
                },
            ),
            SessionPrincipal::Ticket(hash) => self.of_ticket(event, *hash),
            SessionPrincipal::Named(name) => self.known(
                event,
                Actor {
                    name: name.clone(),
                    domain: DomainName::default(),
                    source: ActorSource::SimpleBind,
                    certainty: Certainty::High,
                },
            ),
            SessionPrincipal::Unknown => self.at_address(event),
            SessionPrincipal::Anonymous => None,
        }
    }

    fn named(&self, event: &Event, client: &PrincipalName, realm: &Realm) -> Option<Actor> {
        self.known(
            event,
            Actor {
                name: account_of(client),
                domain: DomainName::new(realm.as_str()),
                source: ActorSource::Message,
                certainty: Certainty::High,
            },
        )
    }

    fn of_ticket(&self, event: &Event, hash: TicketHash) -> Option<Actor> {
        self.owner(event, hash).or_else(|| self.at_address(event))
    }

    fn owner(&self, event: &Event, hash: TicketHash) -> Option<Actor> {
        let (name, domain) = self.ledger.owner(event.time, hash)?;
        self.known(
            event,
            Actor {
                name,
                domain,
                source: ActorSource::IssuedTicket,
                certainty: Certainty::High,
            },
        )
    }

    fn at_address(&self, event: &Event) -> Option<Actor> {
        let actor = self
            .devices
            .latest_logon(event.client.address?, event.time)?;
        self.known(event, actor)
    }

    /// An actor with a name, without its domain in it, and its domain under one name.
    fn known(&self, event: &Event, actor: Actor) -> Option<Actor> {
        if is_hidden(&actor.name) {
            return None;
        }
        let (name, written) = split(actor.name.as_str());
        let domain = if actor.domain.is_empty() {
            DomainName::new(written)
        } else {
            actor.domain
        };
        let key = self.domains.key(event.time, &actor.name, &domain);
        let is_unnamed = domain.is_empty() || domain.as_str() == ".";
        let domain = if is_unnamed && self.accounts.habits(event.time, &key).is_some() {
            &key.domain
        } else {
            &domain
        };
        Some(Actor {
            name: AccountName::new(name),
            domain: self.domains.canonical(event.time, domain),
            source: actor.source,
            certainty: actor.certainty,
        })
    }
}

/// Who opened the session that carried this.
fn session(fact: &Fact) -> Option<&SessionPrincipal> {
    match fact {
        Fact::SmbSessionAnswered(it) => Some(&it.principal),
        Fact::SmbSessionEncrypted(it) => Some(&it.principal),
        Fact::ShareOpened(it) => Some(&it.principal),
        Fact::FileOpened(it) => Some(&it.principal),
        Fact::FileClosed(it) => Some(&it.principal),
        Fact::RpcBound(it) => Some(&it.principal),
        Fact::RpcCalled(it) => Some(&it.principal),
        Fact::DirectoryBound(it) => Some(&it.principal),
        Fact::DirectorySearched(it) => Some(&it.principal),
        _ => None,
    }
}

/// MIT and Heimdal hide the client's name in armoured messages (RFC 6113, RFC 8062).
pub(crate) fn is_hidden(name: &AccountName) -> bool {
    name.is_empty() || name.as_str().eq_ignore_ascii_case("WELLKNOWN")
}
