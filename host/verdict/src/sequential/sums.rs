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

/// The sums of one column after a period.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ColumnStep {
    /// The sums.
    pub step: Step,
    /// Whether they count today.
    pub moved: bool,
}

/// The sums after a period, on all columns together and on each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Steps {
    /// Of the joint rank.
    pub joint: Step,
    /// By column.
    pub columns: BTreeMap<String, ColumnStep>,
}

impl Steps {
    /// Half the joint sum and half the mean of the columns'; the joint one
    /// alone where columns are not told apart. A column that did not move
    /// counts as 0, which can but delay an alarm.
    pub fn all(&self) -> Step {
        if self.columns.is_empty() {
            return self.joint;
        }
        let weight = 0.5 / self.columns.len() as f64;
        let counted = self.columns.values().filter(|column| column.moved);
        let half = Step::default().plus(self.joint, 0.5);
        counted.fold(half, |sum, column| sum.plus(column.step, weight))
    }
}

/// Both sums of one stream of ranks.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    growing: Detector,
    anchored: Detector,
}

impl Pair {
    fn add(&mut self, place: &Place, bets: &mut Option<(u64, Anchored)>) {
        let periods = place.anchor_periods;
        if bets.as_ref().is_none_or(|(of, _)| *of != periods) {
            *bets = Some((periods, Anchored::new(periods)));
        }
        let bet = bets.as_ref().map(|(_, bets)| bets.bet(place.anchor_rank));
        self.growing.step(growing(place.rank, place.among));
        self.anchored.step(bet.unwrap_or(1.0));
    }

    fn step(&self) -> Step {
        Step {
            growing: self.growing.value(),
            anchored: self.anchored.value(),
        }
    }
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
    /// Takes a period in.
    pub(super) fn add(&mut self, place: &Place, columns: &BTreeMap<String, ColumnPlace>) {
        let Self {
            joint,
            columns: pairs,
            bets,
        } = self;
        joint.add(place, bets);
        for (name, column) in columns {
            match pairs.get_mut(name) {
                Some(pair) => pair.add(&column.place, bets),
                None => {
                    let mut pair = Pair::default();
                    pair.add(&column.place, bets);
                    pairs.insert(name.clone(), pair);
                }
            }
        }
    }

    /// As they stand, of these columns.
    pub(super) fn told(&self, columns: &BTreeMap<String, ColumnPlace>) -> Steps {
        let column = |(name, own): (&String, &ColumnPlace)| {
            let step = self.columns.get(name)?.step();
            let moved = own.moved;
            Some((name.clone(), ColumnStep { step, moved }))
        };
        Steps {
            joint: self.joint.step(),
            columns: columns.iter().filter_map(column).collect(),
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
    fn half_the_joint_sum_and_half_the_mean_of_what_moved() {
        let columns = [("a", 8.0, true), ("b", 90.0, false)].map(|(name, sum, moved)| {
            let step = step(sum);
            (name.to_owned(), ColumnStep { step, moved })
        });
        let steps = Steps {
            joint: step(10.0),
            columns: columns.into(),
        };
        assert_eq!(steps.all(), step(7.0));
        let alone = Steps {
            columns: BTreeMap::new(),
            ..steps
        };
        assert_eq!(alone.all(), step(10.0));
    }
}
