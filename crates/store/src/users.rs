//! Users by priority, with their trend.

mod seen;

use crate::codec::{count, from_word, json, name, number, time, time_if, to_json};
use crate::decided::Tag;
use crate::open::Fault;
use crate::page::{Conditions, Order, list};
use crate::{Listing, Page, Position, Store, StoreError, search};
use realmward_score::{Decibans, UserPriority};
use realmward_vocab::{AccountName, DomainName, EventTime};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

pub(crate) use seen::put_seen;

/// Who: names compare whatever their case.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UserKey {
    /// The account, in lower case.
    pub account: AccountName,
    /// Its domain, in lower case; empty if not known.
    pub domain: DomainName,
}

impl UserKey {
    /// The key of an account.
    #[must_use]
    pub fn new(account: &AccountName, domain: &DomainName) -> Self {
        Self {
            account: account.folded(),
            domain: domain.folded(),
        }
    }
}

/// A user: seen acting, or named in an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserRecord {
    /// Who.
    pub key: UserKey,
    /// How urgent a look is, and why; priority 0 without reasons if no alert names the user.
    pub priority: UserPriority,
    /// Activities in all, those that are no longer kept too.
    pub activities: u64,
    /// When first seen acting.
    pub first_seen: Option<EventTime>,
    /// When last seen acting.
    pub last_seen: Option<EventTime>,
    /// What people say of the account.
    pub tags: Vec<Tag>,
}

/// A priority at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrendPoint {
    /// When it became so.
    pub time: EventTime,
    /// 0 to 100.
    pub priority: u8,
    /// The log-odds.
    pub evidence: Decibans,
}

/// Which users; what is empty does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// At least this priority.
    pub priority: Option<u8>,
    /// Only users of this domain.
    pub domain: Option<DomainName>,
    /// Only users with this tag.
    pub tag: Option<Tag>,
    /// Only users (`false`) or only machines (`true`).
    pub machines: Option<bool>,
    /// A part of the name.
    pub text: String,
}

impl Store {
    /// Users, the most urgent first.
    ///
    /// # Errors
    /// As any reading.
    pub fn users(
        &self,
        filter: &UserFilter,
        page: &Page,
    ) -> Result<Listing<UserRecord>, StoreError> {
        self.read(|it| {
            let mut found = list(it, COLUMNS, conditions(filter), BY_EVIDENCE, page, |row| {
                record(row, 2)
            })?;
            for user in &mut found.items {
                user.tags = tags(it, &user.key.account)?;
            }
            Ok(found)
        })
    }

    /// One user.
    ///
    /// # Errors
    /// As any reading.
    pub fn user(&self, key: &UserKey) -> Result<Option<UserRecord>, StoreError> {
        self.read(|it| {
            let found = it
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} WHERE u.account = ? AND u.domain = ?"
                ))?
                .query_row(params![key.account.as_str(), key.domain.as_str()], |row| {
                    record(row, 0)
                })
                .optional()?;
            let Some(mut user) = found else {
                return Ok(None);
            };
            user.tags = tags(it, &user.key.account)?;
            Ok(Some(user))
        })
    }

    /// How the priority of a user changed, the first change first; the latest 1,000.
    ///
    /// # Errors
    /// As any reading.
    pub fn priority_trend(&self, key: &UserKey) -> Result<Vec<TrendPoint>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT time, priority, evidence FROM priorities \
                 WHERE account = ? AND domain = ? ORDER BY position DESC LIMIT 1000",
            )?;
            let rows =
                statement.query_map(params![key.account.as_str(), key.domain.as_str()], |row| {
                    Ok(TrendPoint {
                        time: time(row, 0)?,
                        priority: row.get(1)?,
                        evidence: Decibans(row.get(2)?),
                    })
                })?;
            let mut points: Vec<TrendPoint> = rows.collect::<rusqlite::Result<_>>()?;
            points.reverse();
            Ok(points)
        })
    }
}

fn conditions(filter: &UserFilter) -> Conditions {
    let mut it = Conditions::default();
    if let Some(priority) = filter.priority {
        it.add("? <= u.priority", [i64::from(priority).into()]);
    }
    if let Some(domain) = &filter.domain {
        it.add("u.domain = ?", [domain.folded().as_str().to_owned().into()]);
    }
    if let Some(tag) = filter.tag {
        it.add(
            "u.account IN (SELECT account FROM tags WHERE tag = ?)",
            [crate::codec::word(&tag).into()],
        );
    }
    match filter.machines {
        Some(true) => it.add("u.account LIKE '%$'", []),
        Some(false) => it.add("u.account NOT LIKE '%$'", []),
        None => {}
    }
    search::entries_with(&mut it, "u.account || '@' || u.domain", &filter.text);
    it
}

fn tags(it: &Connection, account: &AccountName) -> Result<Vec<Tag>, Fault> {
    let mut statement = it.prepare_cached("SELECT tag FROM tags WHERE account = ? ORDER BY tag")?;
    let rows = statement.query_map([account.as_str()], |row| from_word(row, 0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes priorities as of `position`; the trend gets those that differ from the last.
pub(crate) fn put(
    it: &Connection,
    position: Position,
    at: EventTime,
    users: &[UserPriority],
) -> Result<(), Fault> {
    let mut row = it.prepare_cached(
        "INSERT INTO users (account, domain, name, domain_name, priority, evidence, reasons, \
         position) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, domain) DO UPDATE SET \
         name = excluded.name, domain_name = excluded.domain_name, \
         priority = excluded.priority, evidence = excluded.evidence, \
         reasons = excluded.reasons, position = excluded.position \
         WHERE users.position <= excluded.position",
    )?;
    let mut last = it.prepare_cached(
        "SELECT position, evidence FROM priorities WHERE account = ? AND domain = ? \
         ORDER BY position DESC LIMIT 1",
    )?;
    let mut point = it.prepare_cached(
        "INSERT INTO priorities (account, domain, position, time, priority, evidence) \
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, domain, position) DO UPDATE SET \
         time = excluded.time, priority = excluded.priority, evidence = excluded.evidence",
    )?;
    let place = number(position.0);
    for user in users {
        let key = UserKey::new(&user.name, &user.domain);
        let (account, domain) = (key.account.as_str(), key.domain.as_str());
        row.execute(params![
            account,
            domain,
            user.name.as_str(),
            user.domain.as_str(),
            user.priority,
            user.evidence.0,
            to_json(&user.reasons, "reasons")?,
            place,
        ])?;
        let before: Option<(i64, i32)> = last
            .query_row([account, domain], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        if before.is_none_or(|(at, evidence)| at <= place && evidence != user.evidence.0) {
            point.execute(params![
                account,
                domain,
                place,
                at.unix_nanoseconds(),
                user.priority,
                user.evidence.0,
            ])?;
        }
        search::put_user(it, &key, &user.name, &user.domain)?;
    }
    Ok(())
}

fn record(row: &Row<'_>, from: usize) -> rusqlite::Result<UserRecord> {
    Ok(UserRecord {
        key: UserKey {
            account: name(row, from)?,
            domain: name(row, from + 1)?,
        },
        priority: UserPriority {
            name: name(row, from + 2)?,
            domain: name(row, from + 3)?,
            priority: row.get(from + 4)?,
            evidence: Decibans(row.get(from + 5)?),
            reasons: json(row, from + 6)?,
        },
        activities: count(row, from + 7)?,
        first_seen: time_if(row, from + 8)?,
        last_seen: time_if(row, from + 9)?,
        tags: Vec::new(),
    })
}

const COLUMNS: &str = "u.account, u.domain, u.name, u.domain_name, u.priority, u.evidence, \
     u.reasons, u.activities, u.first_seen, u.last_seen FROM users AS u";
const BY_EVIDENCE: Order = Order {
    key: "u.evidence",
    id: "u.id",
};
