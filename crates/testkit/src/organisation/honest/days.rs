//! A day: who comes, and what the operators have arranged for it.

use super::super::calendar::Shift;
use super::super::simulation::{Due, Job, Simulation};
use super::super::world::Role;
use realmward_vocab::EventTime;

impl Simulation {
    /// Plans a day at its midnight.
    pub(in super::super) fn day(&mut self, now: EventTime, day: u32) {
        self.plan_in(now, 86_400.0, Due::Day(day + 1));
        for account in 0..self.world.accounts.len() {
            let Some(it) = self.world.accounts.get(account) else {
                continue;
            };
            let (role, shift) = (it.role, it.shift);
            if matches!(role, Role::Privileged | Role::Service) || self.is_away(account, day) {
                continue;
            }
            if let Some((from, _)) = self.world.calendar.hours(shift, day, &mut self.dice) {
                self.plan_in(now, from * 3_600.0, Due::Arrive(account));
            }
        }
        self.jobs_of(now, day);
    }

    /// One week in twelve somebody is on holiday.
    fn is_away(&self, account: usize, day: u32) -> bool {
        let week = u64::from(day / 7);
        let mixed = (account as u64 * 7_919 + week * 104_729 + self.plan.seed * 31) % 12;
        mixed == 0 && self.plan.days > 4
    }

    fn jobs_of(&mut self, now: EventTime, day: u32) {
        let mut at = |hour: f64, job| self.plan_in(now, hour * 3_600.0, Due::Job(job));
        at(22.5, Job::Backup);
        match day % 7 {
            1 => at(19.0, Job::Restart(0)),
            2 => at(21.0, Job::Scan(0)),
            5 => at(3.0, Job::Restart(0)),
            _ => {}
        }
        if day % 7 < 5 {
            at(10.2, Job::Deploy(0));
        }
        let moves = self.plan.migration.is_some_and(|it| it <= day);
        if moves && day % 7 < 5 {
            self.plan_in(now, 7.0 * 3_600.0, Due::Job(Job::Migrate));
        }
    }

    /// What runs day and night begins.
    pub(in super::super) fn begin_services(&mut self) {
        let start = self.plan.start();
        self.plan_in(start, 30.0, Due::Replicate);
        self.plan_in(start, 400.0, Due::Job(Job::Synchronise));
        self.plan_in(start, 200.0, Due::Job(Job::Monitor));
        for device in 0..self.world.devices.len() {
            if self.world.devices.get(device).is_some_and(|it| it.is_on) {
                let after = self.dice.between(10.0, 7_200.0);
                self.plan_in(start, after, Due::Policy(device));
            }
        }
        for account in 0..self.world.accounts.len() {
            let works = self.world.accounts.get(account).is_some_and(|it| {
                it.role == Role::Service
                    && it.shift == Shift::Office
                    && is_application(it.name.as_str())
            });
            if works {
                let after = self.dice.between(20.0, 3_600.0);
                self.plan_in(start, after, Due::Serve(account));
            }
        }
    }
}

fn is_application(name: &str) -> bool {
    name.starts_with("svc-app")
}
