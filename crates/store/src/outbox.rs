//! What outputs are still to be told. A notice is written with the alert it tells of, and stays until
//! the output took it: each output hears of each revision once, in order.

use crate::codec::{count, json, number, text, time_if, to_json};
use crate::open::Fault;
use crate::{AlertRecord, Store, StoreError, alerts};
use realmward_vocab::EventTime;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

/// That an alert is new or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Number of the alert.
    pub alert: u64,
    /// Which revision of it.
    pub revision: u64,
    /// Whether the alert is new.
    pub is_new: bool,
}

/// Number of an output, from 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct OutputId(pub u64);

/// Where alerts go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its number; 0 for one that is to be added.
    pub id: OutputId,
    /// Its name, for people.
    pub name: String,
    /// What kind: the caller's word.
    pub kind: String,
    /// Where to.
    pub target: String,
    /// How: the caller's options.
    pub options: serde_json::Value,
    /// Whether it gets nothing for now.
    pub disabled: bool,
}

/// How an output fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutputState {
    /// The output.
    pub output: Output,
    /// Notices that wait.
    pub waiting: u64,
    /// When it last took one.
    pub last_sent: Option<EventTime>,
    /// Why the oldest that waits was refused; empty if it was not.
    pub last_error: String,
    /// Tries that failed, of the notices that are kept.
    pub failures: u64,
}

/// A notice that is due.
#[derive(Clone, Debug, PartialEq)]
pub struct DueNotice {
    /// Its number, for [`Store::notice_sent`] and [`Store::notice_failed`].
    pub id: u64,
    /// Which output.
    pub output: OutputId,
    /// What it tells.
    pub notice: Notice,
    /// How often it was tried.
    pub tries: u64,
    /// The alert as it is now; it may be a later revision.
    pub record: AlertRecord,
}

impl Store {
    /// Notices that are due at `now` for outputs that are not disabled, the oldest first.
    ///
    /// # Errors
    /// As any reading.
    pub fn due_notices(&self, now: EventTime, max: usize) -> Result<Vec<DueNotice>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT o.id, o.output, o.alert, o.revision, o.is_new, o.tries \
                 FROM outbox AS o JOIN outputs AS p ON p.id = o.output AND p.disabled = 0 \
                 WHERE o.sent IS NULL AND o.due <= ? ORDER BY o.id LIMIT ?",
            )?;
            let mut rows = statement.query(params![now.unix_nanoseconds(), number(max as u64)])?;
            let mut due = Vec::new();
            while let Some(row) = rows.next()? {
                let notice = notice(row)?;
                if let Some(record) = alerts::one(it, notice.alert)? {
                    due.push(DueNotice {
                        id: count(row, 0)?,
                        output: OutputId(count(row, 1)?),
                        notice,
                        tries: count(row, 5)?,
                        record,
                    });
                }
            }
            Ok(due)
        })
    }

    /// The oldest notice for this output that is due at `now`.
    ///
    /// # Errors
    /// As any reading.
    pub fn next_notice(
        &self,
        output: OutputId,
        now: EventTime,
    ) -> Result<Option<DueNotice>, StoreError> {
        self.read(|it| {
            let found = it
                .prepare_cached(
                    "SELECT o.id, o.output, o.alert, o.revision, o.is_new, o.tries \
                     FROM outbox AS o JOIN alerts AS a ON a.id = o.alert \
                     WHERE o.output = ? AND o.sent IS NULL AND o.due <= ? ORDER BY o.id LIMIT 1",
                )?
                .query_row(params![number(output.0), now.unix_nanoseconds()], |row| {
                    Ok((count(row, 0)?, count(row, 5)?, notice(row)?))
                })
                .optional()?;
            let Some((id, tries, notice)) = found else {
                return Ok(None);
            };
            Ok(alerts::one(it, notice.alert)?.map(|record| DueNotice {
                id,
                output,
                notice,
                tries,
                record,
            }))
        })
    }

    /// Notes that an output took a notice.
    ///
    /// # Errors
    /// As any writing.
    pub fn notice_sent(&self, id: u64, now: EventTime) -> Result<(), StoreError> {
        self.write(|it| {
            it.prepare_cached("UPDATE outbox SET sent = ?, error = '' WHERE id = ?")?
                .execute(params![now.unix_nanoseconds(), number(id)])?;
            Ok(())
        })
    }

    /// Notes that an output did not take a notice, and when to try again.
    ///
    /// # Errors
    /// As any writing.
    pub fn notice_failed(
        &self,
        id: u64,
        retry_at: EventTime,
        error: &str,
    ) -> Result<(), StoreError> {
        self.write(|it| {
            it.prepare_cached(
                "UPDATE outbox SET due = ?, tries = tries + 1, error = ? \
                 WHERE id = ? AND sent IS NULL",
            )?
            .execute(params![retry_at.unix_nanoseconds(), error, number(id)])?;
            Ok(())
        })
    }

    /// All outputs, in order, and how they fare.
    ///
    /// # Errors
    /// As any reading.
    pub fn outputs(&self) -> Result<Vec<OutputState>, StoreError> {
        self.read(|it| {
            let mut statement = it.prepare_cached(
                "SELECT p.id, p.name, p.kind, p.target, p.options, p.disabled, \
                 (SELECT count(*) FROM outbox AS o WHERE o.output = p.id AND o.sent IS NULL), \
                 (SELECT max(o.sent) FROM outbox AS o WHERE o.output = p.id), \
                 coalesce((SELECT o.error FROM outbox AS o WHERE o.output = p.id \
                 AND o.sent IS NULL ORDER BY o.id LIMIT 1), ''), \
                 (SELECT coalesce(sum(o.tries), 0) FROM outbox AS o WHERE o.output = p.id) FROM outputs AS p ORDER BY p.id",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(OutputState {
                    output: output(row)?,
                    waiting: count(row, 6)?,
                    last_sent: time_if(row, 7)?,
                    last_error: text(row, 8)?,
                    failures: count(row, 9)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Adds an output (number 0) or changes one; returns its number. It is told of what comes later.
    ///
    /// # Errors
    /// As any writing.
    pub fn put_output(&self, output: &Output) -> Result<OutputId, StoreError> {
        self.write(|it| {
            Ok(it.query_row(
                "INSERT INTO outputs (id, name, kind, target, options, disabled) \
                 VALUES (nullif(?, 0), ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET \
                 name = excluded.name, kind = excluded.kind, target = excluded.target, \
                 options = excluded.options, disabled = excluded.disabled RETURNING id",
                params![
                    number(output.id.0),
                    output.name,
                    output.kind,
                    output.target,
                    to_json(&output.options, "options")?,
                    output.disabled,
                ],
                |row| Ok(OutputId(count(row, 0)?)),
            )?)
        })
    }

    /// Removes an output and what it was still to be told.
    ///
    /// # Errors
    /// As any writing.
    pub fn remove_output(&self, id: OutputId) -> Result<(), StoreError> {
        self.write(|it| {
            it.execute("DELETE FROM outputs WHERE id = ?", [number(id.0)])?;
            Ok(())
        })
    }
}

/// Writes a notice for each output that is not disabled.
pub(crate) fn put(it: &Connection, time: EventTime, notices: &[Notice]) -> Result<(), Fault> {
    let mut statement = it.prepare_cached(
        "INSERT INTO outbox (output, alert, revision, is_new, due, time) \
         SELECT p.id, ?, ?, ?, ?, ? FROM outputs AS p WHERE p.disabled = 0 \
         ON CONFLICT (output, alert, revision) DO NOTHING",
    )?;
    for notice in notices {
        statement.execute(params![
            number(notice.alert),
            number(notice.revision),
            notice.is_new,
            AT_ONCE,
            time.unix_nanoseconds(),
        ])?;
    }
    Ok(())
}

fn notice(row: &Row<'_>) -> rusqlite::Result<Notice> {
    Ok(Notice {
        alert: count(row, 2)?,
        revision: count(row, 3)?,
        is_new: row.get(4)?,
    })
}

fn output(row: &Row<'_>) -> rusqlite::Result<Output> {
    Ok(Output {
        id: OutputId(count(row, 0)?),
        name: text(row, 1)?,
        kind: text(row, 2)?,
        target: text(row, 3)?,
        options: json(row, 4)?,
        disabled: row.get(5)?,
    })
}

/// Before any clock.
const AT_ONCE: i64 = i64::MIN;
