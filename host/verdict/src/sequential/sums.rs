//! Sums of bets: on all columns together, and on each.

use std::collections::BTreeMap;

use super::{Anchored, ColumnPlace, Detector, Place, growing};

/// The sums after a period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Step {
    /// Over the growing pool.
    pub growing: f64,
    /// Over the anchor.
    pub anchored: f64,
}

impl Step {
    fn plus(self, other: Self, weight: f64) -> Self {
        Self {
            growing: self.growing + weight * other.growing,
            anchored: self.anchored + weight * other.anchored,
        }
    }
}

/// The sums after a period, on all columns together and on each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Steps {
    /// Of the joint rank.
    pub joint: Step,
    /// By column.
    pub columns: BTreeMap<String, Step>,
}

impl Steps {
    /// Half the joint sum and half the mean of the columns'; the joint one
    /// alone where columns are not told apart.
    pub fn all(&self) -> Step {
        self.counting(true, |_| true)
    }

    /// The same, of those only that count: what is left out counts as 0, which
    /// can but delay an alarm.
    pub fn counting(&self, joint: bool, column: impl Fn(&str) -> bool) -> Step {
        let nothing = Step::default();
        let joint = if joint { self.joint } else { nothing };
        if self.columns.is_empty() {
            return joint;
        }
        let weight = 0.5 / self.columns.len() as f64;
        let counted = self.columns.iter().filter(|(name, _)| column(name));
        counted.fold(nothing.plus(joint, 0.5), |sum, (_, step)| {
            sum.plus(*step, weight)
        })
    }
}

/// Both sums of one stream of ranks.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    growing: Detector,
    anchored: Detector,
}

/// All sums of a stream of periods.
#[derive(Debug, Default)]
pub(super) struct Sums {
    joint: Pair,
    columns: BTreeMap<String, Pair>,
    /// Bets against an anchor of this many periods.
    bets: Option<(u64, Anchored)>,
}

impl Sums {
    pub(super) fn step(&mut self, place: &Place, columns: &BTreeMap<String, ColumnPlace>) -> Steps {
        let mut joint = self.joint;
        let step = self.pair(&mut joint, place);
        self.joint = joint;
        let mut steps = Steps {
            joint: step,
            columns: BTreeMap::new(),
        };
        for (name, column) in columns {
            let mut pair = self.columns.get(name).copied().unwrap_or_default();
            let step = self.pair(&mut pair, &column.place);
            self.columns.insert(name.clone(), pair);
            steps.columns.insert(name.clone(), step);
        }
        steps
    }

    fn pair(&mut self, pair: &mut Pair, place: &Place) -> Step {
        let periods = place.anchor_periods;
        if self.bets.as_ref().is_none_or(|(of, _)| *of != periods) {
            self.bets = Some((periods, Anchored::new(periods)));
        }
        let bet = self.bets.as_ref();
        let bet = bet.map(|(_, bets)| bets.bet(place.anchor_rank));
        Step {
            growing: pair.growing.step(growing(place.rank, place.among)),
            anchored: pair.anchored.step(bet.unwrap_or(1.0)),
        }
    }

    /// After an alarm everything begins again.
    pub(super) fn restart(&mut self) {
        (self.joint, self.columns) = (Pair::default(), BTreeMap::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(value: f64) -> Step {
        Step {
            growing: value,
            anchored: value / 2.0,
        }
    }

    #[test]
    fn half_the_joint_sum_and_half_the_mean() {
        let columns = [("a", 8.0), ("b", 0.0)].map(|(name, sum)| (name.to_owned(), step(sum)));
        let steps = Steps {
            joint: step(10.0),
            columns: columns.into(),
        };
        assert_eq!(steps.all(), step(7.0));
        assert_eq!(steps.counting(true, |name| name == "b"), step(5.0));
        assert_eq!(steps.counting(false, |_| true), step(2.0));
        let alone = Steps {
            columns: BTreeMap::new(),
            ..steps
        };
        assert_eq!(alone.all(), step(10.0));
    }
}
