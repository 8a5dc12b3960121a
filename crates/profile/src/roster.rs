//! What every detector may ask at any time: domain controllers, names, tags.

mod tenants;

use realmward_vocab::{AccountName, EventTime, Guid, HostName, PacketRef};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use tenants::Tenants;

/// What the operator told us.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Addresses of domain controllers.
    pub domain_controllers: Vec<IpAddr>,
    /// Accounts that nobody uses: any use is a finding.
    pub honeytokens: Vec<AccountName>,
    /// Accounts whose loss hurts most, besides the built-in ones.
    pub sensitive: Vec<AccountName>,
    /// The input holds every ticket ever issued, so an unissued one is evidence at once.
    pub assume_complete: bool,
}

/// Why an address counts as a domain controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainControllerEvidence {
    /// The operator said so.
    Named,
    /// It answered Kerberos requests as a KDC.
    AnsweredAsKdc,
    /// It described itself in a root DSE or an answer to a netlogon ping.
    DescribedItself,
    /// A name server listed it as a domain controller (`_ldap._tcp.dc._msdcs`).
    ListedInDns,
    /// It accepted a binding to, or answered calls of, the replication interface.
    ServedReplication,
    /// Its own machine account replicated under the name that only domain controllers have.
    ReplicatedAsDomainController,
}

/// One change of the roster, in event order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RosterChange {
    /// An address turned out to be a domain controller.
    DomainController {
        /// The address.
        address: IpAddr,
        /// What shows it.
        evidence: DomainControllerEvidence,
        /// When that was seen.
        time: EventTime,
        /// Where that stands.
        packet: Option<PacketRef>,
    },
    /// An address got a name.
    Name {
        /// The address.
        address: IpAddr,
        /// The name.
        name: HostName,
    },
    /// Another SMB client than before got in from an address: the device there is another one.
    Client {
        /// The address.
        address: IpAddr,
        /// Its generated `ClientGuid`.
        client: Guid,
        /// When that was seen.
        time: EventTime,
    },
    /// An address was leased to another network card than before.
    Leased {
        /// The address.
        address: IpAddr,
        /// The hardware address or identifier of the client (DHCP).
        card: String,
        /// When that was seen.
        time: EventTime,
    },
    /// The operator said whether an account is sensitive.
    Sensitive {
        /// The account.
        account: AccountName,
        /// Whether it is.
        is: bool,
    },
    /// The operator said whether an account is bait.
    Honeytoken {
        /// The account.
        account: AccountName,
        /// Whether it is.
        is: bool,
    },
}

/// A replicated view of roles, names and tags. Equal on every shard after the same changes, and saved
/// as the same octets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    domain_controllers: BTreeMap<IpAddr, DomainControllerEvidence>,
    names: BTreeMap<IpAddr, HostName>,
    /// By SMB client.
    #[serde(default)]
    clients: Tenants<Guid>,
    /// By network card, of leases.
    #[serde(default)]
    cards: Tenants<String>,
    honeytokens: BTreeSet<AccountName>,
    sensitive: BTreeSet<AccountName>,
    assume_complete: bool,
}

impl Roster {
    /// A roster that knows what the operator said.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            domain_controllers: settings
                .domain_controllers
                .iter()
                .map(|address| (address.to_canonical(), DomainControllerEvidence::Named))
                .collect(),
            names: BTreeMap::new(),
            clients: Tenants::default(),
            cards: Tenants::default(),
            honeytokens: settings
                .honeytokens
                .iter()
                .map(AccountName::folded)
                .collect(),
            sensitive: settings.sensitive.iter().map(AccountName::folded).collect(),
            assume_complete: settings.assume_complete,
        }
    }

    /// Takes a change in.
    pub fn apply(&mut self, change: &RosterChange) {
        match change {
            RosterChange::DomainController {
                address, evidence, ..
            } => {
                if self.domain_controllers.len() < DOMAIN_CONTROLLERS_MAX {
                    self.domain_controllers.entry(*address).or_insert(*evidence);
                }
            }
            RosterChange::Name { address, name } => {
                if self.names.len() < NAMES_MAX || self.names.contains_key(address) {
                    self.names.insert(*address, name.clone());
                }
            }
            RosterChange::Client {
                address,
                client,
                time,
            } => self.clients.take(*address, *client, *time),
            RosterChange::Leased {
                address,
                card,
                time,
            } => self.cards.take(*address, card.clone(), *time),
            RosterChange::Sensitive { account, is } => tag(&mut self.sensitive, account, *is),
            RosterChange::Honeytoken { account, is } => tag(&mut self.honeytokens, account, *is),
        }
    }

    /// Why `address` counts as a domain controller, if it does.
    #[must_use]
    pub fn domain_controller(&self, address: IpAddr) -> Option<DomainControllerEvidence> {
        self.domain_controllers.get(&address).copied()
    }

    /// Every domain controller, by address.
    #[must_use]
    pub fn domain_controllers(&self) -> Vec<(IpAddr, DomainControllerEvidence)> {
        self.domain_controllers
            .iter()
            .map(|(address, evidence)| (*address, *evidence))
            .collect()
    }

    /// The name of `address`, if known.
    #[must_use]
    pub fn name(&self, address: IpAddr) -> Option<&HostName> {
        self.names.get(&address)
    }

    /// Whether the device that had address `a` at a time `then` has address `b` now: the same SMB
    /// client got in from both, or both were leased to the same network card, and it was the latest
    /// at either.
    #[must_use]
    pub fn is_one_device(&self, a: IpAddr, then: EventTime, b: IpAddr) -> bool {
        self.clients.moved(a, then, b) || self.cards.moved(a, then, b)
    }

    /// The SMB client that got in last from an address.
    pub(crate) fn latest_client(&self, address: IpAddr) -> Option<Guid> {
        self.clients.latest(address).copied()
    }

    /// The network card that an address was last leased to.
    pub(crate) fn latest_card(&self, address: IpAddr) -> Option<&str> {
        self.cards.latest(address).map(String::as_str)
    }

    /// Whether the operator set this account up as bait.
    #[must_use]
    pub fn is_honeytoken(&self, account: &AccountName) -> bool {
        self.honeytokens.contains(&account.folded())
    }

    /// Whether the account is one whose loss hurts most: named so, or built in everywhere.
    #[must_use]
    pub fn is_sensitive(&self, account: &AccountName) -> bool {
        let folded = account.folded();
        BUILT_IN_SENSITIVE.contains(&folded.as_str()) || self.sensitive.contains(&folded)
    }

    /// Whether the operator said that the input holds every ticket ever issued.
    #[must_use]
    pub const fn assumes_complete(&self) -> bool {
        self.assume_complete
    }
}

/// Whether the account is one that Entra Connect made for itself to read passwords with
/// (DRSGetNCChanges): `MSOL_` or `AAD_` and twelve hexadecimal digits of its installation.
#[must_use]
pub fn is_synchronisation(account: &AccountName) -> bool {
    let folded = account.folded();
    let installation = SYNCHRONISATION
        .iter()
        .find_map(|prefix| folded.as_str().strip_prefix(prefix));
    installation.is_some_and(|it| it.len() == 12 && it.chars().all(|c| c.is_ascii_hexdigit()))
}

fn tag(tagged: &mut BTreeSet<AccountName>, account: &AccountName, is: bool) {
    if !is {
        tagged.remove(&account.folded());
    } else if tagged.len() < TAGGED_MAX {
        tagged.insert(account.folded());
    }
}

/// Accounts that every domain has and that own it, by their well-known names.
const BUILT_IN_SENSITIVE: &[&str] = &["administrator", "krbtgt", "администратор"];

/// How the accounts of Entra Connect begin, folded.
const SYNCHRONISATION: &[&str] = &["msol_", "aad_"];

/// Tags are set by people. What is lost: later tags.
const TAGGED_MAX: usize = 100_000;

/// The largest domains have some hundreds; past this, hostile traffic pretends. What is lost: late
/// domain controllers look like ordinary hosts until the operator names them.
const DOMAIN_CONTROLLERS_MAX: usize = 4_096;

/// Two addresses for each of 100,000 machines. What is lost: names of late addresses in texts.
const NAMES_MAX: usize = 200_000;
