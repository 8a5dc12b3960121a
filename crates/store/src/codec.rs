//! Between our values and what columns hold: times are nanoseconds, words are the names that JSON
//! uses, open structures are JSON, big ones CBOR under zstd.

use crate::StoreError;
use crate::open::Fault;
use realmward_vocab::EventTime;
use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::IpAddr;

/// A number as a column; ours never reach the sign.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A column as a number.
pub(crate) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

pub(crate) fn nanoseconds(time: Option<EventTime>) -> Option<i64> {
    time.map(EventTime::unix_nanoseconds)
}

pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<EventTime> {
    Ok(EventTime::from_unix_nanoseconds(row.get(column)?))
}

pub(crate) fn time_if(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<EventTime>> {
    let found: Option<i64> = row.get(column)?;
    Ok(found.map(EventTime::from_unix_nanoseconds))
}

pub(crate) fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    row.get(column)
}

/// A text column as a name.
pub(crate) fn name<T: for<'a> From<&'a str>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    Ok(T::from(row.get_ref(column)?.as_str()?))
}

/// A text column as a name that may be missing or empty.
pub(crate) fn name_if<T: for<'a> From<&'a str>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    let found = row.get_ref(column)?.as_str_or_null()?;
    Ok(found.filter(|it| !it.is_empty()).map(T::from))
}

pub(crate) fn address(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<IpAddr>> {
    let found: Option<String> = row.get(column)?;
    Ok(found.and_then(|it| it.parse().ok()))
}

pub(crate) fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; 32]> {
    row.get(column)
}

/// The name of an enum's variant, as JSON writes it.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A word that [`word`] wrote.
pub(crate) fn from_word<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let word = serde_json::Value::String(row.get(column)?);
    serde_json::from_value(word).map_err(|error| unreadable(column, error))
}

pub(crate) fn to_json(value: &impl Serialize, what: &'static str) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| encoding(what, &error))
}

pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| unreadable(column, error))
}

/// A value as CBOR, compressed.
pub(crate) fn pack(value: &impl Serialize, what: &'static str) -> Result<Vec<u8>, Fault> {
    let mut plain = Vec::new();
    ciborium::into_writer(value, &mut plain).map_err(|error| encoding(what, &error))?;
    zstd::bulk::compress(&plain, COMPRESSION).map_err(|error| encoding(what, &error))
}

/// A value that [`pack`] wrote.
pub(crate) fn unpack<T: DeserializeOwned>(packed: &[u8], what: &'static str) -> Result<T, Fault> {
    let plain = zstd::stream::read::Decoder::new(packed).map_err(|error| encoding(what, &error))?;
    ciborium::from_reader(plain).map_err(|error| encoding(what, &error))
}

fn encoding(what: &'static str, error: &impl ToString) -> Fault {
    Fault::Store(StoreError::Encoding {
        what,
        why: error.to_string(),
    })
}

fn unreadable(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}

/// The fastest level: the journal is kept for days, not years.
const COMPRESSION: i32 = 1;
