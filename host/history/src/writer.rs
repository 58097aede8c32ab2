//! One run's append: read what the verdict depends on, add to it, commit. All
//! or nothing.

use std::path::Path;

use driftguard_verdict::incident::{Cause, State};
use rusqlite::{Transaction, params};
use sha2::{Digest, Sha256};

use crate::error::{HistoryError, said};
use crate::file::records;
use crate::incidents::{self, Incident};
use crate::record::{COLUMNS, Record, columns_text, hex};

/// Holds the file's lock. Dropped before [`Writer::commit`], nothing of it
/// happened.
#[derive(Debug)]
pub struct Writer<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(transaction: Transaction<'a>, path: &'a Path) -> Self {
        Self { transaction, path }
    }

    /// All records, oldest first.
    ///
    /// # Errors
    /// Records that were altered.
    pub fn records(&self) -> Result<Vec<Record>, HistoryError> {
        records(&self.transaction, self.path)
    }

    /// All incidents, oldest first.
    ///
    /// # Errors
    /// Incidents that make no sense.
    pub fn incidents(&self) -> Result<Vec<Incident>, HistoryError> {
        incidents::all(&self.transaction, self.path)
    }

    /// Adds a record (its `id` is not looked at) and returns its number.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn append(&self, record: &Record) -> Result<i64, HistoryError> {
        let failed = said(self.path, "append");
        let last = "SELECT coalesce(max(id), 0), coalesce((SELECT seal FROM verdicts ORDER BY id DESC LIMIT 1), '') FROM verdicts";
        let (last, seal): (i64, String) = self
            .transaction
            .query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&failed)?;
        let id = last + 1;
        // As it will be read: what SQLite cannot hold (NaN, a zero with a sign)
        // is absent or plain.
        let plain = |value: f64| value + 0.0;
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite()).map(plain);
        let record = Record {
            id,
            effect: finite(record.effect),
            p: finite(record.p),
            scores: record
                .scores
                .filter(|(one, other)| one.is_finite() && other.is_finite())
                .map(|(one, other)| (plain(one), plain(other))),
            ..record.clone()
        };
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let place = record.place;
        let ask = format!(
            "INSERT INTO verdicts ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
             ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27)"
        );
        let values = params![
            id,
            record.at,
            record.model,
            record.policy,
            record.data,
            record.document,
            record.baseline,
            record.anchor,
            record.period,
            record.driftguard,
            count(record.rows),
            record.level.name(),
            record.reason.name(),
            serde_json::json!(record.suspects).to_string(),
            record.effect,
            record.p,
            record.scores.map(|scores| scores.0),
            record.scores.map(|scores| scores.1),
            place.map(|place| count(place.rank)),
            place.map(|place| count(place.among)),
            place.map(|place| count(place.anchor_rank)),
            place.map(|place| count(place.anchor_periods)),
            record.pooled,
            record.alarm.name(),
            record.repeats,
            record.seal(&seal),
            columns_text(&record.columns),
        ];
        self.transaction.execute(&ask, values).map_err(&failed)?;
        Ok(id)
    }

    /// Opens an incident by a record that was appended before.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn open_incident(&self, cause: &Cause, model: &str, by: i64) -> Result<i64, HistoryError> {
        let failed = said(self.path, "append");
        let key = hex(Sha256::digest(cause.text(model).as_bytes()).as_slice());
        let ask = "INSERT INTO incidents (key, model, family, columns, opened) VALUES (?1, ?2, ?3, ?4, ?5)";
        let columns = serde_json::json!(cause.columns).to_string();
        let values = params![key, model, cause.family.name(), columns, by];
        self.transaction.execute(ask, values).map_err(&failed)?;
        let id = self.transaction.last_insert_rowid();
        self.sight(id, by, State::Opened)?;
        Ok(id)
    }

    /// Notes what a record did to an incident.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn sight(&self, incident: i64, by: i64, state: State) -> Result<(), HistoryError> {
        let ask = "INSERT INTO sightings (incident, verdict, state) VALUES (?1, ?2, ?3)";
        let values = params![incident, by, state.name()];
        let added = self.transaction.execute(ask, values);
        added.map(drop).map_err(said(self.path, "append"))
    }

    /// Makes all of it last. When this returns, it survives a kill.
    ///
    /// # Errors
    /// If it cannot be written: then nothing of it is there.
    pub fn commit(self) -> Result<(), HistoryError> {
        let failed = said(self.path, "append");
        self.transaction.commit().map_err(failed)
    }
}
