//! Decisions and errors, counted by group.

use driftguard_distribution::coding::Values;
use driftguard_sdk::prelude::{Batch, Error};
use serde::{Deserialize, Serialize};

use crate::frame::Frame;

/// Far below overflow, so that sums of profiles stay exact.
const MOST_ROWS: u64 = u64::MAX >> 20;

/// Rows of one group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// With a decision.
    pub rows: u64,
    /// Decided yes.
    pub chosen: u64,
    /// With a decision, and a label that is yes.
    pub positives: u64,
    /// Those of them decided yes.
    pub true_positives: u64,
    /// With a decision, and a label that is no.
    pub negatives: u64,
    /// Those of them decided yes.
    pub false_positives: u64,
}

impl Counts {
    /// Adds the counts of other rows.
    pub fn add(&mut self, other: &Self) {
        self.rows = self.rows.saturating_add(other.rows);
        self.chosen = self.chosen.saturating_add(other.chosen);
        self.positives = self.positives.saturating_add(other.positives);
        self.true_positives = self.true_positives.saturating_add(other.true_positives);
        self.negatives = self.negatives.saturating_add(other.negatives);
        self.false_positives = self.false_positives.saturating_add(other.false_positives);
    }

    fn note(&mut self, decided: bool, label: Option<bool>) {
        self.rows += 1;
        self.chosen += u64::from(decided);
        match label {
            Some(true) => {
                self.positives += 1;
                self.true_positives += u64::from(decided);
            }
            Some(false) => {
                self.negatives += 1;
                self.false_positives += u64::from(decided);
            }
            None => {}
        }
    }

    fn is_sound(&self) -> bool {
        self.rows <= MOST_ROWS
            && self.chosen <= self.rows
            && self.true_positives <= self.positives
            && self.false_positives <= self.negatives
            && self
                .positives
                .checked_add(self.negatives)
                .is_some_and(|sum| sum <= self.rows)
            && self.true_positives + self.false_positives <= self.chosen
    }
}

/// State over some rows: integers, so merging is exact in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// For each group column its cells, and then rows without a group.
    pub groups: Vec<Vec<Counts>>,
}

impl Profile {
    /// No rows on this frame.
    pub fn new(frame: &Frame) -> Self {
        let cells = frame
            .groups
            .iter()
            .map(|coding| vec![Counts::default(); coding.size() + 1]);
        Self {
            groups: cells.collect(),
        }
    }

    /// Adds the rows of a batch that the frame wants.
    ///
    /// # Errors
    /// A batch that cannot be read.
    pub fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        let columns = batch.columns();
        for window in frame.rows.windows(batch.first_row(), batch.rows()) {
            let read = |name: &str| Values::read(batch, &columns, name, window);
            let answers = |answer: &Option<crate::frame::Answer>| match answer {
                Some(answer) => read(&answer.column)
                    .map(|values| values.map(|values| answer.reading.answers(&values))),
                None => Ok(None),
            };
            let Some(decisions) = answers(&frame.decision)? else {
                continue;
            };
            let labels = answers(&frame.label)?;
            for (coding, counts) in frame.groups.iter().zip(&mut self.groups) {
                if let Some(values) = read(&coding.name)? {
                    add(
                        counts,
                        &coding.codes(&values),
                        &decisions,
                        labels.as_deref(),
                    );
                }
            }
        }
        Ok(())
    }

    /// Adds rows at hand: groups by column of the frame, decisions, labels.
    pub fn add(
        &mut self,
        frame: &Frame,
        groups: &[Values],
        decisions: &Values,
        labels: Option<&Values>,
    ) {
        let answers = |answer: &Option<crate::frame::Answer>, values: &Values| {
            answer.as_ref().map(|answer| answer.reading.answers(values))
        };
        let decisions = answers(&frame.decision, decisions).unwrap_or_default();
        let labels = labels.and_then(|labels| answers(&frame.label, labels));
        for ((coding, counts), values) in frame.groups.iter().zip(&mut self.groups).zip(groups) {
            add(counts, &coding.codes(values), &decisions, labels.as_deref());
        }
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a profile that rows cannot produce.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        self.validate(frame)?;
        other.validate(frame)?;
        let pairs = self.groups.iter_mut().zip(&other.groups);
        for (mine, theirs) in pairs.flat_map(|(mine, theirs)| mine.iter_mut().zip(theirs)) {
            mine.add(theirs);
        }
        Ok(())
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// See [`Self::merge`].
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        let fits = self.groups.len() == frame.groups.len()
            && self
                .groups
                .iter()
                .zip(&frame.groups)
                .all(|(counts, coding)| {
                    counts.len() == coding.size() + 1 && counts.iter().all(Counts::is_sound)
                });
        match fits {
            true => Ok(()),
            false => Err(Error::State(
                "the counts of a fairness-drift profile do not fit its groups; rebuild it from the data".into(),
            )),
        }
    }
}

/// Rows without a decision are not counted.
fn add(
    counts: &mut [Counts],
    codes: &[u8],
    decisions: &[Option<bool>],
    labels: Option<&[Option<bool>]>,
) {
    for (row, (code, decided)) in codes.iter().zip(decisions).enumerate() {
        let label = labels.and_then(|labels| labels.get(row).copied().flatten());
        if let (Some(decided), Some(cell)) = (decided, counts.get_mut(usize::from(*code))) {
            cell.note(*decided, label);
        }
    }
}
