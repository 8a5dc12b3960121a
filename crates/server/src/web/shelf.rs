//! People and sessions in memory, until the store remembers them.

use super::role::Role;
use super::state::Intake;
use realmward_event::batch::Batch;
use realmward_vocab::EventTime;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

/// An account of a person.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) role: Role,
    pub(crate) disabled: bool,
}

/// A session of a person.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) account: String,
    pub(crate) begun: EventTime,
    pub(crate) seen: EventTime,
    pub(crate) address: String,
}

/// A secret that works once.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) purpose: String,
    pub(crate) subject: String,
    pub(crate) expires: EventTime,
}

/// A sensor that has joined.
#[derive(Clone, Debug)]
pub(crate) struct Sensor {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) joined: EventTime,
    pub(crate) seen: Option<EventTime>,
    pub(crate) revoked: Option<EventTime>,
}

/// Who did what.
#[derive(Clone, Debug)]
pub(crate) struct AuditLine {
    pub(crate) time: EventTime,
    pub(crate) who: String,
    pub(crate) from: String,
    pub(crate) what: String,
    pub(crate) detail: String,
}

#[derive(Default)]
struct Kept {
    audit: Vec<AuditLine>,
    batches: Vec<Batch>,
    sensors: BTreeMap<String, Sensor>,
    accounts: BTreeMap<String, Account>,
    sessions: BTreeMap<[u8; 32], Session>,
    tokens: BTreeMap<[u8; 32], Token>,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Kept>);

impl Intake for Shelf {
    fn take(&self, _: u32, batch: Batch) -> anyhow::Result<()> {
        self.with(|it| it.batches.push(batch)).map_err(Into::into)
    }
}

type Asked<T> = Result<T, Infallible>;

impl Shelf {
    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> Asked<T> {
        Ok(work(
            &mut self.0.lock().unwrap_or_else(PoisonError::into_inner),
        ))
    }

    pub(crate) fn account(&self, name: &str) -> Asked<Option<Account>> {
        self.with(|it| it.accounts.get(&name.to_lowercase()).cloned())
    }

    pub(crate) fn accounts(&self) -> Asked<Vec<Account>> {
        self.with(|it| it.accounts.values().cloned().collect())
    }

    pub(crate) fn put_account(&self, account: Account) -> Asked<()> {
        self.with(|it| {
            it.accounts.insert(account.name.to_lowercase(), account);
        })
    }

    pub(crate) fn session(&self, hash: [u8; 32]) -> Asked<Option<Session>> {
        self.with(|it| it.sessions.get(&hash).cloned())
    }

    pub(crate) fn put_session(&self, hash: [u8; 32], session: Session) -> Asked<()> {
        self.with(|it| {
            it.sessions.insert(hash, session);
        })
    }

    pub(crate) fn sessions_of(&self, account: &str) -> Asked<Vec<([u8; 32], Session)>> {
        self.with(|it| {
            it.sessions
                .iter()
                .filter(|(_, session)| session.account == account)
                .map(|(hash, session)| (*hash, session.clone()))
                .collect()
        })
    }

    pub(crate) fn end_sessions_of(&self, account: &str) -> Asked<()> {
        self.with(|it| it.sessions.retain(|_, session| session.account != account))
    }

    pub(crate) fn sensors(&self) -> Asked<Vec<Sensor>> {
        self.with(|it| it.sensors.values().cloned().collect())
    }

    pub(crate) fn revoke_sensor(&self, id: u32, now: EventTime) -> Asked<bool> {
        self.with(|it| {
            let found = it.sensors.values_mut().find(|it| it.id == id);
            found.is_some_and(|it| it.revoked.replace(now).is_none())
        })
    }

    pub(crate) fn rename_sensor(&self, id: u32, name: &str) -> Asked<bool> {
        self.with(|it| {
            let found = it.sensors.values_mut().find(|it| it.id == id);
            found.is_some_and(|it| {
                name.clone_into(&mut it.name);
                true
            })
        })
    }

    pub(crate) fn audit(&self, line: &AuditLine) -> Asked<()> {
        self.with(|it| it.audit.push(line.clone()))
    }

    pub(crate) fn end_session(&self, hash: [u8; 32]) -> Asked<()> {
        self.with(|it| {
            it.sessions.remove(&hash);
        })
    }

    pub(crate) fn sensor(&self, certificate: &str) -> Asked<Option<Sensor>> {
        self.with(|it| {
            it.sensors
                .get(certificate)
                .filter(|it| it.revoked.is_none())
                .cloned()
        })
    }

    #[cfg(test)]
    pub(crate) fn put_sensor(&self, certificate: &str, sensor: Sensor) -> Asked<()> {
        self.with(|it| {
            it.sensors.insert(certificate.to_owned(), sensor);
        })
    }

    /// Enrols a sensor if the token still stands, and spends it.
    pub(crate) fn enrol(
        &self,
        token: [u8; 32],
        name: &str,
        certificate: &str,
        now: EventTime,
    ) -> Asked<Option<Sensor>> {
        self.with(|it| {
            it.tokens.remove(&token)?;
            let sensor = Sensor {
                id: u32::try_from(it.sensors.len() + 1).unwrap_or(u32::MAX),
                name: name.to_owned(),
                joined: now,
                seen: None,
                revoked: None,
            };
            it.sensors.insert(certificate.to_owned(), sensor.clone());
            Some(sensor)
        })
    }

    pub(crate) fn put_token(&self, hash: [u8; 32], token: Token) -> Asked<()> {
        self.with(|it| {
            it.tokens.insert(hash, token);
        })
    }

    pub(crate) fn token(&self, hash: [u8; 32]) -> Asked<Option<Token>> {
        self.with(|it| it.tokens.get(&hash).cloned())
    }

    pub(crate) fn take_token(&self, hash: [u8; 32]) -> Asked<Option<Token>> {
        self.with(|it| it.tokens.remove(&hash))
    }
}
