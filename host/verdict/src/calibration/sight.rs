//! The smallest effect that stands out among these periods.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::UnitScores;
use super::ranks::{period_scores, quantile};
use super::standard::{Excess, Scale, measurements, median};
use crate::finding::Subject;

/// What the periods let be seen on one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sight {
    /// The subject.
    pub subject: Subject,
    /// The check.
    pub check: String,
    /// Its metric that sees most there.
    pub metric: String,
    /// The smallest effect (share of rows moved) of a unit with as many rows
    /// as the middle one that is further out than the periods' largest scores
    /// are at alpha; None if there are too few periods for that, or if even a
    /// move of all rows would not be.
    pub effect: Option<f64>,
}

/// The smallest visible effect of every subject and check that is scored in
/// most periods, in that order; of several metrics that which sees most.
///
/// A measurement stands out from `centre + threshold * sd` on, where the
/// centre and what periods differ by are those of the periods and the noise
/// that of the middle period. Statistics on another scale than their effect
/// are converted by the middle ratio of the two.
pub fn sight(periods: &[UnitScores], alpha: f64) -> Vec<Sight> {
    let units: Vec<&UnitScores> = periods.iter().collect();
    let threshold = quantile(&period_scores(periods), alpha);
    let mut found: BTreeMap<(&Subject, &str), Sight> = BTreeMap::new();
    for ((check, metric, subject), row) in measurements(&units) {
        let Some(effect) = smallest(&row, threshold) else {
            continue;
        };
        let effect = Some(effect).filter(|effect| *effect <= 1.0);
        let sees_more = found.get(&(subject, check)).is_none_or(|known| {
            effect.unwrap_or(f64::INFINITY) < known.effect.unwrap_or(f64::INFINITY)
        });
        if sees_more {
            let sight = Sight {
                subject: subject.clone(),
                check: check.to_owned(),
                metric: metric.to_owned(),
                effect,
            };
            found.insert((subject, check), sight);
        }
    }
    found.into_values().collect()
}

/// None where the measurement is not scored.
fn smallest(row: &[Option<Excess>], threshold: f64) -> Option<f64> {
    let scale = Scale::of(row)?;
    let known = || row.iter().flatten();
    let noise = median(known().map(|one| one.sd))?;
    let excess = scale.centre + threshold * scale.sd(noise);
    let both = known().filter(|one| one.effect > 0.0 && one.excess > 0.0);
    let ratio = median(both.map(|one| one.effect / one.excess)).unwrap_or(1.0);
    Some((excess * ratio).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::{Score, calibrate};
    use crate::finding::Noise;

    fn unit(at: usize, scale: f64, effects: [f64; 2]) -> UnitScores {
        let value = |of: usize| (at as f64 * 0.618_033_988_749_895 * (of + 1) as f64).fract();
        let score = |of: usize, effect: f64| Score {
            check: "drift".into(),
            metric: "d/v1".into(),
            subject: Subject::Column(["calm", "wild"][of].into()),
            statistic: 0.02 + effect * scale,
            noise: Some(Noise {
                mean: 0.02,
                sd: 0.002,
            }),
            effect,
            n_reference: 60_000,
            n_current: 1_000,
        };
        UnitScores {
            name: at.to_string(),
            phase: None,
            rows: 1_000,
            scores: (0..2)
                .map(|of| score(of, effects[of] * value(of)))
                .collect(),
        }
    }

    fn periods(scale: f64) -> Vec<UnitScores> {
        (1..=60).map(|at| unit(at, scale, [0.01, 0.2])).collect()
    }

    /// What is said to be seen is named, and a little less is not.
    #[test]
    fn the_smallest_effect_is_where_naming_begins() {
        let periods = periods(1.0);
        let found = sight(&periods, 0.05);
        let smallest = found.iter().map(|sight| sight.effect.unwrap());
        let smallest: Vec<f64> = smallest.collect();
        assert!(
            smallest[0] < 0.05 && smallest[1] > 0.15 && smallest[1] < 0.6,
            "{smallest:?}"
        );
        for (at, factor, named) in [
            (0, 1.1, true),
            (0, 0.9, false),
            (1, 1.1, true),
            (1, 0.9, false),
        ] {
            let mut now = unit(7, 1.0, [0.01, 0.2]);
            now.scores[at].effect = smallest[at] * factor;
            now.scores[at].statistic = 0.02 + smallest[at] * factor;
            let found = calibrate(&periods, &[now], 0.05).unwrap();
            let subject = Subject::Column(["calm", "wild"][at].into());
            let score = found.subjects.iter().find(|score| score.subject == subject);
            assert_eq!(score.unwrap().named, named, "{at} {factor}: {found:?}");
        }
    }

    #[test]
    fn other_scales_are_converted_and_few_periods_see_nothing() {
        let (plain, scaled) = (sight(&periods(1.0), 0.05), sight(&periods(3.0), 0.05));
        for (plain, scaled) in plain.iter().zip(&scaled) {
            let (plain, scaled) = (plain.effect.unwrap(), scaled.effect.unwrap());
            assert!((plain / scaled - 1.0).abs() < 0.3, "{plain} {scaled}");
        }
        let few = sight(&periods(1.0)[..10], 0.05);
        assert!(few.iter().all(|sight| sight.effect.is_none()), "{few:?}");
    }
}
