//! Bin edges frozen from a sorted sample of the reference. All later counts
//! are made on them, so counts merge exactly and sketch error moves edges only.
//!
//! Bins are as in [`crate::counts`]: `[a, b)` with open tails.

use crate::quantile::quantile_sorted;

/// Bins of which [`drift_edges`] takes the quantile edges.
const FINE_BINS: usize = 64;
/// Bins of the PSI convention `q10ref`.
const DECILES: usize = 10;
/// Distinct values up to which a column counts as discrete.
const DISCRETE_VALUES: usize = 20;
/// Share of the sample above which one value gets a bin of its own.
const ATOM_SHARE: f64 = 0.05;
/// Extension edges lie at the scale times 2 to these powers beyond the tails.
const EXTENSION_POWERS: std::ops::RangeInclusive<i32> = -2..=20;

/// Interior quantile edges for `bins` bins, duplicates merged: at most
/// `bins - 1` edges, strictly rising. Empty without a finite value. With 10
/// bins this is the convention `q10ref`, the same edges as
/// `np.unique(np.quantile(x, np.linspace(0, 1, 11))[1:-1])`.
///
/// ```
/// use driftguard_statistics::edges::quantile_edges;
/// assert_eq!(quantile_edges(&[0., 1., 2., 3., 4.], 4), [1., 2., 3.]);
/// assert_eq!(quantile_edges(&[7., 7., 7.], 4), [7.]);
/// ```
pub fn quantile_edges(sorted: &[f64], bins: usize) -> Vec<f64> {
    let sorted = finite_part(sorted);
    // Step times number, as numpy.linspace: 3 * 0.1 is not 0.3.
    let step = 1.0 / bins.max(1) as f64;
    let edges = (1..bins)
        .filter_map(|k| quantile_sorted(sorted, k as f64 * step))
        .collect();
    strictly_rising(edges)
}

/// The nine decile edges of `q10ref`; a subset of [`drift_edges`], so counts
/// over those can be regrouped onto these.
pub fn decile_edges(sorted: &[f64]) -> Vec<f64> {
    quantile_edges(sorted, DECILES)
}

/// Edges of at most `cells` cells of about even size; equal values stay in one
/// cell, so that an atom does not take the resolution from the rest. Each edge
/// is the first value of its cell. Empty with one distinct value or none.
///
/// ```
/// use driftguard_statistics::edges::even_edges;
/// assert_eq!(even_edges(&[0., 0., 0., 0., 1., 2., 3.], 3), [1., 3.]);
/// ```
pub fn even_edges(sorted: &[f64], cells: usize) -> Vec<f64> {
    let sorted = finite_part(sorted);
    let (mut left, mut rows, mut edges) = (sorted.len() as f64, 0.0, vec![]);
    for run in sorted.chunk_by(|a, b| a == b) {
        let Some(value) = run.first() else { continue };
        let open = cells.saturating_sub(edges.len());
        let wanted = left / open.max(1) as f64;
        let further = rows + run.len() as f64 - wanted;
        if rows > 0.0 && open > 1 && further > 0.0 && further > wanted - rows {
            edges.push(value + 0.0);
            left -= rows;
            rows = 0.0;
        }
        rows += run.len() as f64;
    }
    edges
}

/// Edges for numeric drift, strictly rising and finite, at most some 160:
///
/// - the interior edges of 64 quantile bins, and the decile edges;
/// - beyond the extremes of the sample, edges at the interquartile range times
///   1/4, 1/2, 1, 2, 4 ... 2^20, and the extremes themselves, so that one
///   outlier of 1e6 neither hides a shift nor fakes one and a change of unit
///   still has resolution;
/// - an edge at, and one just above, every value of a discrete column (at most
///   20 distinct values) and every atom (more than 5 % of the sample), so that
///   atoms have bins of their own.
///
/// Empty without a finite value.
pub fn drift_edges(sorted: &[f64]) -> Vec<f64> {
    let sorted = finite_part(sorted);
    let (Some(lowest), Some(highest)) = (sorted.first(), sorted.last()) else {
        return vec![];
    };
    let mut edges = quantile_edges(sorted, FINE_BINS);
    edges.extend(decile_edges(sorted));
    for atom in atoms(sorted) {
        edges.extend([atom, atom.next_up()]);
    }
    edges.extend([*lowest, highest.next_up()]);
    let scale = extension_scale(sorted);
    for power in EXTENSION_POWERS {
        let reach = scale * 2f64.powi(power);
        edges.extend([lowest - reach, highest + reach]);
    }
    strictly_rising(edges)
}

/// The values that get bins of their own: all of a discrete column, otherwise
/// those with more than 5 % of a sorted sample. Rising.
pub fn atoms(sorted: &[f64]) -> Vec<f64> {
    let sorted = finite_part(sorted);
    let runs: Vec<(f64, usize)> = sorted
        .chunk_by(|a, b| a == b)
        .filter_map(|run| run.first().map(|value| (*value, run.len())))
        .collect();
    let discrete = runs.len() <= DISCRETE_VALUES;
    let least = ATOM_SHARE * sorted.len() as f64;
    // One row of a tiny sample is not an atom just because it is 5 % of it.
    let is_atom = |rows: usize| rows > 1 && rows as f64 > least;
    runs.into_iter()
        .filter(|(_, rows)| discrete || is_atom(*rows))
        .map(|(value, _)| value + 0.0)
        .collect()
}

/// A positive length that is typical of the sample: interquartile range, else
/// full range, else the size of the value, else 1.
fn extension_scale(sorted: &[f64]) -> f64 {
    let quantile = |p| quantile_sorted(sorted, p).unwrap_or(0.0);
    let (low, high, middle) = (quantile(0.0), quantile(1.0), quantile(0.5));
    [quantile(0.75) - quantile(0.25), high - low, middle.abs()]
        .into_iter()
        .find(|scale| *scale > 0.0 && scale.is_finite())
        .unwrap_or(1.0)
}

/// The part of a sorted sample between the infinities; NaN sorts last (or,
/// negative, first).
fn finite_part(sorted: &[f64]) -> &[f64] {
    let start = sorted
        .iter()
        .position(|value| value.is_finite())
        .unwrap_or(sorted.len());
    let end = sorted
        .iter()
        .rposition(|value| value.is_finite())
        .map_or(start, |last| last + 1);
    sorted.get(start..end).unwrap_or_default()
}

fn strictly_rising(mut edges: Vec<f64>) -> Vec<f64> {
    edges.retain(|edge| edge.is_finite());
    // Folds -0.0 into 0.0, which would sort apart and print differently.
    edges.iter_mut().for_each(|edge| *edge += 0.0);
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;
    use proptest::prelude::*;

    fn normal_like(n: u32) -> Vec<f64> {
        let p = |i: u32| (f64::from(i) + 0.5) / f64::from(n);
        (0..n)
            .filter_map(|i| crate::special::normal_quantile(p(i)))
            .collect()
    }

    #[test]
    fn empty_and_constant_samples() {
        assert_eq!(drift_edges(&[]), Vec::<f64>::new());
        assert_eq!(drift_edges(&[f64::NAN]), Vec::<f64>::new());
        assert_eq!(quantile_edges(&[], 10), Vec::<f64>::new());
        assert_eq!(quantile_edges(&[1.0], 0), Vec::<f64>::new());
        for constant in [0.0, 5.0, -1e300, f64::MIN_POSITIVE] {
            let edges = drift_edges(&[constant, constant]);
            let counts = Counts::of_values(&edges, &[constant, constant.next_up()]);
            assert!(
                counts.as_slice().iter().all(|count| *count <= 1),
                "{constant} has no bin of its own"
            );
        }
    }

    #[test]
    fn an_outlier_does_not_take_the_resolution() {
        let mut sample = normal_like(1000);
        let clean = drift_edges(&sample);
        sample.push(1e6);
        let edges = drift_edges(&sample);
        let inside = |edges: &[f64]| edges.iter().filter(|edge| edge.abs() < 2.0).count();
        assert!(inside(&edges) + 2 >= inside(&clean));
        assert!(edges.len() <= 160);
    }

    #[test]
    fn a_thousandfold_value_still_has_resolution() {
        let edges = drift_edges(&normal_like(1000));
        let scaled: Vec<f64> = normal_like(1000)
            .iter()
            .map(|value| value * 1000.0)
            .collect();
        let counts = Counts::of_values(&edges, &scaled);
        let largest = counts.as_slice().iter().max().copied().unwrap_or(0);
        assert!(largest < 300, "{largest} of 1000 in one bin");
    }

    #[test]
    fn atoms_have_bins_of_their_own() {
        let mut sample = vec![0.0; 500];
        sample.extend((1..=500).map(|i| f64::from(i) / 500.0));
        let edges = drift_edges(&sample);
        let counts = Counts::of_values(&edges, &sample);
        let zero = edges.partition_point(|edge| *edge <= 0.0);
        assert_eq!(counts.as_slice()[zero], 500);
        assert_eq!(atoms(&[-0.0, 0.0, 1.0]).len(), 2);
    }

    #[test]
    fn even_cells_keep_resolution_beside_an_atom() {
        let mut sample = vec![0.0; 930];
        sample.extend((1..=70).map(f64::from));
        let edges = even_edges(&sample, 6);
        let counts = Counts::of_values(&edges, &sample);
        assert_eq!(counts.as_slice(), [930, 14, 14, 14, 14, 14]);
        let plain: Vec<f64> = (0..600).map(f64::from).collect();
        assert_eq!(even_edges(&plain, 6), [100., 200., 300., 400., 500.]);
        assert_eq!(even_edges(&[0., 0., 0., 1., 1., 1.], 6), [1.]);
        assert!(even_edges(&[2.0; 9], 6).is_empty() && even_edges(&plain, 0).is_empty());
    }

    proptest! {
        #[test]
        fn edges_rise_and_hold_the_deciles(mut sample in prop::collection::vec(prop_oneof![-1e3f64..1e3, (-3i8..3).prop_map(f64::from), Just(1e300), Just(-0.0)], 0..200)) {
            sample.sort_by(f64::total_cmp);
            let edges = drift_edges(&sample);
            prop_assert!(edges.iter().all(|edge| edge.is_finite()));
            prop_assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
            let counts = Counts::of_values(&edges, &sample);
            prop_assert_eq!(counts.total(), sample.len() as u64);
            let deciles = decile_edges(&sample);
            prop_assert_eq!(counts.regroup(&edges, &deciles).unwrap(), Counts::of_values(&deciles, &sample));
        }
    }
}
