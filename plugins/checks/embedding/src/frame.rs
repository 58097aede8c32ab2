//! What is frozen from a sample of the reference, and one vector in numbers.

use driftguard_sdk::prelude::Error;
use driftguard_statistics::edges::decile_edges;
use driftguard_statistics::mean_vector::Spread;
use driftguard_statistics::random_features::{RandomFeatures, median_distance};
use driftguard_statistics::thinned::row_hash;
use serde::{Deserialize, Serialize};

/// Most coordinates that means and spreads are kept of; longer vectors are
/// folded onto so many.
pub const FOLDED: usize = 128;
/// Frequencies of the random features.
pub const FREQUENCIES: usize = 64;
/// Bins that norms and cosines may have.
pub const MOST_BINS: usize = 16;
/// Most coordinates of a vector.
pub const MOST_COORDINATES: usize = 65_536;
/// Standardised coordinates are cut here: one wild vector must not decide.
const FARTHEST: f32 = 8.0;
/// Vectors that the spreads are made of.
const SPREAD_ROWS: usize = 2048;
/// Directions of the random features.
const SEED: u64 = 0x00ed_be11;

/// Standardisation, edges and spreads of the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Mean of each coordinate.
    pub mean: Vec<f32>,
    /// Standard deviation of each coordinate; for one that is constant, that
    /// of all coordinates together.
    pub scale: Vec<f32>,
    /// Edges of the norms.
    pub norm_edges: Vec<f64>,
    /// Edges of the cosines to the mean.
    pub cosine_edges: Vec<f64>,
    /// Width of the kernel.
    pub width: f64,
    /// Spread of the folded coordinates.
    pub first: Option<Spread>,
    /// Spread of their squares.
    pub second: Option<Spread>,
    /// Spread of the random features.
    pub features: Option<Spread>,
}

/// Whether a vector can carry anything: finite, and not one and the same
/// number throughout.
pub fn alive(vector: &[f32]) -> bool {
    let same = vector.windows(2).all(|pair| pair.first() == pair.last());
    vector.iter().all(|x| x.is_finite()) && !(same && (vector.len() > 1 || vector == [0.0]))
}

impl Frame {
    /// The frame of these vectors of `dimension` coordinates, laid out flat.
    pub fn of_vectors(vectors: &[f32], dimension: usize) -> Self {
        let rows: Vec<&[f32]> = vectors
            .chunks_exact(dimension.max(1))
            .filter(|row| alive(row))
            .collect();
        if rows.is_empty() {
            return Self::default();
        }
        let (mean, scale) = standardisation(&rows, dimension);
        let mut frame = Self {
            mean,
            scale,
            ..Self::default()
        };
        let norms = rows.iter().map(|row| norm(row)).collect();
        let cosines = rows.iter().filter_map(|row| frame.cosine(row)).collect();
        frame.norm_edges = edges(norms);
        frame.cosine_edges = edges(cosines);
        let folded: Vec<f32> = rows
            .iter()
            .take(SPREAD_ROWS)
            .flat_map(|row| frame.fold(row))
            .collect();
        frame.set_spreads(&folded);
        frame
    }

    fn set_spreads(&mut self, folded: &[f32]) {
        let length = self.folded();
        let squares: Vec<f32> = folded.iter().map(|x| x * x).collect();
        self.first = Spread::of_rows(folded, length);
        self.second = Spread::of_rows(&squares, length);
        let Some(width) = median_distance(folded, length) else {
            return;
        };
        self.width = width;
        let random = self.random_features();
        let features: Vec<f32> = folded
            .chunks_exact(length.max(1))
            .flat_map(|row| random.of(row))
            .collect();
        self.features = Spread::of_rows(&features, random.count());
    }

    /// Coordinates of a vector.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// Coordinates that means are kept of.
    pub fn folded(&self) -> usize {
        self.dimension().min(FOLDED)
    }

    /// The random features of this frame.
    pub fn random_features(&self) -> RandomFeatures {
        RandomFeatures::new(self.folded(), FREQUENCIES, self.width, SEED)
    }

    /// A vector standardised; one of more than [`FOLDED`] coordinates folded
    /// onto so many, with random signs, so that distances stay about the same
    /// (Achlioptas, "Database-friendly random projections", 2003).
    pub fn fold(&self, vector: &[f32]) -> Vec<f32> {
        let length = self.folded();
        let standard = vector
            .iter()
            .zip(self.mean.iter().zip(&self.scale))
            .map(|(x, (mean, scale))| ((x - mean) / scale).clamp(-FARTHEST, FARTHEST));
        if length == self.dimension() {
            return standard.collect();
        }
        let mut out = vec![0.0; length];
        for (place, x) in standard.enumerate() {
            let sign = if row_hash(place as u64 ^ SEED) & 1 == 0 {
                1.0
            } else {
                -1.0
            };
            if let Some(sum) = out.get_mut(place % length.max(1)) {
                *sum += sign * x;
            }
        }
        let folds = (self.dimension() as f32 / length.max(1) as f32).sqrt();
        let farthest = FARTHEST;
        out.iter_mut()
            .for_each(|sum| *sum = (*sum / folds).clamp(-farthest, farthest));
        out
    }

    /// Cosine of the angle to the reference's mean; None if either is 0.
    pub fn cosine(&self, vector: &[f32]) -> Option<f64> {
        let lengths = norm(vector) * norm(&self.mean);
        let inner: f64 = vector
            .iter()
            .zip(&self.mean)
            .map(|(x, y)| f64::from(*x) * f64::from(*y))
            .sum();
        (lengths > 0.0).then(|| inner / lengths)
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for what a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |what: &str| {
            Err(Error::State(format!(
                "the frame of embeddings is invalid: {what}; rebuild the baseline"
            )))
        };
        let finite = |values: &[f32]| values.iter().all(|x| x.is_finite());
        let positive = self.scale.iter().all(|scale| *scale > 0.0);
        let fits = self.mean.len() == self.scale.len() && self.mean.len() <= MOST_COORDINATES;
        if !fits || !positive || !finite(&self.mean) || !finite(&self.scale) {
            return refuse("its means and deviations do not fit");
        }
        for edges in [&self.norm_edges, &self.cosine_edges] {
            let rising = edges.is_sorted_by(|a, b| a < b);
            if edges.len() >= MOST_BINS || !rising || edges.iter().any(|edge| !edge.is_finite()) {
                return refuse("its edges do not rise");
            }
        }
        let spreads = [
            (&self.first, self.folded()),
            (&self.second, self.folded()),
            (&self.features, 2 * FREQUENCIES),
        ];
        for (spread, dimension) in spreads {
            let Some(spread) = spread else { continue };
            spread
                .validate()
                .map_err(|error| Error::State(error.to_string()))?;
            if spread.dimension() != dimension {
                return refuse("a spread is of other vectors");
            }
        }
        Ok(())
    }
}

/// Euclidean length.
pub fn norm(vector: &[f32]) -> f64 {
    let square: f64 = vector.iter().map(|x| f64::from(*x).powi(2)).sum();
    square.sqrt()
}

fn standardisation(rows: &[&[f32]], dimension: usize) -> (Vec<f32>, Vec<f32>) {
    let n = rows.len() as f64;
    let mut mean = vec![0.0_f64; dimension];
    let mut variance = vec![0.0_f64; dimension];
    for row in rows {
        let pairs = mean.iter_mut().zip(*row);
        pairs.for_each(|(sum, x)| *sum += f64::from(*x) / n);
    }
    for row in rows {
        for ((sum, x), mean) in variance.iter_mut().zip(*row).zip(&mean) {
            *sum += (f64::from(*x) - mean).powi(2) / n;
        }
    }
    let typical = (variance.iter().sum::<f64>() / dimension.max(1) as f64).sqrt();
    let typical = if typical > 1e-30 { typical } else { 1.0 };
    let deviation = |variance: &f64| {
        // What is rounding beside the others is constant.
        let sd = variance.sqrt();
        if sd > typical * 1e-6 { sd } else { typical }
    };
    (
        mean.iter().map(|x| *x as f32).collect(),
        variance.iter().map(|v| deviation(v) as f32).collect(),
    )
}

/// Deciles, and edges a little beyond the extremes. Vectors of one length (a
/// normalising encoder) differ by rounding only, which must not become bins.
fn edges(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let (Some(low), Some(high)) = (values.first().copied(), values.last().copied()) else {
        return vec![];
    };
    let size = low.abs().max(high.abs());
    let beyond = [low - 1e-3 * size, high + 1e-3 * size];
    let mut edges = if high - low > 1e-4 * size {
        decile_edges(&values)
    } else {
        vec![]
    };
    edges.extend(beyond);
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}
