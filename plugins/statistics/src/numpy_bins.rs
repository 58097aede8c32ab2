//! Bins of equal width as NumPy lays them (`histogram_bin_edges`,
//! `histogram`): other tools count over them. Both depend on the extremes, so
//! one outlier puts all other rows into one bin; the checks' own bins do not.
//!
//! Sturges, "The Choice of a Class Interval", 1926; Doane, "Aesthetic Frequency
//! Classifications", 1976. Numbers are taken as floats: of integers NumPy 2
//! makes no bin narrower than 1.

use crate::tally::Weighted;

/// More bins than any rule gives for 64-bit counts; a width that rounds away
/// must not ask for more.
const MOST_BINS: f64 = 1e5;

/// Rows of sorted values.
pub fn rows(values: &[Weighted]) -> u64 {
    let counts = values.iter().map(|(_, rows)| *rows);
    counts.fold(0, u64::saturating_add)
}

fn extremes(values: &[Weighted]) -> Option<(f64, f64)> {
    Some((values.first()?.0, values.last()?.0))
}

/// Edges of `bins="sturges"` over both sides together: `log2(n) + 1` bins,
/// rounded up. None without values or if they reach too far.
///
/// ```
/// use driftguard_statistics::numpy_bins::sturges;
/// let edges = sturges(&[(0.0, 3), (1.0, 1)], &[(4.0, 4)]).unwrap();
/// assert_eq!(edges, [0.0, 1.0, 2.0, 3.0, 4.0]);
/// ```
pub fn sturges(reference: &[Weighted], current: &[Weighted]) -> Option<Vec<f64>> {
    let sides = [extremes(reference), extremes(current)];
    let all = sides.iter().flatten();
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), side| {
        (low.min(side.0), high.max(side.1))
    });
    let n = rows(reference).saturating_add(rows(current)) as f64;
    even(low, high, (high - low) / (n.log2() + 1.0))
}

/// Edges of `bins="doane"`: Sturges' rule with more bins for skewed values.
/// None without values or if they reach too far.
pub fn doane(values: &[Weighted]) -> Option<Vec<f64>> {
    let (low, high) = extremes(values)?;
    let n = rows(values) as f64;
    let spread = spread(values)?;
    if n <= 2.0 || spread <= 0.0 {
        return even(low, high, 0.0);
    }
    let mean = mean(values)?;
    let cubes = values
        .iter()
        .map(|(value, rows)| ((value - mean) / spread).powi(3) * *rows as f64);
    let skew = sum(cubes) / n;
    let scale = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
    let bins = 1.0 + n.log2() + (1.0 + skew.abs() / scale).log2();
    even(low, high, (high - low) / bins)
}

/// Mean; None without values.
pub fn mean(values: &[Weighted]) -> Option<f64> {
    let n = rows(values) as f64;
    let mean = sum(values.iter().map(|(value, rows)| value * *rows as f64)) / n;
    mean.is_finite().then_some(mean)
}

/// Standard deviation with the divisor n (`np.std`); None without values.
pub fn spread(values: &[Weighted]) -> Option<f64> {
    let center = mean(values)?;
    let squares = values
        .iter()
        .map(|(value, rows)| (value - center).powi(2) * *rows as f64);
    let spread = (sum(squares) / rows(values) as f64).sqrt();
    spread.is_finite().then_some(spread)
}

/// Sum with the error of each step carried along. Neumaier, "Rundungsfehleranalyse
/// einiger Verfahren zur Summation endlicher Summen", 1974.
pub(crate) fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut carry) = (0.0_f64, 0.0_f64);
    for term in terms {
        let next = sum + term;
        carry += match sum.abs() >= term.abs() {
            true => (sum - next) + term,
            false => (term - next) + sum,
        };
        sum = next;
    }
    sum + carry
}

fn even(low: f64, high: f64, width: f64) -> Option<Vec<f64>> {
    if !(low.is_finite() && high.is_finite() && (high - low).is_finite()) {
        return None;
    }
    let bins = match width > 0.0 {
        true => ((high - low) / width).ceil(),
        false => 1.0,
    };
    if !(1.0..=MOST_BINS).contains(&bins) {
        return None;
    }
    // A single value is widened to both sides.
    let (low, high) = match low == high {
        true => (low - 0.5, high + 0.5),
        false => (low, high),
    };
    // As `np.linspace`: the last edge is the end itself.
    let step = (high - low) / bins;
    let mut edges: Vec<f64> = (0..bins as u32)
        .map(|at| f64::from(at) * step + low)
        .collect();
    edges.push(high);
    Some(edges)
}

/// Rows in `edges.len() - 1` bins `[a, b)`, the last one `[a, b]`; rows outside
/// are not counted.
pub fn histogram(edges: &[f64], values: &[Weighted]) -> Vec<u64> {
    let bins = edges.len().saturating_sub(1);
    let mut counts = vec![0u64; bins];
    let (Some(first), Some(last)) = (edges.first(), edges.last()) else {
        return counts;
    };
    for (value, rows) in values {
        if value < first || value > last {
            continue;
        }
        let place = edges.partition_point(|edge| edge <= value);
        let bin = place.saturating_sub(1).min(bins.saturating_sub(1));
        if let Some(count) = counts.get_mut(bin) {
            *count = count.saturating_add(*rows);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degenerate() {
        assert_eq!(sturges(&[], &[]), None);
        assert_eq!(doane(&[]), None);
        assert_eq!(doane(&[(3.0, 7)]), Some(vec![2.5, 3.5]));
        assert_eq!(sturges(&[(3.0, 7)], &[(3.0, 1)]), Some(vec![2.5, 3.5]));
        assert_eq!(sturges(&[(f64::MIN, 1)], &[(f64::MAX, 1)]), None);
        assert!(histogram(&[], &[(1.0, 1)]).is_empty());
        assert_eq!(
            histogram(&[0.0, 1.0, 2.0], &[(-1.0, 4), (1.0, 2), (2.0, 3), (2.5, 9)]),
            [0, 5]
        );
    }

    /// `np.histogram_bin_edges` of the values k^2, k = 0..9, in NumPy 2.4.
    #[test]
    fn golden() {
        let squares: Vec<Weighted> = (0..10).map(|k| (f64::from(k * k), 1)).collect();
        assert_eq!(doane(&squares).unwrap().len(), 7);
        assert_eq!(sturges(&squares, &[]).unwrap().len(), 6);
    }
}
