//! How well scores of several classes rank, each class having its own.
//!
//! A class's scores tell its rows from those of another class with the area
//! `A(i|j)`: the chance that a row of `i` has a higher score for `i` than a row
//! of `j` has. Hand and Till, "A Simple Generalisation of the Area Under the ROC
//! Curve for Multiple Class Classification Problems", 2001, take the mean over
//! all pairs, `M = sum (A(i|j) + A(j|i)) / (c (c - 1))`. It does not depend on
//! how frequent classes are. One class against the rest does: a class that
//! becomes rare weighs less among the rest of all others, so that the mean area
//! moves though every row is ranked as before (Fawcett, "An introduction to ROC
//! analysis", 2006).

use crate::confusion::Estimate;
use crate::score_table::{RankedScores, area};

/// The mean of `A(i|j)` over the classes `j` in `others`, for counts of the
/// scores for class `i` over the same bins, rising. None unless each class has
/// two rows, or when bins differ in number. `negatives` are rows of all others.
///
/// The variance is that of DeLong, DeLong and Clarke-Pearson 1988 for a mean of
/// areas that share their positive rows: that of each positive's mean placement,
/// and of each other class's placements over `(c - 1)^2`.
///
/// ```
/// use driftguard_statistics::class_areas::balanced;
/// let ranked = balanced(&[0, 1, 3], &[&[2, 2, 1], &[4, 0, 0]]).unwrap();
/// assert!((ranked.auc - (16.5 / 20.0 + 1.0) / 2.0).abs() < 1e-12);
/// ```
pub fn balanced(own: &[u64], others: &[&[u64]]) -> Option<RankedScores> {
    let areas: Option<Vec<RankedScores>> = others.iter().map(|other| area(own, other)).collect();
    let areas = areas.filter(|areas| !areas.is_empty())?;
    let (k, n) = (areas.len() as f64, areas.first()?.positives as f64);
    let auc = areas.iter().map(|area| area.auc).sum::<f64>() / k;
    let mut placed = vec![0.0; own.len()];
    let mut of_others = 0.0;
    for (counts, ranked) in others.iter().zip(&areas) {
        let m = ranked.negatives as f64;
        let (mut below, mut above, mut spread) = (0.0, n, 0.0);
        for ((mean, hits), misses) in placed.iter_mut().zip(own).zip(*counts) {
            let (hits, misses) = (*hits as f64, *misses as f64);
            *mean += (below + misses / 2.0) / (m * k);
            spread += misses * ((above - hits / 2.0) / n - ranked.auc).powi(2);
            below += misses;
            above -= hits;
        }
        of_others += spread / ((m - 1.0) * m * k * k);
    }
    let spread: f64 = placed
        .iter()
        .zip(own)
        .map(|(place, hits)| *hits as f64 * (place - auc).powi(2))
        .sum();
    let negatives = areas.iter().map(|area| area.negatives);
    let smallest = areas.iter().map(|area| area.negatives).min()?.min(n as u64);
    Some(RankedScores {
        auc,
        variance: (spread / ((n - 1.0) * n) + of_others).max((smallest as f64).powi(-2)),
        positives: n as u64,
        negatives: negatives.fold(0, u64::saturating_add),
    })
}

/// One class against the rest, whatever class a row of the rest is of.
pub fn against_rest(own: &[u64], others: &[&[u64]]) -> Option<RankedScores> {
    let mut rest = vec![0_u64; own.len()];
    for other in others {
        for (sum, rows) in rest.iter_mut().zip(*other) {
            *sum = sum.checked_add(*rows)?;
        }
    }
    area(own, &rest)
}

/// The mean of the areas of all classes: M of Hand and Till for those of
/// [`balanced`], the macro average of one against the rest for those of
/// [`against_rest`]. Areas of one sample vary together, how much is not known:
/// the deviation is the mean one, which is right where they move as one and
/// else too large. None without areas.
pub fn mean(areas: &[RankedScores]) -> Option<Estimate> {
    let k = areas.len() as f64;
    let deviation = areas.iter().map(|area| area.variance.sqrt()).sum::<f64>() / k;
    (!areas.is_empty()).then(|| Estimate {
        value: areas.iter().map(|area| area.auc).sum::<f64>() / k,
        variance: deviation * deviation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;
    use proptest::prelude::*;

    #[test]
    fn degenerate() {
        assert_eq!(balanced(&[1, 2], &[]), None);
        assert_eq!(balanced(&[1, 2], &[&[1, 2], &[0, 1]]), None);
        assert_eq!(balanced(&[1, 2], &[&[1, 2, 3]]), None);
        assert_eq!(against_rest(&[5, 5], &[&[u64::MAX, 0], &[1, 1]]), None);
        assert_eq!(mean(&[]), None);
    }

    /// The variance is that of what is measured again and again.
    #[test]
    fn the_variance_is_what_areas_vary_by() {
        let mut rng = Rng(5);
        let mut draw = |rows: usize, lean: f64| {
            let mut counts = [0_u64; 20];
            for _ in 0..rows {
                let x = (rng.uniform() * 15.0 + lean * rng.uniform()) as usize;
                counts[x.min(19)] += 1;
            }
            counts
        };
        let areas: Vec<RankedScores> = (0..2_000)
            .map(|_| {
                let (own, one, two) = (draw(60, 5.0), draw(90, 2.0), draw(40, 0.0));
                balanced(&own, &[&one, &two]).unwrap()
            })
            .collect();
        let k = areas.len() as f64;
        let centre = areas.iter().map(|area| area.auc).sum::<f64>() / k;
        let spread = areas
            .iter()
            .map(|area| (area.auc - centre).powi(2))
            .sum::<f64>()
            / (k - 1.0);
        let said = areas.iter().map(|area| area.variance).sum::<f64>() / k;
        assert!((said / spread - 1.0).abs() < 0.1, "{said} {spread}");
    }

    proptest! {
        /// With one other class it is the area of two.
        #[test]
        fn one_other_is_the_area(rows in prop::collection::vec((0u64..9, 0u64..9), 2..12)) {
            let (own, other): (Vec<u64>, Vec<u64>) = rows.into_iter().unzip();
            let (ours, theirs) = (balanced(&own, &[&other]), area(&own, &other));
            prop_assert_eq!(ours.is_some(), theirs.is_some());
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                prop_assert!((ours.auc - theirs.auc).abs() < 1e-12);
                prop_assert!((ours.variance - theirs.variance).abs() < 1e-12);
                prop_assert_eq!(against_rest(&own, &[&other]), Some(theirs));
            }
        }

        /// Twice the rows of a class change nothing but the rest.
        #[test]
        fn frequent_classes_weigh_no_more(rows in prop::collection::vec((1u64..9, 1u64..9, 1u64..9), 3..12)) {
            let own: Vec<u64> = rows.iter().map(|row| row.0).collect();
            let one: Vec<u64> = rows.iter().map(|row| row.1).collect();
            let two: Vec<u64> = rows.iter().map(|row| row.2).collect();
            let many: Vec<u64> = two.iter().map(|rows| rows * 7).collect();
            let (few, many) = (balanced(&own, &[&one, &two]), balanced(&own, &[&one, &many]));
            prop_assert!((few.unwrap().auc - many.unwrap().auc).abs() < 1e-12);
        }
    }
}
