//! One rate on both sides as a finding: rows that are null, or unreadable.

use driftguard_sdk::prelude::{Finding, Nature, Subject};
use driftguard_statistics::rates;

use crate::words::{column, number, percent_pair};

/// Coverage of the intervals.
const LEVEL: f64 = 0.95;

/// Rows that have a property, on both sides.
#[derive(Debug, Clone, Copy)]
pub struct Rate<'a> {
    /// The column's name.
    pub column: &'a str,
    /// The metric with its convention.
    pub metric: &'a str,
    /// What a row is that has it: `null`.
    pub property: &'a str,
    /// Rows that have it and all rows, reference first.
    pub reference: (u64, u64),
    /// The same of the current side.
    pub current: (u64, u64),
}

impl Rate<'_> {
    /// The share of the reference; 0 without rows.
    pub fn before(&self) -> f64 {
        share(self.reference)
    }

    /// The share of the current side; 0 without rows.
    pub fn after(&self) -> f64 {
        share(self.current)
    }

    /// The column.
    pub fn subject(&self) -> Subject {
        Subject::Column(self.column.to_owned())
    }

    /// The finding; None if a side is empty. The effect is the absolute
    /// difference less its mean when nothing changed.
    pub fn finding(&self, nature: Nature) -> Option<Finding> {
        let ((a, n), (b, m)) = (self.reference, self.current);
        let compared = rates::compare(a, n, b, m)?;
        let noise = rates::noise(a, n, b, m)?;
        let interval = rates::difference_interval(a, n, b, m, LEVEL)?;
        let distance = compared.difference.abs();
        let effect = noise.corrected(distance);
        let (low, high) = if compared.difference >= 0.0 {
            (interval.low, interval.high)
        } else {
            (-interval.high, -interval.low)
        };
        let mut finding = Finding::measurement(self.metric, self.subject())
            .statistic(distance)
            .effect(effect)
            .interval(low.clamp(0.0, effect), high.max(effect).min(1.0), LEVEL)
            .p_value(compared.p_value)
            .noise(noise.mean, noise.sd)
            .rows(n, m)
            .message(self.message());
        finding.nature = nature;
        Some(finding)
    }

    /// The measurement of [`Self::finding`] with the numbers by which periods
    /// are ranked, and nothing else.
    pub fn ranked(&self) -> Option<Finding> {
        let ((a, n), (b, m)) = (self.reference, self.current);
        let noise = rates::noise(a, n, b, m)?;
        let distance = (self.after() - self.before()).abs();
        Some(
            Finding::measurement(self.metric, self.subject())
                .statistic(distance)
                .effect(noise.corrected(distance))
                .noise(noise.mean, noise.sd)
                .rows(n, m),
        )
    }

    fn message(&self) -> String {
        let (column, property) = (column(self.column), self.property);
        let (before, after) = percent_pair(self.before(), self.after());
        if self.reference.0 == 0 && self.current.0 == 0 {
            return format!("{column}: no row is {property} on either side");
        }
        if before == after {
            return format!("{column}: {before} of the rows are {property} on both sides");
        }
        let times = self.after() / self.before();
        let times = if times.is_finite() && times >= 1.5 {
            format!(", {} times the reference's rate", number(times))
        } else {
            String::new()
        };
        format!("{column}: {before} -> {after} of the rows are {property}{times}")
    }
}

fn share((hits, rows): (u64, u64)) -> f64 {
    if rows == 0 {
        0.0
    } else {
        hits as f64 / rows as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ranks_are_those_reported;
    use proptest::prelude::*;

    fn rate(reference: (u64, u64), current: (u64, u64)) -> Rate<'static> {
        Rate {
            column: "temp",
            metric: "null-rate/v1",
            property: "null",
            reference,
            current,
        }
    }

    #[test]
    fn messages() {
        let message = |reference, current| rate(reference, current).message();
        assert_eq!(
            message((200, 10_000), (1_013, 10_000)),
            "`temp`: 2 % -> 10 % of the rows are null, 5.07 times the reference's rate"
        );
        assert_eq!(
            message((0, 100), (0, 100)),
            "`temp`: no row is null on either side"
        );
        assert_eq!(
            message((0, 100), (100, 100)),
            "`temp`: 0 % -> 100 % of the rows are null"
        );
        assert_eq!(
            message((5, 100), (50, 1000)),
            "`temp`: 5 % of the rows are null on both sides"
        );
        assert_eq!(
            message((50, 100), (1, 100)),
            "`temp`: 50 % -> 1 % of the rows are null"
        );
    }

    #[test]
    fn an_empty_side_has_no_rate() {
        assert!(rate((0, 0), (1, 5)).finding(Nature::Measurement).is_none());
    }

    proptest! {
        #[test]
        fn effect_is_a_share_inside_its_interval(n in 1_u64..300, m in 1_u64..300, a in 0_u64..300, b in 0_u64..300) {
            let finding = rate((a.min(n), n), (b.min(m), m)).finding(Nature::Measurement).unwrap();
            let interval = finding.interval.unwrap();
            prop_assert!((0.0..=1.0).contains(&finding.effect));
            prop_assert!(0.0 <= interval.low && interval.low <= finding.effect);
            prop_assert!(finding.effect <= interval.high && interval.high <= 1.0);
            prop_assert!(finding.p_value.is_some() && finding.statistic.is_some());
            let ranked = rate((a.min(n), n), (b.min(m), m)).ranked();
            ranks_are_those_reported(ranked.as_slice(), &[finding]);
        }
    }
}
