//! The database of one folder: one connection that writes, a few that read.

use crate::{StoreError, migrate};
use parking_lot::ReentrantMutex;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What the server remembers; cheap to clone, for any number of threads.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    file: PathBuf,
    writer: ReentrantMutex<Writer>,
    readers: Mutex<Vec<Connection>>,
}

/// The connection that writes. A thread that has it may take it again.
struct Writer {
    connection: Connection,
    /// Whether a transaction is open that [`Store::together`] will end.
    is_together: Cell<bool>,
}

impl Store {
    /// Opens the store in `folder`; makes folder and database if there are none, and brings an older
    /// database up to date.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Foreign`] or [`StoreError::Newer`] if the file is not
    /// ours to use (it is left as it is), [`StoreError::Unwritable`] or [`StoreError::Full`].
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = folder.join(FILE);
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unwritable {
            file: file.clone(),
            why: error.to_string(),
        })?;
        refuse_orphaned_log(&file)?;
        let mut writer = connect(&file, true).map_err(|error| StoreError::of(&error, &file))?;
        migrate::check_owner(&writer, &file)?;
        for pragma in [
            "auto_vacuum = INCREMENTAL",
            "journal_mode = WAL",
            CHECKPOINT,
        ] {
            pragma_of(&writer, pragma).map_err(|error| StoreError::of(&error, &file))?;
        }
        migrate::run(&mut writer, &file)?;
        writer.set_transaction_behavior(TransactionBehavior::Immediate);
        let writer = Writer {
            connection: writer,
            is_together: Cell::new(false),
        };
        Ok(Self {
            shared: Arc::new(Shared {
                file,
                writer: ReentrantMutex::new(writer),
                readers: Mutex::new(Vec::new()),
            }),
        })
    }

    /// The database file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.shared.file
    }

    /// Several calls as one: what `work` writes by this store is on disk as a whole when it returns,
    /// and nothing of it if it fails. What it reads, it reads with what it wrote. Keep it short:
    /// nobody else writes meanwhile.
    ///
    /// # Errors
    /// As `work`, and as any writing.
    pub fn together<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let writer = self.shared.writer.lock();
        if writer.is_together.get() {
            return work(self);
        }
        let begun = pragma_of(&writer.connection, DURABLE)
            .and_then(|()| writer.connection.unchecked_transaction());
        let transaction = begun.map_err(|error| self.error(error.into()))?;
        let ends = Together::begin(&writer.is_together);
        let done = work(self)?;
        drop(ends);
        transaction
            .commit()
            .map_err(|error| self.error(error.into()))?;
        Ok(done)
    }

    /// One transaction that writes: all of it or nothing. When it returns, it is on disk, or part of
    /// what is done [together](Store::together).
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.transact(DURABLE, work)
    }

    /// As [`Store::write`], for what can be made again: after a loss of power the latest may be gone,
    /// in order and as a whole, but nothing that another [`Store::write`] came after.
    pub(crate) fn write_soon<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.transact("synchronous = NORMAL", work)
    }

    fn transact<T>(
        &self,
        how: &str,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let writer = self.shared.writer.lock();
        let run = || {
            if writer.is_together.get() {
                return work(&writer.connection);
            }
            pragma_of(&writer.connection, how)?;
            let transaction = writer.connection.unchecked_transaction()?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|fault| self.error(fault))
    }

    /// One reading of a state that nobody changes meanwhile.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        if self.shared.writer.is_owned_by_current_thread() {
            return work(&self.shared.writer.lock().connection).map_err(|it| self.error(it));
        }
        let kept = self.readers().pop();
        let run = || {
            let mut reader = match kept {
                Some(reader) => reader,
                None => connect(&self.shared.file, false)?,
            };
            let transaction = reader.transaction()?;
            let answer = work(&transaction);
            drop(transaction);
            let mut readers = self.readers();
            if readers.len() < READERS_KEPT {
                readers.push(reader);
            }
            answer
        };
        run().map_err(|fault| self.error(fault))
    }

    /// Work on the writing connection outside of any transaction.
    pub(crate) fn maintain<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let writer = self.shared.writer.lock();
        work(&writer.connection).map_err(|fault| self.error(fault))
    }

    /// Work on a connection of its own, beside all others.
    pub(crate) fn apart<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let run = || work(&connect(&self.shared.file, true)?);
        run().map_err(|fault| self.error(fault))
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.shared
            .readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, fault: Fault) -> StoreError {
        match fault {
            Fault::Sql(error) => StoreError::of(&error, &self.shared.file),
            Fault::Store(error) => error,
        }
    }

    /// Lets the database grow to so many pages of 4 KiB and no further: how a full disk is tried.
    ///
    /// # Errors
    /// As any call.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.maintain(|it| Ok(pragma_of(it, &format!("max_page_count = {pages}"))?))
    }
}

/// Says while it lives that a transaction is open.
struct Together<'a>(&'a Cell<bool>);

impl<'a> Together<'a> {
    fn begin(flag: &'a Cell<bool>) -> Self {
        flag.set(true);
        Self(flag)
    }
}

impl Drop for Together<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// What a piece of work may fail with, before the file's name is added.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Refuses a file that is gone or cut to nothing beside its write-ahead log: the database would take it
/// for a new one and throw the log away, with all that was acknowledged in it.
fn refuse_orphaned_log(file: &Path) -> Result<(), StoreError> {
    let octets = |file: &Path| std::fs::metadata(file).map_or(0, |it| it.len());
    let log = file.with_extension("db-wal");
    if octets(file) == 0 && 0 < octets(&log) {
        return Err(StoreError::Corrupt {
            file: file.to_owned(),
            why: "it is empty or gone, and its -wal file is not".to_owned(),
        });
    }
    Ok(())
}

fn connect(file: &Path, writes: bool) -> rusqlite::Result<Connection> {
    let mode = if writes {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE
    };
    let connection = Connection::open_with_flags(file, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    pragma_of(&connection, "foreign_keys = ON")?;
    let cache_kib = if writes { WRITER_KIB } else { READER_KIB };
    pragma_of(&connection, &format!("cache_size = -{cache_kib}"))?;
    if !writes {
        pragma_of(&connection, "query_only = ON")?;
    }
    Ok(connection)
}

/// Sets a pragma, whether or not it answers.
fn pragma_of(connection: &Connection, pragma: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

const DURABLE: &str = "synchronous = FULL";
const FILE: &str = "realmward.db";
/// Idle connections that are kept; more may be open while more threads read.
const READERS_KEPT: usize = 4;
/// Statements kept ready in each connection: more than there are.
const STATEMENTS_KEPT: usize = 128;
/// Memory for pages: the writer touches a page of each index for every row.
const WRITER_KIB: u32 = 64 * 1024;
const READER_KIB: u32 = 8 * 1024;
/// Pages of the write-ahead log that are gathered before they go to their places: 16 MiB.
const CHECKPOINT: &str = "wal_autocheckpoint = 4096";
/// Another process writes only for moments: a command line that adds an account.
const BUSY_WAIT: Duration = Duration::from_secs(10);
