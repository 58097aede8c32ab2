//! Counts over a thinned sample of texts.

use std::collections::BTreeMap;

use driftguard_distribution::refused;
use driftguard_sdk::prelude::Error;
use driftguard_statistics::counts::at_most;
use driftguard_statistics::text::Script;
use driftguard_statistics::thinned::{Additive, add_sums, row_level};
use driftguard_statistics::{StateError, Thinned};
use serde::{Deserialize, Serialize};

use crate::features::{BUCKETS, Features, MEASURES, gram_vector};
use crate::frame::{Frame, MOST_BINS};

/// One in fixed point: sums of fractions are integers, so that they do not
/// depend on order.
pub const ONE: f64 = 1_048_576.0;
/// Lengths beyond this are counted as this.
pub const LONGEST: u32 = 16_384;

/// Integer counts over texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tallies {
    /// [`MOST_BINS`] counts of texts for each measure.
    pub bins: Vec<u64>,
    /// Sum of each measure, in fixed point; lengths are cut at [`LONGEST`].
    pub sums: Vec<u64>,
    /// Texts by script.
    pub scripts: Vec<u64>,
    /// Texts with damage.
    pub damaged: u64,
    /// Texts by length.
    pub lengths: BTreeMap<u32, u64>,
    /// Texts that have trigrams.
    pub gram_rows: u64,
    /// Sum of the vectors of trigrams, in fixed point.
    pub grams: Vec<u64>,
}

fn add_all(mine: &mut Vec<u64>, theirs: &[u64]) -> Result<(), StateError> {
    add_sums("counts of texts", mine, theirs, u64::saturating_add)
}

impl Additive for Tallies {
    fn add(&mut self, other: &Self) -> Result<(), StateError> {
        add_all(&mut self.bins, &other.bins)?;
        add_all(&mut self.sums, &other.sums)?;
        add_all(&mut self.scripts, &other.scripts)?;
        add_all(&mut self.grams, &other.grams)?;
        self.damaged = self.damaged.saturating_add(other.damaged);
        self.gram_rows = self.gram_rows.saturating_add(other.gram_rows);
        for (length, rows) in &other.lengths {
            let mine = self.lengths.entry(*length).or_insert(0);
            *mine = mine.saturating_add(*rows);
        }
        Ok(())
    }
}

impl Tallies {
    /// Counts of a measure over its bins.
    pub fn bins_of(&self, measure: usize) -> &[u64] {
        let start = measure * MOST_BINS;
        self.bins.get(start..start + MOST_BINS).unwrap_or_default()
    }

    /// Mean of a measure.
    pub fn mean_of(&self, measure: usize) -> Option<f64> {
        let rows: u64 = self.bins_of(measure).iter().sum();
        let sum = self.sums.get(measure)?;
        (rows > 0).then(|| *sum as f64 / ONE / rows as f64)
    }

    /// The mean vector of trigrams.
    pub fn mean_grams(&self) -> Vec<f64> {
        let scale = ONE * self.gram_rows.max(1) as f64;
        self.grams.iter().map(|sum| *sum as f64 / scale).collect()
    }

    fn add_text(&mut self, frame: &Frame, text: &str) {
        if self.bins.is_empty() {
            self.bins = vec![0; MOST_BINS * MEASURES.len()];
            self.sums = vec![0; MEASURES.len()];
            self.scripts = vec![0; Script::ALL.len()];
            self.grams = vec![0; BUCKETS];
        }
        let features = Features::of(text, &frame.vocabulary);
        for (measure, value) in features.values.into_iter().enumerate() {
            let Some(value) = value else { continue };
            let bin = frame
                .edges_of(measure)
                .partition_point(|edge| *edge <= value);
            bump(&mut self.bins, measure * MOST_BINS + bin, 1);
            let value = value.min(f64::from(LONGEST));
            bump(&mut self.sums, measure, (value * ONE) as u64);
        }
        bump(&mut self.scripts, features.script as usize, 1);
        self.damaged = self.damaged.saturating_add(features.damaged.into());
        let length = self
            .lengths
            .entry(features.length.min(LONGEST))
            .or_insert(0);
        *length = length.saturating_add(1);
        let vector = gram_vector(text);
        self.gram_rows = self.gram_rows.saturating_add((!vector.is_empty()).into());
        for (bucket, x) in vector {
            bump(&mut self.grams, bucket, (f64::from(x) * ONE) as u64);
        }
    }
}

fn bump(counts: &mut [u64], place: usize, by: u64) {
    if let Some(count) = counts.get_mut(place) {
        *count = count.saturating_add(by);
    }
}

/// The check's state over some rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Texts that are not null.
    pub texts: Thinned<Tallies>,
}

impl Profile {
    /// No texts; at most `cap` are looked at.
    pub fn new(cap: u64) -> Self {
        Self {
            texts: Thinned::new(cap),
        }
    }

    /// Adds the text at a position in the stream of its side.
    pub fn add(&mut self, frame: &Frame, position: u64, text: &str) {
        self.texts.add(row_level(position), |tallies| {
            tallies.add_text(frame, text);
        });
    }

    /// Adds the texts of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a state that texts cannot produce.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        other.validate()?;
        self.texts.merge(&other.texts).map_err(refused)
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for shapes or counts that texts cannot produce.
    pub fn validate(&self) -> Result<(), Error> {
        self.texts.validate().map_err(refused)?;
        let fits = |rows: u64, tallies: &Tallies| {
            let shapes = [
                (tallies.bins.len(), MOST_BINS * MEASURES.len()),
                (tallies.sums.len(), MEASURES.len()),
                (tallies.scripts.len(), Script::ALL.len()),
                (tallies.grams.len(), BUCKETS),
            ];
            let within = |counts: &[u64]| at_most(counts, rows);
            let lengths: Vec<u64> = tallies.lengths.values().copied().collect();
            shapes.iter().all(|(actual, wanted)| actual == wanted)
                && tallies.bins.chunks(MOST_BINS).all(within)
                && within(&tallies.scripts)
                && within(&lengths)
                && tallies.lengths.keys().all(|length| *length <= LONGEST)
                && tallies.damaged.max(tallies.gram_rows) <= rows
        };
        if self.texts.levels().all(|(rows, sums)| fits(rows, sums)) {
            return Ok(());
        }
        Err(Error::State(
            "the profile of texts holds counts that texts cannot have; rebuild it from the data"
                .into(),
        ))
    }
}
