//! Counts of how far values lie outside of a range.

use driftguard_sdk::prelude::Error;
use serde::{Deserialize, Serialize};

/// Distances of the rungs from the range, in widths of it: from 1/16 on, each
/// the square root of 2 times the one before.
const RUNGS: i32 = 64;
const FIRST: f64 = 1.0 / 16.0;

/// Bin edges outside of the range of a sample of the reference: at its ends,
/// then ever further. The whole reference reaches a little beyond its sample,
/// and is known only when all of it was read; counts over fixed rungs can then
/// still say how many rows are surely beyond it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ladder {
    range: Option<(f64, f64)>,
    edges: Vec<f64>,
}

impl Ladder {
    /// `margin`: widths beyond the range within which nothing is counted.
    pub(crate) fn new((low, high): (f64, f64), margin: f64) -> Self {
        let width = match high - low {
            width if width > 0.0 && width.is_finite() => width,
            // One value has no width: rungs around it, scaled by its size.
            _ => high.abs().max(1.0),
        };
        let distances = (0..RUNGS).map(|rung| FIRST * width * 2f64.powf(f64::from(rung) / 2.0));
        let (from, to) = (low - margin * width, high + margin * width);
        let mut edges = vec![from + 0.0, to.next_up()];
        for distance in distances.filter(|distance| *distance > margin * width) {
            edges.extend([low - distance, high + distance]);
        }
        edges.retain(|edge| edge.is_finite());
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        Self {
            range: Some((from, to)),
            edges,
        }
    }

    pub(crate) fn edges(&self) -> &[f64] {
        &self.edges
    }

    pub(crate) fn bins(&self) -> usize {
        self.edges.len() + 1
    }

    /// The bin of all values within the range of the sample, if these
    /// extremes are: then nothing has to be counted.
    pub(crate) fn within(&self, min: f64, max: f64) -> Option<usize> {
        let (low, high) = self.range?;
        (low <= min && max <= high).then(|| self.edges.partition_point(|edge| *edge <= low))
    }

    /// Rows that are surely below `point`, and surely at or above it.
    pub(crate) fn below(&self, counts: &[u64], point: f64) -> u64 {
        let bins = self.edges.partition_point(|edge| *edge <= point);
        sum(counts.iter().take(bins))
    }

    pub(crate) fn from(&self, counts: &[u64], point: f64) -> u64 {
        let bins = self.edges.partition_point(|edge| *edge < point);
        sum(counts.iter().skip(bins + 1))
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        let rising = self.edges.windows(2).all(|pair| pair[0] < pair[1]);
        let few = self.edges.len() <= 2 * RUNGS as usize + 2;
        if rising && few && self.edges.iter().all(|edge| edge.is_finite()) {
            return Ok(());
        }
        Err(Error::State(
            "the edges of a validity frame do not rise; rebuild the baseline".into(),
        ))
    }
}

fn sum<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    counts.fold(0, |sum, rows| sum.saturating_add(*rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use driftguard_statistics::Counts;
    use proptest::prelude::*;

    #[test]
    fn a_range_without_width_has_rungs_too() {
        for range in [
            (5.0, 5.0),
            (0.0, 0.0),
            (-1e300, 1e300),
            (f64::MIN, f64::MAX),
        ] {
            let ladder = Ladder::new(range, 0.0);
            ladder.validate().unwrap();
            assert!(ladder.within(range.0, range.1).is_some());
            assert!(
                ladder.edges().len() >= 2 || range.1 == f64::MAX,
                "{range:?}"
            );
        }
        let ladder = Ladder::new((0.0, 8.0), 0.25);
        assert!(ladder.within(-2.0, 10.0).is_some() && ladder.within(-2.1, 8.0).is_none());
        assert_eq!(Ladder::default().within(1.0, 2.0), None);
        let forged = Ladder {
            range: None,
            edges: vec![1.0, 1.0],
        };
        assert!(forged.validate().is_err());
    }

    proptest! {
        /// Never more than there are, and at the ends of the range exactly as many.
        #[test]
        fn counts_are_lower_bounds(values in prop::collection::vec(-50.0f64..50.0, 0..60), point in -60.0f64..60.0) {
            let ladder = Ladder::new((-10.0, 10.0), 0.0);
            let counts = Counts::of_values(ladder.edges(), &values);
            let counts = counts.as_slice();
            let count = |keep: &dyn Fn(f64) -> bool| values.iter().filter(|value| keep(**value)).count() as u64;
            prop_assert!(ladder.below(counts, point) <= count(&|v| v < point));
            prop_assert!(ladder.from(counts, point) <= count(&|v| v >= point));
            prop_assert_eq!(ladder.below(counts, -10.0), count(&|v| v < -10.0));
            prop_assert_eq!(ladder.from(counts, 10f64.next_up()), count(&|v| v > 10.0));
            let inside: Vec<f64> = values.iter().copied().filter(|v| v.abs() <= 10.0).collect();
            let counts = Counts::of_values(ladder.edges(), &inside);
            if let Some(bin) = ladder.within(-10.0, 10.0) {
                prop_assert_eq!(counts.as_slice()[bin], inside.len() as u64);
            }
        }
    }
}
