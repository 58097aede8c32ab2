//! Sums over a thinned sample of vectors.

use driftguard_distribution::refused;
use driftguard_sdk::prelude::Error;
use driftguard_statistics::counts::at_most;
use driftguard_statistics::random_features::RandomFeatures;
use driftguard_statistics::text::text_hash;
use driftguard_statistics::thinned::{Additive, add_sums, row_level};
use driftguard_statistics::{StateError, Thinned};
use serde::{Deserialize, Serialize};

use crate::frame::{FREQUENCIES, Frame, MOST_BINS, alive, norm};

/// One in fixed point: sums are integers, so that they do not depend on order.
pub const ONE: f64 = 1_048_576.0;

/// What does not fit, in the words of an error.
const SUMS: &str = "sums over vectors";

/// Sums over vectors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tallies {
    /// Vectors that carry nothing: see [`alive`].
    pub dead: u64,
    /// Sum of the folded coordinates, in fixed point.
    pub first: Vec<i64>,
    /// Sum of their squares.
    pub second: Vec<i64>,
    /// Sum of the random features.
    pub features: Vec<i64>,
    /// Vectors by norm.
    pub norms: Vec<u64>,
    /// Vectors by cosine to the reference's mean.
    pub cosines: Vec<u64>,
    /// Hashes of the vectors that carry something, sorted.
    pub hashes: Vec<u32>,
}

impl Additive for Tallies {
    fn add(&mut self, other: &Self) -> Result<(), StateError> {
        self.dead = self.dead.saturating_add(other.dead);
        self.hashes.extend_from_slice(&other.hashes);
        self.hashes.sort_unstable();
        add_sums(SUMS, &mut self.first, &other.first, i64::saturating_add)?;
        add_sums(SUMS, &mut self.second, &other.second, i64::saturating_add)?;
        add_sums(
            SUMS,
            &mut self.features,
            &other.features,
            i64::saturating_add,
        )?;
        add_sums(SUMS, &mut self.norms, &other.norms, u64::saturating_add)?;
        add_sums(SUMS, &mut self.cosines, &other.cosines, u64::saturating_add)
    }
}

impl Tallies {
    fn add_vector(&mut self, frame: &Frame, random: &RandomFeatures, vector: &[f32]) {
        if !alive(vector) {
            self.dead = self.dead.saturating_add(1);
            return;
        }
        let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
        let hash = text_hash(&bytes) as u32;
        let place = self.hashes.partition_point(|kept| *kept < hash);
        self.hashes.insert(place, hash);
        let folded = frame.fold(vector);
        let squares: Vec<f32> = folded.iter().map(|x| x * x).collect();
        sum(&mut self.second, &squares);
        sum(&mut self.features, &random.of(&folded));
        sum(&mut self.first, &folded);
        count(&mut self.norms, &frame.norm_edges, Some(norm(vector)));
        count(&mut self.cosines, &frame.cosine_edges, frame.cosine(vector));
    }

    /// Vectors that carry something.
    pub fn alive(&self) -> u64 {
        self.norms.iter().sum()
    }
}

fn sum(sums: &mut Vec<i64>, values: &[f32]) {
    sums.resize(values.len(), 0);
    for (sum, x) in sums.iter_mut().zip(values) {
        *sum = sum.saturating_add((f64::from(*x) * ONE).round() as i64);
    }
}

fn count(counts: &mut Vec<u64>, edges: &[f64], value: Option<f64>) {
    counts.resize(MOST_BINS, 0);
    let Some(value) = value else { return };
    if let Some(count) = counts.get_mut(edges.partition_point(|edge| *edge <= value)) {
        *count = count.saturating_add(1);
    }
}

/// Means of sums in fixed point.
pub fn means(sums: &[i64], rows: u64) -> Vec<f64> {
    let scale = ONE * rows.max(1) as f64;
    sums.iter().map(|sum| *sum as f64 / scale).collect()
}

/// The check's state over some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Vectors that are not null.
    pub vectors: Thinned<Tallies>,
    /// Made of the frame when the first vector comes.
    #[serde(skip)]
    random: Option<RandomFeatures>,
}

impl Default for Profile {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Profile {
    /// No vectors; at most `cap` are looked at.
    pub fn new(cap: u64) -> Self {
        Self {
            vectors: Thinned::new(cap),
            random: None,
        }
    }

    /// Adds the vector at a position in the stream of its side.
    pub fn add(&mut self, frame: &Frame, position: u64, vector: &[f32]) {
        let random = self.random.get_or_insert_with(|| frame.random_features());
        let level = row_level(position);
        self.vectors.add(level, |tallies| {
            tallies.add_vector(frame, random, vector);
        });
    }

    /// Adds the vectors of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a state that vectors cannot produce.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        self.vectors.merge(&other.vectors).map_err(refused)
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for shapes or counts that vectors cannot produce.
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        self.vectors.validate().map_err(refused)?;
        let fits = |rows: u64, tallies: &Tallies| {
            let shapes = [
                (tallies.first.len(), frame.folded()),
                (tallies.second.len(), frame.folded()),
                (tallies.features.len(), 2 * FREQUENCIES),
                (tallies.norms.len(), MOST_BINS),
                (tallies.cosines.len(), MOST_BINS),
            ];
            let empty = shapes.iter().all(|(actual, _)| *actual == 0);
            let alive = rows.checked_sub(tallies.dead);
            (empty || shapes.iter().all(|(actual, wanted)| actual == wanted))
                && alive.is_some_and(|alive| {
                    at_most(&tallies.norms, alive)
                        && at_most(&tallies.cosines, alive)
                        && tallies.hashes.len() as u64 <= alive
                        && tallies.hashes.is_sorted()
                })
        };
        if self.vectors.levels().all(|(rows, sums)| fits(rows, sums)) {
            return Ok(());
        }
        Err(Error::State(
            "the profile of embeddings holds sums that vectors cannot have on this frame; rebuild it from the data"
                .into(),
        ))
    }
}
