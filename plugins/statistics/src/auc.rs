//! Area under the receiver operating characteristic: the chance that a row of
//! one side scores above a row of the other.

use std::cmp::Ordering;

/// An area, and how it varies when scores mean nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Chance that a positive scores above a negative, ties counted half.
    pub auc: f64,
    /// Variance of `auc` when both sides have one law, given the ties.
    pub null_variance: f64,
}

/// The area for the scores of both sides; None when a side is empty or a score
/// is not finite. The variance is that of the Mann-Whitney statistic over
/// `(n m)^2`, `((N + 1) - sum (t^3 - t) / (N (N - 1))) / (12 n m)` with ties of
/// `t` rows each.
///
/// Mann and Whitney, "On a Test of Whether one of Two Random Variables is
/// Stochastically Larger than the Other", 1947; Hanley and McNeil, "The
/// meaning and use of the area under a ROC curve", 1982.
///
/// ```
/// use driftguard_statistics::auc::area;
/// let area = area(&[2.0, 3.0, 4.0, 4.0, 6.0, 7.0], &[1.0, 2.0, 2.0, 3.0, 5.0]).unwrap();
/// assert!((area.auc - 23.5 / 30.0).abs() < 1e-12);
/// ```
pub fn area(positives: &[f64], negatives: &[f64]) -> Option<Area> {
    let (n, m) = (positives.len() as f64, negatives.len() as f64);
    let finite = positives.iter().chain(negatives).all(|x| x.is_finite());
    if positives.is_empty() || negatives.is_empty() || !finite {
        return None;
    }
    let marked = |scores: &[f64], positive: bool| -> Vec<(f64, bool)> {
        scores.iter().map(|score| (*score, positive)).collect()
    };
    let mut all = marked(positives, true);
    all.extend(marked(negatives, false));
    all.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
    let (mut below, mut wins, mut ties) = (0.0, 0.0, 0.0);
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        let t = group.len() as f64;
        let hits = group.iter().filter(|(_, positive)| *positive).count() as f64;
        let misses = t - hits;
        wins += hits * (below + misses / 2.0);
        below += misses;
        ties += t * t * t - t;
    }
    let rows = n + m;
    let variance = (rows + 1.0 - ties / (rows * (rows - 1.0))) / (12.0 * n * m);
    Some(Area {
        auc: wins / (n * m),
        null_variance: variance.max(0.0),
    })
}

/// Variance of an area that was measured on so many rows of both classes, if
/// scores are about exponential; conservative. None without rows.
///
/// Hanley and McNeil 1982, their equations 1 and 2.
///
/// ```
/// let variance = driftguard_statistics::auc::variance(0.9, 50.0, 50.0).unwrap();
/// assert!((variance.sqrt() - 0.032_12).abs() < 1e-4);
/// ```
pub fn variance(auc: f64, positives: f64, negatives: f64) -> Option<f64> {
    if !(positives > 0.0 && negatives > 0.0 && (0.0..=1.0).contains(&auc)) {
        return None;
    }
    let (one, two) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
    let square = auc * auc;
    let pairs =
        auc * (1.0 - auc) + (positives - 1.0) * (one - square) + (negatives - 1.0) * (two - square);
    Some((pairs / (positives * negatives)).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SciPy 1.16, `mannwhitneyu(b, a, use_continuity=False,
    /// method="asymptotic")` of the doctest's samples: U = 23.5, p as below.
    #[test]
    fn golden() {
        let area = area(&[2.0, 3.0, 4.0, 4.0, 6.0, 7.0], &[1.0, 2.0, 2.0, 3.0, 5.0]).unwrap();
        let z = (area.auc - 0.5) / area.null_variance.sqrt();
        let p = 2.0 * crate::special::normal_sf(z);
        assert!((p - 0.115_606_437_387_319_47).abs() < 1e-9, "{p}");
    }

    #[test]
    fn degenerate() {
        assert_eq!(area(&[], &[1.0]), None);
        assert_eq!(area(&[f64::NAN], &[1.0]), None);
        let tied = area(&[1.0; 5], &[1.0; 9]).unwrap();
        assert_eq!((tied.auc, tied.null_variance), (0.5, 0.0));
    }

    proptest! {
        #[test]
        fn laws(p in prop::collection::vec(-4i8..4, 1..30), q in prop::collection::vec(-4i8..4, 1..30)) {
            let of = |scores: &[i8], factor: f64| -> Vec<f64> { scores.iter().map(|x| f64::from(*x) * factor).collect() };
            let there = area(&of(&p, 1.0), &of(&q, 1.0)).unwrap();
            let back = area(&of(&q, 1.0), &of(&p, 1.0)).unwrap();
            let turned = area(&of(&p, -2.0), &of(&q, -2.0)).unwrap();
            let pairs: f64 = p.iter().flat_map(|x| q.iter().map(move |y| f64::from(u8::from(x > y)) + f64::from(u8::from(x == y)) / 2.0)).sum();
            prop_assert!((there.auc - pairs / (p.len() * q.len()) as f64).abs() < 1e-12);
            prop_assert!((there.auc + back.auc - 1.0).abs() < 1e-12 && (there.auc + turned.auc - 1.0).abs() < 1e-12);
            prop_assert!((there.null_variance - back.null_variance).abs() < 1e-12);
        }
    }
}
