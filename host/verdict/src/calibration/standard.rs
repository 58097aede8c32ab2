//! Measurements of all units on one scale.

use std::collections::BTreeMap;

use super::UnitScores;
use super::spread::qn;
use crate::finding::Subject;

/// Below this, a spread is nothing: a statistic that never moved at all.
const SMALLEST_SPREAD: f64 = 1e-9;

/// A measurement that is comparable between units.
pub(super) type Key<'a> = (&'a str, &'a str, &'a Subject);

/// One measurement of one unit: its distance from "nothing changed" at the
/// unit's own number of rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Excess {
    pub(super) excess: f64,
    pub(super) sd: f64,
    pub(super) effect: f64,
    /// Whether the plugin told its noise.
    noisy: bool,
    rows: u64,
}

/// Every measurement over all units; None where it is missing.
pub(super) fn measurements<'a>(units: &[&'a UnitScores]) -> BTreeMap<Key<'a>, Vec<Option<Excess>>> {
    let mut table: BTreeMap<Key<'a>, Vec<Option<Excess>>> = BTreeMap::new();
    for (at, unit) in units.iter().enumerate() {
        for score in &unit.scores {
            let key = (score.check.as_str(), score.metric.as_str(), &score.subject);
            let row = table.entry(key).or_insert_with(|| vec![None; units.len()]);
            let noise = score
                .noise
                .filter(|noise| noise.sd.is_finite() && noise.mean.is_finite());
            if let Some(slot) = row.get_mut(at) {
                *slot = Some(Excess {
                    excess: score.statistic - noise.map_or(0.0, |noise| noise.mean),
                    sd: noise.map_or(0.0, |noise| noise.sd.max(0.0)),
                    effect: score.effect,
                    noisy: noise.is_some(),
                    rows: score.n_current,
                });
            }
        }
    }
    table
}

/// By subject: its standardised score in every unit, the largest over its
/// measurements. A unit in which a measurement is missing scores 0 in it.
pub(super) fn standardised<'a>(units: &[&'a UnitScores]) -> BTreeMap<&'a Subject, Vec<f64>> {
    let mut subjects: BTreeMap<&Subject, Vec<f64>> = BTreeMap::new();
    for ((_, _, subject), row) in measurements(units) {
        let Some(scale) = Scale::of(&row) else {
            continue;
        };
        let best = subjects
            .entry(subject)
            .or_insert_with(|| vec![f64::NEG_INFINITY; units.len()]);
        for (best, one) in best.iter_mut().zip(&row) {
            *best = best.max(one.map_or(0.0, |one| scale.z(&one)));
        }
    }
    subjects
}

/// What units are like in one measurement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// The middle of the excesses.
    pub(super) centre: f64,
    /// Variance of what units differ by beyond chance.
    between: f64,
}

impl Scale {
    /// None if the measurement is missing in most units, or if units differ in
    /// rows and no noise is known.
    pub(super) fn of(row: &[Option<Excess>]) -> Option<Self> {
        let known: Vec<Excess> = row.iter().flatten().copied().collect();
        if known.len() * 2 <= row.len() {
            return None;
        }
        let rows = || known.iter().map(|one| one.rows);
        let even = rows().min()? * 2 >= rows().max()?;
        if known.iter().any(|one| !one.noisy) && !even {
            return None;
        }
        let centre = median(known.iter().map(|one| one.excess))?;
        let spread = qn(known.iter().map(|one| one.excess))?;
        let noise = median(known.iter().map(|one| one.sd * one.sd))?;
        Some(Self {
            centre,
            between: (spread * spread - noise).max(0.0),
        })
    }

    /// Standard deviation of a unit whose noise is `sd`.
    pub(super) fn sd(&self, sd: f64) -> f64 {
        (sd * sd + self.between).sqrt().max(SMALLEST_SPREAD)
    }

    fn z(&self, one: &Excess) -> f64 {
        (one.excess - self.centre) / self.sd(one.sd)
    }
}

/// The middle of the values; the mean of the two middle ones.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some((upper + *values.get(middle.checked_sub(1)?)?) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::Score;
    use crate::finding::Noise;

    fn unit(statistic: f64, sd: f64, rows: u64) -> UnitScores {
        UnitScores {
            name: "unit".into(),
            phase: None,
            rows,
            scores: vec![Score {
                check: "c".into(),
                metric: "m".into(),
                subject: Subject::Column("x".into()),
                statistic,
                noise: Some(Noise { mean: 0.1, sd }),
                effect: 0.0,
                n_reference: 100,
                n_current: rows,
            }],
        }
    }

    #[test]
    fn scores_are_in_units_of_noise_and_of_what_periods_differ_by() {
        // Noise 0.1 alone: periods differ by no more than that.
        let units: Vec<UnitScores> = [0.0, 0.1, 0.2, 0.3, 0.6]
            .map(|statistic| unit(statistic, 0.1, 10))
            .to_vec();
        let all: Vec<&UnitScores> = units.iter().collect();
        let z = &standardised(&all)[&Subject::Column("x".into())];
        // Excesses -0.1 0 0.1 0.2 0.5; centre 0.1; distances 0.1 0.1 0.1 ...;
        // Qn 2.2219 * 5 / 6.4 * 0.1 = 0.173586; (0.5 - 0.1) / 0.173586.
        assert!((z[4] - 2.304_334).abs() < 1e-5, "{z:?}");
        assert!(z[2].abs() < 1e-12);
    }

    #[test]
    fn without_noise_units_of_very_different_size_are_not_compared() {
        let mut units: Vec<UnitScores> = (0..6).map(|_| unit(0.1, 0.0, 1_000)).collect();
        units[5] = unit(0.5, 0.0, 100);
        for unit in &mut units {
            unit.scores[0].noise = None;
        }
        assert!(standardised(&units.iter().collect::<Vec<_>>()).is_empty());
        units[5].scores[0].n_current = 600;
        assert_eq!(standardised(&units.iter().collect::<Vec<_>>()).len(), 1);
    }

    #[test]
    fn the_middle_of_none_is_none() {
        assert_eq!(median(std::iter::empty()), None);
        assert_eq!(median([3.0, 1.0, 2.0, 10.0].into_iter()), Some(2.5));
    }
}
