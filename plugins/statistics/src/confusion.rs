//! Classes that came true against classes that were predicted.

use serde::{Deserialize, Serialize};

use crate::StateError;
use crate::counts::total;

/// Rows by true and predicted class. Merging is exact.
///
/// ```
/// use driftguard_statistics::confusion::Confusion;
/// let mut table = Confusion::new(2);
/// for (truth, predicted) in [(0, 0), (0, 1), (1, 1), (1, 1)] {
///     table.push(truth, predicted);
/// }
/// assert_eq!((table.hits(), table.rows()), (3, 4));
/// assert!((table.f1(1).unwrap().value - 0.8).abs() < 1e-12);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    classes: u16,
    /// By true class, then by predicted class.
    cells: Vec<u64>,
}

/// A quality of one side, with the variance that its rows leave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The quality.
    pub value: f64,
    /// Variance of `value`.
    pub variance: f64,
}

impl Confusion {
    /// No rows, so many classes.
    pub fn new(classes: u16) -> Self {
        Self {
            classes,
            cells: vec![0; usize::from(classes).pow(2)],
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> u16 {
        self.classes
    }

    /// Adds a row; classes that the table does not have are left out.
    pub fn push(&mut self, truth: u16, predicted: u16) {
        if predicted >= self.classes {
            return;
        }
        let place = usize::from(truth) * usize::from(self.classes) + usize::from(predicted);
        if let Some(cell) = self.cells.get_mut(place) {
            *cell = cell.saturating_add(1);
        }
    }

    /// Rows of a true class that were given a predicted one.
    pub fn cell(&self, truth: u16, predicted: u16) -> u64 {
        if predicted >= self.classes {
            return 0;
        }
        let place = usize::from(truth) * usize::from(self.classes) + usize::from(predicted);
        self.cells.get(place).copied().unwrap_or(0)
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        total(&self.cells)
    }

    /// Rows whose prediction came true.
    pub fn hits(&self) -> u64 {
        let step = usize::from(self.classes) + 1;
        self.cells
            .iter()
            .step_by(step.max(1))
            .fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Rows that truly are of a class.
    pub fn truly(&self, class: u16) -> u64 {
        (0..self.classes).fold(0, |sum, other| sum.saturating_add(self.cell(class, other)))
    }

    /// Rows that were predicted to be of a class.
    pub fn predicted(&self, class: u16) -> u64 {
        (0..self.classes).fold(0, |sum, other| sum.saturating_add(self.cell(other, class)))
    }

    /// F1 of one class, `2 TP / (2 TP + FP + FN)`; none where the class is
    /// neither there nor predicted. Among the `u = TP + FP + FN` rows that speak
    /// of the class, TP is binomial; F1 is `2 J / (1 + J)` of their share J, and
    /// its variance that of J times the square of the slope.
    pub fn f1(&self, class: u16) -> Option<Estimate> {
        let both = self.cell(class, class) as f64;
        let union = self.truly(class) as f64 + self.predicted(class) as f64 - both;
        if union <= 0.0 {
            return None;
        }
        let share = both / union;
        let slope = 2.0 / (1.0 + share).powi(2);
        Some(Estimate {
            value: 2.0 * share / (1.0 + share),
            variance: slope * slope * share * (1.0 - share) / union,
        })
    }

    /// Mean F1 over the classes that are there or predicted; its variance as if
    /// they were independent.
    pub fn macro_f1(&self) -> Option<Estimate> {
        let each: Vec<Estimate> = (0..self.classes)
            .filter_map(|class| self.f1(class))
            .collect();
        let k = each.len() as f64;
        (!each.is_empty()).then(|| Estimate {
            value: each.iter().map(|f1| f1.value).sum::<f64>() / k,
            variance: each.iter().map(|f1| f1.variance).sum::<f64>() / (k * k),
        })
    }

    /// Adds the rows of another table of the same classes. On an error nothing
    /// changes.
    ///
    /// # Errors
    /// [`StateError`] for another number of classes, or counts beyond 64 bits.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        self.validate()?;
        other.validate()?;
        if self.classes != other.classes {
            return Err(StateError::Mismatch {
                what: "classes",
                left: u64::from(self.classes),
                right: u64::from(other.classes),
            });
        }
        let pairs = self.cells.iter().zip(&other.cells);
        let summed: Option<Vec<u64>> = pairs.map(|(a, b)| a.checked_add(*b)).collect();
        self.cells = summed.ok_or(StateError::Overflow {
            what: "rows of a class",
        })?;
        Ok(())
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    /// [`StateError::Invalid`] for a table that is not square.
    pub fn validate(&self) -> Result<(), StateError> {
        match self.cells.len() == usize::from(self.classes).pow(2) {
            true => Ok(()),
            false => Err(StateError::Invalid {
                what: "confusion",
                problem: "it is not a square of its classes",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn degenerate() {
        let mut table = Confusion::new(2);
        assert_eq!((table.rows(), table.hits(), table.f1(1)), (0, 0, None));
        assert_eq!(table.macro_f1(), None);
        table.push(0, 2);
        table.push(2, 0);
        assert_eq!(table.rows(), 0);
        table.push(0, 0);
        assert_eq!(
            (table.f1(1), table.truly(0), table.predicted(0)),
            (None, 1, 1)
        );
        assert!(table.merge(&Confusion::new(3)).is_err());
        let torn = Confusion {
            classes: 9,
            cells: vec![1],
        };
        assert!(torn.validate().is_err() && Confusion::new(9).merge(&torn).is_err());
        assert_eq!((torn.cell(8, 8), torn.hits()), (0, 1));
    }

    proptest! {
        #[test]
        fn merge_is_one_pass(rows in prop::collection::vec((0u16..3, 0u16..3), 0..60), cut in 0usize..60) {
            let of = |rows: &[(u16, u16)]| {
                let mut table = Confusion::new(3);
                rows.iter().for_each(|(truth, predicted)| table.push(*truth, *predicted));
                table
            };
            let (left, right) = rows.split_at(cut.min(rows.len()));
            let mut merged = of(left);
            merged.merge(&of(right)).unwrap();
            let mut turned = of(right);
            turned.merge(&of(left)).unwrap();
            prop_assert_eq!(&merged, &of(&rows));
            prop_assert_eq!(&merged, &turned);
            prop_assert_eq!(merged.rows(), rows.len() as u64);
            let hits = rows.iter().filter(|(a, b)| a == b).count() as u64;
            prop_assert_eq!(merged.hits(), hits);
            let truly: u64 = (0..3).map(|class| merged.truly(class)).sum();
            prop_assert_eq!(truly, merged.rows());
        }
    }
}
