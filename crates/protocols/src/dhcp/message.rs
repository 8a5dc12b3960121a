//! Messages in the words of RFC 2131, RFC 2132 and RFC 8415, the two versions brought to one form.

use realmward_vocab::HostName;
use std::net::IpAddr;

/// What a message says, whichever the version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// What kind.
    pub(crate) kind: Kind,
    /// `xid`.
    pub(crate) xid: u32,
    /// `chaddr`, or what the client's identifier holds.
    pub(crate) hardware_address: Vec<u8>,
    /// Whether question and answer go between the same two addresses: through a relay, or by a client
    /// that has its address.
    pub(crate) is_paired: bool,
    /// The address that the message is about.
    pub(crate) address: Option<IpAddr>,
    /// Option 12.
    pub(crate) host: Option<HostName>,
    /// Option 81; option 39 of version 6.
    pub(crate) full_name: Option<HostName>,
    /// Option 60; the text in option 16 of version 6.
    pub(crate) vendor_class: Option<String>,
    /// Option 51; `valid-lifetime`.
    pub(crate) lease_s: Option<u32>,
    /// Option 54.
    pub(crate) server: Option<IpAddr>,
    /// `giaddr`; `link-address`.
    pub(crate) relay: Option<IpAddr>,
    /// Option 6; option 23 of version 6.
    pub(crate) name_servers: Vec<IpAddr>,
    /// Option 15; the first of option 24 of version 6.
    pub(crate) domain: Option<HostName>,
}

/// Kinds of messages that say who has which address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// DHCPDISCOVER, DHCPOFFER and their like, which settle nothing.
    #[default]
    Other,
    /// DHCPREQUEST; REQUEST, RENEW, REBIND.
    Request,
    /// DHCPACK; REPLY with an address.
    Ack,
    /// DHCPNAK; REPLY that refuses.
    Nak,
    /// DHCPDECLINE; DECLINE.
    Decline,
    /// DHCPRELEASE; RELEASE.
    Release,
    /// DHCPINFORM.
    Inform,
}
