//! The columns of one side as first seen, and a sample of each numeric one.

use driftguard_sdk::prelude::{Column, Error, Kind, Role, Sampled, Summary};
use driftguard_statistics::BottomK;
use serde::{Deserialize, Serialize};

use crate::names::{holds_numbers, kind_name, role_name};

/// Values kept of each numeric column.
pub const SAMPLE: usize = 512;

/// One column of one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Name.
    pub name: String,
    /// Role as a word (`feature`).
    pub role: String,
    /// Kind as a word (`numeric`).
    pub kind: String,
    /// Arrow type in words (`Int64`).
    pub storage: String,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// A uniform sample of the finite values of a numeric column.
    #[serde(with = "driftguard_statistics::bottom_k::numbers")]
    pub sample: BottomK<f64>,
    /// Finite values of a sampled column.
    pub read: u64,
    /// Values of a sampled column that could not be read as numbers.
    pub unread: u64,
}

impl Seen {
    /// A column of no rows.
    pub fn new(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            role: role_name(column.role).to_owned(),
            kind: kind_name(column.kind).to_owned(),
            storage: column.storage.clone(),
            nullable: column.nullable,
            sample: BottomK::new(SAMPLE),
            read: 0,
            unread: 0,
        }
    }

    /// Whether values are sampled: numbers that the policy does not ignore, in
    /// a storage that the host can read as numbers.
    pub fn is_sampled(&self) -> bool {
        self.kind == kind_name(Kind::Numeric) && !self.is_ignored() && holds_numbers(&self.storage)
    }

    /// Whether the policy ignores the column.
    pub fn is_ignored(&self) -> bool {
        self.role == role_name(Role::Ignore)
    }

    /// Keys from here on cannot enter the sample any more.
    pub fn below(&self) -> u64 {
        match self.sample.items().last() {
            Some(last) if self.sample.items().len() >= SAMPLE => last.key,
            _ => u64::MAX,
        }
    }

    /// Adds one batch: its counts, and the values that can still enter the
    /// sample. The rest is noted as dropped, so that the state does not depend
    /// on how rows were cut into batches.
    pub fn add(&mut self, summary: &Summary, values: &[Sampled]) {
        self.sample
            .extend(values.iter().map(|sampled| (sampled.key, sampled.value)));
        let offered = values.len() as u64;
        self.sample
            .note_dropped(summary.finite.saturating_sub(offered));
        self.read = self.read.saturating_add(summary.finite);
        self.unread = self.unread.saturating_add(summary.unparsed);
    }

    fn same_column(&self, other: &Self) -> bool {
        self.name == other.name
            && self.role == other.role
            && self.kind == other.kind
            && self.storage == other.storage
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.sample
            .merge(&other.sample)
            .map_err(|error| Error::State(format!("column `{}`: {error}", self.name)))?;
        self.nullable |= other.nullable;
        self.read = self.read.saturating_add(other.read);
        self.unread = self.unread.saturating_add(other.unread);
        Ok(())
    }
}

/// Columns of one side in their order, and its rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows seen.
    pub rows: u64,
    /// The columns; empty before the first batch.
    pub columns: Vec<Seen>,
}

impl Profile {
    /// Notes the columns and rows of one batch.
    ///
    /// # Errors
    /// [`Error::Data`] if the columns are not those of the batches before.
    pub fn add(&mut self, columns: &[Column], rows: u64) -> Result<(), Error> {
        let seen: Vec<Seen> = columns.iter().map(Seen::new).collect();
        if self.columns.is_empty() {
            self.columns = seen;
        } else if let Some(difference) = difference(&self.columns, &seen) {
            return Err(Error::Data(format!(
                "the batches of one side have different columns: {difference}; \
                 give one side files of one schema"
            )));
        }
        for (kept, column) in self.columns.iter_mut().zip(columns) {
            kept.nullable |= column.nullable;
        }
        self.rows = self.rows.saturating_add(rows);
        Ok(())
    }

    /// Adds the rows of another profile of the same columns.
    ///
    /// # Errors
    /// [`Error::State`] for other columns or samples of another size.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        other.validate()?;
        if other.columns.is_empty() {
            return Ok(());
        }
        if self.columns.is_empty() {
            *self = other;
            return Ok(());
        }
        if let Some(difference) = difference(&self.columns, &other.columns) {
            return Err(Error::State(format!(
                "cannot merge schema profiles of different columns: {difference}"
            )));
        }
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.merge(theirs)?;
        }
        self.rows = self.rows.saturating_add(other.rows);
        Ok(())
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for samples that this check did not make, and for rows
    /// without columns.
    pub fn validate(&self) -> Result<(), Error> {
        if self.columns.is_empty() && self.rows > 0 {
            return Err(Error::State(format!(
                "a schema profile has {} rows and no columns; rebuild it from the data",
                self.rows
            )));
        }
        for column in &self.columns {
            let refuse =
                |problem: String| Error::State(format!("column `{}`: {problem}", column.name));
            column
                .sample
                .validate()
                .map_err(|error| refuse(error.to_string()))?;
            if column.sample.k() != SAMPLE {
                return Err(refuse(format!(
                    "its sample holds {} values at most, this check keeps {SAMPLE}; rebuild it",
                    column.sample.k()
                )));
            }
        }
        Ok(())
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Seen> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The first difference of two lists of columns, in words.
fn difference(left: &[Seen], right: &[Seen]) -> Option<String> {
    if left.len() != right.len() {
        return Some(format!("{} and {} of them", left.len(), right.len()));
    }
    let (a, b) = left.iter().zip(right).find(|(a, b)| !a.same_column(b))?;
    Some(format!(
        "`{}` ({}, {}, {}) and `{}` ({}, {}, {})",
        a.name, a.role, a.kind, a.storage, b.name, b.role, b.kind, b.storage
    ))
}

#[cfg(test)]
pub(crate) mod tests;
