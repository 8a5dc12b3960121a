//! Intrusions of three kinds, step by step, each step with its label.
//!
//! Noisy: public tools from a machine of the intruder's own, minutes apart. Ordinary: tools through
//! somebody's computer, hours apart. Patient: what Windows itself offers, one thing a day, with the
//! strong keys. A step is labelled with what was done, by which account, and which detectors could see
//! it at all; some can be seen by none of today's.

mod credentials;
mod moves;

use super::dice::Dice;
use super::honest::TERMINAL_USERS;
use super::simulation::{Due, Simulation};
use super::speech::{Held, Talk};
use super::world::{Make, Role, World};
use realmward_vocab::{AccountName, EventTime};
use std::net::{IpAddr, Ipv4Addr};

/// How an intruder goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Everything at once, with tools as they come.
    Noisy,
    /// With tools, at a person's pace.
    Ordinary,
    /// As little as possible, as Windows would.
    Patient,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Noisy, Self::Ordinary, Self::Patient];

    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Noisy => "noisy",
            Self::Ordinary => "ordinary",
            Self::Patient => "patient",
        }
    }

    const fn deeds(self) -> &'static [Deed] {
        match self {
            Self::Noisy => &[
                Deed::Spray,
                Deed::Collect,
                Deed::RoastMany,
                Deed::PassHash,
                Deed::PsExec,
                Deed::Replicate,
                Deed::Forge,
            ],
            Self::Ordinary => &[
                Deed::Search,
                Deed::AskSessions(3),
                Deed::RoastFew,
                Deed::Overpass,
                Deed::Wmi,
                Deed::PassTicket,
                Deed::Replicate,
            ],
            Self::Patient => &[
                Deed::Search,
                Deed::RoastOne,
                Deed::OverpassStrong,
                Deed::Task,
                Deed::AskSessions(1),
                Deed::Replicate,
            ],
        }
    }

    /// Seconds between steps, on average.
    const fn pace_s(self) -> f64 {
        match self {
            Self::Noisy => 900.0,
            Self::Ordinary => 9_000.0,
            Self::Patient => 72_000.0,
        }
    }
}

/// What an intruder can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Spray,
    Collect,
    Search,
    AskSessions(usize),
    RoastMany,
    RoastFew,
    RoastOne,
    PassHash,
    Overpass,
    OverpassStrong,
    PassTicket,
    PsExec,
    Wmi,
    Task,
    Replicate,
    Forge,
}

impl Deed {
    const fn technique(self) -> &'static str {
        match self {
            Self::Spray => "T1110.003",
            Self::Collect => "T1087.002",
            Self::Search => "T1069.002",
            Self::AskSessions(_) => "T1049",
            Self::RoastMany | Self::RoastFew | Self::RoastOne => "T1558.003",
            Self::PassHash | Self::Overpass | Self::OverpassStrong => "T1550.002",
            Self::PassTicket => "T1550.003",
            Self::PsExec => "T1569.002",
            Self::Wmi => "T1047",
            Self::Task => "T1053.005",
            Self::Replicate => "T1003.006",
            Self::Forge => "T1558.001",
        }
    }

    /// Today's detectors that look for what this leaves on the wire.
    const fn detectors(self) -> &'static [&'static str] {
        match self {
            Self::Search | Self::RoastMany | Self::RoastFew | Self::RoastOne => &[],
            Self::Collect | Self::AskSessions(_) => &["session_enumeration"],
            Self::PassHash => &["pass_the_hash"],
            Self::Spray | Self::Overpass => &["overpass_the_hash", "encryption_downgrade_logon"],
            Self::OverpassStrong => &["overpass_the_hash"],
            Self::PassTicket => &["pass_the_ticket"],
            Self::PsExec => &["remote_execution", "pass_the_hash"],
            Self::Wmi | Self::Task => &["remote_execution"],
            Self::Replicate => &["directory_replication"],
            Self::Forge => &["ticket_not_issued"],
        }
    }
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When it began.
    pub time: EventTime,
    /// Its ATT&CK technique.
    pub technique: &'static str,
    /// The account under which it was done.
    pub actor: AccountName,
    /// From which address.
    pub source: IpAddr,
    /// Detectors that look for it; empty if none does yet.
    pub detectors: &'static [&'static str],
}

/// An intruder and how far it got.
#[derive(Clone)]
pub(super) struct Intrusion {
    kind: Kind,
    pub(super) dice: Dice,
    /// Whose account and computer were taken first.
    victim: usize,
    device: usize,
    /// The privileged account that is taken later.
    privileged: usize,
    /// Address of the intruder's own machine, if it has one.
    own: Option<IpAddr>,
    granting: Option<Held>,
    done: usize,
    steps: Vec<Step>,
}

impl Intrusion {
    pub(super) fn new(kind: Kind, mut dice: Dice, world: &World) -> Self {
        let fits = |at: &usize| {
            let account = world.accounts.get(*at);
            let device = account.and_then(|it| world.devices.get(it.home));
            account.is_some_and(|it| {
                it.role == Role::Office && it.domain == 0 && !at.is_multiple_of(TERMINAL_USERS)
            }) && device.is_some_and(|it| {
                it.make != Make::Controller
                    && it.software == super::speech::Software::Windows
                    && it.pool.is_some()
            })
        };
        let victims: Vec<usize> = (0..world.accounts.len()).filter(fits).collect();
        let victim = dice.of(&victims).copied().unwrap_or_default();
        let privileged: Vec<usize> = (0..world.accounts.len())
            .filter(|at| {
                world
                    .accounts
                    .get(*at)
                    .is_some_and(|it| it.role == Role::Privileged)
            })
            .collect();
        Self {
            kind,
            victim,
            device: world.accounts.get(victim).map_or(0, |it| it.home),
            privileged: dice.of(&privileged).copied().unwrap_or_default(),
            own: (kind == Kind::Noisy).then_some(OWN),
            granting: None,
            done: 0,
            steps: Vec::new(),
            dice,
        }
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(super) const fn is_done(&self) -> bool {
        self.kind.deeds().len() <= self.done
    }
}

impl Simulation {
    /// The intruder does the next thing, if the moment is right.
    pub(super) fn intruder(&mut self, now: EventTime) {
        let Some(mut it) = self.intrusion.take() else {
            return;
        };
        let here = self.world.accounts.get(it.victim).is_some_and(|who| {
            let seated = who.device == it.device && now < who.leaves;
            seated && self.world.devices.get(it.device).is_some_and(|it| it.is_on)
        });
        let deed = it.kind.deeds().get(it.done).copied();
        let after = if it.own.is_none() && !here {
            1_800.0
        } else if let Some(deed) = deed {
            it.does(self, now, deed);
            it.done += 1;
            let pace = it.kind.pace_s();
            (0.3 + it.dice.wait(0.7)) * pace
        } else {
            self.intrusion = Some(it);
            return;
        };
        self.intrusion = Some(it);
        self.plan_in(now, after, Due::Intrude);
    }
}

impl Intrusion {
    fn does(&mut self, simulation: &mut Simulation, now: EventTime, deed: Deed) {
        let world = &mut simulation.world;
        let source = self
            .own
            .or_else(|| world.devices.get(self.device).map(|it| it.address));
        let Some(source) = source else {
            return;
        };
        let mut dice = self.dice.clone();
        let mut talk = Talk {
            air: &mut simulation.air,
            dice: &mut dice,
            now,
        };
        self.perform(&mut talk, world, deed);
        self.dice = dice;
        let actor = match deed {
            Deed::Forge => AccountName::new("Administrator"),
            _ => {
                let at = if self.acts_privileged(deed) {
                    self.privileged
                } else {
                    self.victim
                };
                world
                    .accounts
                    .get(at)
                    .map(|it| it.name.clone())
                    .unwrap_or_default()
            }
        };
        self.steps.push(Step {
            time: now,
            technique: deed.technique(),
            actor,
            source,
            detectors: deed.detectors(),
        });
    }

    const fn acts_privileged(&self, deed: Deed) -> bool {
        matches!(
            deed,
            Deed::PassHash
                | Deed::Overpass
                | Deed::OverpassStrong
                | Deed::PassTicket
                | Deed::PsExec
                | Deed::Wmi
                | Deed::Task
                | Deed::Replicate
        )
    }

    fn perform(&mut self, talk: &mut Talk<'_>, world: &mut World, deed: Deed) {
        match deed {
            Deed::Spray => self.spray(talk, world),
            Deed::Collect => self.collect(talk, world),
            Deed::Search => self.search(talk, world),
            Deed::AskSessions(hosts) => self.ask_sessions(talk, world, hosts),
            Deed::RoastMany => self.roast(talk, world, 8),
            Deed::RoastFew => self.roast(talk, world, 3),
            Deed::RoastOne => self.roast(talk, world, 1),
            Deed::PassHash => self.pass_hash(talk, world),
            Deed::Overpass => self.overpass(talk, world, false),
            Deed::OverpassStrong => self.overpass(talk, world, true),
            Deed::PassTicket => self.pass_ticket(talk, world),
            Deed::PsExec => self.ps_exec(talk, world),
            Deed::Wmi => self.wmi(talk, world),
            Deed::Task => self.task(talk, world),
            Deed::Replicate => self.replicate(talk, world),
            Deed::Forge => self.forge(talk, world),
        }
    }
}

/// A desk of its own, past all that the pool of desks lends.
const OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 20, 250, 66));
