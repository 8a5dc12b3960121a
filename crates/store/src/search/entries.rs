//! What the search bar finds besides activities: one entry for each account, computer and alert.

use crate::UserKey;
use crate::open::Fault;
use realmward_alert::Alert;
use realmward_vocab::{AccountName, DomainName, HostName};
use rusqlite::{Connection, OptionalExtension, params};
use std::fmt::Write as _;

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
