//! What the columns predict one by one: the reference's rows, weighed so that
//! every column has the shares of the current side.
//!
//! Of all weights that do so, these are the ones closest to even (in relative
//! entropy): each is a product of one factor for each column. Whatever such a
//! weighed reference and the current rows still differ by is no column's own
//! drift. Deming and Stephan, "On a Least Squares Adjustment of a Sampled
//! Frequency Table When the Expected Marginal Totals are Known", 1940; for rows:
//! Deville, Särndal and Sautory, "Generalized Raking Procedures in Survey
//! Sampling", 1993.

/// Passes over all columns, at most.
const PASSES: usize = 60;
/// Total variation of the worst column that is close enough.
const CLOSE: f64 = 1e-6;

/// A column of codes.
#[derive(Debug, Clone, Copy)]
pub struct CodedColumn<'a> {
    /// The cell of each reference row; all below `cells`.
    pub codes: &'a [u8],
    /// Number of cells.
    pub cells: usize,
    /// Rows of each cell on the current side.
    pub current: &'a [u64],
}

/// Weights of the reference's rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// One for each row; their sum is 1.
    pub rows: Vec<f64>,
    /// Rows that are as good as these weights: `1 / sum w^2`.
    pub effective: f64,
    /// Largest total variation that is left in a column: that of values which
    /// the reference does not have.
    pub left: f64,
}

/// Weighs the rows. None without rows, or where a column has other rows than
/// the first or none on the current side.
///
/// ```
/// use driftguard_statistics::raking::{weigh, CodedColumn};
/// let column = CodedColumn { codes: &[0, 0, 0, 1], cells: 2, current: &[10, 10] };
/// let weights = weigh(&[column]).unwrap();
/// assert!((weights.rows[3] - 0.5).abs() < 1e-9);
/// assert!((weights.effective - 3.0).abs() < 1e-9);
/// ```
pub fn weigh(columns: &[CodedColumn<'_>]) -> Option<Weights> {
    let rows = columns.first()?.codes.len();
    let sound = |column: &CodedColumn<'_>| {
        column.codes.len() == rows && column.current.iter().any(|count| *count > 0)
    };
    if rows == 0 || !columns.iter().all(sound) {
        return None;
    }
    let wanted: Vec<Vec<f64>> = columns.iter().map(shares_to_reach).collect();
    let mut weights = vec![1.0 / rows as f64; rows];
    for _ in 0..PASSES {
        let mut worst = 0.0_f64;
        for (column, wanted) in columns.iter().zip(&wanted) {
            let have = shares(column, &weights);
            let pairs = || have.iter().zip(wanted);
            worst = worst.max(
                pairs()
                    .map(|(have, wanted)| (have - wanted).abs())
                    .sum::<f64>()
                    / 2.0,
            );
            let factors: Vec<f64> = pairs()
                .map(|(have, wanted)| if *have > 0.0 { wanted / have } else { 0.0 })
                .collect();
            for (weight, code) in weights.iter_mut().zip(column.codes) {
                *weight *= factors.get(usize::from(*code)).copied().unwrap_or(0.0);
            }
        }
        if worst < CLOSE {
            break;
        }
    }
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 || !sum.is_finite() {
        return None;
    }
    weights.iter_mut().for_each(|weight| *weight /= sum);
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    let left = columns.iter().map(|column| {
        let all: f64 = column.current.iter().map(|count| *count as f64).sum();
        let now = column.current.iter().map(|count| *count as f64 / all);
        shares(column, &weights)
            .iter()
            .zip(now)
            .map(|(have, now)| (have - now).abs())
            .sum::<f64>()
            / 2.0
    });
    Some(Weights {
        left: left.fold(0.0, f64::max),
        rows: weights,
        effective: 1.0 / squares,
    })
}

/// The current shares of cells that the reference has.
fn shares_to_reach(column: &CodedColumn<'_>) -> Vec<f64> {
    let mut known = vec![false; column.cells];
    for code in column.codes {
        if let Some(known) = known.get_mut(usize::from(*code)) {
            *known = true;
        }
    }
    let counts = known.iter().enumerate().map(|(cell, known)| {
        let count = column.current.get(cell).copied().unwrap_or(0) as f64;
        if *known { count } else { 0.0 }
    });
    let counts: Vec<f64> = counts.collect();
    let all: f64 = counts.iter().sum();
    counts
        .iter()
        .map(|count| if all > 0.0 { count / all } else { 0.0 })
        .collect()
}

/// Sum of weights by cell.
fn shares(column: &CodedColumn<'_>, weights: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; column.cells];
    for (code, weight) in column.codes.iter().zip(weights) {
        if let Some(sum) = sums.get_mut(usize::from(*code)) {
            *sum += weight;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_reweighed_stratum_explains_all() {
        // Two related columns; only the first was sampled otherwise.
        let first: Vec<u8> = (0..400).map(|row| u8::from(row % 4 == 0)).collect();
        let second: Vec<u8> = (0..400)
            .map(|row| u8::from(row % 4 == 0 || row % 5 == 0))
            .collect();
        let kept = |row: &usize| first[*row] == 0 || row.is_multiple_of(8);
        let count = |codes: &[u8], cell: u8| {
            (0..400)
                .filter(kept)
                .filter(|row| codes[*row] == cell)
                .count() as u64
        };
        let now = |codes: &[u8]| [count(codes, 0), count(codes, 1)];
        let (now_first, now_second) = (now(&first), now(&second));
        let columns =
            [(&first, &now_first), (&second, &now_second)].map(|(codes, current)| CodedColumn {
                codes,
                cells: 2,
                current,
            });
        let weights = weigh(&columns).unwrap();
        let both = |row: &usize| first[*row] == 1 && second[*row] == 1;
        let expected: f64 = (0..400).filter(both).map(|row| weights.rows[row]).sum();
        let observed = (0..400).filter(kept).filter(both).count() as f64
            / (0..400).filter(kept).count() as f64;
        assert!((expected - observed).abs() < 1e-3, "{expected} {observed}");
        assert!(weights.left < 1e-3 && weights.effective < 400.0);
    }

    #[test]
    fn degenerate_inputs() {
        let column = |codes, current| CodedColumn {
            codes,
            cells: 2,
            current,
        };
        assert_eq!(weigh(&[]), None);
        assert_eq!(weigh(&[column(&[], &[1, 1])]), None);
        assert_eq!(weigh(&[column(&[0, 1], &[0, 0])]), None);
        assert_eq!(
            weigh(&[column(&[0, 1], &[1, 1]), column(&[0], &[1, 1])]),
            None
        );
        // A value that the reference does not have cannot be reached.
        let new = weigh(&[column(&[0, 0], &[3, 1])]).unwrap();
        assert!((new.left - 0.25).abs() < 1e-9 && new.effective > 1.99);
        // All current rows have values that are new.
        assert_eq!(weigh(&[column(&[0, 0], &[0, 4])]), None);
    }

    proptest! {
        #[test]
        fn columns_get_the_current_shares(
            rows in prop::collection::vec((0_u8..3, 0_u8..3), 60..120),
            now in prop::collection::vec((0_u8..3, 0_u8..3), 60..120),
        ) {
            let codes: [Vec<u8>; 2] = [rows.iter().map(|row| row.0).collect(), rows.iter().map(|row| row.1).collect()];
            let counts = |pick: fn(&(u8, u8)) -> u8| {
                [0, 1, 2].map(|cell| now.iter().filter(|row| pick(row) == cell).count() as u64)
            };
            let current = [counts(|row| row.0), counts(|row| row.1)];
            let columns = [0, 1].map(|at| CodedColumn { codes: &codes[at], cells: 3, current: &current[at] });
            if let Some(weights) = weigh(&columns) {
                prop_assert!((weights.rows.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                prop_assert!(weights.effective <= rows.len() as f64 + 1e-6);
                prop_assert!(weights.left < 0.05, "{}", weights.left);
            }
        }
    }
}
