//! Scores of two classes counted over frozen edges: how well the scores rank,
//! from counts that merge exactly.

use crate::edges::{drift_edges, quantile_edges};

/// Quantiles of the reference's scores among the edges.
const QUANTILES: usize = 256;
/// Up to this many distinct scores each has a bin of its own.
const DISTINCT: usize = 512;
/// Even steps from 0 to 1 for scores that lie there.
const STEPS: u32 = 100;
/// Powers of ten next to 0 and 1.
const POWERS: std::ops::RangeInclusive<i32> = 3..=6;

/// Steps of the search for a bin.
const LOOKUP: usize = 1024;

/// Edges for scores, from a sorted sample of the reference without NaN. Bins
/// are those of [`crate::counts`]. Scores of the sample with few distinct
/// values have a bin each, so that nothing is lost; others share bins of at
/// most 1/256 of the rows, which moves an area by less than 1e-4. A grid over
/// 0 to 1, or far beyond the sample for scores that lie elsewhere, tells
/// scores apart that the reference did not give.
pub fn score_edges(sorted: &[f64]) -> Vec<f64> {
    let finite: Vec<f64> = sorted.iter().copied().filter(|x| x.is_finite()).collect();
    let (Some(lowest), Some(highest)) = (finite.first(), finite.last()) else {
        return vec![];
    };
    let within = *lowest >= 0.0 && *highest <= 1.0;
    let distinct = finite
        .chunk_by(|a, b| a == b)
        .filter_map(|run| run.first().copied());
    let known: Vec<f64> = distinct.take(DISTINCT + 1).collect();
    let mut edges = match known.len() <= DISTINCT {
        true => known.iter().flat_map(|x| [*x, x.next_up()]).collect(),
        false => quantile_edges(&finite, QUANTILES),
    };
    if within {
        edges.extend((0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS)));
        for power in POWERS {
            let small = 10_f64.powi(-power);
            edges.extend([small, 1.0 - small]);
        }
    } else {
        edges.extend(drift_edges(&finite));
    }
    edges.iter_mut().for_each(|edge| *edge += 0.0);
    edges.retain(|edge| edge.is_finite());
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

/// Finds bins of scores fast: most lie in one of even steps, and few edges in a
/// step.
#[derive(Debug, Clone)]
pub struct ScoreBins<'a> {
    edges: &'a [f64],
    /// For each step the number of edges at or below its start.
    starts: Vec<usize>,
    low: f64,
    /// Steps in one unit of the score.
    scale: f64,
}

impl<'a> ScoreBins<'a> {
    /// For rising edges. Steps lie over 0 to 1, or over the middle half of the
    /// edges where those reach beyond.
    pub fn new(edges: &'a [f64]) -> Self {
        let at = |place: usize| edges.get(place).copied().unwrap_or(0.0);
        let (first, last) = (at(0), at(edges.len().saturating_sub(1)));
        let (low, high) = match first >= -1.0 && last <= 2.0 {
            true => (0.0, 1.0),
            false => (at(edges.len() / 4), at(edges.len() * 3 / 4)),
        };
        let scale = LOOKUP as f64 / (high - low).max(f64::MIN_POSITIVE);
        let start = |step: usize| {
            let value = low + step as f64 / scale;
            edges.partition_point(|edge| *edge <= value)
        };
        Self {
            edges,
            starts: (0..=LOOKUP).map(start).collect(),
            low,
            scale,
        }
    }

    /// The bin of a score: how many edges lie at or below it.
    pub fn bin(&self, score: f64) -> usize {
        let step = (score - self.low) * self.scale;
        // A step to either side, for rounding.
        let near = (1.0..(LOOKUP - 1) as f64).contains(&step);
        let range = near.then(|| {
            let step = step as usize;
            Some((*self.starts.get(step - 1)?, *self.starts.get(step + 2)?))
        });
        let (from, to) = range.flatten().unwrap_or((0, self.edges.len()));
        let between = self.edges.get(from..to).unwrap_or_default();
        from + between.partition_point(|edge| *edge <= score)
    }
}

/// An area under the receiver operating characteristic, with its variance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankedScores {
    /// Chance that a positive scores above a negative; rows of one bin count
    /// half.
    pub auc: f64,
    /// Variance of `auc`, at least that of one misplaced row of the smaller
    /// class.
    pub variance: f64,
    /// Rows of the positive class.
    pub positives: u64,
    /// Rows of the other one.
    pub negatives: u64,
}

impl RankedScores {
    /// The same if low scores meant yes.
    #[must_use]
    pub fn turned(self) -> Self {
        Self {
            auc: 1.0 - self.auc,
            ..self
        }
    }
}

/// The area for counts of both classes over the same bins, rising by score.
/// None unless both classes have two rows, or when bins differ in number.
///
/// DeLong, DeLong and Clarke-Pearson, "Comparing the Areas under Two or More
/// Correlated Receiver Operating Characteristic Curves", 1988: the variance is
/// that of the placements of each class among the other, `S10 / n + S01 / m`.
///
/// ```
/// use driftguard_statistics::score_table::area;
/// let ranked = area(&[0, 1, 3], &[2, 2, 1]).unwrap();
/// assert!((ranked.auc - 16.5 / 20.0).abs() < 1e-12);
/// ```
pub fn area(positives: &[u64], negatives: &[u64]) -> Option<RankedScores> {
    if positives.len() != negatives.len() {
        return None;
    }
    let sum = |counts: &[u64]| counts.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
    let (yes, no) = (sum(positives)?, sum(negatives)?);
    if yes < 2 || no < 2 {
        return None;
    }
    let (n, m) = (yes as f64, no as f64);
    let pairs = || positives.iter().zip(negatives);
    let mut below = 0.0;
    let mut placed: Vec<(f64, f64)> = Vec::with_capacity(positives.len());
    for (_, misses) in pairs() {
        placed.push((below + *misses as f64 / 2.0, 0.0));
        below += *misses as f64;
    }
    let mut below = 0.0;
    for ((hits, _), place) in pairs().zip(&mut placed) {
        place.1 = n - below - *hits as f64 / 2.0;
        below += *hits as f64;
    }
    let wins: f64 = pairs()
        .zip(&placed)
        .map(|((hits, _), place)| *hits as f64 * place.0)
        .sum();
    let auc = wins / (n * m);
    let (mut of_yes, mut of_no) = (0.0, 0.0);
    for ((hits, misses), place) in pairs().zip(&placed) {
        of_yes += *hits as f64 * (place.0 / m - auc).powi(2);
        of_no += *misses as f64 * (place.1 / n - auc).powi(2);
    }
    let variance = of_yes / ((n - 1.0) * n) + of_no / ((m - 1.0) * m);
    Some(RankedScores {
        auc,
        variance: variance.max(n.min(m).powi(-2)),
        positives: yes,
        negatives: no,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;
    use proptest::prelude::*;

    #[test]
    fn degenerate() {
        assert_eq!(area(&[1, 0], &[5, 5]), None);
        assert_eq!(area(&[1, 5], &[5]), None);
        assert_eq!(area(&[u64::MAX, 5], &[5, 5]), None);
        let perfect = area(&[0, 10], &[20, 0]).unwrap();
        assert_eq!((perfect.auc, perfect.variance), (1.0, 0.01));
        assert!(score_edges(&[]).is_empty());
    }

    /// Scores the reference never gave still fall into bins of their own.
    #[test]
    fn edges_reach_beyond_the_sample() {
        let edges = score_edges(&[0.5; 9]);
        let bin = |x: f64| edges.partition_point(|edge| *edge <= x);
        assert!(bin(0.2) < bin(0.31) && bin(0.31) < bin(0.5) && bin(0.5) < bin(0.51));
        assert!(bin(0.9999) < bin(0.999_99));
        let edges = score_edges(&[-3.0, 4.0, 5.0]);
        assert!(edges.first().is_some_and(|edge| *edge < -1e4));
    }

    fn exact(positives: &[f64], negatives: &[f64]) -> f64 {
        crate::auc::area(positives, negatives).unwrap().auc
    }

    proptest! {
        /// Few distinct scores: as exact as unbinned ones.
        #[test]
        fn few_values_are_exact(p in prop::collection::vec(0u8..9, 2..40), q in prop::collection::vec(0u8..9, 2..40)) {
            let of = |scores: &[u8]| -> Vec<f64> { scores.iter().map(|x| f64::from(*x) / 7.0).collect() };
            let (p, q) = (of(&p), of(&q));
            let mut all = [p.clone(), q.clone()].concat();
            all.sort_by(f64::total_cmp);
            let edges = score_edges(&all);
            let count = |scores: &[f64]| Counts::of_values(&edges, scores);
            let ranked = area(count(&p).as_slice(), count(&q).as_slice()).unwrap();
            prop_assert!((ranked.auc - exact(&p, &q)).abs() < 1e-12);
            prop_assert!(ranked.variance > 0.0 && ranked.variance <= 1.0);
            let turned = area(count(&q).as_slice(), count(&p).as_slice()).unwrap();
            prop_assert!((ranked.turned().auc - turned.auc).abs() < 1e-12);
            prop_assert!((ranked.variance - turned.variance).abs() < 1e-12);
        }

        /// The search is that of all edges.
        #[test]
        fn bins_are_found(scores in prop::collection::vec(-3.0f64..3.0, 1..40), scale in prop::sample::select(vec![0.1, 1.0, 1e6]), extra in prop::collection::vec(-1e9f64..1e9, 0..20)) {
            let mut sorted: Vec<f64> = scores.iter().map(|x| x * scale).collect();
            if scale < 1.0 {
                sorted.iter_mut().for_each(|x| *x = (*x + 0.3) / 0.6);
            }
            sorted.sort_by(f64::total_cmp);
            let edges = score_edges(&sorted);
            let bins = ScoreBins::new(&edges);
            for x in sorted.iter().chain(&extra).chain(&edges).chain(&[0.0, 1.0, 1.5, f64::INFINITY]) {
                prop_assert_eq!(bins.bin(*x), edges.partition_point(|edge| *edge <= *x));
            }
        }

        /// Many: to a ten-thousandth.
        #[test]
        fn many_values_are_near(seed in 0u64..40) {
            let mut state = seed;
            let mut next = || { state = crate::thinned::row_hash(state); (state >> 11) as f64 / (1u64 << 53) as f64 };
            let p: Vec<f64> = (0..2000).map(|_| next().powf(0.7)).collect();
            let q: Vec<f64> = (0..3000).map(|_| next().powf(1.4)).collect();
            let mut all = [p.clone(), q.clone()].concat();
            all.sort_by(f64::total_cmp);
            let edges = score_edges(&all);
            let count = |scores: &[f64]| Counts::of_values(&edges, scores);
            let ranked = area(count(&p).as_slice(), count(&q).as_slice()).unwrap();
            prop_assert!((ranked.auc - exact(&p, &q)).abs() < 1e-4);
        }
    }
}
