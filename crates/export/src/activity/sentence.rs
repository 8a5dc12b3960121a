//! What was done, in one clause.

mod directory;
mod logons;

use super::network;
use crate::words;
use realmward_event::kerberos::{KerberosRefused, ServiceTicketIssued, Ticket, TicketGranted};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::operator::Decision;
use realmward_event::rpc::RpcCalled;
use realmward_event::smb::{FileClosed, FileOpened, ShareOpened};
use realmward_event::{Event, Fact};
use realmward_vocab::NtStatus;

mod arguments;

/// What was done, in one clause without a full stop. Names in it come from the wire.
#[must_use]
pub fn sentence(event: &Event) -> String {
    match &event.fact {
        Fact::TicketGrantRequested(it) => format!("asked for a ticket for {}", it.service),
        Fact::TicketGranted(it) => ticket_granted(it),
        Fact::ServiceTicketRequested(it) => match &it.service {
            Some(service) => format!("asked for a ticket for {service}"),
            None => "asked for a service ticket".to_owned(),
        },
        Fact::ServiceTicketIssued(it) => service_ticket_issued(it),
        Fact::KerberosRefused(it) => kerberos_refused(it),
        Fact::TicketPresented(it) => format!("showed {}", ticket(&it.ticket)),
        Fact::PasswordChangeRequested(it) => logons::password(it),
        Fact::NtlmAuthenticated(it) => ntlm(it),
        Fact::SmbNegotiated(it) => match it.dialect {
            Some(dialect) => format!("agreed on SMB {}", smb_version(dialect)),
            None => "offered SMB".to_owned(),
        },
        Fact::SmbSessionAnswered(it) => format!("session answered with {}", it.status),
        Fact::SmbSessionEncrypted(_) => "went on encrypted".to_owned(),
        Fact::ShareOpened(it) => share_opened(it),
        Fact::FileOpened(it) => file_opened(it),
        Fact::FileClosed(it) => file_closed(it),
        Fact::SmbSizesContradict(_) => {
            "sent a compressed SMB message whose sizes contradict each other".to_owned()
        }
        Fact::RpcBound(it) => format!("bound to {}", interface(it.interface_name.as_deref())),
        Fact::RpcCalled(it) => rpc_called(it),
        Fact::EndpointMapped(it) => match it.port {
            Some(port) => format!(
                "{} is at port {port}",
                interface(it.interface_name.as_deref())
            ),
            None => format!("asked where {} is", interface(it.interface_name.as_deref())),
        },
        Fact::DirectoryBound(it) => directory::bound(it),
        Fact::DirectorySearched(it) => directory::searched(it),
        Fact::DirectoryChanged(it) => directory::changed(it),
        Fact::DirectoryExtended(it) => directory::extended(it),
        Fact::DirectorySessionSealed(it) => directory::sealed(it),
        Fact::HttpAuthenticated(it) => logons::http(it),
        Fact::WebServiceBound(it) => format!("logged on to the web service {}", it.via),
        Fact::DirectoryServerSeen(it) => directory::server(it),
        Fact::NameResolved(it) => format!("asked for the name {}", it.name),
        Fact::NamesAsked(it) => network::names_asked(it),
        Fact::ZoneTransferred(it) => network::zone_transferred(it),
        Fact::ZoneUpdated(it) => network::zone_updated(it),
        Fact::AddressLeased(it) => network::address_leased(it),
        Fact::NetworkAccessAsked(it) => network::access_asked(it),
        Fact::NetworkSessionReported(it) => network::session_reported(it),
        Fact::LocalNameAsked(it) => network::local_name_asked(it),
        Fact::LocalNameAnswered(it) => network::local_name_answered(it),
        Fact::NetbiosNameClaimed(it) => network::name_claimed(it),
        Fact::HostAnnounced(it) => network::host_announced(it),
        Fact::RemoteDesktopAsked(it) => network::desktop_asked(it),
        Fact::TlsNegotiated(it) => network::tls_negotiated(it),
        Fact::DatabaseLogon(it) => network::database_logon(it),
        Fact::Decided(it) => decision(&it.decision),
        other => other.kind().to_owned(),
    }
}

fn ticket_granted(it: &TicketGranted) -> String {
    let request = it.request.as_deref();
    if let Some(certificate) = request.and_then(|it| it.certificate.as_ref()) {
        let subject = &certificate.subject;
        return format!(
            "got {}, proven with the certificate {subject}",
            ticket(&it.ticket)
        );
    }
    match request.and_then(|it| it.timestamp.as_ref()) {
        Some(proof) => format!("got {}, proven with {}", ticket(&it.ticket), proof.etype),
        None => format!("got {}", ticket(&it.ticket)),
    }
}

fn service_ticket_issued(it: &ServiceTicketIssued) -> String {
    let for_user = it.request.as_ref().and_then(|it| it.for_user.as_ref());
    match for_user {
        Some(user) => format!("got {} on behalf of {user}", ticket(&it.ticket)),
        None => format!("got {}", ticket(&it.ticket)),
    }
}

fn ticket(it: &Ticket) -> String {
    format!("a ticket for {} ({})", it.service, it.etype)
}

fn kerberos_refused(it: &KerberosRefused) -> String {
    format!("was refused a ticket for {}: {}", it.service, it.code)
}

fn ntlm(it: &NtlmAuthenticated) -> String {
    let version = match it.response_version {
        1 => "NTLMv1",
        2 => "NTLMv2",
        _ => "NTLM",
    };
    let workstation = it.workstation.as_str();
    let from = if workstation.is_empty() {
        String::new()
    } else {
        format!(" as {workstation}")
    };
    format!("logged on with {version}{from}{}", refusal(it.status))
}

fn share_opened(it: &ShareOpened) -> String {
    format!("opened {}{}", it.share, refusal(it.status))
}

fn file_opened(it: &FileOpened) -> String {
    let what = if it.is_pipe { "the pipe " } else { "" };
    let share = if it.is_pipe {
        String::new()
    } else {
        format!("{}\\", it.share)
    };
    format!("opened {what}{share}{}{}", it.name, refusal(it.status))
}

fn file_closed(it: &FileClosed) -> String {
    let mut deeds = Vec::new();
    if it.octets_read != 0 {
        deeds.push(format!("read {} octets", it.octets_read));
    }
    if it.octets_written != 0 {
        deeds.push(format!("wrote {} octets", it.octets_written));
    }
    if let Some(pattern) = &it.pattern {
        deeds.push(format!("searched for {pattern}"));
    }
    if let Some(name) = &it.renamed_to {
        deeds.push(format!("renamed it to {name}"));
    }
    if it.deleted {
        deeds.push("deleted it".to_owned());
    }
    let deeds = match deeds.is_empty() {
        true => "nothing done".to_owned(),
        false => deeds.join(", "),
    };
    format!("closed {}\\{}: {deeds}", it.share, it.name)
}

fn refusal(status: Option<NtStatus>) -> String {
    match status {
        Some(status) if status.is_error() => format!(", refused: {status}"),
        _ => String::new(),
    }
}

fn rpc_called(it: &RpcCalled) -> String {
    let operation = match &it.operation {
        Some(operation) => format!("{operation} ({})", it.opnum),
        None => format!("operation {}", it.opnum),
    };
    let sealed = if it.auth_level == SEALED {
        ", sealed"
    } else {
        ""
    };
    format!(
        "called {operation} of {}{}{sealed}",
        interface(it.interface_name.as_deref()),
        arguments::clause(&it.arguments)
    )
}

fn interface(name: Option<&str>) -> &str {
    name.unwrap_or("an unknown interface")
}

fn decision(it: &Decision) -> String {
    match it {
        Decision::AlertJudged { alert, status, .. } => {
            format!("alert {alert} is now {}", words::status(*status))
        }
        Decision::ExclusionAdded { id, rule, .. } => format!("exclusion {id} added: {rule}"),
        Decision::ExclusionRemoved { id } => format!("exclusion {id} removed"),
        Decision::SensitiveSet { account, is } => tagged(account.as_str(), *is, "sensitive"),
        Decision::HoneytokenSet { account, is } => tagged(account.as_str(), *is, "a honeytoken"),
        Decision::DomainControllerNamed { address } => {
            format!("{address} is a domain controller")
        }
        _ => "a decision".to_owned(),
    }
}

fn tagged(account: &str, is: bool, tag: &str) -> String {
    let not = if is { "" } else { "no longer " };
    format!("{account} is {not}{tag}")
}

fn smb_version(dialect: u16) -> String {
    match dialect {
        0x02ff => "2".to_owned(),
        0..=0x00ff => "1".to_owned(),
        _ => format!(
            "{}.{}{}",
            dialect >> 8,
            (dialect >> 4) & 0xf,
            match dialect & 0xf {
                0 => String::new(),
                patch => format!(".{patch}"),
            }
        ),
    }
}

/// `RPC_C_AUTHN_LEVEL_PKT_PRIVACY` (MS-RPCE section 2.2.1.1.8).
const SEALED: u8 = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_written_as_people_say_them() {
        for (dialect, words) in [
            (0x0202, "2.0.2"),
            (0x0210, "2.1"),
            (0x0300, "3.0"),
            (0x0311, "3.1.1"),
            (0, "1"),
        ] {
            assert_eq!(smb_version(dialect), words);
        }
    }
}
