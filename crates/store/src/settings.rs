//! What the operator set, each setting by name; whatever shape its owner gives it.

use crate::codec::{json, to_json};
use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Store {
    /// A setting; `None` if it was never set.
    ///
    /// # Errors
    /// [`StoreError::Encoding`] if it has another shape than asked for, and as any reading.
    pub fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.read(|it| {
            Ok(it
                .prepare_cached("SELECT body FROM settings WHERE name = ?")?
                .query_row([name], |row| json(row, 0))
                .optional()?)
        })
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// As any writing.
    pub fn put_setting(&self, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
        self.write(|it| {
            it.execute(
                "INSERT INTO settings (name, body) VALUES (?, ?) \
                 ON CONFLICT (name) DO UPDATE SET body = excluded.body",
                params![name, to_json(value, "a setting")?],
            )?;
            Ok(())
        })
    }
}
