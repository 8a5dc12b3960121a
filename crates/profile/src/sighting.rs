//! An event together with what is known about those it names.

use realmward_event::Event;
use realmward_vocab::{
    AccountName, DomainName, EncryptionType, EventTime, Guid, HostName, PacketRef,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// An event and what the profile adds to it at that moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// What happened.
    pub event: Event,
    /// On whose behalf, if that is known or can be inferred.
    pub actor: Option<Actor>,
    /// The device that asked.
    pub source: Device,
    /// The device that was asked.
    pub target: Device,
    /// For RPC calls: the interface, also where its bind was not captured.
    pub interface: Option<Interface>,
    /// For presented tickets (TGS-REQ and AP-REQ): what the ledger says of the ticket.
    pub ticket: Option<TicketInsight>,
    /// For Kerberos requests: what made the request, and what this account and device usually do.
    pub stack: Option<StackInsight>,
    /// For NTLM logons: what made the messages, and what this account and device usually do.
    pub ntlm: Option<NtlmInsight>,
    /// For acts of administration by a known account: how usual they are.
    #[serde(default)]
    pub habit: Option<Habit>,
    /// For sessions that a server tells of (NetrSessionEnum): whose they are, by account and domain.
    #[serde(default)]
    pub sessions: Vec<(AccountName, DomainName)>,
}

/// How often an account did the same kind of act before, from the same address, on the same kind of
/// host (domain controllers are one kind, all others the other) and with the same end (refused or not).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habit {
    /// Days of the past 30 on which it was done, without today.
    pub days: u32,
    /// The first of them.
    pub first: Option<EventTime>,
    /// On how many hosts on the busiest of them.
    pub hosts_usual: u32,
    /// On how many hosts today, with this one.
    pub hosts_today: u32,
    /// Since when anything is watched.
    pub watched_since: EventTime,
}

/// How sure an inference is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// A guess: another account or device is quite possible.
    #[default]
    Low,
    /// Probable.
    Medium,
    /// Proven by the messages themselves.
    High,
}

/// The account on whose behalf something was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The account, as written by whoever named it.
    pub name: AccountName,
    /// Its domain or realm; empty if not known.
    pub domain: DomainName,
    /// What says so.
    pub source: ActorSource,
    /// How sure that is.
    pub certainty: Certainty,
}

/// What says that an account acted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorSource {
    /// The message itself names the account (AS-REQ, KDC replies).
    #[default]
    Message,
    /// The session was opened with NTLM under this name.
    NtlmSession,
    /// The session was opened with a ticket that the KDC issued to this account.
    IssuedTicket,
    /// The session was opened with a simple bind under this name.
    SimpleBind,
    /// The latest account that got a ticket or logged on from the same address.
    SameAddress,
}

/// A device taking part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Its address, if the source of the event knows addresses.
    pub address: Option<IpAddr>,
    /// Its name, if known.
    pub name: Option<HostName>,
    /// How sure the name is.
    pub name_certainty: Certainty,
    /// Whether it is known, at this moment, to be a domain controller.
    pub is_domain_controller: bool,
    /// Whether many devices are known to stand behind the address.
    #[serde(default)]
    pub is_shared: bool,
}

/// An RPC interface and how we know that a call belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// The interface.
    pub guid: Guid,
    /// High: its bind was seen on the connection. Medium: the endpoint mapper or another connection
    /// to the same server and port says so. Low: inferred from port and operations.
    pub certainty: Certainty,
}

/// What the ledger of tickets says of a presented ticket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TicketInsight {
    /// The KDC's answer that issued it, if that was seen.
    pub issued: Option<IssueRecord>,
    /// Other addresses that presented or received the same ticket before, oldest first, at most 8.
    pub holders: Vec<Holder>,
    /// How much of what the KDC answered we can have seen.
    pub coverage: Coverage,
    /// What in the clear header is not as the domain's tickets are.
    pub broken: Vec<Invariant>,
    /// Whether the ticket may travel between hosts: forwarded, or used by a delegating service.
    pub may_travel: bool,
    /// Whether the issuer is another realm or a read-only or cloud domain controller, whose
    /// answers we do not see.
    pub foreign: bool,
    /// What in the connection that carried it only tools do.
    #[serde(default)]
    pub tells: Vec<Tell>,
    /// Whether the device that presents it gave or was given its name since it was last silent for
    /// long; an older name may be that of who had the address before.
    #[serde(default)]
    pub name_is_current: bool,
}

/// A ticket's birth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRecord {
    /// To whom.
    pub client: AccountName,
    /// The client's realm.
    pub realm: DomainName,
    /// To which address.
    pub address: Option<IpAddr>,
    /// When.
    pub time: EventTime,
    /// Where it stands.
    pub evidence: Vec<PacketRef>,
    /// The stack that asked for it, if the request was seen.
    pub stack: Stack,
}

/// A device that held a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its name when it had the ticket, if known.
    pub name: Option<HostName>,
    /// How sure the name is.
    #[serde(default)]
    pub name_certainty: Certainty,
    /// Whether it was at work while the device of this sighting was too, for a minute or more.
    #[serde(default)]
    pub works_beside: bool,
    /// Whether it used tickets that were issued to the device of this sighting, and that one of its.
    #[serde(default)]
    pub swaps_tickets: bool,
    /// When it was first seen with the ticket.
    pub since: EventTime,
    /// When it was last seen with the ticket.
    pub until: EventTime,
    /// The packet of the first sighting.
    pub packet: PacketRef,
    /// Whether it is known to stand for many devices: address translation, VPN pool, terminal server.
    pub is_shared_address: bool,
}

/// How much of the KDC's answers we can have seen. Decides whether "not issued" means anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// For how long this client's KDC has been watched without a break.
    pub watched: Duration,
    /// Longest life of a ticket in this domain: 10 h, or 7 d for renewable ones.
    pub ticket_life: Duration,
    /// Requests to the KDC seen from this client's side of the network.
    pub requests: u64,
    /// Of those, how many answers were seen.
    pub answers: u64,
    /// The operator said that the capture holds every ticket ever issued.
    pub assumed_complete: bool,
    /// Probability that the KDC issued the ticket and we did not see it, 0 to 1.
    pub probability_missed: f64,
}

/// A property of genuine tickets that this one lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invariant {
    /// The field, in the standard's words: `kvno`, `etype`, `realm`, `sname.name-type`, `cipher length`.
    pub field: String,
    /// What it is.
    pub observed: String,
    /// What the domain's own tickets have.
    pub expected: String,
    /// Whether a change of the key within the life of a ticket explains it: the version of a key
    /// that was changed twice, or one that not all domain controllers have yet.
    #[serde(default)]
    pub near: bool,
}

/// What made a Kerberos request, by its shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stack {
    /// Not told apart.
    #[default]
    Unknown,
    /// Windows, with the password known.
    Lsass,
    /// Windows, using stored keys instead of a password.
    LsassKeyOnly,
    /// impacket.
    Impacket,
    /// Rubeus with its default options.
    Rubeus,
    /// Rubeus imitating Windows.
    RubeusOpsec,
    /// gokrb5, used by kerbrute.
    Gokrb5,
    /// MIT Kerberos.
    Mit,
    /// Heimdal, also in Samba and Apple systems.
    Heimdal,
    /// Java.
    Java,
}

impl Stack {
    /// Whether only attack tools are known to speak like this.
    #[must_use]
    pub const fn is_attack_tool(self) -> bool {
        matches!(self, Self::Impacket | Self::Rubeus | Self::RubeusOpsec)
    }

    /// Whether it is Windows itself.
    #[must_use]
    pub const fn is_windows(self) -> bool {
        matches!(self, Self::Lsass | Self::LsassKeyOnly)
    }
}

/// One property that tells a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tell {
    /// What was looked at.
    pub condition: String,
    /// What it is.
    pub observed: String,
    /// What the system that this device runs would send.
    pub expected: String,
}

/// What made a Kerberos request, and what is usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackInsight {
    /// The stack, by the shape of this request.
    pub stack: Stack,
    /// What tells it.
    pub tells: Vec<Tell>,
    /// Other stacks seen from this address before.
    pub device_stacks: Vec<Stack>,
    /// Key types with which this account proved itself before, from any address.
    pub account_etypes: Vec<EncryptionType>,
    /// Key types with which any account proved itself from this address before.
    pub device_etypes: Vec<EncryptionType>,
    /// Key types that the KDC offers for this account (PA-ETYPE-INFO2), if it said so.
    pub offered_etypes: Vec<EncryptionType>,
    /// Whether this account was seen on this address before.
    pub account_known_on_device: bool,
    /// Since when this address is watched; `None` if this is the first sight of it.
    pub device_since: Option<EventTime>,
}

/// What made an NTLM logon, and what is usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NtlmInsight {
    /// Properties that Windows clients do not have, each a multiplier and not a proof.
    pub tells: Vec<Tell>,
    /// Whether the SMB client identifier of the same connection is made of ASCII letters.
    pub ascii_client_guid: bool,
    /// Whether this account was seen on this address before.
    pub account_known_on_device: bool,
    /// Whether this account used Kerberos before, from any address.
    pub account_uses_kerberos: bool,
    /// Addresses from which this account was seen before, at most 8.
    pub account_devices: Vec<IpAddr>,
}
