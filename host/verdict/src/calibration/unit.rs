//! How long a unit must be for its neighbours to be no more alike than chance.

use super::{Health, MIN_PERIODS, UnitScores, neighbours};

/// The units that are compared: so many periods each, with their scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// Periods that make a unit.
    pub length: usize,
    /// Scores of the units, in order of time.
    pub units: Vec<UnitScores>,
    /// Whether neighbours are alike.
    pub health: Health,
}

/// The shortest of these lengths (rising, the first of single periods) whose
/// units are not alike; where none is, or too few units would be left, single
/// periods, whose health then says so. `scores` gives the units of a length.
///
/// # Errors
/// Those of `scores`.
pub fn choose<E>(
    lengths: &[usize],
    mut scores: impl FnMut(usize) -> Result<Vec<UnitScores>, E>,
) -> Result<Option<Chosen>, E> {
    let mut single = None;
    for &length in lengths {
        let units = scores(length)?;
        if length > 1 && units.len() < MIN_PERIODS {
            break;
        }
        let health = neighbours(&units);
        let found = Chosen {
            length,
            units,
            health,
        };
        if found.health.ok {
            return Ok(Some(found));
        }
        single.get_or_insert(found);
    }
    Ok(single)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibration::Score;
    use crate::finding::{Noise, Subject};

    /// Days whose level holds for `hold` days, in runs of `length`.
    fn units(days: usize, hold: usize, length: usize) -> Vec<UnitScores> {
        let level = |day: usize| ((day / hold + 1) as f64 * 0.618_033_988_749_895).fract();
        let unit = |unit: usize| UnitScores {
            name: unit.to_string(),
            phase: None,
            rows: 100,
            scores: vec![Score {
                check: "drift".into(),
                metric: "d/v1".into(),
                subject: Subject::Column("x".into()),
                statistic: (0..length).map(|at| level(unit * length + at)).sum::<f64>(),
                noise: Some(Noise {
                    mean: 0.0,
                    sd: 0.01,
                }),
                effect: 0.1,
                n_reference: 100,
                n_current: 100,
            }],
        };
        (0..days / length).map(unit).collect()
    }

    fn chosen(days: usize, hold: usize) -> (usize, bool) {
        let found = choose(&[1, 3, 7], |length| Ok::<_, ()>(units(days, hold, length)));
        let found = found.unwrap().unwrap();
        (found.length, found.health.ok)
    }

    #[test]
    fn units_grow_until_neighbours_differ_and_enough_are_left() {
        assert_eq!(chosen(60, 1), (1, true));
        assert_eq!(chosen(210, 3), (3, true));
        assert_eq!(chosen(210, 7), (7, true));
        assert_eq!(chosen(50, 7), (1, false), "16 units of three days");
        let none = choose(&[1, 3], |_| Ok::<_, ()>(vec![]));
        assert_eq!(none.unwrap().unwrap().units, []);
        assert_eq!(choose(&[1], |_| Err::<Vec<_>, _>("no")), Err("no"));
    }
}
