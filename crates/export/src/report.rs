//! What a finished run says, as plain data in the order in which it is to be read.

mod alert;
mod reach;

pub use alert::Alert;
pub use reach::{Place, Reached};

use realmward_detect::Severity;
use realmward_vocab::{EventTime, HostName, PacketRef};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Everything a run says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What was read, by [`realmward_vocab::FileId`].
    pub inputs: Vec<Input>,
    /// What was found in folders and is no capture.
    pub skipped: Skipped,
    /// Domains, by name.
    pub domains: Vec<Domain>,
    /// Domain controllers, by address.
    pub domain_controllers: Vec<DomainController>,
    /// Alerts, the worst first; see [`Report::sort`].
    pub alerts: Vec<Alert>,
    /// Users, the most urgent first.
    pub users: Vec<User>,
    /// What was seen between the accounts and devices of the alerts and their neighbours, in a stable
    /// order.
    pub reach: Vec<Reached>,
    /// Old protocols in use.
    pub hygiene: Vec<Hygiene>,
    /// What encryption hid.
    pub hidden: Vec<Hidden>,
    /// Counters.
    pub summary: Summary,
}

/// A capture that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Its name as given.
    pub name: String,
    /// Packets read.
    pub packets: u64,
    /// Octets of these packets, as captured.
    pub bytes: u64,
    /// Time of the first packet.
    pub first: Option<EventTime>,
    /// Time of the last packet.
    pub last: Option<EventTime>,
    /// What was wrong with it and where, in words.
    pub damage: Option<String>,
}

/// Files of folders that were left aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    /// How many are no captures.
    pub files: u64,
}

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domain {
    /// Its DNS name, or its NetBIOS name if that is all that was seen.
    pub name: String,
}

/// A domain controller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainController {
    /// Its address.
    pub address: String,
    /// Its name, if known.
    pub name: Option<String>,
    /// What shows that it is one, the first sight first.
    pub evidence: Vec<EvidenceOfRole>,
}

/// One sign of a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceOfRole {
    /// In plain words, past tense: `answered as KDC`.
    pub what: String,
    /// The packet, if a packet showed it.
    pub packet: Option<PacketRef>,
}

/// A user by priority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The account.
    pub name: String,
    /// Its domain; empty if not known.
    pub domain: String,
    /// 0 to 100.
    pub priority: u8,
    /// The sum of the reasons, in tenths of a deciban.
    pub sum: i32,
    /// Everything that went in.
    pub reasons: Vec<Reason>,
}

/// One term of a user's sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// What kind of term.
    pub about: ReasonAbout,
    /// How much it moves the odds, in tenths of a deciban.
    pub evidence: i32,
    /// In plain words.
    pub text: String,
    /// The priority if this term were not there.
    pub without: u8,
}

/// What a reason speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReasonAbout {
    /// An alert of this report, by number.
    Alert(u64),
    /// More findings of such an alert.
    Repetition(u64),
    /// Steps in the order of an attack.
    Chain,
    /// What is expected of anyone.
    #[default]
    Prior,
}

/// An old protocol in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hygiene {
    /// A short name for programs that never changes: `rc4_tickets`.
    pub id: String,
    /// What, in plain words.
    pub what: String,
    /// How often.
    pub times: u64,
    /// By whom, the most frequent first.
    pub by: Vec<HygieneUser>,
}

/// Who uses an old protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HygieneUser {
    /// The account; empty if not known.
    pub account: String,
    /// The address, if known.
    pub address: Option<IpAddr>,
    /// How often.
    pub times: u64,
}

/// Content that encryption hid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// A short name for programs that never changes: `smb_encrypted`.
    pub id: String,
    /// What, in plain words.
    pub what: String,
    /// How many.
    pub times: u64,
    /// What that means for whoever reads the report.
    pub means: String,
}

/// Counters of a run. Nothing in it depends on the speed of the machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Packets read.
    pub packets: u64,
    /// Octets of these packets, as captured.
    pub bytes: u64,
    /// Seconds between the first and the last packet.
    pub seconds: f64,
    /// Conversations.
    pub flows: u64,
    /// Facts by kind.
    pub facts: BTreeMap<String, u64>,
    /// Messages that could not be parsed, by protocol.
    pub parse_faults: BTreeMap<String, u64>,
    /// Bounds of memory that were reached, by name, and how often.
    pub bounds_hit: BTreeMap<String, u64>,
    /// Distinct users seen.
    pub users_seen: u64,
    /// Findings hidden by each exclusion.
    pub excluded: BTreeMap<String, u64>,
    /// Whether the operator stopped the run before the end of the input.
    pub interrupted: bool,
}

impl Input {
    /// Its name for people: `-` is standard input.
    #[must_use]
    pub fn title(&self) -> &str {
        if self.name == "-" {
            return "standard input";
        }
        &self.name
    }
}

impl Report {
    /// Orders the alerts, the worst first and then by time, and numbers them from 1.
    /// Reasons of users that spoke of an alert by its old number follow.
    pub fn sort(&mut self) {
        self.alerts
            .sort_by_key(|it| (std::cmp::Reverse(it.severity), it.start, it.number));
        let mut renumbered = BTreeMap::new();
        for (new, alert) in (1..).zip(&mut self.alerts) {
            renumbered.insert(alert.number, new);
            alert.number = new;
        }
        for reason in self.users.iter_mut().flat_map(|it| &mut it.reasons) {
            if let ReasonAbout::Alert(number) | ReasonAbout::Repetition(number) = &mut reason.about
            {
                *number = renumbered.get(number).copied().unwrap_or(*number);
            }
        }
    }

    /// How many alerts there are of this severity.
    #[must_use]
    pub fn alerts_of(&self, severity: Severity) -> usize {
        self.alerts
            .iter()
            .filter(|it| it.severity == severity)
            .count()
    }

    /// The first and the last packet's time.
    #[must_use]
    pub fn span(&self) -> Option<(EventTime, EventTime)> {
        let first = self.inputs.iter().filter_map(|it| it.first).min()?;
        let last = self.inputs.iter().filter_map(|it| it.last).max()?;
        Some((first, last))
    }

    /// The name of an input without its folders, where that still tells it from the others.
    #[must_use]
    pub fn short_file(&self, packet: PacketRef) -> &str {
        let full = self.file(packet);
        if full == "-" {
            return "standard input";
        }
        let last = |name: &str| name.rsplit(['/', '\\']).next().unwrap_or_default().len();
        let short = full.get(full.len() - last(full)..).unwrap_or(full);
        let same = |it: &&Input| it.name == short || it.name.ends_with(&format!("/{short}"));
        if short.is_empty() || 1 < self.inputs.iter().filter(same).count() {
            return full;
        }
        short
    }

    /// The name of an input.
    #[must_use]
    pub fn file(&self, packet: PacketRef) -> &str {
        usize::try_from(packet.file.0)
            .ok()
            .and_then(|place| self.inputs.get(place))
            .map_or("?", |it| it.name.as_str())
    }
}

impl DomainController {
    /// Its name if known, else its address.
    #[must_use]
    pub fn label(&self) -> HostName {
        HostName::new(self.name.as_deref().unwrap_or(&self.address))
    }
}
