//! What can go wrong with the database, in words that say what to do.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why the store could not do what was asked. Nothing that was there is changed by a failed call.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file is damaged.
    #[error(
        "{} is damaged and was left as it is ({why}): stop the server and move it away with the -wal and -shm files beside it, then put back a backup or begin anew", file.display()
    )]
    Corrupt {
        /// The database.
        file: PathBuf,
        /// What the database said.
        why: String,
    },
    /// The file is a database of some other program.
    #[error("{} belongs to another program and was left as it is: choose another data folder", file.display())]
    Foreign {
        /// The database.
        file: PathBuf,
    },
    /// The file was written by a newer version of this program.
    #[error(
        "{} has schema {found}, this version knows up to {known}: start the newer version again, or put back the backup made before the upgrade", file.display()
    )]
    Newer {
        /// The database.
        file: PathBuf,
        /// Version of its schema.
        found: u32,
        /// Latest version known here.
        known: u32,
    },
    /// There is no room left.
    #[error("no room left for {}: free some space; nothing that was kept is lost and writing goes on by itself", file.display())]
    Full {
        /// The database.
        file: PathBuf,
    },
    /// The folder or file cannot be opened or written.
    #[error("{} cannot be opened or written ({why}): check that the folder exists and who may write to it", file.display())]
    Unwritable {
        /// The database.
        file: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Another process writes for longer than we wait.
    #[error("{} is held by another process for too long", file.display())]
    Busy {
        /// The database.
        file: PathBuf,
    },
    /// A kept value cannot be read, or a new one cannot be written.
    #[error("a value of {what} cannot be read or written: {why}")]
    Encoding {
        /// What kind of value.
        what: &'static str,
        /// Why not.
        why: String,
    },
    /// Anything else the database says.
    #[error("{}: {why}", file.display())]
    Database {
        /// The database.
        file: PathBuf,
        /// What the database said.
        why: String,
    },
}

impl StoreError {
    pub(crate) fn of(error: &rusqlite::Error, file: &Path) -> Self {
        let file = file.to_owned();
        let why = error.to_string();
        if let rusqlite::Error::FromSqlConversionFailure(_, _, why) = error {
            return Self::Encoding {
                what: "a row",
                why: why.to_string(),
            };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { file, why }
            }
            Some(ErrorCode::DiskFull) => Self::Full { file },
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure,
            ) => Self::Unwritable { file, why },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { file },
            _ => Self::Database { file, why },
        }
    }
}
