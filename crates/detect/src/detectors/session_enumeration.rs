//! Who is logged on where: session enumeration over SMB.
//!
//! Lateral movement needs to know where privileged people are logged on. Servers tell it to anyone
//! who may ask NetrSessionEnum (MS-SRVS section 3.1.4.5) or NetrWkstaUserEnum (MS-WKST section
//! 3.2.4.3); the operation number is in clear even where the answer is refused. Few programs of an
//! ordinary workstation ask, and asking many hosts is a sweep. Open files (NetrFileEnum) and terminal
//! sessions (MS-TSTS section 3.5.4) are what administrators look at on one host. Where these are closed, the loaded
//! user hives tell the same (OpenUsers, MS-RRP section 3.1.5.5); one look there is administration,
//! many hosts, both ways on one host, or looking up at once whose hives they are, are not.
//! Administrators, inventory and monitoring ask too; what an account asks from the same address
//! every week, of no more hosts than it always does, is told quietly.

use crate::draft::{called, host, who};
use crate::habit::is_usual;
use crate::interfaces::{call, has_arguments};
use crate::window::{Window, add};
use crate::{Context, Data, Detector, Finding, Key, Kind, Metadata, Party, PartyRole, Severity};
use realmward_event::Outcome;
use realmward_event::rpc::RpcCalled;
use realmward_profile::Sighting;
use realmward_vocab::interface::{LSARPC, SRVSVC, TERMINAL_ENUMERATION, WINREG, WKSSVC};
use realmward_vocab::{Guid, PacketRef};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::time::Duration;

/// Hosts asked, by who asked.
#[derive(Serialize, Deserialize)]
pub(super) struct SessionEnumeration {
    asked: Window<IpAddr, Asked>,
}

/// What one source asked.
#[derive(Default, Serialize, Deserialize)]
struct Asked {
    /// Hosts asked for their sessions.
    hosts: Vec<IpAddr>,
    /// Hosts whose loaded user hives were opened, and the packets of the latest.
    hives: Vec<IpAddr>,
    opened: Vec<PacketRef>,
    /// Hosts asked for what administrators also ask of one.
    desks: Vec<IpAddr>,
    /// Whether any question was not a habit of its account.
    #[serde(default)]
    unusual: bool,
}

impl Default for SessionEnumeration {
    fn default() -> Self {
        Self {
            asked: Window::new(WITHIN, SOURCES_MAX),
        }
    }
}

impl Detector for SessionEnumeration {
    const METADATA: Metadata = Metadata {
        id: "session_enumeration",
        external_id: Some(2012),
        title: "User and IP address reconnaissance (SMB session enumeration)",
        techniques: &["T1049", "T1087.002"],
        severity: Severity::Medium,
        looks_for: "A host asks servers who is logged on to them (NetrSessionEnum, NetrWkstaUserEnum).",
        needs: &[Data::Smb, Data::Rpc],
        learning: Some(
            "none to tell; what an account asked from the same address on 3 of the past 30 days is low",
        ),
        next_steps: &[
            "Ask whether the source runs an inventory, monitoring or backup product; if so, exclude it.",
            "Look at what the account did next on the hosts that answered.",
            "Restrict who may call NetrSessionEnum on servers (SrvsvcSessionInfo), as current Windows does by default.",
        ],
        // Strong: inventory products do the same.
        probability_if_compromised: 0.3,
        probability_if_honest: 2e-3,
    };

    fn key(sighting: &Sighting) -> Option<Key> {
        let (interface, call) = call(sighting)?;
        question(interface, call)?;
        Some(Key::Source(sighting.source.address?))
    }

    fn observe(&mut self, cx: &Context<'_>, sighting: &Sighting, findings: &mut Vec<Finding>) {
        let Some((interface, call)) = call(sighting) else {
            return;
        };
        let (Some(source), Some(target)) = (sighting.source.address, sighting.target.address)
        else {
            return;
        };
        let Some(question) = question(interface, call) else {
            return;
        };
        let between_domain_controllers =
            sighting.source.is_domain_controller && sighting.target.is_domain_controller;
        if between_domain_controllers || source == target {
            return;
        }
        let asked = match question {
            Question::Names => self.asked.get_mut(cx.now, &source),
            _ => self.asked.touch(cx.now, &source, Asked::default),
        };
        let Some(asked) = asked else {
            return;
        };
        asked.unusual |= !is_usual(sighting);
        if let Some(hosts) = asked.take(question, target, &sighting.event.evidence) {
            let mut finding = finding(sighting, call, question, hosts);
            if matches!(question, Question::Hives | Question::Names) {
                finding.prove(&asked.opened);
            }
            finding.because_of_habit(sighting, !asked.unusual);
            findings.push(finding);
        }
    }
}

impl Asked {
    /// Takes a question in; the number of hosts asked so far, if it is to be told.
    fn take(&mut self, question: Question, target: IpAddr, packets: &[PacketRef]) -> Option<usize> {
        let tell = match question {
            Question::Sessions => {
                add(&mut self.hosts, target, HOSTS_MAX);
                true
            }
            Question::Hives => {
                add(&mut self.hives, target, HOSTS_MAX);
                self.opened = packets.to_vec();
                self.hosts.contains(&target) || SWEEP_MIN <= self.hives.len()
            }
            Question::Files | Question::Terminals => {
                add(&mut self.desks, target, HOSTS_MAX);
                self.hosts.contains(&target) || SWEEP_MIN <= self.desks.len()
            }
            Question::Names => self.hives.contains(&target),
        };
        let asked = [&self.hosts, &self.hives, &self.desks];
        tell.then(|| asked.iter().map(|it| it.len()).max().unwrap_or(0))
    }
}

/// What a call asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// Who has a session.
    Sessions,
    /// Whose hives are loaded.
    Hives,
    /// Who has files open.
    Files,
    /// Who is at its terminals.
    Terminals,
    /// The names of security identifiers: of the hives, if those were opened before.
    Names,
}

impl Question {
    const fn words(self) -> &'static str {
        match self {
            Self::Sessions => "who has a session",
            Self::Hives => "whose user hives are loaded",
            Self::Files => "who has files open",
            Self::Terminals => "who is logged on to its terminals",
            Self::Names => "whose user hives are loaded, and their names",
        }
    }
}

fn question(interface: Guid, call: &RpcCalled) -> Option<Question> {
    let question = match (interface, call.opnum) {
        // NetrConnectionEnum and NetrSessionEnum, NetrWkstaUserEnum.
        (SRVSVC, 8 | 12) | (WKSSVC, 2) => Question::Sessions,
        // NetrFileEnum.
        (SRVSVC, 9) => Question::Files,
        // RpcGetEnumResult, RpcGetEnumResultEx, RpcGetAllSessions and RpcGetAllSessionsEx.
        (TERMINAL_ENUMERATION, 5 | 9 | 10 | 11) => Question::Terminals,
        // OpenUsers.
        (WINREG, 4) => Question::Hives,
        // LsarLookupSids, LsarLookupSids2 and LsarLookupSids3 (MS-LSAT section 3.1.4).
        (LSARPC, 15 | 57 | 76) => Question::Names,
        _ => return None,
    };
    (question == Question::Hives || has_arguments(call)).then_some(question)
}

fn finding(sighting: &Sighting, call: &RpcCalled, question: Question, hosts: usize) -> Finding {
    let mut finding = Finding::about(&SessionEnumeration::METADATA, sighting);
    finding.kind = Kind::Strong;
    finding.confidence = 0.8;
    finding.outcome = call.outcome;
    if SWEEP_MIN <= hosts {
        finding.severity = Severity::High;
        finding.confidence = 0.9;
        finding.because(
            "hosts asked, never ten minutes apart",
            hosts.to_string(),
            format!("fewer than {SWEEP_MIN}"),
        );
    }
    let exposed = exposed(sighting);
    finding.because(
        "operation",
        format!(
            "{} ({}): {}",
            call.operation.as_deref().unwrap_or("operation"),
            call.opnum,
            question.words()
        ),
        "not asked by ordinary clients",
    );
    finding.because(
        "answer",
        match call.outcome {
            Outcome::Success if exposed.is_empty() => "given, no session readable".to_owned(),
            Outcome::Success => format!("given: {}", names(&exposed)),
            Outcome::Failure => "refused".to_owned(),
            _ => "not readable".to_owned(),
        },
        "refused to all but administrators",
    );
    finding.summary = format!(
        "{} on {} asked {} who is logged on{}",
        who(sighting),
        called(&sighting.source),
        called(&sighting.target),
        if call.outcome == Outcome::Failure {
            ", and was refused"
        } else {
            ""
        }
    );
    finding.hosts = vec![
        host(&sighting.source, PartyRole::Source),
        host(&sighting.target, PartyRole::Target),
    ];
    finding.accounts.extend(exposed);
    finding
}

fn exposed(sighting: &Sighting) -> Vec<Party> {
    let mut parties: Vec<Party> = Vec::new();
    for (name, domain) in &sighting.sessions {
        let party = Party {
            name: name.clone(),
            domain: domain.clone(),
            role: PartyRole::Target,
        };
        add(&mut parties, party, EXPOSED_MAX);
    }
    parties
}

fn names(parties: &[Party]) -> String {
    let names: Vec<&str> = parties.iter().map(|it| it.name.as_str()).collect();
    names.join(", ")
}

/// Collectors ask every host of a domain within minutes; people ask one or two.
const SWEEP_MIN: usize = 5;
const WITHIN: Duration = Duration::from_secs(600);

/// A sweep of more hosts is told all the same. What is lost: their number beyond this.
const HOSTS_MAX: usize = 1_024;
const EXPOSED_MAX: usize = 64;

/// What is lost: the count of hosts for sources past this within ten minutes.
const SOURCES_MAX: usize = 100_000;
