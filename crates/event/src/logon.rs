//! Who a session belongs to, as far as the session itself says.

use realmward_vocab::{AccountName, DomainName, TicketHash};
use serde::{Deserialize, Serialize};

/// How the session that carried a request was authenticated.
///
/// A Kerberos session hides the client's name; it shows only the ticket, whose owner `profile`
/// knows if it saw the KDC issue it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionPrincipal {
    /// The logon was not seen.
    #[default]
    Unknown,
    /// An anonymous logon.
    Anonymous,
    /// An NTLM logon.
    Ntlm {
        /// `UserName` of the AUTHENTICATE message.
        user: AccountName,
        /// `DomainName` of the AUTHENTICATE message.
        domain: DomainName,
    },
    /// A Kerberos logon with this ticket.
    Ticket(TicketHash),
    /// An LDAP simple bind with this name.
    Named(AccountName),
}
