//! Who was seen acting, and how often.

use super::UserKey;
use crate::codec::number;
use crate::open::Fault;
use crate::{Activity, search};
use realmward_event::{Fact, Outcome};
use realmward_vocab::{EventTime, KerberosError};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// What one account did.
struct Seen<'a> {
    activity: &'a Activity,
    times: u64,
    first: EventTime,
    last: EventTime,
    exists: bool,
}

/// Counts activities that were just added, by who acted. A name becomes a user when something shows
/// that there is such an account: who guesses names makes no users of them.
pub(crate) fn put_seen(it: &Connection, added: &[&Activity]) -> Result<(), Fault> {
    let mut seen: BTreeMap<UserKey, Seen<'_>> = BTreeMap::new();
    for activity in added.iter().filter(|it| !it.account.is_empty()) {
        let key = UserKey::new(&activity.account, &activity.domain);
        let time = activity.time;
        let seen = seen.entry(key).or_insert(Seen {
            activity,
            times: 0,
            first: time,
            last: time,
            exists: false,
        });
        seen.times += 1;
        seen.first = seen.first.min(time);
        seen.last = seen.last.max(time);
        seen.exists |= shows_account(activity);
    }
    let mut known =
        it.prepare_cached("SELECT EXISTS (SELECT 1 FROM users WHERE account = ? AND domain = ?)")?;
    let mut statement = it.prepare_cached(
        "INSERT INTO users (account, domain, name, domain_name, activities, first_seen, \
         last_seen) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, domain) DO UPDATE SET \
         activities = users.activities + excluded.activities, \
         first_seen = min(coalesce(users.first_seen, excluded.first_seen), excluded.first_seen), \
         last_seen = max(coalesce(users.last_seen, excluded.last_seen), excluded.last_seen) \
         RETURNING activities = ?5",
    )?;
    for (key, seen) in seen {
        let (account, domain) = (key.account.as_str(), key.domain.as_str());
        if !seen.exists && !known.query_row([account, domain], |row| row.get(0))? {
            continue;
        }
        let is_new: bool = statement.query_row(
            params![
                account,
                domain,
                seen.activity.account.as_str(),
                seen.activity.domain.as_str(),
                number(seen.times),
                seen.first.unix_nanoseconds(),
                seen.last.unix_nanoseconds(),
            ],
            |row| row.get(0),
        )?;
        if is_new {
            search::put_user(it, &key, &seen.activity.account, &seen.activity.domain)?;
        }
    }
    Ok(())
}

/// Whether an activity shows that its account exists: more than a question, and more than a no, except
/// where the no speaks of the account's password or rights.
fn shows_account(activity: &Activity) -> bool {
    match &activity.event.fact {
        Fact::TicketGrantRequested(_) => false,
        Fact::KerberosRefused(it) => it.code != KerberosError::KDC_ERR_C_PRINCIPAL_UNKNOWN,
        _ => activity.outcome != Outcome::Failure,
    }
}
