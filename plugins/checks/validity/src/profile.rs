//! The state of one column over some rows.

use driftguard_distribution::refused;
use driftguard_distribution::runs::RunState;
use driftguard_sdk::prelude::{Batch, CategoryCounts, Error, Runs, Summary};
use driftguard_statistics::{Counts, ValueSample};
use serde::{Deserialize, Serialize};

use crate::frame::{Frame, Numbers, Values};

/// Unlisted values that are kept, those with the smallest hashes.
pub const UNLISTED: usize = 512;

/// Counts of a column, and its runs. Merging is associative; what is merged in
/// comes later. rows = nulls + unparsed + odd (NaN, infinite) + usable.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// All rows.
    pub rows: u64,
    /// Rows without a value.
    pub nulls: u64,
    /// Texts that are no numbers, in a numeric column.
    pub unparsed: u64,
    /// Values that are present and usable.
    pub usable: u64,
    pub(crate) body: Body,
    pub(crate) runs: RunState,
}

/// What is counted of a column's values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Body {
    Numbers(NumberCounts),
    Values(ValueCounts),
}

impl Default for Body {
    fn default() -> Self {
        Self::Numbers(NumberCounts::default())
    }
}

/// Of a numeric column: the exact extremes, and how far rows lie outside of
/// the sample's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NumberCounts {
    pub(crate) extremes: Option<(f64, f64)>,
    pub(crate) tails: Counts,
}

impl Default for NumberCounts {
    fn default() -> Self {
        Self {
            extremes: None,
            tails: Counts::new(1),
        }
    }
}

/// Of a categorical column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ValueCounts {
    pub(crate) known: Counts,
    pub(crate) others: ValueSample,
}

impl Profile {
    /// No rows on this frame.
    pub(crate) fn begin(frame: &Frame) -> Self {
        let body = match frame {
            Frame::Numbers(frame) => Body::Numbers(NumberCounts {
                extremes: None,
                tails: Counts::new(frame.ladder.bins()),
            }),
            Frame::Values(frame) => Body::Values(ValueCounts {
                known: Counts::new(frame.listed.known().len()),
                others: ValueSample::new(UNLISTED),
            }),
        };
        Self {
            body,
            ..Self::default()
        }
    }

    /// Adds a batch.
    pub(crate) fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        match frame {
            Frame::Numbers(frame) => {
                let summary = batch.summary(0)?;
                // Of what cannot be read there are no runs to ask for.
                let runs = match summary.rows == summary.nulls + summary.unparsed {
                    true => nothing(summary.rows),
                    false => batch.runs(0)?,
                };
                let tails = match frame.ladder.within(summary.min, summary.max) {
                    Some(_) => None,
                    None if summary.finite == 0 => None,
                    None => Some(batch.histogram(0, frame.ladder.edges())?),
                };
                self.add_numbers(frame, &summary, tails, &runs)
            }
            Frame::Values(frame) => {
                let counts = batch.categories(0, frame.listed.known(), UNLISTED as u32)?;
                self.add_values(u64::from(batch.rows()), &counts, &batch.runs(0)?)
            }
        }
    }

    /// `tails` are None where no value lies outside of the sample's range.
    pub(crate) fn add_numbers(
        &mut self,
        frame: &Numbers,
        summary: &Summary,
        tails: Option<Vec<u64>>,
        runs: &Runs,
    ) -> Result<(), Error> {
        let Body::Numbers(body) = &mut self.body else {
            return Err(other_kind());
        };
        let tails = tails.unwrap_or_else(|| {
            let mut counts = vec![0; frame.ladder.bins()];
            let bin = frame.ladder.within(summary.min, summary.max).unwrap_or(0);
            if let Some(rows) = counts.get_mut(bin) {
                *rows = summary.finite;
            }
            counts
        });
        body.tails.add(&tails).map_err(refused)?;
        if summary.finite > 0 {
            body.extremes = wider(body.extremes, Some((summary.min, summary.max)));
        }
        self.count(
            summary.rows,
            summary.nulls,
            summary.unparsed,
            summary.finite,
        );
        self.runs.add(runs);
        Ok(())
    }

    pub(crate) fn add_values(
        &mut self,
        rows: u64,
        counts: &CategoryCounts,
        runs: &Runs,
    ) -> Result<(), Error> {
        let Body::Values(body) = &mut self.body else {
            return Err(other_kind());
        };
        body.known.add(&counts.known).map_err(refused)?;
        let mut kept = 0u64;
        for other in &counts.others {
            body.others.insert(&other.value, other.rows);
            kept = kept.saturating_add(other.rows);
        }
        body.others.note_dropped(counts.other.saturating_sub(kept));
        self.count(rows, counts.nulls, 0, rows.saturating_sub(counts.nulls));
        self.runs.add(runs);
        Ok(())
    }

    fn count(&mut self, rows: u64, nulls: u64, unparsed: u64, usable: u64) {
        let mine = [
            &mut self.rows,
            &mut self.nulls,
            &mut self.unparsed,
            &mut self.usable,
        ];
        for (mine, theirs) in mine.into_iter().zip([rows, nulls, unparsed, usable]) {
            *mine = mine.saturating_add(theirs);
        }
    }

    /// Adds rows that come after those that are here. On an error nothing
    /// changes.
    pub(crate) fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        match (&mut self.body, &other.body) {
            (Body::Numbers(mine), Body::Numbers(theirs)) => {
                mine.tails.merge(&theirs.tails).map_err(refused)?;
                mine.extremes = wider(mine.extremes, theirs.extremes);
            }
            (Body::Values(mine), Body::Values(theirs)) => {
                let mut known = mine.known.clone();
                known.merge(&theirs.known).map_err(refused)?;
                // The last that can fail; it changes nothing then.
                mine.others.merge(&theirs.others).map_err(refused)?;
                mine.known = known;
            }
            _ => return Err(other_kind()),
        }
        self.count(other.rows, other.nulls, other.unparsed, other.usable);
        self.runs.merge(&other.runs);
        Ok(())
    }

    /// Checks a profile that came from outside.
    pub(crate) fn validate(&self, frame: &Frame) -> Result<(), Error> {
        let parts = [self.nulls, self.unparsed, self.usable];
        let sum = parts
            .iter()
            .try_fold(0u64, |sum, part| sum.checked_add(*part));
        let counted = match (&self.body, frame) {
            (Body::Numbers(body), Frame::Numbers(frame)) => {
                let rising = body
                    .extremes
                    .is_none_or(|(min, max)| min <= max && min.is_finite() && max.is_finite());
                let fits = body.tails.bins() == frame.ladder.bins();
                (fits && rising && body.extremes.is_some() == (self.usable > 0))
                    .then(|| body.tails.total())
            }
            (Body::Values(body), Frame::Values(frame)) => {
                body.others.validate().map_err(refused)?;
                let fits = body.known.bins() == frame.listed.known().len();
                fits.then(|| body.known.total().checked_add(body.others.rows()))
                    .flatten()
            }
            _ => return Err(other_kind()),
        };
        self.runs.validate()?;
        let sound = sum.is_some_and(|sum| sum <= self.rows)
            && counted == Some(self.usable)
            && self.runs.rows() == self.rows;
        if sound {
            return Ok(());
        }
        Err(Error::State(format!(
            "the parts of a validity profile of {} rows do not fit each other or the frame; rebuild it from the data",
            self.rows
        )))
    }
}

/// Rows without a value, as one run.
fn nothing(rows: u64) -> Runs {
    Runs {
        rows,
        first: None,
        first_length: rows,
        last: None,
        last_length: rows,
        longest: None,
        longest_length: rows,
    }
}

fn wider(left: Option<(f64, f64)>, right: Option<(f64, f64)>) -> Option<(f64, f64)> {
    match (left, right) {
        (Some(left), Some(right)) => Some((left.0.min(right.0), left.1.max(right.1))),
        (left, right) => left.or(right),
    }
}

fn other_kind() -> Error {
    Error::State(
        "the column is numeric on one side and categorical on the other; set its kind in the policy or rebuild the \
         baseline"
            .into(),
    )
}

/// Profiles of values at hand, as the host's kernels would make them: for
/// tests and examples.
impl Profile {
    /// Of numbers; None is a null, what is not finite is odd.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for a frame of categories.
    pub fn of_numbers(frame: &Frame, values: &[Option<f64>]) -> Result<Self, Error> {
        let Frame::Numbers(numbers) = frame else {
            return Err(other_kind());
        };
        let finite: Vec<f64> = values
            .iter()
            .flatten()
            .copied()
            .filter(|v| v.is_finite())
            .collect();
        let nulls = values.iter().filter(|value| value.is_none()).count() as u64;
        let extreme =
            |pick: fn(f64, f64) -> f64| finite.iter().copied().reduce(pick).unwrap_or(f64::NAN);
        let summary = Summary {
            rows: values.len() as u64,
            nulls,
            unparsed: 0,
            nans: values.len() as u64 - nulls - finite.len() as u64,
            positive_infinities: 0,
            negative_infinities: 0,
            zeros: 0,
            empty: 0,
            finite: finite.len() as u64,
            min: extreme(f64::min),
            max: extreme(f64::max),
            mean: f64::NAN,
            m2: f64::NAN,
        };
        let tails = Counts::of_values(numbers.ladder.edges(), &finite);
        let mut profile = Self::begin(frame);
        profile.add_numbers(
            numbers,
            &summary,
            Some(tails.as_slice().to_vec()),
            &nothing(0),
        )?;
        let texts: Vec<Option<String>> = values
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .collect();
        profile.runs = RunState::of(texts.iter().map(Option::as_deref));
        Ok(profile)
    }

    /// Of categories; None is a null.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for a frame of numbers.
    pub fn of_values(frame: &Frame, values: &[Option<&str>]) -> Result<Self, Error> {
        let Frame::Values(listed) = frame else {
            return Err(other_kind());
        };
        let listed: &Values = listed;
        let known = listed.listed.known();
        let mut counts = CategoryCounts {
            known: vec![0; known.len()],
            other: 0,
            nulls: 0,
            others: vec![],
        };
        let mut profile = Self::begin(frame);
        for value in values {
            let Some(value) = value else {
                counts.nulls += 1;
                continue;
            };
            match known.iter().position(|known| known == value) {
                Some(place) => counts.known[place] += 1,
                None => {
                    counts.other += 1;
                    counts.others.push(driftguard_sdk::prelude::ValueCount {
                        value: (*value).to_owned(),
                        rows: 1,
                    });
                }
            }
        }
        profile.add_values(values.len() as u64, &counts, &nothing(0))?;
        profile.runs = RunState::of(values.iter().copied());
        Ok(profile)
    }
}
