//! A verdict as it is kept.

use std::collections::BTreeMap;

use driftguard_verdict::history::Alarm;
use driftguard_verdict::sequential::{ColumnPlace, Past, Place, Unit};
use driftguard_verdict::{Level, Reason};
use rusqlite::Row;
use sha2::{Digest, Sha256};

/// One verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number, from 1; 0 before it is kept.
    pub id: i64,
    /// When, in microseconds since 1970-01-01T00:00Z.
    pub at: i64,
    /// The stream that it belongs to.
    pub model: String,
    /// SHA-256 of thresholds, checks and settings.
    pub policy: String,
    /// SHA-256 of everything the checks saw of the current data.
    pub data: String,
    /// SHA-256 of the document, without times and names of files: equal for
    /// equal data and policy.
    pub document: String,
    /// SHA-256 of the baseline's file, if there was one.
    pub baseline: Option<String>,
    /// SHA-256 of what the baseline was created with: ranks of other anchors
    /// do not go on with those of this one.
    pub anchor: Option<String>,
    /// The period, where periods have names.
    pub period: Option<String>,
    /// Version of driftguard.
    pub driftguard: String,
    /// Rows of the current data.
    pub rows: u64,
    /// The verdict.
    pub level: Level,
    /// Its reason.
    pub reason: Reason,
    /// Its suspects, the likeliest culprit first.
    pub suspects: Vec<String>,
    /// Largest effect of a suspect, else of a finding.
    pub effect: Option<f64>,
    /// Rank p-value.
    pub p: Option<f64>,
    /// The largest score over columns and that over all together.
    pub scores: Option<(f64, f64)>,
    /// The place among the periods so far.
    pub place: Option<Place>,
    /// By column its score and its place.
    pub columns: BTreeMap<String, ColumnPlace>,
    /// Whether later periods are ranked among it, too: what is known to be
    /// broken is not.
    pub pooled: bool,
    /// What the detector of slow drift said.
    pub alarm: Alarm,
    /// The record of an earlier run on the same data and policy.
    pub repeats: Option<i64>,
}

impl Record {
    /// What makes two records speak of the same period.
    pub fn unit(&self) -> Unit {
        match &self.period {
            Some(name) => Unit::Named(name.clone()),
            None => Unit::Data(self.data.clone()),
        }
    }

    /// As the detector sees it; none if it has no rank or repeats another.
    pub fn past(&self) -> Option<Past> {
        let place = self.place.filter(|_| self.repeats.is_none())?;
        Some(Past {
            unit: self.unit(),
            scores: self.scores.filter(|_| self.pooled),
            place,
            columns: self.columns.clone(),
            alarmed: self.alarm != Alarm::None,
        })
    }

    /// SHA-256 of the record and the seal before it, in hexadecimal.
    pub(crate) fn seal(&self, before: &str) -> String {
        // Bits of floats, so that a round trip through the file changes nothing.
        let bits = |value: Option<f64>| value.map(f64::to_bits);
        let scores = self
            .scores
            .map(|(one, other)| (one.to_bits(), other.to_bits()));
        let mut text = serde_json::json!([
            before,
            [
                &self.model,
                &self.policy,
                &self.data,
                &self.document,
                &self.driftguard
            ],
            [&self.baseline, &self.anchor, &self.period],
            (self.at, self.rows, self.level, self.reason, &self.suspects),
            (bits(self.effect), bits(self.p), scores, self.place),
            (self.pooled, self.alarm, self.repeats),
        ]);
        // Records of version 1 had no columns, and keep their seals.
        if let (Some(columns), Some(parts)) = (columns_text(&self.columns), text.as_array_mut()) {
            parts.push(columns.into());
        }
        let text = text.to_string();
        hex(Sha256::digest(text.as_bytes()).as_slice())
    }
}

/// Columns as they are kept: name, and score, rank, among, rank and periods of
/// the anchor, and whether it moved. None without columns.
pub(crate) fn columns_text(columns: &BTreeMap<String, ColumnPlace>) -> Option<String> {
    let numbers = |column: &ColumnPlace| {
        let place = column.place;
        let ranks = (place.rank, place.among);
        let anchor = (place.anchor_rank, place.anchor_periods);
        (column.score, ranks, anchor, column.moved)
    };
    let all: BTreeMap<&String, Kept> = columns
        .iter()
        .map(|(name, column)| (name, numbers(column)))
        .collect();
    (!all.is_empty()).then(|| serde_json::json!(all).to_string())
}

/// A column in the file.
type Kept = (i64, (u64, u64), (u64, u64), bool);

fn columns_of(text: &str) -> Option<BTreeMap<String, ColumnPlace>> {
    let all: BTreeMap<String, Kept> = serde_json::from_str(text).ok()?;
    let place = |(score, (rank, among), (anchor_rank, anchor_periods), moved): Kept| ColumnPlace {
        score,
        moved,
        place: Place {
            rank,
            among,
            anchor_rank,
            anchor_periods,
        },
    };
    let all = all.into_iter().map(|(name, kept)| (name, place(kept)));
    Some(all.collect())
}

/// In hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Columns in the order of [`Record::read`].
pub(crate) const COLUMNS: &str = "id, at, model, policy, data, document, baseline, anchor, period, driftguard, \
     rows, level, reason, suspects, effect, p, sparse, dense, rank, among, anchor_rank, anchor_periods, \
     pooled, alarm, repeats, seal, columns";

/// Why a row is no record.
pub(crate) struct Unread(pub(crate) &'static str);

/// A row, and the seal it carries.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Result<(Record, String), Unread>> {
    let level: String = row.get(11)?;
    let reason: String = row.get(12)?;
    let suspects: String = row.get(13)?;
    let scores: (Option<f64>, Option<f64>) = (row.get(16)?, row.get(17)?);
    let place: [Option<i64>; 4] = [row.get(18)?, row.get(19)?, row.get(20)?, row.get(21)?];
    let alarm: String = row.get(23)?;
    let count = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
    let [rank, among, anchor_rank, anchor_periods] = place.map(count);
    let place = match (rank, among, anchor_rank, anchor_periods) {
        (Some(rank), Some(among), Some(anchor_rank), Some(anchor_periods)) => Some(Place {
            rank,
            among,
            anchor_rank,
            anchor_periods,
        }),
        _ => None,
    };
    let levels = [Level::Pass, Level::Alert, Level::Block, Level::Error];
    let Some(level) = levels.into_iter().find(|one| one.name() == level) else {
        return Ok(Err(Unread("a verdict that does not exist")));
    };
    let Some(reason) = Reason::parse(&reason) else {
        return Ok(Err(Unread("a reason that does not exist")));
    };
    let Ok(suspects) = serde_json::from_str(&suspects) else {
        return Ok(Err(Unread("suspects that are no list")));
    };
    let Some(alarm) = Alarm::parse(&alarm) else {
        return Ok(Err(Unread("an alarm that does not exist")));
    };
    let columns: Option<String> = row.get(26)?;
    let Some(columns) = columns.as_deref().map_or(Some(BTreeMap::new()), columns_of) else {
        return Ok(Err(Unread("columns that are no places")));
    };
    let Some(rows) = count(row.get(10)?) else {
        return Ok(Err(Unread("a number of rows below 0")));
    };
    let record = Record {
        id: row.get(0)?,
        at: row.get(1)?,
        model: row.get(2)?,
        policy: row.get(3)?,
        data: row.get(4)?,
        document: row.get(5)?,
        baseline: row.get(6)?,
        anchor: row.get(7)?,
        period: row.get(8)?,
        driftguard: row.get(9)?,
        rows,
        level,
        reason,
        suspects,
        effect: row.get(14)?,
        p: row.get(15)?,
        scores: scores.0.zip(scores.1),
        place,
        columns,
        pooled: row.get(22)?,
        alarm,
        repeats: row.get(24)?,
    };
    Ok(Ok((record, row.get(25)?)))
}
