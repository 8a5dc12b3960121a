//! The clock: who does something next, and the events in the order in which they happen.

use super::air::Air;
use super::build::build;
use super::dice::{Dice, seconds};
use super::intrusion::{Intrusion, Kind, Step};
use super::plan::Plan;
use super::speech::Talk;
use super::world::World;
use realmward_event::Event;
use realmward_vocab::EventTime;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;

/// The events of an organisation, in order of time; memory grows with people, not with days.
///
/// ```
/// use realmward_testkit::organisation::{Plan, Simulation};
///
/// let plan = Plan::new(30, 1, 7);
/// let events: Vec<_> = Simulation::new(&plan).collect();
/// assert!(events.is_sorted_by_key(|it| it.time));
/// assert_eq!(events, Simulation::new(&plan).collect::<Vec<_>>());
/// ```
#[derive(Clone)]
pub struct Simulation {
    pub(super) plan: Plan,
    pub(super) world: World,
    pub(super) air: Air,
    pub(super) dice: Dice,
    pub(super) intrusion: Option<Intrusion>,
    agenda: BinaryHeap<Reverse<(EventTime, u64, Due)>>,
    planned: u64,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A day begins.
    Day(u32),
    /// Somebody comes to work.
    Arrive(usize),
    /// Somebody uses something.
    Use(usize),
    /// Somebody unlocks a screen.
    Unlock(usize),
    /// Somebody carries a laptop elsewhere.
    Move(usize),
    /// A second account is used.
    Administer(usize),
    /// A device asks for its policy.
    Policy(usize),
    /// A service account works.
    Serve(usize),
    /// Domain controllers replicate.
    Replicate,
    /// A job of the operators begins.
    Job(Job),
    /// The intruder does the next thing.
    Intrude,
}

/// What operators have arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Job {
    Synchronise,
    Backup,
    Scan(usize),
    Deploy(usize),
    Monitor,
    Restart(usize),
    Migrate,
}

impl Simulation {
    /// An organisation at the beginning of its first day.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let mut dice = Dice::new(plan.seed, 1);
        let world = build(plan, &mut dice);
        let mut simulation = Self {
            plan: plan.clone(),
            world,
            air: Air::new(plan.loss, Dice::new(plan.seed, 2)),
            dice,
            intrusion: None,
            agenda: BinaryHeap::new(),
            planned: 0,
        };
        simulation.plan_at(plan.start(), Due::Day(0));
        simulation.begin_services();
        simulation
    }

    /// Lets an intruder in: from `from` on, as this kind does. The rest of the organisation does not
    /// change by it, but for chance.
    pub fn intrude(&mut self, kind: Kind, from: EventTime) {
        let dice = Dice::new(self.plan.seed, 100 + kind as u64);
        let intrusion = Intrusion::new(kind, dice, &self.world);
        self.intrusion = Some(intrusion);
        self.plan_at(from, Due::Intrude);
    }

    /// The steps of the intruder so far.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        self.intrusion.as_ref().map_or(&[], |it| it.steps())
    }

    /// Whether the intruder has done all that this kind does.
    #[must_use]
    pub fn is_intruder_done(&self) -> bool {
        self.intrusion.as_ref().is_none_or(Intrusion::is_done)
    }

    /// Addresses of what operators know and would exclude in their first week: scanner, software
    /// distribution, synchronisation, monitoring, backup.
    #[must_use]
    pub fn arranged(&self) -> Vec<IpAddr> {
        let it = &self.world.stations;
        [
            it.scanner,
            it.deployment,
            it.synchronisation,
            it.monitor,
            it.backup,
        ]
        .iter()
        .filter_map(|at| self.world.devices.get(*at).map(|it| it.address))
        .collect()
    }

    /// How many accounts people and services have.
    #[must_use]
    pub const fn accounts(&self) -> usize {
        self.world.accounts.len()
    }

    pub(super) fn plan_at(&mut self, time: EventTime, due: Due) {
        self.planned += 1;
        self.agenda.push(Reverse((time, self.planned, due)));
    }

    pub(super) fn plan_in(&mut self, now: EventTime, after_s: f64, due: Due) {
        self.plan_at(now.saturating_add(seconds(after_s)), due);
    }

    /// A moment to talk in.
    pub(super) fn talk(&mut self, now: EventTime) -> (Talk<'_>, &mut World) {
        let talk = Talk {
            air: &mut self.air,
            dice: &mut self.dice,
            now,
        };
        (talk, &mut self.world)
    }

    fn act(&mut self, now: EventTime, due: Due) {
        match due {
            Due::Day(day) => self.day(now, day),
            Due::Arrive(account) => self.arrive(now, account),
            Due::Use(account) => self.use_something(now, account),
            Due::Unlock(account) => self.unlock(now, account),
            Due::Move(account) => self.carry(now, account),
            Due::Administer(account) => self.administer(now, account),
            Due::Policy(device) => self.policy(now, device),
            Due::Serve(account) => self.serve(now, account),
            Due::Replicate => self.replicate(now),
            Due::Job(job) => self.job(now, job),
            Due::Intrude => self.intruder(now),
        }
    }

    /// The next event, if it is before `until`. Later ones wait, and what was not yet due can still
    /// be changed by [`Simulation::intrude`].
    pub fn next_until(&mut self, until: EventTime) -> Option<Event> {
        let end = self.plan.end().min(until);
        loop {
            let next = self.agenda.peek().map_or(end, |Reverse((time, ..))| *time);
            if let Some(event) = self.air.take(next.min(end)) {
                return Some(event);
            }
            if end <= next {
                return None;
            }
            let Reverse((time, _, due)) = self.agenda.pop()?;
            self.act(time, due);
        }
    }
}

impl Iterator for Simulation {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.next_until(self.plan.end())
    }
}
