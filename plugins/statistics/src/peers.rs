//! Distances as other tools compute them, faults included, so that their
//! numbers can be compared with ours: Evidently 0.7, NannyML 0.13, TensorFlow
//! Data Validation 1.21. What each does otherwise than it should stands in
//! `docs/conventions.md`.

use crate::counts::total;
use crate::numpy_bins::{rows, sum};
use crate::special::{chi_square_sf, normal_sf};
use crate::tally::Weighted;

/// Share below which Evidently derives the stand-in for an empty bin from the
/// smallest other share, and that stand-in above it.
const EVIDENTLY_FLOOR: f64 = 1e-4;
/// Buckets of TFDV's standard histogram.
const TFDV_BUCKETS: usize = 10;

fn shares(counts: &[u64]) -> Option<Vec<f64>> {
    let rows = total(counts) as f64;
    let share = |count: &u64| *count as f64 / rows;
    (rows > 0.0).then(|| counts.iter().map(share).collect())
}

/// Shares in which empty bins got Evidently's stand-in: 1e-4, or a millionth
/// of the smallest share if that is not larger. They no longer sum to 1.
fn filled(counts: &[u64]) -> Option<Vec<f64>> {
    let mut shares = shares(counts)?;
    let occupied = shares.iter().copied().filter(|share| *share > 0.0);
    let least = occupied.fold(f64::INFINITY, f64::min);
    let stand_in = match least <= EVIDENTLY_FLOOR {
        true => least / 1e6,
        false => EVIDENTLY_FLOOR,
    };
    for share in &mut shares {
        if *share == 0.0 {
            *share = stand_in;
        }
    }
    Some(shares)
}

/// Evidently's population stability index, `sum (p - q) ln(p / q)`. None when
/// a side is empty.
pub fn evidently_psi(reference: &[u64], current: &[u64]) -> Option<f64> {
    let (p, q) = (filled(reference)?, filled(current)?);
    let term = |(p, q): (&f64, &f64)| (p - q) * (p / q).ln();
    Some(sum(p.iter().zip(&q).map(term)))
}

/// Evidently's Kullback-Leibler divergence of the reference from current, in
/// nats, after both were made to sum to 1 again. None when a side is empty.
pub fn evidently_kl(reference: &[u64], current: &[u64]) -> Option<f64> {
    let (p, q) = (filled(reference)?, filled(current)?);
    let (of_p, of_q) = (sum(p.iter().copied()), sum(q.iter().copied()));
    let term = |(p, q): (&f64, &f64)| p / of_p * ((p / of_p) / (q / of_q)).ln();
    Some(sum(p.iter().zip(&q).map(term)))
}

/// P-value of Evidently's (and whylogs') chi-square: goodness of fit of current
/// to the reference's shares as if those were known exactly, so it is too small
/// when nothing changed. None with fewer than two values.
pub fn goodness_of_fit(reference: &[u64], current: &[u64]) -> Option<f64> {
    let (n, m) = (total(reference) as f64, total(current) as f64);
    if n == 0.0 || m == 0.0 || reference.len() != current.len() || reference.len() < 2 {
        return None;
    }
    let pairs = || reference.iter().zip(current);
    if pairs().any(|(r, _)| *r == 0) {
        return Some(0.0);
    }
    let terms = pairs().map(|(r, c)| {
        let expected = *r as f64 * (m / n);
        (*c as f64 - expected).powi(2) / expected
    });
    Some(chi_square_sf(sum(terms), reference.len() as f64 - 1.0))
}

/// P-value of Evidently's `z` test: two proportions with a pooled variance;
/// `a` of `n` and `b` of `m` rows hold the value. 1 where both sides are one
/// value; None when a side is empty.
pub fn two_proportions(a: u64, n: u64, b: u64, m: u64) -> Option<f64> {
    let (a, n, b, m) = (a as f64, n as f64, b as f64, m as f64);
    if n == 0.0 || m == 0.0 {
        return None;
    }
    let pooled = (a + b) / (n + m);
    let variance = pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m);
    if variance <= 0.0 {
        return Some(1.0);
    }
    Some(2.0 * normal_sf((a / n - b / m).abs() / variance.sqrt()))
}

/// Wasserstein-1 distance between two sides, in the unit of the column. None
/// when a side is empty or the distance is not finite.
pub fn wasserstein(reference: &[Weighted], current: &[Weighted]) -> Option<f64> {
    let (n, m) = (rows(reference) as f64, rows(current) as f64);
    if n == 0.0 || m == 0.0 {
        return None;
    }
    let mut terms = vec![];
    walk(reference, current, |here, next, below| {
        let gap = (below.0 as f64 / n - below.1 as f64 / m).abs();
        terms.push((next - here) * gap);
    });
    let distance = sum(terms.into_iter());
    distance.is_finite().then_some(distance)
}

/// The largest gap between the cumulative distributions of two sides. None when
/// a side is empty.
pub fn kolmogorov_smirnov(reference: &[Weighted], current: &[Weighted]) -> Option<f64> {
    let (n, m) = (rows(reference), rows(current));
    if n == 0 || m == 0 {
        return None;
    }
    let mut best = 0u128;
    walk(reference, current, |_, _, (i, j)| {
        let gap = (u128::from(i) * u128::from(m)).abs_diff(u128::from(j) * u128::from(n));
        best = best.max(gap);
    });
    Some(best as f64 / (n as f64 * m as f64))
}

/// Calls with each distinct value but the last, the next one, and the rows of
/// both sides up to it.
fn walk(reference: &[Weighted], current: &[Weighted], mut step: impl FnMut(f64, f64, (u64, u64))) {
    let (mut i, mut j) = (0, 0);
    let mut below = (0u64, 0u64);
    let mut here: Option<f64> = None;
    loop {
        let (a, b) = (reference.get(i), current.get(j));
        let next = match (a, b) {
            (Some(a), Some(b)) => a.0.min(b.0),
            (Some(one), None) | (None, Some(one)) => one.0,
            (None, None) => return,
        };
        if let Some(here) = here {
            step(here, next, below);
        }
        if let Some(a) = a.filter(|a| a.0 == next) {
            below.0 = below.0.saturating_add(a.1);
            i += 1;
        }
        if let Some(b) = b.filter(|b| b.0 == next) {
            below.1 = below.1.saturating_add(b.1);
            j += 1;
        }
        here = Some(next);
    }
}

/// One side as TFDV sees it.
#[derive(Debug, Clone, Copy)]
pub struct TfdvSide<'a> {
    /// Finite values.
    pub values: &'a [Weighted],
    /// Rows that hold NaN.
    pub nans: u64,
}

/// Mass over buckets that are laid by their boundaries.
struct Spread {
    boundaries: Vec<f64>,
    mass: Vec<f64>,
    /// A side of one value has one bucket without width.
    point: Option<(f64, f64)>,
}

/// TFDV's Jensen-Shannon divergence (bits, 0 to 1) of two numeric columns: ten
/// buckets of equal width on each side, cut at the boundaries of both with each
/// bucket's rows spread evenly; NaN of either side are buckets that the other
/// does not have. TFDV itself reads its buckets from a sketch of quantiles;
/// here they are exact. None when a side is empty.
pub fn tfdv_jensen_shannon(reference: TfdvSide<'_>, current: TfdvSide<'_>) -> Option<f64> {
    let sides = [reference, current].map(|side| standard(side.values));
    let boundaries = union(sides.each_ref());
    let points = {
        let both = sides.iter().filter_map(|side| side.point);
        let mut points: Vec<f64> = both.map(|(at, _)| at).collect();
        points.sort_by(f64::total_cmp);
        points.dedup();
        points
    };
    let [mut p, mut q] = sides.each_ref().map(|side| {
        let mut mass = rebucketed(side, &boundaries);
        let at_point = |at: &f64| side.point.filter(|(value, _)| value == at);
        mass.extend(
            points
                .iter()
                .map(|at| at_point(at).map_or(0.0, |one| one.1)),
        );
        mass
    });
    if reference.nans > 0 || current.nans > 0 {
        p.extend([0.0, reference.nans as f64]);
        q.extend([current.nans as f64, 0.0]);
    }
    let (n, m) = (sum(p.iter().copied()), sum(q.iter().copied()));
    if n <= 0.0 || m <= 0.0 {
        return None;
    }
    let half = |x: f64, mean: f64| match x > 0.0 {
        true => x * (x / mean).log2(),
        false => 0.0,
    };
    let terms = p.iter().zip(&q).map(|(p, q)| {
        let (p, q) = (p / n, q / m);
        let mean = (p + q) / 2.0;
        half(p, mean) + half(q, mean)
    });
    Some((sum(terms) / 2.0).clamp(0.0, 1.0))
}

fn standard(values: &[Weighted]) -> Spread {
    let mut spread = Spread {
        boundaries: vec![],
        mass: vec![],
        point: None,
    };
    let (Some((low, _)), Some((high, _))) = (values.first(), values.last()) else {
        return spread;
    };
    if low == high {
        spread.point = Some((*low, rows(values) as f64));
        return spread;
    }
    let width = (high - low) / TFDV_BUCKETS as f64;
    spread.boundaries = (0..TFDV_BUCKETS)
        .map(|at| low + at as f64 * width)
        .collect();
    spread.boundaries.push(*high);
    let counts = crate::numpy_bins::histogram(&spread.boundaries, values);
    spread.mass = counts.iter().map(|count| *count as f64).collect();
    spread
}

fn union(sides: [&Spread; 2]) -> Vec<f64> {
    let mut all: Vec<f64> = sides
        .iter()
        .flat_map(|side| side.boundaries.clone())
        .collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

/// The mass of a side over finer buckets, each part by its width.
fn rebucketed(side: &Spread, boundaries: &[f64]) -> Vec<f64> {
    let mut mass = vec![];
    for pair in boundaries.windows(2) {
        let [low, high] = [pair[0], pair[1]];
        let place = side.boundaries.partition_point(|edge| *edge <= low);
        let bucket = place.checked_sub(1).and_then(|at| {
            let ends = (side.boundaries.get(at)?, side.boundaries.get(at + 1)?);
            Some((side.mass.get(at)?, ends.1 - ends.0))
        });
        mass.push(bucket.map_or(0.0, |(rows, width)| (high - low) / width * rows));
    }
    mass
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighted_distances_are_those_of_rows() {
        let a = [(1.0, 1), (2.0, 2), (3.0, 1), (5.0, 1)];
        let b = [(2.0, 1), (3.0, 1), (4.0, 2), (6.0, 1), (7.0, 1)];
        assert!((wasserstein(&a, &b).unwrap() - 1.733_333_333_333_333_3).abs() < 1e-14);
        assert!((kolmogorov_smirnov(&a, &b).unwrap() - 7.0 / 15.0).abs() < 1e-15);
    }

    #[test]
    fn degenerate() {
        assert_eq!(evidently_psi(&[0, 0], &[1, 1]), None);
        assert_eq!(goodness_of_fit(&[5], &[3]), None);
        assert_eq!(goodness_of_fit(&[5, 0], &[3, 1]), Some(0.0));
        assert_eq!(two_proportions(5, 5, 7, 7), Some(1.0));
        assert_eq!(two_proportions(0, 0, 1, 7), None);
        assert_eq!(wasserstein(&[], &[(1.0, 1)]), None);
        let side = |values| TfdvSide { values, nans: 0 };
        assert_eq!(tfdv_jensen_shannon(side(&[]), side(&[(1.0, 1)])), None);
        let point = [(1.0, 4)];
        assert_eq!(tfdv_jensen_shannon(side(&point), side(&point)), Some(0.0));
        let other = [(2.0, 3)];
        assert_eq!(tfdv_jensen_shannon(side(&point), side(&other)), Some(1.0));
    }

    /// Their fault: as many NaN on both sides still count as a distance.
    #[test]
    fn tfdv_takes_equal_nans_for_a_distance() {
        let values = [(0.0, 5), (1.0, 5)];
        let side = TfdvSide {
            values: &values,
            nans: 5,
        };
        assert!(tfdv_jensen_shannon(side, side).unwrap() > 0.3);
    }
}
