//! Machines by themselves: policy, replication, applications.

use super::super::simulation::{Due, Simulation};
use super::super::speech::{mapped, replicates};
use super::super::world::{Carried, Make};
use super::access::{Who, peer, policy_of, ticket_for, uses};
use realmward_vocab::{EventTime, interface};

impl Simulation {
    /// A device that is on asks for its policy, and will again.
    pub(in super::super) fn policy(&mut self, now: EventTime, device: usize) {
        let Some(it) = self.world.devices.get(device).filter(|it| it.is_on) else {
            return;
        };
        let is_controller = it.make == Make::Controller;
        if !is_controller {
            let (mut talk, world) = self.talk(now);
            policy_of(&mut talk, world, Who::Device(device));
        }
        let after = self.dice.between(6_000.0, 9_000.0);
        self.plan_in(now, after, Due::Policy(device));
    }

    /// Each domain controller of the first domain pulls from the next.
    pub(in super::super) fn replicate(&mut self, now: EventTime) {
        let controllers = self
            .world
            .domains
            .first()
            .map(|it| it.controllers.clone())
            .unwrap_or_default();
        let pairs = controllers.iter().zip(controllers.iter().cycle().skip(1));
        for (own, from) in pairs.filter(|(own, from)| own != from) {
            let (own, from) = (*own, *from);
            let (mut talk, world) = self.talk(now);
            talk.pause(0.0, 200.0);
            let service = world.service(REPLICATION, from, Carried::Unread);
            let who = Who::Device(own);
            let held = ticket_for(&mut talk, world, who, service);
            let (Some(held), Some(caller), Some(peer)) =
                (held, world.machine(own), peer(world, from))
            else {
                continue;
            };
            if talk.dice.chance(0.1) {
                mapped(&mut talk, &caller, &peer);
            }
            let octets = 1_400 + u32::try_from(talk.dice.below(6_000)).unwrap_or(0);
            let calls = replicates(2, octets);
            talk.calls_sealed(
                &caller,
                &peer,
                &held,
                (interface::DRSUAPI, "drsuapi"),
                &calls,
            );
        }
        let after = self.dice.between(800.0, 1_000.0);
        self.plan_in(now, after, Due::Replicate);
    }

    /// An application uses what it needs, day and night.
    pub(in super::super) fn serve(&mut self, now: EventTime, account: usize) {
        let Some(it) = self.world.accounts.get(account) else {
            return;
        };
        let place = self.dice.favourite(it.favourites.len().min(3));
        if let Some(service) = it.favourites.get(place).copied() {
            let (mut talk, world) = self.talk(now);
            uses(&mut talk, world, Who::Account(account), service);
        }
        let after = self.dice.wait(2_400.0);
        self.plan_in(now, after.max(10.0), Due::Serve(account));
    }
}

/// The service class of replication (MS-DRSR section 2.2.3.2).
const REPLICATION: &str = "E3514235-4B06-11D1-AB04-00C04FC2DCD2";
