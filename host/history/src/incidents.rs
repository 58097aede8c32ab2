//! What is open, and since when.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use driftguard_verdict::incident::{Cause, Direction, Family, State};
use rusqlite::Transaction;

use crate::error::{HistoryError, said};
use crate::record::Record;

/// An incident with what each record did to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its number.
    pub id: i64,
    /// SHA-256 of its cause.
    pub key: String,
    /// The stream.
    pub model: String,
    /// What it was opened for.
    pub cause: Cause,
    /// The record that opened it.
    pub opened: i64,
    /// Records since, with what they did; oldest first.
    pub sightings: Vec<(i64, State)>,
}

impl Incident {
    /// Not closed yet.
    pub fn is_open(&self) -> bool {
        !self
            .sightings
            .iter()
            .any(|(_, state)| *state == State::Closed)
    }

    /// What the last record did to it.
    pub fn state(&self) -> State {
        self.sightings
            .last()
            .map_or(State::Opened, |(_, state)| *state)
    }

    /// Quiet periods in a row, up to the last record.
    pub fn quiet(&self, records: &[Record]) -> u32 {
        let last = self.sightings.iter().rev();
        let quiet = last.take_while(|(_, state)| matches!(state, State::Quiet | State::Closed));
        let quiet: BTreeSet<_> = quiet.map(|(by, _)| unit(records, *by)).collect();
        quiet.len() as u32
    }

    /// Periods that alerted for it.
    pub fn seen(&self, records: &[Record]) -> u64 {
        let seen = self.sightings.iter();
        let seen = seen.filter(|(_, state)| matches!(state, State::Opened | State::Seen));
        let seen: BTreeSet<_> = seen.map(|(by, _)| unit(records, *by)).collect();
        seen.len() as u64
    }

    /// Periods since it was opened, that one included.
    pub fn periods(&self, records: &[Record]) -> u64 {
        let all: BTreeSet<_> = self
            .sightings
            .iter()
            .map(|(by, _)| unit(records, *by))
            .collect();
        all.len() as u64
    }
}

/// A period, or the record where it is not at hand: a period that was checked
/// twice counts once.
fn unit(records: &[Record], id: i64) -> (Option<driftguard_verdict::sequential::Unit>, i64) {
    let at = usize::try_from(id - 1).ok();
    match at.and_then(|at| records.get(at)) {
        Some(record) => (Some(record.unit()), 0),
        None => (None, id),
    }
}

/// All incidents, oldest first.
pub(crate) fn all(
    transaction: &Transaction<'_>,
    path: &Path,
) -> Result<Vec<Incident>, HistoryError> {
    let failed = said(path, "read");
    let damaged = |id: i64| HistoryError::Damaged {
        path: path.to_owned(),
        what: format!("incident {id} was altered"),
    };
    let ask = "SELECT incident, verdict, state FROM sightings ORDER BY incident, verdict";
    let mut statement = transaction.prepare(ask).map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    let mut sightings: BTreeMap<i64, Vec<(i64, State)>> = BTreeMap::new();
    while let Some(row) = rows.next().map_err(&failed)? {
        let read = || -> rusqlite::Result<(i64, i64, String)> {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        };
        let (incident, by, state) = read().map_err(&failed)?;
        let state = State::parse(&state).ok_or_else(|| damaged(incident))?;
        sightings.entry(incident).or_default().push((by, state));
    }
    let ask = "SELECT id, key, model, family, columns, opened FROM incidents ORDER BY id";
    let mut statement = transaction.prepare(ask).map_err(&failed)?;
    let mut rows = statement.query([]).map_err(&failed)?;
    let mut incidents = vec![];
    while let Some(row) = rows.next().map_err(&failed)? {
        let numbers = || -> rusqlite::Result<(i64, i64)> { Ok((row.get(0)?, row.get(5)?)) };
        let words = || -> rusqlite::Result<[String; 4]> {
            Ok([row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])
        };
        let (id, opened) = numbers().map_err(&failed)?;
        let [key, model, family, columns] = words().map_err(&failed)?;
        let columns: BTreeMap<String, Direction> =
            serde_json::from_str(&columns).map_err(|_| damaged(id))?;
        let family = Family::parse(&family).ok_or_else(|| damaged(id))?;
        incidents.push(Incident {
            id,
            key,
            model,
            cause: Cause { family, columns },
            opened,
            sightings: sightings.remove(&id).unwrap_or_default(),
        });
    }
    Ok(incidents)
}
