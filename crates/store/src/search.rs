//! The search bar: accounts, computers and alerts by any part of three letters, activities by words.
//!
//! Entities are few and are found by any part (trigrams). Activities are many and are found by whole
//! words of their sentence; if there are none, the last word may be a beginning.

use crate::codec::{number, text};
use crate::open::Fault;
use crate::page::Conditions;
use crate::{Store, StoreError, UserKey};
use realmward_alert::Alert;
use realmward_vocab::{AccountName, DomainName, HostName};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};
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
            for (kind, word) in ENTITIES {
                entities(it, *kind, word, &text, limit, &mut hits)?;
            }
            activities(it, &text, limit, &mut hits)?;
            Ok(hits)
        })
    }
}

fn entities(
    it: &Connection,
    kind: HitKind,
    word: &str,
    wanted: &str,
    limit: usize,
    hits: &mut Vec<Hit>,
) -> Result<(), Fault> {
    let (sql, needle) = if wanted.chars().count() < GRAM {
        (
            "SELECT e.key, e.title FROM entries AS e WHERE e.kind = ? \
             AND ' ' || e.text LIKE ? ESCAPE '\\' ORDER BY e.id DESC LIMIT ?",
            format!("% {}%", escaped(&wanted.to_lowercase())),
        )
    } else {
        (
            "SELECT e.key, e.title FROM entries AS e WHERE e.kind = ? AND e.id IN \
             (SELECT rowid FROM entries_text WHERE entries_text MATCH ?) \
             ORDER BY e.id DESC LIMIT ?",
            quoted(wanted),
        )
    };
    let mut statement = it.prepare_cached(sql)?;
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

/// Adds that an alert's entry has this in it.
pub(crate) fn alerts_with(conditions: &mut Conditions, typed: &str) {
    let typed = typed.trim();
    if typed.is_empty() {
        return;
    }
    let entries =
        "a.id IN (SELECT CAST(e.key AS INTEGER) FROM entries AS e WHERE e.kind = 'alert' AND ";
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

pub(crate) fn put_user(
    it: &Connection,
    key: &UserKey,
    account: &AccountName,
    domain: &DomainName,
) -> Result<(), Fault> {
    let title = if domain.is_empty() {
        account.to_string()
    } else {
        format!("{domain}\\{account}")
    };
    let text = format!("{account}@{domain} {title}");
    let key = format!("{}@{}", key.account, key.domain);
    put(it, "account", &key, &title, &text)
}

pub(crate) fn put_computer(it: &Connection, address: &str, name: &HostName) -> Result<(), Fault> {
    let title = if name.is_empty() {
        address.to_owned()
    } else {
        format!("{name} ({address})")
    };
    put(
        it,
        "computer",
        address,
        &title,
        &format!("{address} {name}"),
    )
}

pub(crate) fn put_alert(it: &Connection, alert: &Alert) -> Result<(), Fault> {
    let title = alert
        .metadata()
        .map_or(alert.detector.as_str(), |it| it.title);
    let mut text = format!("{title} {}", alert.detector);
    for party in &alert.accounts {
        let _ = write!(text, " {}@{}", party.name, party.domain);
    }
    for host in &alert.hosts {
        let name = host.name.as_ref().map_or("", HostName::as_str);
        let _ = write!(text, " {name}");
        if let Some(ip) = host.ip {
            let _ = write!(text, " {ip}");
        }
    }
    for sentence in &alert.story {
        let _ = write!(text, " {sentence}");
    }
    put(it, "alert", &alert.id.0.to_string(), title, &text)
}

/// Writes an entry if it differs from what is there; the index follows. The text is kept in lower case,
/// since `LIKE` knows only ASCII letters in both cases.
fn put(it: &Connection, kind: &str, key: &str, title: &str, new: &str) -> Result<(), Fault> {
    let new = new.to_lowercase();
    let before: Option<(i64, String)> = it
        .prepare_cached("SELECT id, text FROM entries WHERE kind = ? AND key = ?")?
        .query_row([kind, key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((id, old)) = before {
        if old == new {
            return Ok(());
        }
        forget(it, id, &old)?;
    }
    let id: i64 = it
        .prepare_cached(
            "INSERT INTO entries (kind, key, title, text) VALUES (?, ?, ?, ?) \
             ON CONFLICT (kind, key) DO UPDATE SET title = excluded.title, text = excluded.text \
             RETURNING id",
        )?
        .query_row([kind, key, title, &new], |row| row.get(0))?;
    it.prepare_cached("INSERT INTO entries_text (rowid, text) VALUES (?, ?)")?
        .execute(params![id, new])?;
    Ok(())
}

fn forget(it: &Connection, id: i64, old: &str) -> Result<(), Fault> {
    it.prepare_cached(
        "INSERT INTO entries_text (entries_text, rowid, text) VALUES ('delete', ?, ?)",
    )?
    .execute(params![id, old])?;
    Ok(())
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
