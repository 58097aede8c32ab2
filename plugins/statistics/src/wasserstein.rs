//! Wasserstein-1 and energy distances: how far rows moved, in the unit of
//! the column.

use crate::counts::{Piece, bin_pieces};
use crate::noise::{Noise, folded_covariance, sampling_scale};

/// Wasserstein-1 distance `integral |F - G| dx` between two samples sorted in
/// rising order, in the unit of the column. None when a side is empty or a
/// value, or the distance, is not finite.
///
/// Vallender, "Calculation of the Wasserstein distance between probability
/// distributions on the line", 1974.
///
/// ```
/// use driftguard_statistics::wasserstein;
/// let moved = wasserstein::from_sorted(&[1., 2., 2., 3., 5.], &[2., 3., 4., 4., 6., 7.]).unwrap();
/// assert!((moved - 1.7333333333333333).abs() < 1e-14);
/// ```
pub fn from_sorted(reference: &[f64], current: &[f64]) -> Option<f64> {
    integrate(reference, current, f64::abs)
}

/// Energy distance `sqrt(2 integral (F - G)^2 dx)` (SciPy's form) between two
/// sorted samples, in the square root of the column's unit.
///
/// Székely and Rizzo, "Energy statistics", 2013.
pub fn energy_from_sorted(reference: &[f64], current: &[f64]) -> Option<f64> {
    integrate(reference, current, |gap| gap * gap).map(|integral| (2.0 * integral).sqrt())
}

fn integrate(reference: &[f64], current: &[f64], cost: impl Fn(f64) -> f64) -> Option<f64> {
    if reference
        .iter()
        .chain(current)
        .any(|value| !value.is_finite())
    {
        return None;
    }
    let (n, m) = (reference.len() as f64, current.len() as f64);
    let (mut i, mut j) = (0usize, 0usize);
    let mut here = reference.first()?.min(*current.first()?);
    let mut sum = Sum::default();
    loop {
        let next = match (reference.get(i), current.get(j)) {
            (Some(a), Some(b)) => a.min(*b),
            (Some(a), None) => *a,
            (None, Some(b)) => *b,
            (None, None) => break,
        };
        if next > here {
            sum.add((next - here) * cost(i as f64 / n - j as f64 / m));
            here = next;
        }
        if reference.get(i).is_some_and(|a| *a == next) {
            i += 1;
        } else {
            j += 1;
        }
    }
    sum.finite()
}

/// Neumaier's compensated sum.
#[derive(Default)]
struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, x: f64) {
        let next = self.sum + x;
        let larger_first = self.sum.abs() >= x.abs();
        self.lost += if larger_first {
            (self.sum - next) + x
        } else {
            (x - next) + self.sum
        };
        self.sum = next;
    }

    fn finite(self) -> Option<f64> {
        let total = self.sum + self.lost;
        total.is_finite().then_some(total)
    }
}

/// One side known by its counts over bins and its extremes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Binned<'a> {
    /// One count for each bin, one more than there are edges.
    pub counts: &'a [u64],
    /// Smallest value of the side.
    pub min: f64,
    /// Largest value of the side.
    pub max: f64,
}

/// Wasserstein-1 distance between two sides counted over the same edges, rows
/// spread evenly inside bins (cut to the extremes of their side), in the unit
/// of the column. Its error is at most the width of the bins, weighted by
/// their shares. None when a side has no rows, shapes do not fit, or the
/// distance is not finite.
///
/// ```
/// use driftguard_statistics::wasserstein::{self, Binned};
/// let reference = Binned { counts: &[4, 0], min: 0.0, max: 1.0 };
/// let current = Binned { counts: &[0, 9], min: 2.0, max: 3.0 };
/// assert_eq!(wasserstein::from_counts(&[1.5], reference, current), Some(2.0));
/// ```
pub fn from_counts(edges: &[f64], reference: Binned<'_>, current: Binned<'_>) -> Option<f64> {
    let f = bin_pieces(edges, reference.counts, reference.min, reference.max)?;
    let g = bin_pieces(edges, current.counts, current.min, current.max)?;
    let knots = knots(&[&f, &g]);
    let mut sum = Sum::default();
    for (low, high) in knots.iter().zip(knots.iter().skip(1)) {
        let (f_low, f_high) = cumulative_within(&f, *low, *high);
        let (g_low, g_high) = cumulative_within(&g, *low, *high);
        sum.add((high - low) * mean_absolute(f_low - g_low, f_high - g_high));
    }
    sum.finite()
}

/// Ends of all pieces, rising, each once.
fn knots(sides: &[&[Piece]]) -> Vec<f64> {
    let mut knots: Vec<f64> = sides
        .iter()
        .flat_map(|side| side.iter().flat_map(|p| [p.low, p.high]))
        .collect();
    knots.sort_by(f64::total_cmp);
    knots.dedup();
    knots
}

/// Cumulative share just above `low` and just below `high`, two neighbouring
/// knots: no piece begins or ends between them.
fn cumulative_within(pieces: &[Piece], low: f64, high: f64) -> (f64, f64) {
    let (mut at_low, mut at_high) = (0.0, 0.0);
    for piece in pieces {
        if piece.high <= low {
            at_low += piece.share;
            at_high += piece.share;
        } else if piece.low <= low {
            let width = piece.high - piece.low;
            at_low += piece.share * ((low - piece.low) / width);
            at_high += piece.share * ((high - piece.low) / width);
        }
    }
    (at_low, at_high)
}

/// Mean of `|x|` as x goes evenly from `a` to `b`.
fn mean_absolute(a: f64, b: f64) -> f64 {
    if a * b >= 0.0 {
        (a.abs() + b.abs()) / 2.0
    } else {
        (a * a + b * b) / (2.0 * (a.abs() + b.abs()))
    }
}

/// Noise of [`from_counts`] when nothing changed:
/// `c sum sqrt(2 F (1 - F) / pi) dx` on average, over the pooled distribution
/// F, and the spread of the integral of a folded Brownian bridge.
pub fn noise(edges: &[f64], reference: Binned<'_>, current: Binned<'_>) -> Option<Noise> {
    let (n, m) = (
        crate::counts::total(reference.counts),
        crate::counts::total(current.counts),
    );
    let c = sampling_scale(n, m)?;
    if reference.counts.len() != current.counts.len() {
        return None;
    }
    let pooled: Vec<u64> = reference
        .counts
        .iter()
        .zip(current.counts)
        .map(|(a, b)| a.saturating_add(*b))
        .collect();
    let pieces = bin_pieces(
        edges,
        &pooled,
        reference.min.min(current.min),
        reference.max.max(current.max),
    )?;
    let knots = knots(&[&pieces]);
    let steps: Vec<(f64, f64)> = knots
        .iter()
        .zip(knots.iter().skip(1))
        .map(|(low, high)| {
            let (at_low, at_high) = cumulative_within(&pieces, *low, *high);
            ((at_low + at_high) / 2.0, high - low)
        })
        .collect();
    let sd = |share: f64| (share * (1.0 - share)).max(0.0).sqrt();
    let half_normal = (2.0 / std::f64::consts::PI).sqrt();
    let mean: f64 = steps
        .iter()
        .map(|(share, width)| sd(*share) * width)
        .sum::<f64>()
        * half_normal;
    let mut variance = 0.0;
    for (i, (share, width)) in steps.iter().enumerate() {
        let own = folded_covariance(sd(*share), sd(*share), share * (1.0 - share));
        variance += own * width * width;
        for (lower, lower_width) in steps.iter().take(i) {
            let shared = lower.min(*share) * (1.0 - lower.max(*share));
            variance +=
                2.0 * folded_covariance(sd(*lower), sd(*share), shared) * width * lower_width;
        }
    }
    let noise = Noise {
        mean: c * mean,
        sd: c * variance.max(0.0).sqrt(),
    };
    (noise.mean.is_finite() && noise.sd.is_finite()).then_some(noise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;
    use proptest::prelude::*;

    #[test]
    fn golden_energy() {
        let energy = energy_from_sorted(&[1., 2., 2., 3., 5.], &[2., 3., 4., 4., 6., 7.]).unwrap();
        assert!((energy - 1.097_471_842_2).abs() < 1e-9);
    }

    #[test]
    fn degenerate_inputs_are_none() {
        assert_eq!(from_sorted(&[], &[1.0]), None);
        assert_eq!(from_sorted(&[-f64::MAX], &[f64::MAX]), None);
        let empty = Binned {
            counts: &[0, 0],
            min: 0.0,
            max: 1.0,
        };
        let some = Binned {
            counts: &[1, 1],
            min: 0.0,
            max: 1.0,
        };
        assert_eq!(from_counts(&[0.5], empty, some), None);
        assert_eq!(noise(&[0.5], empty, some), None);
        assert_eq!(
            from_counts(
                &[0.5],
                Binned {
                    min: f64::NAN,
                    ..some
                },
                some
            ),
            None
        );
        let constant = Binned {
            counts: &[0, 5],
            min: 3.0,
            max: 3.0,
        };
        assert_eq!(from_counts(&[0.5], constant, constant), Some(0.0));
        assert_eq!(
            noise(&[0.5], constant, constant),
            Some(Noise { mean: 0.0, sd: 0.0 })
        );
    }

    #[test]
    fn crossing_inside_a_bin_is_seen() {
        // F - G runs from -1/2 to 1/2: the signed area is 0, the distance is not.
        assert_eq!(mean_absolute(-0.5, 0.5), 0.25);
    }

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_by(f64::total_cmp);
        values
    }

    fn binned<'a>(counts: &'a Counts, values: &[f64]) -> Binned<'a> {
        Binned {
            counts: counts.as_slice(),
            min: values[0],
            max: values[values.len() - 1],
        }
    }

    proptest! {
        #[test]
        fn laws(a in prop::collection::vec(-50i32..50, 1..40), b in prop::collection::vec(-50i32..50, 1..40)) {
            let a = sorted(a.into_iter().map(f64::from).collect());
            let b = sorted(b.into_iter().map(f64::from).collect());
            let there = from_sorted(&a, &b).unwrap();
            prop_assert!((there - from_sorted(&b, &a).unwrap()).abs() < 1e-12);
            prop_assert_eq!(from_sorted(&a, &a), Some(0.0));
            let shifted: Vec<f64> = a.iter().map(|v| v + 3.0).collect();
            prop_assert!((from_sorted(&a, &shifted).unwrap() - 3.0).abs() < 1e-9);
            // With a bin for every value, binning loses nothing.
            let edges: Vec<f64> = (-50..50).flat_map(|v| [f64::from(v), f64::from(v).next_up()]).collect();
            let (p, q) = (Counts::of_values(&edges, &a), Counts::of_values(&edges, &b));
            let exact = from_counts(&edges, binned(&p, &a), binned(&q, &b)).unwrap();
            prop_assert!((exact - there).abs() < 1e-9, "{} {}", exact, there);
            // With few bins, each side errs by at most the width of its bins.
            let coarse = [-20.0, 0.0, 20.0];
            let (p, q) = (Counts::of_values(&coarse, &a), Counts::of_values(&coarse, &b));
            let rough = from_counts(&coarse, binned(&p, &a), binned(&q, &b)).unwrap();
            prop_assert!((rough - there).abs() <= 60.0);
            prop_assert_eq!(from_counts(&coarse, binned(&p, &a), binned(&p, &a)), Some(0.0));
            prop_assert!(noise(&coarse, binned(&p, &a), binned(&q, &b)).unwrap().mean >= 0.0);
        }
    }
}
