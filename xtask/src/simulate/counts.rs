//! What the honest part looks like in numbers, so that a reader can judge how real it is.

use super::numbers::{Histogram, float};
use realmward_event::kerberos::account_of;
use realmward_event::{Event, Fact, Outcome};
use realmward_testkit::organisation::Plan;
use realmward_vocab::{AccountName, KerberosError, TicketHash};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

/// Counts over all events; the sets of a day are counted at its end.
pub(super) struct Counts {
    plan: Plan,
    day: u64,
    events: u64,
    kinds: BTreeMap<&'static str, u64>,
    /// Events of people by hour: of working days and of weekends.
    pub(super) hours: [[u64; 24]; 2],
    logons: HashMap<AccountName, u64>,
    hosts: HashMap<AccountName, HashSet<IpAddr>>,
    clients: HashMap<IpAddr, HashSet<IpAddr>>,
    tickets: HashMap<TicketHash, u64>,
    failures: u64,
    accepted: u64,
    ntlm: u64,
    kerberos: u64,
    machines: u64,
    users: BTreeSet<AccountName>,
    pub(super) logons_a_day: Histogram,
    pub(super) hosts_a_day: Histogram,
    pub(super) fan_in: Histogram,
    pub(super) tickets_each: Histogram,
}

impl Counts {
    pub(super) fn new(plan: &Plan) -> Self {
        Self {
            plan: plan.clone(),
            day: 0,
            events: 0,
            kinds: BTreeMap::new(),
            hours: [[0; 24]; 2],
            logons: HashMap::new(),
            hosts: HashMap::new(),
            clients: HashMap::new(),
            tickets: HashMap::new(),
            failures: 0,
            accepted: 0,
            ntlm: 0,
            kerberos: 0,
            machines: 0,
            users: BTreeSet::new(),
            logons_a_day: Histogram::default(),
            hosts_a_day: Histogram::default(),
            fan_in: Histogram::default(),
            tickets_each: Histogram::default(),
        }
    }

    pub(super) fn take(&mut self, event: &Event) {
        let since = event.time.saturating_since(self.plan.start()).as_secs();
        while self.day < since / 86_400 {
            self.end_day();
        }
        self.events += 1;
        *self.kinds.entry(event.fact.kind()).or_insert(0) += 1;
        match &event.fact {
            Fact::TicketGranted(it) => {
                self.kerberos += 1;
                self.accepted += 1;
                self.tickets.insert(it.ticket.hash, 0);
                self.logon(event, &account_of(&it.client), since);
            }
            Fact::ServiceTicketIssued(it) => {
                self.accepted += 1;
                let asked = it.request.as_ref().map(|it| it.presented.hash);
                if let Some(count) = asked.and_then(|it| self.tickets.get_mut(&it)) {
                    *count += 1;
                }
            }
            Fact::KerberosRefused(it) => {
                let failed = it.code != KerberosError::KDC_ERR_PREAUTH_REQUIRED;
                self.failures += u64::from(failed);
            }
            Fact::NtlmAuthenticated(it) => {
                self.ntlm += 1;
                let works = it.outcome == Outcome::Success;
                self.accepted += u64::from(works);
                self.failures += u64::from(!works);
                if works {
                    self.logon(event, &it.user, since);
                }
            }
            Fact::TicketPresented(_) => self.reach(event),
            _ => {}
        }
    }

    fn logon(&mut self, event: &Event, account: &AccountName, since: u64) {
        if account.is_machine() {
            self.machines += 1;
            return;
        }
        self.users.insert(account.clone());
        *self.logons.entry(account.clone()).or_insert(0) += 1;
        if let Some(address) = event.client.address {
            self.hosts
                .entry(account.clone())
                .or_default()
                .insert(address);
        }
        let weekend = usize::from(5 <= since / 86_400 % 7);
        let hour = usize::try_from(since / 3_600 % 24).unwrap_or_default();
        if let Some(count) = self.hours.get_mut(weekend).and_then(|it| it.get_mut(hour)) {
            *count += 1;
        }
    }

    fn reach(&mut self, event: &Event) {
        if let (Some(client), Some(server)) = (event.client.address, event.server.address) {
            self.clients.entry(server).or_default().insert(client);
        }
    }

    fn end_day(&mut self) {
        let works = self.day % 7 < 5;
        self.day += 1;
        let logons = std::mem::take(&mut self.logons);
        let hosts = std::mem::take(&mut self.hosts);
        let clients = std::mem::take(&mut self.clients);
        if !works {
            return;
        }
        logons.values().for_each(|it| self.logons_a_day.add(*it));
        hosts
            .values()
            .for_each(|it| self.hosts_a_day.add(it.len() as u64));
        clients
            .values()
            .for_each(|it| self.fan_in.add(it.len() as u64));
        if self.tickets.len() < TICKETS_MAX {
            return;
        }
        self.count_tickets();
    }

    fn count_tickets(&mut self) {
        let tickets = std::mem::take(&mut self.tickets);
        tickets.values().for_each(|it| self.tickets_each.add(*it));
    }

    /// Closes the last day.
    pub(super) fn finish(&mut self) {
        self.end_day();
        self.count_tickets();
    }

    /// The statistics as a page.
    pub(super) fn table(&self) -> String {
        let mut page = String::new();
        let plan = &self.plan;
        let days = f64::from(plan.days);
        let people = self.users.len() as u64;
        let rows = [
            ("people and services with a logon", people.to_string()),
            ("days", plan.days.to_string()),
            ("events", self.events.to_string()),
            (
                "events a day and account",
                format!("{:.0}", float(self.events) / days / float(people.max(1))),
            ),
            (
                "logons a day and account, working days",
                self.logons_a_day.words(),
            ),
            (
                "addresses a day and account, working days",
                self.hosts_a_day.words(),
            ),
            (
                "service tickets for each ticket-granting ticket",
                self.tickets_each.words(),
            ),
            (
                "clients a day and server, working days",
                self.fan_in.words(),
            ),
            (
                "failed of all logons and tickets",
                percent(self.failures, self.failures + self.accepted),
            ),
            (
                "NTLM of all logons",
                percent(self.ntlm, self.ntlm + self.kerberos),
            ),
            (
                "machines of all logons",
                percent(self.machines, self.ntlm + self.kerberos),
            ),
        ];
        let _ = writeln!(
            page,
            "| of {} users, seed {} | |\n| --- | --- |",
            plan.users, plan.seed
        );
        for (name, value) in rows {
            let _ = writeln!(page, "| {name} | {value} |");
        }
        let _ = writeln!(page, "\n| event | share |\n| --- | ---: |");
        for (kind, count) in &self.kinds {
            let _ = writeln!(page, "| {kind} | {} |", percent(*count, self.events));
        }
        page
    }

    /// The statistics as a page, and how long it took.
    pub(super) fn page(&self, took: Duration) -> String {
        let mut page = self.table();
        let rate = float(self.events) / took.as_secs_f64().max(1e-6) / 1e6;
        let _ = writeln!(
            page,
            "\nMade in {:.1} s, {rate:.2} million events a second.",
            took.as_secs_f64()
        );
        page
    }
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.2} %", 100.0 * float(part) / float(whole.max(1)))
}

/// Ticket-granting tickets are counted when they are so many, those in use a little too low.
const TICKETS_MAX: usize = 500_000;
