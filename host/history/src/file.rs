//! Opening and reading.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::error::{HistoryError, PATIENCE, said};
use crate::incidents::{self, Incident};
use crate::record::{self, Record};
use crate::schema::{APPLICATION, FROM_1, TABLES, VERSION};
use crate::writer::Writer;

/// An open history.
#[derive(Debug)]
pub struct History {
    connection: Connection,
    path: PathBuf,
}

/// Everything in a history at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Verdicts, oldest first.
    pub records: Vec<Record>,
    /// Incidents, oldest first.
    pub incidents: Vec<Incident>,
}

impl History {
    /// Opens a history to append to; begins one where there is no file.
    ///
    /// # Errors
    /// A file that cannot be opened, is none of ours, or is not whole.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut history = Self::connect(path, flags)?;
        history.begin_file()?;
        Ok(history)
    }

    /// Opens a history that must be there, to read it.
    ///
    /// # Errors
    /// See [`History::open`]; no file.
    pub fn read(path: &Path) -> Result<Self, HistoryError> {
        if !path.exists() {
            return Err(HistoryError::Missing {
                path: path.to_owned(),
            });
        }
        // What a killed writer began is undone by whoever opens the file next,
        // so it is opened for writing where that is allowed.
        let mut history = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        if history.is_blank()? {
            return Err(HistoryError::Foreign {
                path: path.to_owned(),
                what: "it is empty",
            });
        }
        history.bring_up_to_date()?;
        history.check()?;
        Ok(history)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self, HistoryError> {
        let failed = said(path, "open");
        // One connection, never shared between threads; names are plain paths
        // and no URIs.
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(&failed)?;
        let setup = || {
            connection.busy_timeout(Duration::from_secs(PATIENCE))?;
            connection.pragma_update(None, "trusted_schema", "OFF")?;
            connection.pragma_update(None, "cell_size_check", "ON")?;
            connection.pragma_update(None, "foreign_keys", "ON")?;
            connection.pragma_update(None, "synchronous", "EXTRA")
        };
        setup().map_err(&failed)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    fn pragma(&self, name: &str) -> Result<i64, HistoryError> {
        let read = self
            .connection
            .pragma_query_value(None, name, |row| row.get(0));
        read.map_err(said(&self.path, "open"))
    }

    /// Nothing was ever written.
    fn is_blank(&self) -> Result<bool, HistoryError> {
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = self
            .connection
            .query_row(tables, [], |row| row.get(0))
            .map_err(said(&self.path, "open"))?;
        Ok(tables == 0 && self.pragma("application_id")? == 0 && self.pragma("user_version")? == 0)
    }

    /// Makes the tables in a blank file, as one transaction: of two that try,
    /// one finds them made.
    fn begin_file(&mut self) -> Result<(), HistoryError> {
        if !self.is_blank()? {
            self.bring_up_to_date()?;
            return self.check();
        }
        self.make("begin", |transaction| {
            let tables = "SELECT count(*) FROM sqlite_schema";
            let made: i64 = transaction.query_row(tables, [], |row| row.get(0))?;
            if made == 0 {
                transaction.execute_batch(TABLES)?;
                transaction.pragma_update(None, "application_id", APPLICATION)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            Ok(())
        })?;
        self.check()
    }

    /// Of two that bring an older file up to date, one finds it done.
    fn bring_up_to_date(&mut self) -> Result<(), HistoryError> {
        let ours = self.pragma("application_id")? == APPLICATION;
        if !ours || self.pragma("user_version")? != 1 {
            return Ok(());
        }
        self.make("bring up to date", |transaction| {
            let found: i64 =
                transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if found == 1 {
                transaction.execute_batch(FROM_1)?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            Ok(())
        })
    }

    /// All of it or nothing, and nobody else meanwhile.
    fn make(
        &mut self,
        action: &'static str,
        act: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), HistoryError> {
        let begun = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        let made = begun.and_then(|transaction| {
            act(&transaction)?;
            transaction.commit()
        });
        made.map_err(said(&self.path, action))
    }

    /// Ours, of a version that is known, and whole.
    fn check(&self) -> Result<(), HistoryError> {
        let path = || self.path.clone();
        if self.pragma("application_id")? != APPLICATION {
            return Err(HistoryError::Foreign {
                path: path(),
                what: "it is a SQLite file of something else",
            });
        }
        let found = self.pragma("user_version")?;
        if found != VERSION {
            return Err(HistoryError::Newer {
                path: path(),
                found,
                known: VERSION,
            });
        }
        let ask = "PRAGMA quick_check(1)";
        let said: String = self
            .connection
            .query_row(ask, [], |row| row.get(0))
            .map_err(said(&self.path, "open"))?;
        match said.as_str() {
            "ok" => Ok(()),
            _ => Err(HistoryError::Damaged {
                path: path(),
                what: said,
            }),
        }
    }

    /// Takes the file's lock, for one run.
    ///
    /// # Errors
    /// If another process keeps it for too long.
    pub fn begin(&mut self) -> Result<Writer<'_>, HistoryError> {
        let begun = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begun.map_err(|source| match source.sqlite_error_code() {
            Some(ErrorCode::ReadOnly) => HistoryError::Database {
                path: self.path.clone(),
                action: "append (the file or its folder may not be written)",
                source,
            },
            _ => said(&self.path, "append")(source),
        })?;
        Ok(Writer::new(transaction, &self.path))
    }

    /// All records and incidents.
    ///
    /// # Errors
    /// Records that were altered.
    pub fn view(&mut self) -> Result<View, HistoryError> {
        let transaction = self.connection.transaction();
        let transaction = transaction.map_err(said(&self.path, "read"))?;
        Ok(View {
            records: records(&transaction, &self.path)?,
            incidents: incidents::all(&transaction, &self.path)?,
        })
    }
}

/// Every record, oldest first, with the chain of seals checked.
pub(crate) fn records(
    transaction: &Transaction<'_>,
    path: &Path,
) -> Result<Vec<Record>, HistoryError> {
    let failed = said(path, "read");
    let damaged = |what: String| HistoryError::Damaged {
        path: path.to_owned(),
        what,
    };
    let ask = format!("SELECT {} FROM verdicts ORDER BY id", record::COLUMNS);
    let mut statement = transaction.prepare(&ask).map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    let mut records = vec![];
    let mut before = String::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        let number = records.len() + 1;
        let (record, seal) = record::read(row)
            .map_err(&failed)?
            .map_err(|unread| damaged(format!("record {number} has {}", unread.0)))?;
        if record.id != number as i64 || record.seal(&before) != seal {
            return Err(damaged(format!(
                "record {number} was altered, or one before it was taken out"
            )));
        }
        before = seal;
        records.push(record);
    }
    Ok(records)
}
