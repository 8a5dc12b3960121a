//! The search bar: accounts, computers and alerts by any part of three letters, activities by words.
//!
//! Entities are few and are found by any part (trigrams). Activities are many and are found by whole
//! words of their sentence; if there are none, the last word may be a beginning.

mod entries;

pub(crate) use entries::{put_alert, put_computer, put_user};

use crate::codec::{number, text};
use crate::open::Fault;
use crate::page::Conditions;
use crate::{Store, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// Its key: `account@domain` in lower case, an address, or a number.
    pub key: String,
    /// What to show.
    pub title: String,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    /// A user; the key is `account@domain`.
    Account,
    /// A computer; the key is its address.
    Computer,
    /// An alert; the key is its number.
    Alert,
    /// An activity; the key is its number.
    Activity,
}

impl Store {
    /// What `text` may mean: accounts, computers, alerts, then activities, at most `limit` of each.
    ///
    /// # Errors
    /// As any reading.
    pub fn search(&self, text: &str, limit: usize) -> Result<Vec<Hit>, StoreError> {
        let text: String = text.trim().chars().take(TEXT_MAX).collect();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|it| {
            let mut hits = Vec::new();
            if text.chars().count() < GRAM {
                for (kind, word) in ENTITIES {
                    beginnings(it, *kind, word, &text, limit, &mut hits)?;
                }
            } else {
                parts(it, &text, limit, &mut hits)?;
            }
            activities(it, &text, limit, &mut hits)?;
            Ok(hits)
        })
    }
}

/// Entities of a kind with a word that begins so: all are read.
fn beginnings(
    it: &Connection,
    kind: HitKind,
    word: &str,
    wanted: &str,
    limit: usize,
    hits: &mut Vec<Hit>,
) -> Result<(), Fault> {
    let mut statement = it.prepare_cached(
        "SELECT e.key, e.title FROM entries AS e WHERE e.kind = ? \
         AND ' ' || e.text LIKE ? ESCAPE '\\' ORDER BY e.id DESC LIMIT ?",
    )?;
    let needle = format!("% {}%", escaped(&wanted.to_lowercase()));
    let mut rows = statement.query(params![word, needle, number(limit as u64)])?;
    while let Some(row) = rows.next()? {
        hits.push(Hit {
            kind,
            key: text(row, 0)?,
            title: text(row, 1)?,
        });
    }
    Ok(())
}

/// Entities with this in them, by trigrams: one pass for all kinds, until there are enough of each.
fn parts(it: &Connection, wanted: &str, limit: usize, hits: &mut Vec<Hit>) -> Result<(), Fault> {
    let mut found: Vec<Vec<Hit>> = ENTITIES.iter().map(|_| Vec::new()).collect();
    let mut statement = it.prepare_cached(
        "SELECT e.kind, e.key, e.title FROM entries_text AS t JOIN entries AS e ON e.id = t.rowid \
         WHERE entries_text MATCH ? ORDER BY t.rowid DESC",
    )?;
    let mut rows = statement.query([quoted(wanted)])?;
    while let Some(row) = rows.next()? {
        let word = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let kinds = found.iter_mut().zip(ENTITIES);
        for (of_kind, (kind, _)) in kinds.filter(|(_, (_, it))| *it == word) {
            if of_kind.len() < limit {
                of_kind.push(Hit {
                    kind: *kind,
                    key: text(row, 1)?,
                    title: text(row, 2)?,
                });
            }
        }
        if found.iter().all(|it| limit <= it.len()) {
            break;
        }
    }
    hits.extend(found.into_iter().flatten());
    Ok(())
}

fn activities(
    it: &Connection,
    wanted: &str,
    limit: usize,
    hits: &mut Vec<Hit>,
) -> Result<(), Fault> {
    let Some(words) = words(it, wanted)? else {
        return Ok(());
    };
    let mut statement = it.prepare_cached(
        "SELECT a.id, a.detail FROM activities_text AS t JOIN activities AS a ON a.id = t.rowid \
         WHERE activities_text MATCH ? ORDER BY t.rowid DESC LIMIT ?",
    )?;
    let mut rows = statement.query(params![words, number(limit as u64)])?;
    while let Some(row) = rows.next()? {
        hits.push(Hit {
            kind: HitKind::Activity,
            key: row.get::<_, i64>(0)?.to_string(),
            title: text(row, 1)?,
        });
    }
    Ok(())
}

/// What people typed as a query for words of an activity: all of them; if no activity has them, the
/// last as a beginning. `None` if there is no letter or digit in it.
pub(crate) fn words(it: &Connection, typed: &str) -> Result<Option<String>, Fault> {
    let mut query = String::new();
    for word in typed.split_whitespace().take(WORDS_MAX) {
        if word.chars().any(char::is_alphanumeric) {
            let space = if query.is_empty() { "" } else { " " };
            let _ = write!(query, "{space}{}", quoted(word));
        }
    }
    if query.is_empty() {
        return Ok(None);
    }
    let is_found = it
        .prepare_cached("SELECT 1 FROM activities_text WHERE activities_text MATCH ? LIMIT 1")?
        .exists([&query])?;
    let is_long = GRAM
        <= typed
            .trim_end()
            .chars()
            .rev()
            .take_while(|it| it.is_alphanumeric())
            .count();
    Ok(Some(if is_found || !is_long {
        query
    } else {
        query + "*"
    }))
}

/// Adds that an activity's sentence has all these in it, by reading: for lists that are short because
/// of what else is asked.
pub(crate) fn sentence_with(conditions: &mut Conditions, typed: &str) {
    for word in typed.split_whitespace().take(WORDS_MAX) {
        let like = |word: &str| Value::Text(format!("%{}%", escaped(word)));
        let forms = [
            like(word),
            like(&word.to_lowercase()),
            like(&word.to_uppercase()),
        ];
        conditions.add(
            "(a.detail LIKE ? ESCAPE '\\' OR a.detail LIKE ? ESCAPE '\\' \
             OR a.detail LIKE ? ESCAPE '\\')",
            forms,
        );
    }
}

/// Adds that the entry of an alert, of the table that a query calls `of`, has this in it.
pub(crate) fn alerts_with(conditions: &mut Conditions, of: &str, typed: &str) {
    let typed = typed.trim();
    if typed.is_empty() {
        return;
    }
    let entries = format!(
        "{of}.id IN (SELECT CAST(e.key AS INTEGER) FROM entries AS e WHERE e.kind = 'alert' AND "
    );
    if typed.chars().count() < GRAM {
        let needle = format!("%{}%", escaped(&typed.to_lowercase()));
        conditions.add(
            &format!("{entries}e.text LIKE ? ESCAPE '\\')"),
            [needle.into()],
        );
    } else {
        conditions.add(
            &format!(
                "{entries}e.id IN (SELECT rowid FROM entries_text WHERE entries_text MATCH ?))"
            ),
            [quoted(typed).into()],
        );
    }
}

/// Adds that an expression over lower-case columns has this in it.
pub(crate) fn entries_with(conditions: &mut Conditions, expression: &str, typed: &str) {
    let typed = typed.trim().to_lowercase();
    if !typed.is_empty() {
        conditions.add(
            &format!("{expression} LIKE ? ESCAPE '\\'"),
            [format!("%{}%", escaped(&typed)).into()],
        );
    }
}

/// As one phrase, whatever signs are in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// For `LIKE ... ESCAPE '\'`.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(sign);
    }
    escaped
}

const ENTITIES: &[(HitKind, &str)] = &[
    (HitKind::Account, "account"),
    (HitKind::Computer, "computer"),
    (HitKind::Alert, "alert"),
];
/// What is shorter has no trigram.
const GRAM: usize = 3;
/// More than anybody types; a longer text is cut.
const TEXT_MAX: usize = 200;
/// More words than a sentence has; later ones are ignored.
const WORDS_MAX: usize = 16;
