//! One event as one line of an activity log: what it is called, how it ended, and what was done.
//!
//! The sentence leaves out who, whence and where to: an activity log shows these in columns.

mod network;
mod sentence;

pub use sentence::sentence;

use realmward_event::dhcp::LeaseStep;
use realmward_event::{Event, Fact, Outcome};
use realmward_vocab::ResultCode;

/// The name of a kind of event for people: `Ticket-granting ticket issued`.
#[must_use]
pub fn title(kind: &str) -> &'static str {
    TITLES
        .iter()
        .find(|(known, _)| *known == kind)
        .map_or("Something happened", |(_, title)| title)
}

/// Every kind of event with its name for people, in the order of the protocols.
#[must_use]
pub const fn titles() -> &'static [(&'static str, &'static str)] {
    TITLES
}

/// How it ended, as far as the event says.
#[must_use]
pub fn outcome(event: &Event) -> Outcome {
    match &event.fact {
        Fact::TicketGranted(_) | Fact::ServiceTicketIssued(_) | Fact::EndpointMapped(_) => {
            Outcome::Success
        }
        Fact::KerberosRefused(_) => Outcome::Failure,
        Fact::TicketGrantRequested(_)
        | Fact::ServiceTicketRequested(_)
        | Fact::TicketPresented(_) => Outcome::Attempt,
        Fact::PasswordChangeRequested(it) => it.outcome,
        Fact::NtlmAuthenticated(it) => it.outcome,
        Fact::DirectoryChanged(it) => it.outcome,
        Fact::DirectoryExtended(it) => it.outcome,
        Fact::HttpAuthenticated(it) => it.outcome,
        Fact::WebServiceBound(it) => it.outcome,
        Fact::SmbSessionAnswered(it) => it.status.into(),
        Fact::ShareOpened(it) => it.status.map_or(Outcome::Attempt, Outcome::from),
        Fact::FileOpened(it) => it.status.map_or(Outcome::Attempt, Outcome::from),
        Fact::RpcBound(it) => match it.accepted {
            Some(true) => Outcome::Success,
            Some(false) => Outcome::Failure,
            None => Outcome::Attempt,
        },
        Fact::RpcCalled(it) => it.outcome,
        Fact::DirectoryBound(it) => of_result(it.result),
        Fact::DirectorySearched(it) => it.outcome,
        Fact::NameResolved(it) if it.response_code == 0 => Outcome::Success,
        Fact::NameResolved(_) => Outcome::Failure,
        Fact::ZoneTransferred(it) => it.outcome,
        Fact::ZoneUpdated(it) => it.outcome,
        Fact::AddressLeased(it) => match it.step {
            LeaseStep::Requested => Outcome::Attempt,
            LeaseStep::Refused | LeaseStep::Declined => Outcome::Failure,
            LeaseStep::Granted | LeaseStep::Released | LeaseStep::Informed => Outcome::Success,
        },
        Fact::NetworkAccessAsked(it) => it.outcome,
        Fact::NetworkSessionReported(_) => Outcome::Success,
        Fact::RemoteDesktopAsked(it) => it.outcome,
        Fact::DatabaseLogon(it) => it.outcome,
        _ => Outcome::Unknown,
    }
}

fn of_result(result: Option<ResultCode>) -> Outcome {
    match result {
        Some(ResultCode::SUCCESS) => Outcome::Success,
        Some(_) => Outcome::Failure,
        None => Outcome::Attempt,
    }
}

const TITLES: &[(&str, &str)] = &[
    ("TicketGrantRequested", "Ticket-granting ticket asked for"),
    ("TicketGranted", "Ticket-granting ticket issued"),
    ("ServiceTicketRequested", "Service ticket asked for"),
    ("ServiceTicketIssued", "Service ticket issued"),
    ("KerberosRefused", "Kerberos request refused"),
    ("TicketPresented", "Ticket presented"),
    ("PasswordChangeRequested", "Password change by Kerberos"),
    ("NtlmAuthenticated", "NTLM logon"),
    ("SmbNegotiated", "SMB connection"),
    ("SmbSessionAnswered", "SMB session"),
    ("SmbSessionEncrypted", "SMB session encrypted"),
    ("ShareOpened", "Share opened"),
    ("FileOpened", "File or pipe opened"),
    ("FileClosed", "File used"),
    ("SmbSizesContradict", "SMB sizes contradict"),
    ("RpcBound", "RPC interface bound"),
    ("RpcCalled", "RPC operation called"),
    ("EndpointMapped", "RPC endpoint looked up"),
    ("DirectoryBound", "Directory logon"),
    ("DirectorySearched", "Directory searched"),
    ("DirectoryChanged", "Directory changed"),
    ("DirectoryExtended", "Directory operation"),
    ("DirectorySessionSealed", "Sealed directory session"),
    ("DirectoryServerSeen", "Directory server seen"),
    ("HttpAuthenticated", "Web logon"),
    ("WebServiceBound", "Web service bound"),
    ("NameResolved", "Name resolved"),
    ("NamesAsked", "Many names asked for"),
    ("ZoneTransferred", "Zone transfer"),
    ("ZoneUpdated", "Zone changed"),
    ("AddressLeased", "Address leased"),
    ("NetworkAccessAsked", "Network access"),
    ("NetworkSessionReported", "Network session (VPN)"),
    ("LocalNameAsked", "Name asked of the network"),
    ("LocalNameAnswered", "Name answered by a neighbour"),
    ("NetbiosNameClaimed", "NetBIOS name claimed"),
    ("HostAnnounced", "Host announced"),
    ("RemoteDesktopAsked", "Remote desktop"),
    ("TlsNegotiated", "TLS session"),
    ("DatabaseLogon", "Database logon"),
    ("Decided", "Decision"),
];
