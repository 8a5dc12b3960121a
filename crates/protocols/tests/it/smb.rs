//! SMB: what conversations of the lab and of a builder of messages tell.

mod build;
mod files;
mod hostile;
mod real;
mod smb1;
mod smb2;

use crate::conversation::{self, Record};
use realmward_event::rpc::{Arguments, RpcCalled, Transport};
use realmward_event::{Fact, SessionPrincipal};
use realmward_protocols::Facts;
use realmward_protocols::smb::Conversation;
use realmward_vocab::NtStatus;

/// The facts of a conversation.
fn run(records: &[Record]) -> Facts {
    conversation::play(Conversation::new(), records)
}

/// What was told, a line a fact.
fn told(facts: &Facts) -> Vec<String> {
    facts.pending.iter().map(|it| line(&it.fact)).collect()
}

fn line(fact: &Fact) -> String {
    match fact {
        Fact::SmbNegotiated(it) => format!(
            "negotiated {:x?} of {:x?}{}{}",
            it.dialect.unwrap_or_default(),
            it.dialects,
            if it.offers_smb1 { ", offers SMB1" } else { "" },
            if it.signing_required { ", signs" } else { "" },
        ),
        Fact::SmbSessionAnswered(it) => format!(
            "session of {}: {}{}{}",
            who(&it.principal),
            it.status,
            if it.encrypted { ", encrypted" } else { "" },
            if it.guest { ", guest" } else { "" },
        ),
        Fact::SmbSessionEncrypted(it) => format!("encrypted session of {}", who(&it.principal)),
        Fact::ShareOpened(it) => {
            let status = ended(it.status);
            format!("{} by {}: {status}", it.share, who(&it.principal))
        }
        Fact::FileOpened(it) => format!(
            "{} {}\\{}{} by {}: {}",
            if it.is_pipe { "pipe" } else { "file" },
            it.share,
            it.name,
            if it.may_create { ", to create" } else { "" },
            who(&it.principal),
            ended(it.status),
        ),
        Fact::NtlmAuthenticated(it) => format!(
            "NTLM {} of {}\\{}: {:?}",
            it.response_version, it.domain, it.user, it.outcome
        ),
        Fact::TicketPresented(it) => format!("ticket for {}", it.ticket.service),
        Fact::RpcBound(it) => format!(
            "bound {} on {} by {}: {:?}",
            it.interface_name.as_deref().unwrap_or("?"),
            carrier(&it.transport),
            who(&it.principal),
            it.accepted,
        ),
        Fact::RpcCalled(it) => called(it),
        other => other.kind().to_owned(),
    }
}

fn called(it: &RpcCalled) -> String {
    let service = match &it.arguments {
        Arguments::Service { name, .. } => format!(" for {name}"),
        _ => String::new(),
    };
    format!(
        "called {}{service} on {} by {}: {:?}",
        it.operation
            .as_deref()
            .map_or_else(|| it.opnum.to_string(), str::to_owned),
        carrier(&it.transport),
        who(&it.principal),
        it.outcome,
    )
}

fn carrier(transport: &Transport) -> String {
    match transport {
        Transport::Tcp | Transport::Udp | Transport::Http => {
            format!("{transport:?}").to_lowercase()
        }
        Transport::Pipe(name) => format!("pipe '{name}'"),
    }
}

fn who(principal: &SessionPrincipal) -> String {
    match principal {
        SessionPrincipal::Ntlm { user, domain } => format!("{domain}\\{user}"),
        SessionPrincipal::Named(name) => format!("named {name}"),
        SessionPrincipal::Ticket(_) => "a ticket".to_owned(),
        SessionPrincipal::Anonymous => "anonymous".to_owned(),
        SessionPrincipal::Unknown => "unknown".to_owned(),
    }
}

fn ended(status: Option<NtStatus>) -> String {
    status.map_or_else(|| "no answer".to_owned(), |status| status.to_string())
}
