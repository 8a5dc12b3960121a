//! One organisation, one intruder: the real pipeline, looked at each midnight and at set times after
//! the second step.

use super::outcome::Trial;
use super::scores::{NOTHING, Scored, Way, number, place, score};
use anyhow::Result;
use realmward_alert::Alert;
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_testkit::organisation::{Kind, Plan, Simulation, Step};
use realmward_vocab::{AccountName, EventTime};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

/// What every intruder of a seed shares: the time before anybody broke in.
pub(super) struct Ground {
    plan: Plan,
    simulation: Simulation,
    snapshot: Vec<u8>,
    events: u64,
    from: EventTime,
}

impl Ground {
    /// Runs the honest days before.
    pub(super) fn new(plan: &Plan, quiet_days: u32) -> Result<Self> {
        let mut simulation = Simulation::new(plan);
        let mut pipeline = Pipeline::new(&PipelineSettings::default(), 1);
        let from = plan.at(quiet_days, 10.0);
        let mut events = 0;
        run(&mut simulation, &mut pipeline, from, &mut events);
        Ok(Self {
            plan: plan.clone(),
            snapshot: pipeline.snapshot()?,
            simulation,
            events,
            from,
        })
    }

    /// Lets one in.
    pub(super) fn trial(&self, kind: Kind, asked: Option<&str>) -> Result<Trial> {
        let mut look = Look {
            simulation: self.simulation.clone(),
            pipeline: Pipeline::restore(&self.snapshot)?,
            events: self.events,
            from: self.from,
            before: BTreeMap::new(),
            reds: BTreeSet::new(),
            trial: Trial::new(kind, self.simulation.accounts()),
        };
        look.simulation.intrude(kind, self.from);
        look.go(&self.plan);
        if let Some(asked) = asked {
            look.trial.told =
                super::honest::told(&look.pipeline, &look.simulation, asked, self.from);
        }
        Ok(look.trial)
    }
}

struct Look {
    simulation: Simulation,
    pipeline: Pipeline,
    events: u64,
    from: EventTime,
    before: BTreeMap<(Way, AccountName), f64>,
    reds: BTreeSet<AccountName>,
    trial: Trial,
}

impl Look {
    fn go(&mut self, plan: &Plan) {
        let mut day = 0;
        while plan.at(day, 0.0) <= self.from {
            day += 1;
        }
        self.midnight(false);
        let mut checks: Vec<(usize, EventTime)> = Vec::new();
        let mut checked = false;
        loop {
            let midnight = plan.at(day, 0.0);
            let next = checks.first().map_or(midnight, |it| it.1.min(midnight));
            let soon = if checked {
                next
            } else {
                next.min(self.pipeline.front.now().saturating_add(STRIDE))
            };
            run(
                &mut self.simulation,
                &mut self.pipeline,
                soon,
                &mut self.events,
            );
            if !checked && let Some(second) = self.simulation.steps().get(1) {
                let from = second.time;
                checks = AFTER
                    .iter()
                    .enumerate()
                    .map(|(at, it)| (at, from.saturating_add(*it)))
                    .collect();
                checked = true;
            }
            if soon == midnight {
                self.midnight(true);
                let is_over = checked && checks.is_empty() && self.simulation.is_intruder_done();
                if is_over || plan.days <= day {
                    break;
                }
                day += 1;
            } else if checks.first().is_some_and(|it| it.1 == soon) {
                let (at, _) = checks.remove(0);
                self.check(at);
            }
        }
        self.close();
    }

    /// Accounts that the intruder has used until now.
    fn taken(&self) -> BTreeSet<AccountName> {
        self.simulation
            .steps()
            .iter()
            .map(|it| it.actor.folded())
            .collect()
    }

    fn scored(&self, alerts: &[Alert]) -> Scored {
        score(
            alerts,
            self.pipeline.front.population(),
            self.pipeline.front.now(),
        )
    }

    fn check(&mut self, at: usize) {
        let scored = self.scored(&self.kept());
        let taken = self.taken();
        for (way, scores) in &scored.by {
            let place = place(scores, &taken, self.trial.users);
            self.trial.places.insert((at, *way), place);
        }
        self.note_best(&scored, &taken);
    }

    fn note_best(&mut self, scored: &Scored, taken: &BTreeSet<AccountName>) {
        let in_time =
            !self.trial.places.contains_key(&(2, Way::Priority)) || self.trial.best.is_empty();
        for (way, scores) in scored.by.iter().filter(|_| in_time) {
            let place = place(scores, taken, self.trial.users);
            let best = self.trial.best.entry(*way).or_insert(NOTHING);
            *best = best.max(place.score);
        }
    }

    /// Alerts without those of sources that operators exclude.
    fn kept(&self) -> Vec<Alert> {
        let excluded = self.simulation.arranged();
        let alerts = self.pipeline.alerts().iter();
        alerts
            .filter(|it| !is_from(it, &excluded))
            .cloned()
            .collect()
    }

    fn midnight(&mut self, counts: bool) {
        let kept = self.kept();
        let scored = self.scored(&kept);
        let taken = self.taken();
        let red = |it: &Scored| -> BTreeSet<AccountName> {
            let shown = it
                .probabilities
                .iter()
                .filter(|(_, p)| RED <= (**p * 100.0).round());
            shown
                .map(|(name, _)| name.clone())
                .filter(|it| !taken.contains(it))
                .collect()
        };
        let reds = red(&scored);
        if counts {
            let fresh = reds.difference(&self.reds).count();
            self.trial.red.push((reds.len(), fresh));
            let all = red(&self.scored(self.pipeline.alerts()));
            self.trial.red_unexcluded.push(all.len());
            self.state(&scored, &taken);
            self.note_best(&scored, &taken);
        }
        self.reds = reds;
        self.note_rises(&scored, &taken, counts);
    }

    fn state(&mut self, scored: &Scored, taken: &BTreeSet<AccountName>) {
        let named = scored
            .probabilities
            .iter()
            .filter(|(name, _)| !name.is_machine());
        let mut stated: Vec<(f64, bool)> =
            named.map(|(name, p)| (*p, taken.contains(name))).collect();
        let silent = taken
            .iter()
            .filter(|it| !scored.probabilities.contains_key(*it))
            .count();
        stated.extend((0..silent).map(|_| (PRIOR, true)));
        let rest = self.trial.users - number(stated.len());
        self.trial.stated.extend(stated);
        let mut left = rest;
        while 1.0 <= left {
            self.trial.stated.push((PRIOR, false));
            left -= 1.0;
        }
    }

    fn note_rises(&mut self, scored: &Scored, taken: &BTreeSet<AccountName>, counts: bool) {
        let mut now = BTreeMap::new();
        for (way, scores) in &scored.by {
            for (name, score) in scores.iter().filter(|(name, _)| !taken.contains(*name)) {
                let key = (*way, name.clone());
                let before = self.before.get(&key).copied().unwrap_or(NOTHING);
                if counts && before < *score {
                    self.trial
                        .rises
                        .entry(*way)
                        .or_default()
                        .push((before, *score));
                }
                now.insert(key, *score);
            }
        }
        self.before = now;
    }

    /// Which steps were told, and which alerts were nobody's.
    fn close(&mut self) {
        let steps = self.simulation.steps().to_vec();
        let sources: Vec<IpAddr> = steps.iter().map(|it| it.source).collect();
        let taken = self.taken();
        let excluded = self.simulation.arranged();
        let alerts = self.pipeline.alerts();
        for step in steps {
            let told = alerts
                .iter()
                .filter(|it| is_of(it, &step))
                .map(|it| it.end)
                .min();
            let after = told.map(|it| it.saturating_since(step.time));
            self.trial.seen.push((step, after));
        }
        let after = alerts.iter().filter(|it| self.from <= it.start);
        for alert in after {
            let by_intruder = is_from(alert, &sources)
                && alert.actors().all(|it| taken.contains(&it.name.folded()));
            if by_intruder {
                continue;
            }
            let key = (alert.detector.to_string(), alert.severity);
            let (all, kept) = self.trial.honest.entry(key).or_default();
            *all += 1;
            *kept += u64::from(!is_from(alert, &excluded));
        }
        let span = self.pipeline.front.now().saturating_since(self.from);
        self.trial.days = span.as_secs_f64() / 86_400.0;
        self.trial.events = self.events;
    }
}

/// Whether an alert of a detector that looks for a step comes from where and when it was taken.
fn is_of(alert: &Alert, step: &Step) -> bool {
    step.detectors.contains(&alert.detector.as_str())
        && alert.sources().any(|it| it.ip == Some(step.source))
        && step.time <= alert.end
        && alert
            .actors()
            .any(|it| it.name.folded() == step.actor.folded())
}

pub(super) fn is_from(alert: &Alert, addresses: &[IpAddr]) -> bool {
    alert
        .sources()
        .any(|it| it.ip.is_some_and(|it| addresses.contains(&it)))
}

fn run(simulation: &mut Simulation, pipeline: &mut Pipeline, until: EventTime, count: &mut u64) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(event) = simulation.next_until(until) {
        batch.push(event);
        *count += 1;
        if BATCH <= batch.len() {
            pipeline.take(std::mem::take(&mut batch));
        }
    }
    pipeline.take(batch);
    pipeline.advance(until);
}

/// After the second step.
pub(super) const AFTER: [Duration; 3] = [
    Duration::from_secs(3_600),
    Duration::from_secs(24 * 3_600),
    Duration::from_secs(72 * 3_600),
];

/// The portal shows a priority of fifty and above in red.
const RED: f64 = 50.0;

/// What is stated of somebody of whom nothing is known.
const PRIOR: f64 = 1.0 / 1_996.26;

/// Until the second step was taken, it is looked for so often.
const STRIDE: Duration = Duration::from_secs(1_800);

const BATCH: usize = 1_024;
