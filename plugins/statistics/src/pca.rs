//! Principal components of standardised rows, and what they leave over.
//!
//! Pearson, "On Lines and Planes of Closest Fit to Systems of Points in
//! Space", 1901. Eigenvectors by Jacobi's rotations: Golub and Van Loan,
//! "Matrix Computations", 4th edition, 2013, section 8.5.

use serde::{Deserialize, Serialize};

use crate::error::StateError;

/// Most sweeps over all pairs; convergence takes some 6 to 10.
const SWEEPS: usize = 40;

/// The leading components of a law.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Components {
    dimension: usize,
    /// Directions of length 1, one after the other.
    directions: Vec<f32>,
}

impl Components {
    /// The fewest components that hold `share` of the second moment of these
    /// rows (laid out flat, standardised, so that their means are near 0), and
    /// always fewer than there are coordinates. None with fewer than 2
    /// coordinates, fewer rows than coordinates, or rows that are all 0 or not
    /// finite.
    pub fn of_rows(rows: &[f32], dimension: usize, share: f64) -> Option<Self> {
        let count = rows.len().checked_div(dimension)?;
        if dimension < 2 || count < dimension {
            return None;
        }
        let mut moment = vec![0.0_f64; dimension * dimension];
        for row in rows.chunks_exact(dimension) {
            for (x, line) in row.iter().zip(moment.chunks_exact_mut(dimension)) {
                for (y, sum) in row.iter().zip(line) {
                    *sum += f64::from(*x) * f64::from(*y) / count as f64;
                }
            }
        }
        let all: f64 = (0..dimension).map(|i| moment[i * dimension + i]).sum();
        if !(all > 0.0 && all.is_finite()) {
            return None;
        }
        let (mut held, mut directions) = (0.0, vec![]);
        for (value, vector) in eigen_symmetric(moment, dimension)
            .into_iter()
            .take(dimension - 1)
        {
            directions.extend(vector.iter().map(|x| *x as f32));
            held += value;
            if held >= share * all {
                break;
            }
        }
        Some(Self {
            dimension,
            directions,
        })
    }

    /// Number of coordinates.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Number of components.
    pub fn count(&self) -> usize {
        self.directions.len() / self.dimension.max(1)
    }

    /// What the components leave over of a row; empty for a row of another
    /// length.
    pub fn residual(&self, row: &[f32]) -> Vec<f32> {
        if row.len() != self.dimension {
            return vec![];
        }
        let mut rest = row.to_vec();
        for direction in self.directions.chunks_exact(self.dimension.max(1)) {
            let along: f32 = direction.iter().zip(row).map(|(a, b)| a * b).sum();
            rest.iter_mut()
                .zip(direction)
                .for_each(|(x, a)| *x -= along * a);
        }
        rest
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// Lengths that do not fit, or numbers that are not finite.
    pub fn validate(&self) -> Result<(), StateError> {
        let whole = self.dimension > 0 && self.directions.len().is_multiple_of(self.dimension);
        if !whole || self.directions.iter().any(|x| !x.is_finite()) {
            return Err(StateError::Invalid {
                what: "components",
                problem: "its directions do not fit its dimension",
            });
        }
        Ok(())
    }
}

/// Eigenvalues in falling order, each with its eigenvector of length 1, of a
/// symmetric matrix given row by row. Empty if the length does not fit.
///
/// ```
/// use driftguard_statistics::pca::eigen_symmetric;
/// let pairs = eigen_symmetric(vec![2.0, 1.0, 1.0, 2.0], 2);
/// assert!((pairs[0].0 - 3.0).abs() < 1e-12 && (pairs[1].0 - 1.0).abs() < 1e-12);
/// ```
pub fn eigen_symmetric(matrix: Vec<f64>, dimension: usize) -> Vec<(f64, Vec<f64>)> {
    let d = dimension;
    if d.checked_mul(d) != Some(matrix.len()) {
        return vec![];
    }
    let mut a = matrix;
    let mut vectors = vec![0.0; d * d];
    (0..d).for_each(|i| vectors[i * d + i] = 1.0);
    for _ in 0..SWEEPS {
        let mut off = 0.0;
        for p in 0..d {
            for q in p + 1..d {
                off += a[p * d + q].powi(2);
                rotate(&mut a, &mut vectors, d, (p, q));
            }
        }
        let size: f64 = (0..d).map(|i| a[i * d + i].powi(2)).sum();
        if off <= size * 1e-24 {
            break;
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> = (0..d)
        .map(|i| (a[i * d + i], (0..d).map(|j| vectors[j * d + i]).collect()))
        .collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    pairs
}

/// Makes the entry at `(p, q)` 0.
fn rotate(a: &mut [f64], vectors: &mut [f64], d: usize, (p, q): (usize, usize)) {
    let entry = a[p * d + q];
    if entry == 0.0 {
        return;
    }
    let tau = (a[q * d + q] - a[p * d + p]) / (2.0 * entry);
    let t = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let cos = 1.0 / (1.0 + t * t).sqrt();
    let sin = t * cos;
    for k in 0..d {
        let (x, y) = (a[k * d + p], a[k * d + q]);
        a[k * d + p] = cos * x - sin * y;
        a[k * d + q] = sin * x + cos * y;
    }
    for k in 0..d {
        let (x, y) = (a[p * d + k], a[q * d + k]);
        a[p * d + k] = cos * x - sin * y;
        a[q * d + k] = sin * x + cos * y;
        let (x, y) = (vectors[k * d + p], vectors[k * d + q]);
        vectors[k * d + p] = cos * x - sin * y;
        vectors[k * d + q] = sin * x + cos * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `numpy.linalg.eigvalsh([[4,1,.5],[1,3,-1],[.5,-1,2]])`.
    #[test]
    fn oracle() {
        let pairs = eigen_symmetric(vec![4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 2.0], 3);
        for (pair, expected) in pairs.iter().zip(EIGENVALUES) {
            assert!((pair.0 - expected).abs() < 1e-12, "{} {expected}", pair.0);
        }
    }

    const EIGENVALUES: [f64; 3] = [4.622905121644136, 3.3175444385565522, 1.0595504397993127];

    #[test]
    fn a_line_is_one_component_and_leaves_nothing_over() {
        let rows: Vec<f32> = (-10_i8..=10)
            .flat_map(|i| [f32::from(i), 2.0 * f32::from(i), 0.0])
            .collect();
        let components = Components::of_rows(&rows, 3, 0.65).unwrap();
        assert_eq!(components.count(), 1);
        components.validate().unwrap();
        let on: f32 = components
            .residual(&[3.0, 6.0, 0.0])
            .iter()
            .map(|x| x.abs())
            .sum();
        let off: f32 = components
            .residual(&[-2.0, 1.0, 0.0])
            .iter()
            .map(|x| x * x)
            .sum();
        assert!(on < 1e-5 && (off - 5.0).abs() < 1e-4);
    }

    #[test]
    fn degenerate() {
        assert_eq!(Components::of_rows(&[], 0, 0.5), None);
        assert_eq!(Components::of_rows(&[1.0, 2.0], 1, 0.5), None);
        assert_eq!(Components::of_rows(&[1.0, 2.0], 2, 0.5), None);
        assert_eq!(Components::of_rows(&[0.0; 8], 2, 0.5), None);
        assert_eq!(Components::of_rows(&[f32::NAN; 8], 2, 0.5), None);
        assert!(eigen_symmetric(vec![1.0], 2).is_empty());
        // All of the variance is asked for: one direction is still left out.
        assert_eq!(
            Components::of_rows(&[1.0, 0.0, 0.0, 1.0], 2, 1.0)
                .unwrap()
                .count(),
            1
        );
        assert!(Components::default().validate().is_err());
    }

    proptest! {
        #[test]
        fn eigenvectors_are_orthonormal_and_rebuild_the_matrix(entries in prop::collection::vec(-3.0f64..3.0, 25)) {
            let at = |i: usize, j: usize| entries[i.max(j) * 5 + i.min(j)];
            let matrix: Vec<f64> = (0..25).map(|k| at(k / 5, k % 5)).collect();
            let pairs = eigen_symmetric(matrix.clone(), 5);
            for (k, expected) in matrix.iter().enumerate() {
                let (i, j) = (k / 5, k % 5);
                let rebuilt: f64 = pairs.iter().map(|(value, vector)| value * vector[i] * vector[j]).sum();
                let unit: f64 = pairs.iter().map(|(_, vector)| vector[i] * vector[j]).sum();
                prop_assert!((rebuilt - expected).abs() < 1e-9);
                prop_assert!((unit - f64::from(u8::from(i == j))).abs() < 1e-9);
            }
        }
    }
}
