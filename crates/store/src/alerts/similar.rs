//! Alerts of the same detector that share accounts and computers, each found by an index.

use super::{COLUMNS, record};
use crate::codec::{number, to_json};
use crate::open::Fault;
use crate::{AlertRecord, Store, StoreError};
use rusqlite::{Connection, Params, params};
use std::collections::BTreeSet;

impl Store {
    /// Alerts of the same detector, those that share most accounts and computers first. Of those that
    /// share one account or computer the latest 20 are looked at, and besides the latest of all.
    ///
    /// # Errors
    /// As any reading.
    pub fn similar_alerts(&self, id: u64) -> Result<Vec<AlertRecord>, StoreError> {
        self.read(|it| {
            let near: Vec<i64> = candidates(it, number(id))?.into_iter().collect();
            let mut statement = it.prepare_cached(&format!(
                "WITH shared AS (SELECT near.value AS id, \
                 (SELECT count(*) FROM alert_accounts AS x JOIN alert_accounts AS y \
                 ON x.account = y.account AND y.alert = ?1 WHERE x.alert = near.value) + \
                 (SELECT count(*) FROM alert_hosts AS x JOIN alert_hosts AS y \
                 ON x.address = y.address AND y.alert = ?1 AND x.role = y.role \
                 WHERE x.alert = near.value) AS parties FROM json_each(?2) AS near) \
                 SELECT {COLUMNS} JOIN shared ON shared.id = a.id \
                 ORDER BY shared.parties DESC, a.end_time DESC, a.id DESC LIMIT {SIMILAR_MAX}"
            ))?;
            let near = to_json(&near, "numbers of alerts")?;
            let rows = statement.query_map(params![number(id), near], |row| record(row, 0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

fn candidates(it: &Connection, id: i64) -> Result<BTreeSet<i64>, Fault> {
    let mut near = BTreeSet::new();
    ids(
        it,
        &format!(
            "SELECT a.id FROM alerts AS a JOIN alerts AS this ON this.id = ?1 \
             WHERE a.detector = this.detector AND a.id <> ?1 \
             ORDER BY a.end_time DESC, a.id DESC LIMIT {SIMILAR_MAX}"
        ),
        [id],
        &mut near,
    )?;
    let parties = "SELECT DISTINCT detector, account, '' FROM alert_accounts WHERE alert = ?1 \
         UNION ALL SELECT DISTINCT detector, address, role FROM alert_hosts \
         WHERE alert = ?1 AND address <> ''";
    let mut statement = it.prepare_cached(parties)?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        let party: [String; 3] = [row.get(0)?, row.get(1)?, row.get(2)?];
        let [detector, who, role] = &party;
        let sql = if role.is_empty() { OF_ACCOUNT } else { OF_HOST };
        ids(it, sql, params![detector, who, role, id], &mut near)?;
    }
    Ok(near)
}

fn ids(
    it: &Connection,
    sql: &str,
    values: impl Params,
    near: &mut BTreeSet<i64>,
) -> Result<(), Fault> {
    let mut statement = it.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        near.insert(row.get(0)?);
    }
    Ok(())
}

const OF_ACCOUNT: &str = "SELECT alert FROM alert_accounts \
     WHERE detector = ?1 AND account = ?2 AND ?3 = '' AND alert <> ?4 ORDER BY alert DESC LIMIT 20";
const OF_HOST: &str = "SELECT alert FROM alert_hosts \
     WHERE detector = ?1 AND address = ?2 AND role = ?3 AND alert <> ?4 ORDER BY alert DESC LIMIT 20";
const SIMILAR_MAX: u32 = 10;
