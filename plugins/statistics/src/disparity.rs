//! Did the gap between a group and all others change, beyond what moved both?
//!
//! A rate of the group and one of the others are compared on either side by
//! their odds. "Alike" is an odds ratio that stayed: it says what rate the group
//! would have now had it moved as the others did. The logarithm of the ratio of
//! odds ratios is nearly normal with the sum of the reciprocal counts as its
//! variance, one half added to each (Woolf, "On Estimating the Relation between
//! Blood Group and Disease", 1955; Haldane, 1956).

use crate::Interval;
use crate::noise::Noise;
use crate::special::{normal_quantile, normal_sf};

/// A rate: hits among rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    /// Rows that are hits.
    pub hits: u64,
    /// All rows.
    pub rows: u64,
}

impl Rate {
    /// 0 to 1; 0 without rows.
    pub fn value(self) -> f64 {
        self.hits as f64 / self.rows.max(1) as f64
    }

    /// Log odds and their variance; None without rows or with more hits.
    fn log_odds(self) -> Option<(f64, f64)> {
        let misses = self.rows.checked_sub(self.hits)?;
        let (a, b) = (self.hits as f64 + 0.5, misses as f64 + 0.5);
        (self.rows > 0).then(|| ((a / b).ln(), 1.0 / a + 1.0 / b))
    }
}

/// A group and the others on one side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pair {
    /// Of the group.
    pub group: Rate,
    /// Of all others.
    pub others: Rate,
}

impl Pair {
    /// Rate of the group less that of the others, -1 to 1.
    pub fn difference(self) -> f64 {
        self.group.value() - self.others.value()
    }

    /// Rate of the group over that of the others; None if the latter is 0.
    pub fn ratio(self) -> Option<f64> {
        let others = self.others.value();
        (others > 0.0).then(|| self.group.value() / others)
    }
}

/// A gap that changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Rate that the group would have, had it moved as the others did.
    pub expected: f64,
    /// Distance of its rate from that: the share of the group's rows that are
    /// hits, or none, for being of the group; 0 to 1.
    pub statistic: f64,
    /// The statistic without the part that is there when nothing changed.
    pub effect: f64,
    /// The statistic when both moved alike.
    pub noise: Noise,
    /// Interval of the true distance.
    pub interval: Interval,
    /// How far the logarithm of the ratio of odds ratios is from 0, in standard
    /// deviations; above 0 if the group has more hits than expected.
    pub z: f64,
    /// Two-sided probability of such a change when both moved alike.
    pub p_value: f64,
}

/// Compares the gap of the current side with that of the reference. None where
/// a rate has no rows, or more hits than rows.
///
/// ```
/// use driftguard_statistics::disparity::{change, Pair, Rate};
/// let pair = |group, others| Pair {
///     group: Rate { hits: group, rows: 1000 },
///     others: Rate { hits: others, rows: 4000 },
/// };
/// // Everybody is chosen more often: no change of the gap.
/// let alike = change(pair(200, 1600), pair(272, 2000), 0.95).unwrap();
/// assert!(alike.p_value > 0.9 && alike.effect == 0.0);
/// // Only the group is chosen less often.
/// let apart = change(pair(400, 1600), pair(200, 1600), 0.95).unwrap();
/// assert!(apart.p_value < 1e-9 && (apart.statistic - 0.2).abs() < 1e-3);
/// ```
pub fn change(reference: Pair, current: Pair, level: f64) -> Option<Change> {
    let (group, of_group) = reference.group.log_odds()?;
    let (others, of_others) = reference.others.log_odds()?;
    let (group_now, of_group_now) = current.group.log_odds()?;
    let (others_now, of_others_now) = current.others.log_odds()?;
    let z = -normal_quantile((1.0 - level) / 2.0)?;
    let rate = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
    let alike = others_now + group - others;
    let moved = group_now - alike;
    let sd = (of_group + of_others + of_group_now + of_others_now).sqrt();
    let expected = rate(alike);
    // The same on the scale of rates.
    let scale = sd * expected * (1.0 - expected);
    let half_normal = std::f64::consts::FRAC_2_PI.sqrt();
    let noise = Noise {
        mean: scale * half_normal,
        sd: scale * (1.0 - half_normal * half_normal).sqrt(),
    };
    let statistic = (current.group.value() - expected).abs();
    let end = |log: f64| rate(alike + log) - expected;
    let (low, high) = (end(moved - z * sd), end(moved + z * sd));
    let crosses = low <= 0.0 && high >= 0.0;
    Some(Change {
        expected,
        statistic,
        effect: noise.corrected(statistic),
        noise,
        interval: Interval {
            low: if crosses {
                0.0
            } else {
                low.abs().min(high.abs())
            },
            high: low.abs().max(high.abs()).min(1.0),
            level,
        },
        z: moved / sd,
        p_value: (2.0 * normal_sf((moved / sd).abs())).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;

    fn rate(rng: &mut Rng, rows: u64, chance: f64) -> Rate {
        let hits = (0..rows).filter(|_| rng.uniform() < chance).count() as u64;
        Rate { hits, rows }
    }

    /// Groups that move alike, rare and frequent ones, are rarely told apart.
    #[test]
    fn false_alarms_and_power() {
        let logit = |p: f64| 1.0 / (1.0 + (-p).exp());
        for (group_rows, base) in [(100, -1.0), (400, 0.0), (150, -2.5)] {
            let mut rng = Rng(group_rows);
            let (mut alarms, mut found, mut effects) = (0, 0, 0.0);
            for _ in 0..600 {
                let mut pair = |shift: f64, own: f64| Pair {
                    group: rate(&mut rng, group_rows, logit(base - 0.5 + shift + own)),
                    others: rate(&mut rng, 1_000, logit(base + shift)),
                };
                let (reference, alike) = (pair(0.0, 0.0), pair(0.8, 0.0));
                let quiet = change(reference, alike, 0.95).unwrap();
                alarms += u32::from(quiet.p_value < 0.05);
                effects += quiet.effect;
                found += u32::from(change(reference, pair(0.0, 1.5), 0.95).unwrap().p_value < 0.05);
            }
            assert!(
                (6..=45).contains(&alarms),
                "{group_rows} rows: {alarms} of 600"
            );
            assert!(found > 480, "{group_rows} rows: {found} of 600");
            assert!(effects / 600.0 < 0.03, "{effects}");
        }
    }

    #[test]
    fn degenerate_inputs() {
        let some = Rate { hits: 3, rows: 10 };
        let none = Rate::default();
        let pair = |group, others| Pair { group, others };
        assert_eq!(change(pair(none, some), pair(some, some), 0.95), None);
        assert_eq!(
            change(
                pair(some, some),
                pair(Rate { hits: 3, rows: 2 }, some),
                0.95
            ),
            None
        );
        assert_eq!(change(pair(some, some), pair(some, some), 1.0), None);
        let zero = Rate { hits: 0, rows: 10 };
        let found = change(pair(zero, zero), pair(zero, zero), 0.95).unwrap();
        assert!(found.effect == 0.0 && found.p_value == 1.0 && found.interval.low == 0.0);
        assert_eq!(
            (pair(some, none).ratio(), pair(some, zero).ratio()),
            (None, None)
        );
        assert!((pair(some, some).difference()).abs() < 1e-12);
    }
}
