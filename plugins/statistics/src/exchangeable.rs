//! What is found on one side only: values that are new, values that are gone,
//! rows beyond the other side's extremes.
//!
//! When nothing changed, any of the `n + m` rows could as well have been on
//! either side (they are exchangeable), whatever their law. Given the rows of
//! both sides together, what lies on one side only is then a matter of dealing
//! them out: a value of `c` rows is new to the other side with probability
//! [`ln_all_here`], however rare it was expected to be. No rate has to be
//! estimated, least of all one of 0 for what was never seen.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::Noise;
use crate::special::ln_gamma;

/// Below this many rows the product is taken factor by factor.
const FACTORS: u64 = 64;

/// ln of a probability that no sum of chances would show.
const NEVER: f64 = -200.0;

/// ln of the probability that `rows` given rows all lie among the `here` and
/// none among the `there` others, if all are dealt out at random:
/// `prod (here - i) / (here + there - i)`. 0 for no rows, minus infinity for
/// more rows than `here` holds.
///
/// With `rows` the largest values of both sides it is the probability that as
/// many rows of one side exceed all of the other (Gumbel and von Schelling,
/// "The Distribution of the Number of Exceedances", 1950).
///
/// ```
/// use driftguard_statistics::exchangeable::ln_all_here;
/// // One row of two sides of the same size: a coin.
/// assert!((ln_all_here(1, 10, 10).exp() - 0.5).abs() < 1e-15);
/// ```
pub fn ln_all_here(rows: u64, here: u64, there: u64) -> f64 {
    if rows > here {
        return f64::NEG_INFINITY;
    }
    if there == 0 {
        return 0.0;
    }
    if rows <= FACTORS {
        return (0..rows).map(|row| ln_factor(row, here, there)).sum();
    }
    let (k, m, all) = (rows as f64, here as f64, here as f64 + there as f64);
    let dealt = ln_gamma(m + 1.0) - ln_gamma(m - k + 1.0);
    (dealt - ln_gamma(all + 1.0) + ln_gamma(all - k + 1.0)).min(0.0)
}

/// ln of the chance that one more row lies here if `row` of them do.
fn ln_factor(row: u64, here: u64, there: u64) -> f64 {
    let (m, all) = (here as f64, here as f64 + there as f64);
    ((m - row as f64) / (all - row as f64)).ln()
}

/// [`ln_all_here`] of many values, as a probability: most have few rows, and
/// the product of those of one row more goes on from it.
#[derive(Debug, Clone)]
pub struct AllHere {
    here: u64,
    there: u64,
    /// By rows, as far as they were asked for: the chance, and its ln.
    short: RefCell<Vec<(f64, f64)>>,
}

/// Values of at most so many rows go on from each other.
const SHORT: u64 = 1024;

impl AllHere {
    /// For sides of so many rows.
    pub fn new(here: u64, there: u64) -> Self {
        Self {
            here,
            there,
            short: RefCell::new(vec![(1.0, 0.0)]),
        }
    }

    /// Whether a side has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.here == 0 || self.there == 0
    }

    /// The probability for so many rows; 0 where it is less than `e^-200` for
    /// fewer rows than these.
    pub fn chance(&self, rows: u64) -> f64 {
        let mut short = self.short.borrow_mut();
        let wanted = rows.min(SHORT).min(self.here);
        let mut last = short.last().map_or(0.0, |(_, ln)| *ln);
        for row in short.len() as u64 - 1..wanted {
            if last < NEVER {
                return 0.0;
            }
            if self.there > 0 {
                last += ln_factor(row, self.here, self.there);
            }
            short.push((last.exp(), last));
        }
        match usize::try_from(rows).ok().and_then(|rows| short.get(rows)) {
            Some((known, _)) => *known,
            None if last < NEVER => 0.0,
            None => ln_all_here(rows, self.here, self.there).exp(),
        }
    }
}

/// Mean and deviation of the share of the `m` rows of one side that exceed
/// the largest of `n` others when nothing changed: `1 / (n + 1)`, whatever the
/// law (Gumbel and von Schelling, 1950). None when a side has no rows.
pub fn exceedance_noise(n: u64, m: u64) -> Option<Noise> {
    if n == 0 || m == 0 {
        return None;
    }
    let (n, m) = (n as f64, m as f64);
    let variance = m * n * (n + m + 1.0) / ((n + 1.0) * (n + 1.0) * (n + 2.0));
    Some(Noise {
        mean: 1.0 / (n + 1.0),
        sd: variance.sqrt() / m,
    })
}

/// Values that one side has and the other has not.
#[derive(Debug, Clone, PartialEq)]
pub struct OneSided {
    /// Number of such values.
    pub values: u64,
    /// Their rows.
    pub rows: u64,
    /// Mean and deviation of `rows` when nothing changed.
    pub noise: Noise,
    groups: Vec<Group>,
    /// Rows of the largest such value.
    largest: u64,
}

impl OneSided {
    /// Probability of at least as many rows when nothing changed, or more:
    /// see [`one_sided`].
    pub fn p_value(&self) -> f64 {
        let as_large = self.groups.iter().filter(|g| g.size >= self.largest as f64);
        let union = match self.values {
            0 => 1.0,
            _ => as_large.map(|g| g.values * g.chance).sum::<f64>(),
        };
        let together = chernoff(&self.groups, self.noise.mean, self.rows as f64);
        (2.0 * union.min(together)).min(1.0)
    }
}

/// Rows of values that are `here` and not `there`. `counts` holds for each
/// value its rows here and there; values that are listed on neither side of a
/// larger table may be left out if which ones does not depend on the side.
/// `here` and `there` are all rows of the sides. None when a side has no rows.
///
/// Mean: `sum c P(c)`, which is Good and Turing's `f1 / n` where single rows
/// prevail; P as in [`ln_all_here`]. That one value is dealt to one side makes
/// it no likelier for another (negative association: Joag-Dev and Proschan,
/// "Negative Association of Random Variables with Applications", 1983), so
/// `sum c^2 P (1 - P)` bounds the variance, and the p-value is Chernoff's
/// bound `min_t exp(-t u) prod (1 - P + P exp(t c))`, or, where it is smaller,
/// the number of values expected to be here alone with at least as many rows
/// as the largest of them has (a union bound); twice the smaller of the two.
///
/// Good, "The Population Frequencies of Species and the Estimation of
/// Population Parameters", 1953.
///
/// ```
/// use driftguard_statistics::exchangeable::one_sided;
/// let counts = [(0, 60), (40, 40), (12, 0)];
/// let found = one_sided(counts, 52, 100).unwrap();
/// assert_eq!((found.values, found.rows), (1, 12));
/// assert!(found.p_value() < 1e-5);
/// ```
pub fn one_sided(
    counts: impl IntoIterator<Item = (u64, u64)>,
    here: u64,
    there: u64,
) -> Option<OneSided> {
    AllHere::new(here, there).one_sided(counts)
}

impl AllHere {
    /// As [`one_sided`], for one of several lists of values.
    pub fn one_sided(&self, counts: impl IntoIterator<Item = (u64, u64)>) -> Option<OneSided> {
        if self.is_empty() {
            return None;
        }
        let (mut values, mut rows, mut largest) = (0, 0u64, 0u64);
        // Values of as many rows on both sides together are all alike.
        let mut short = [0.0; SHORT as usize + 1];
        let mut long: BTreeMap<u64, f64> = BTreeMap::new();
        for (mine, theirs) in counts {
            let both = mine.saturating_add(theirs);
            if both == 0 {
                continue;
            }
            match usize::try_from(both).ok().and_then(|at| short.get_mut(at)) {
                Some(values) => *values += 1.0,
                None => *long.entry(both).or_default() += 1.0,
            }
            if theirs == 0 {
                values += 1;
                rows = rows.saturating_add(mine);
                largest = largest.max(mine);
            }
        }
        let short = (0..).zip(short).filter(|(_, values)| *values > 0.0);
        let groups: Vec<Group> = short
            .chain(long)
            .map(|(size, values)| Group {
                size: size as f64,
                values,
                chance: self.chance(size),
            })
            .filter(|group| group.chance > 0.0)
            .collect();
        let sum = |of: fn(&Group) -> f64| groups.iter().map(of).sum::<f64>();
        let mean = sum(|g| g.values * g.size * g.chance);
        let variance = sum(|g| g.values * g.size * g.size * g.chance * (1.0 - g.chance));
        Some(OneSided {
            values,
            rows,
            noise: Noise {
                mean,
                sd: variance.sqrt(),
            },
            groups,
            largest,
        })
    }
}

/// Values with the same number of rows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    size: f64,
    values: f64,
    /// That all rows of one of them are dealt to this side.
    chance: f64,
}

impl Group {
    /// Probability of being dealt here under a tilt of `t`.
    fn tilted(&self, t: f64) -> f64 {
        self.chance / (self.chance + (1.0 - self.chance) * (-t * self.size).exp())
    }

    /// ln of the moment generating function.
    fn ln_moment(&self, t: f64) -> f64 {
        let x = t * self.size;
        x + (self.chance + (1.0 - self.chance) * (-x).exp()).ln()
    }
}

/// Chernoff's bound of the probability of at least `rows`.
fn chernoff(groups: &[Group], mean: f64, rows: f64) -> f64 {
    if rows <= mean {
        return 1.0;
    }
    let tilted = |t: f64| {
        let terms = groups.iter().map(|g| g.values * g.size * g.tilted(t));
        terms.sum::<f64>()
    };
    let bound = |t: f64| {
        let moments = groups.iter().map(|g| g.values * g.ln_moment(t));
        moments.sum::<f64>() - t * rows
    };
    // The exponent is convex in t: bisect for where its slope is 0. Tilted
    // means stop rising where everything is dealt here.
    let (mut low, mut high) = (0.0, 1.0);
    while tilted(high) < rows && high < 1e4 {
        high *= 2.0;
    }
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if tilted(middle) < rows {
            low = middle
        } else {
            high = middle
        }
    }
    bound(high).min(bound(low)).exp().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;
    use proptest::prelude::*;

    #[test]
    fn sides_of_nothing_and_values_of_nothing() {
        assert_eq!(one_sided([(1, 0)], 0, 5), None);
        assert_eq!(one_sided([(0, 1)], 5, 0), None);
        let none = one_sided([(0, 0), (5, 7)], 5, 7).unwrap();
        assert_eq!((none.values, none.rows, none.p_value()), (0, 0, 1.0));
        assert_eq!(exceedance_noise(0, 3), None);
        assert_eq!(ln_all_here(6, 5, 9), f64::NEG_INFINITY);
        assert_eq!(ln_all_here(0, 5, 9), 0.0);
    }

    #[test]
    fn one_new_value_has_twice_the_probability_of_its_rows() {
        let found = one_sided([(90, 400), (10, 0)], 100, 400).unwrap();
        let exact = ln_all_here(10, 100, 400).exp();
        assert!(
            (found.p_value() / (2.0 * exact) - 1.0).abs() < 1e-6,
            "{found:?}"
        );
    }

    #[test]
    fn single_rows_are_good_and_turings() {
        // 100 rows of values of their own in 1000 + 100: f1 / N of them are new.
        let counts = (0..100)
            .map(|i| if i < 9 { (1, 0) } else { (0, 1) })
            .chain([(91, 909)]);
        let found = one_sided(counts, 100, 1000).unwrap();
        assert!((found.noise.mean - 100.0 / 11.0).abs() < 1e-9);
        assert_eq!(found.p_value(), 1.0);
    }

    /// The bound holds against dealing rows out many times, and is not idle.
    #[test]
    fn the_bound_is_above_the_frequency() {
        let sizes: Vec<usize> = (1..=40).map(|i| 1 + i % 7).collect();
        let labels: Vec<usize> = sizes
            .iter()
            .enumerate()
            .flat_map(|(value, size)| std::iter::repeat_n(value, *size))
            .collect();
        let mut rng = Rng(7);
        let (all, here) = (labels.len(), labels.len() / 3);
        let draws = 4000;
        let mut dealt = labels.clone();
        let mut means = 0.0;
        let found: Vec<OneSided> = (0..draws)
            .map(|_| {
                for i in (1..all).rev() {
                    dealt.swap(i, (rng.uniform() * (i as f64 + 1.0)) as usize);
                }
                let mut counts = vec![(0u64, 0u64); sizes.len()];
                for (row, value) in dealt.iter().enumerate() {
                    if row < here {
                        counts[*value].0 += 1
                    } else {
                        counts[*value].1 += 1
                    }
                }
                let found = one_sided(counts, here as u64, (all - here) as u64).unwrap();
                means += found.rows as f64 / f64::from(draws);
                found
            })
            .collect();
        assert!(
            (means - found[0].noise.mean).abs() < 4.0 * found[0].noise.sd / f64::from(draws).sqrt()
        );
        for level in [0.2, 0.05, 0.01] {
            let below = found.iter().filter(|one| one.p_value() <= level).count();
            let rate = below as f64 / f64::from(draws);
            assert!(rate <= level, "{level}: {rate}");
        }
        // A twentieth of the draws or so reach down to a bound of 0.4.
        assert!(found.iter().any(|one| one.p_value() < 0.05));
    }

    proptest! {
        #[test]
        fn dealing_is_a_product(rows in 0u64..200, here in 0u64..300, there in 1u64..300) {
            let plain: f64 = (0..rows).map(|i| (here as f64 - i as f64).max(0.0) / (here + there - i.min(here)) as f64).product();
            let found = ln_all_here(rows, here, there).exp();
            prop_assert!((found - plain).abs() <= 1e-9 * plain.max(1e-30) || (found - plain).abs() < 1e-12, "{found} {plain}");
        }

        #[test]
        fn many_values_are_as_one_by_one(rows in 0u64..1_500, here in prop_oneof![0u64..90, 0u64..2_000], there in prop_oneof![0u64..90, 0u64..9_000]) {
            let many = AllHere::new(here, there);
            for rows in [rows, rows / 2, rows] {
                let (many, one) = (many.chance(rows), ln_all_here(rows, here, there));
                let near = (many - one.exp()).abs() <= 1e-9 * many;
                prop_assert!(near || many == 0.0 && one < NEVER, "{} {}", many, one);
            }
        }

        #[test]
        fn more_new_rows_are_never_likelier(c in prop::collection::vec((0u64..9, 0u64..9), 1..30), more in 1u64..50) {
            let (here, there) = c.iter().fold((1u64, 1u64), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            let found = one_sided(c.clone(), here, there).unwrap();
            prop_assert!((0.0..=1.0).contains(&found.p_value()));
            let larger = one_sided(c.iter().copied().chain([(more, 0)]), here + more, there).unwrap();
            prop_assert!(larger.rows == found.rows + more);
        }
    }
}
