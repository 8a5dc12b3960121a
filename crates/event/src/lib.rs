//! Typed events: what happened, in the defender's words, whatever the source that saw it.
//!
//! An [`Event`] is an envelope (when, in which order, between whom, proven by what) around one
//! [`Fact`]. Facts are past tense and own their data. Nothing here says "suspicious", and nothing
//! knows whether packets, a Windows log or a directory told it, except [`Event::source`].
//!
//! Adding a fact: one struct in the module it belongs to, one variant of [`Fact`], one golden
//! record in `tests/it/golden.rs`. Fields are added with `#[serde(default)]`, never renamed.
//!
//! ```
//! use realmward_event::{Endpoint, Event, Fact, dns::NameResolved};
//!
//! let event = Event {
//!     server: Endpoint::new("10.0.0.5".parse().unwrap(), 53),
//!     fact: Fact::NameResolved(NameResolved { name: "dc1.corp.example".into(), ..Default::default() }),
//!     ..Event::default()
//! };
//! let json = serde_json::to_string(&event).unwrap();
//! assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
//! ```

pub mod batch;
pub mod certificate;
pub mod dhcp;
pub mod directory;
pub mod dns;
mod envelope;
pub mod http;
pub mod kerberos;
pub mod ldap;
pub mod local_name;
pub mod logon;
pub mod ntlm;
pub mod operator;
pub mod radius;
pub mod rdp;
pub mod rpc;
pub mod smb;
pub mod tds;
pub mod tls;

pub use envelope::{Carrier, Endpoint, Event, Outcome, Source};
pub use logon::SessionPrincipal;

use serde::{Deserialize, Serialize};

/// Everything a sensor can tell us. One variant per fact; the payload has its own type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Fact {
    /// A client asked the KDC for a ticket-granting ticket.
    TicketGrantRequested(kerberos::TicketGrantRequested),
    /// The KDC gave a client a ticket from an AS exchange.
    TicketGranted(kerberos::TicketGranted),
    /// A client asked the KDC for a service ticket.
    ServiceTicketRequested(kerberos::ServiceTicketRequested),
    /// The KDC gave a client a service ticket.
    ServiceTicketIssued(kerberos::ServiceTicketIssued),
    /// The KDC, or a service, refused.
    KerberosRefused(kerberos::KerberosRefused),
    /// A client presented a ticket to a service.
    TicketPresented(kerberos::TicketPresented),
    /// A client asked for a new password by Kerberos.
    PasswordChangeRequested(kerberos::PasswordChangeRequested),
    /// An NTLM exchange ran to its third message, and perhaps to its answer.
    NtlmAuthenticated(ntlm::NtlmAuthenticated),
    /// Client and server agreed on an SMB dialect.
    SmbNegotiated(smb::SmbNegotiated),
    /// An SMB session setup was answered.
    SmbSessionAnswered(smb::SmbSessionAnswered),
    /// An SMB session went on encrypted.
    SmbSessionEncrypted(smb::SmbSessionEncrypted),
    /// A client connected to a share.
    ShareOpened(smb::ShareOpened),
    /// A client opened, or tried to open, a file or a pipe.
    FileOpened(smb::FileOpened),
    /// A client was done with a file.
    FileClosed(smb::FileClosed),
    /// A compressed SMB message contradicted itself.
    SmbSizesContradict(smb::SmbSizesContradict),
    /// A client bound to an RPC interface.
    RpcBound(rpc::RpcBound),
    /// A client called an RPC operation.
    RpcCalled(rpc::RpcCalled),
    /// An endpoint mapper told where an interface listens.
    EndpointMapped(rpc::EndpointMapped),
    /// A client bound to a directory.
    DirectoryBound(ldap::DirectoryBound),
    /// A client searched a directory.
    DirectorySearched(ldap::DirectorySearched),
    /// A client was to change a directory.
    DirectoryChanged(ldap::DirectoryChanged),
    /// A client asked a directory for an extended operation.
    DirectoryExtended(ldap::DirectoryExtended),
    /// A sealed session with a directory ended.
    DirectorySessionSealed(ldap::DirectorySessionSealed),
    /// A host described itself as a directory server or domain controller.
    DirectoryServerSeen(directory::DirectoryServerSeen),
    /// A client authenticated in HTTP.
    HttpAuthenticated(http::HttpAuthenticated),
    /// A client authenticated to a web service over bare TCP.
    WebServiceBound(http::WebServiceBound),
    /// A name server answered.
    NameResolved(dns::NameResolved),
    /// A host asked a name server for much, or for odd things.
    NamesAsked(dns::NamesAsked),
    /// A whole zone was asked for.
    ZoneTransferred(dns::ZoneTransferred),
    /// A zone was changed, or was to be.
    ZoneUpdated(dns::ZoneUpdated),
    /// A host asked for an address, got one or gave it back.
    AddressLeased(dhcp::AddressLeased),
    /// A gateway asked whether somebody may come in.
    NetworkAccessAsked(radius::NetworkAccessAsked),
    /// A gateway told that a session began, goes on or ended.
    NetworkSessionReported(radius::NetworkSessionReported),
    /// A host asked its network for names.
    LocalNameAsked(local_name::LocalNameAsked),
    /// A host of the network answered for a name.
    LocalNameAnswered(local_name::LocalNameAnswered),
    /// A host claimed or gave up a NetBIOS name.
    NetbiosNameClaimed(local_name::NetbiosNameClaimed),
    /// A host told its network what it is.
    HostAnnounced(local_name::HostAnnounced),
    /// A client asked for a remote desktop.
    RemoteDesktopAsked(rdp::RemoteDesktopAsked),
    /// Client and server agreed on a TLS session.
    TlsNegotiated(tls::TlsNegotiated),
    /// A client logged on to a database.
    DatabaseLogon(tds::DatabaseLogon),
    /// A person decided something.
    Decided(operator::Decided),
}

impl Default for Fact {
    fn default() -> Self {
        Self::NameResolved(dns::NameResolved::default())
    }
}

impl Fact {
    /// The name of the variant, for counting.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TicketGrantRequested(_) => "TicketGrantRequested",
            Self::TicketGranted(_) => "TicketGranted",
            Self::ServiceTicketRequested(_) => "ServiceTicketRequested",
            Self::ServiceTicketIssued(_) => "ServiceTicketIssued",
            Self::KerberosRefused(_) => "KerberosRefused",
            Self::TicketPresented(_) => "TicketPresented",
            Self::PasswordChangeRequested(_) => "PasswordChangeRequested",
            Self::NtlmAuthenticated(_) => "NtlmAuthenticated",
            Self::SmbNegotiated(_) => "SmbNegotiated",
            Self::SmbSessionAnswered(_) => "SmbSessionAnswered",
            Self::SmbSessionEncrypted(_) => "SmbSessionEncrypted",
            Self::ShareOpened(_) => "ShareOpened",
            Self::FileOpened(_) => "FileOpened",
            Self::FileClosed(_) => "FileClosed",
            Self::SmbSizesContradict(_) => "SmbSizesContradict",
            Self::RpcBound(_) => "RpcBound",
            Self::RpcCalled(_) => "RpcCalled",
            Self::EndpointMapped(_) => "EndpointMapped",
            Self::DirectoryBound(_) => "DirectoryBound",
            Self::DirectorySearched(_) => "DirectorySearched",
            Self::DirectoryChanged(_) => "DirectoryChanged",
            Self::DirectoryExtended(_) => "DirectoryExtended",
            Self::DirectorySessionSealed(_) => "DirectorySessionSealed",
            Self::DirectoryServerSeen(_) => "DirectoryServerSeen",
            Self::HttpAuthenticated(_) => "HttpAuthenticated",
            Self::WebServiceBound(_) => "WebServiceBound",
            Self::NameResolved(_) => "NameResolved",
            Self::NamesAsked(_) => "NamesAsked",
            Self::ZoneTransferred(_) => "ZoneTransferred",
            Self::ZoneUpdated(_) => "ZoneUpdated",
            Self::AddressLeased(_) => "AddressLeased",
            Self::NetworkAccessAsked(_) => "NetworkAccessAsked",
            Self::NetworkSessionReported(_) => "NetworkSessionReported",
            Self::LocalNameAsked(_) => "LocalNameAsked",
            Self::LocalNameAnswered(_) => "LocalNameAnswered",
            Self::NetbiosNameClaimed(_) => "NetbiosNameClaimed",
            Self::HostAnnounced(_) => "HostAnnounced",
            Self::RemoteDesktopAsked(_) => "RemoteDesktopAsked",
            Self::TlsNegotiated(_) => "TlsNegotiated",
            Self::DatabaseLogon(_) => "DatabaseLogon",
            Self::Decided(_) => "Decided",
        }
    }
}
