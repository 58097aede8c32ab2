//! What is scored as one: a period, or several that follow each other.

use std::collections::BTreeMap;

use driftguard_data::{NO_PERIOD, PeriodKey, PeriodUnit};

use super::Cutting;
use crate::fold::PeriodProfiles;

/// Fewest units in a phase: three others to compare with.
const PHASE_UNITS: usize = 4;

/// Most units of the current side that are scored; of more, so many that are
/// spread evenly.
pub(crate) const MOST_CURRENT: usize = 6;

/// Part of the usual rows below which a period of the current side is a piece
/// of one: a day by the clock of another place lies in two days of this one.
const PIECE: f64 = 0.75;

/// Profiles by period.
pub(crate) type Periods = BTreeMap<PeriodKey, PeriodProfiles>;

/// Periods that are scored as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) name: String,
    pub(crate) keys: Vec<PeriodKey>,
    pub(crate) phase: Option<u32>,
    pub(crate) rows: u64,
}

impl Unit {
    /// A whole side.
    pub(crate) fn whole(periods: &Periods) -> Self {
        let keys: Vec<PeriodKey> = periods.keys().copied().collect();
        Self::new("current".into(), &keys, periods)
    }

    fn new(name: String, keys: &[PeriodKey], periods: &Periods) -> Self {
        let rows = keys.iter().filter_map(|key| periods.get(key));
        Self {
            name,
            keys: keys.to_vec(),
            phase: None,
            rows: rows.map(|period| period.rows).sum(),
        }
    }

    /// The period that most of its rows belong to.
    fn main_key(&self, periods: &Periods) -> Option<PeriodKey> {
        let keys = self.keys.iter().filter(|key| **key != NO_PERIOD);
        let rows = |key: &PeriodKey| periods.get(key).map_or(0, |period| period.rows);
        keys.max_by_key(|key| (rows(key), std::cmp::Reverse(**key)))
            .copied()
    }
}

/// How many periods a unit may be long, where single ones are alike.
pub(crate) fn lengths(cutting: &Cutting) -> &'static [usize] {
    match cutting.unit() {
        Some(PeriodUnit::Hour) => &[1, 3, 6, 12, 24],
        Some(PeriodUnit::Day) => &[1, 3, 7],
        Some(PeriodUnit::Week) => &[1, 2, 4],
        Some(PeriodUnit::Month) => &[1, 3],
        None => &[1, 2, 4, 8],
    }
}

/// Periods with enough rows to be scored.
fn scored(periods: &Periods, min_rows: u64) -> Vec<PeriodKey> {
    let enough = periods
        .iter()
        .filter(|(key, period)| **key != NO_PERIOD && period.rows >= min_rows);
    enough.map(|(key, _)| *key).collect()
}

/// Units of the reference: `length` periods that follow each other, the last
/// ones to the end; periods left over at the beginning are not scored. Without
/// phases.
pub(crate) fn of_reference(
    periods: &Periods,
    cutting: &Cutting,
    length: usize,
    min_rows: u64,
) -> Vec<Unit> {
    let keys = scored(periods, min_rows);
    let length = length.max(1);
    let runs = keys.get(keys.len() % length..).unwrap_or_default();
    runs.chunks(length)
        .filter_map(|run| Some(Unit::new(cutting.name(*run.first()?), run, periods)))
        .collect()
}

/// Units of the current side, and whether it spans less than one. `usual` are
/// the rows of a period of the reference.
pub(crate) fn of_current(
    periods: &Periods,
    length: usize,
    usual: u64,
    min_rows: u64,
) -> (Vec<Unit>, bool) {
    let keys = scored(periods, min_rows);
    let length = length.max(1);
    let part = keys.len() < length && length > 1;
    let pieces = pieced(&keys, periods, usual);
    let count = (keys.len() / length).min(pieces.len());
    if count < 2 {
        return (vec![Unit::whole(periods)], part);
    }
    // As even as can be, in order.
    let bound = |at: usize| at * pieces.len() / count;
    let unit = |at: usize| {
        let keys: Vec<PeriodKey> = pieces
            .get(bound(at)..bound(at + 1))
            .unwrap_or_default()
            .concat();
        Unit::new(format!("current {}", at + 1), &keys, periods)
    };
    let kept = count.min(MOST_CURRENT);
    let units = (0..kept).map(|at| unit(at * count / kept)).collect();
    (units, false)
}

/// Whether so many rows are only a piece of what usually is.
pub(crate) fn is_piece(rows: u64, usual: u64) -> bool {
    (rows as f64) < PIECE * usual as f64
}

/// Keys in order, pieces of periods put to what was before them.
fn pieced(keys: &[PeriodKey], periods: &Periods, usual: u64) -> Vec<Vec<PeriodKey>> {
    let mut found: Vec<Vec<PeriodKey>> = vec![];
    let mut rows = u64::MAX;
    for key in keys {
        let own = periods.get(key).map_or(0, |period| period.rows);
        match found.last_mut() {
            Some(last) if is_piece(rows, usual) => {
                last.push(*key);
                rows = rows.saturating_add(own);
            }
            _ => {
                found.push(vec![*key]);
                rows = own;
            }
        }
    }
    if is_piece(rows, usual)
        && let Some(rest) = found.pop()
    {
        match found.last_mut() {
            Some(last) => last.extend(rest),
            None => found.push(rest),
        }
    }
    found
}

/// Tells phases apart: days by day of the week if there are enough of each,
/// else by weekend or not; hours by hour of the day. Else there are no phases,
/// nor where a unit of the current side is in one that the reference lacks.
pub(crate) fn tell_phases(
    units: &mut [Unit],
    reference: &Periods,
    current: &mut [Unit],
    now: &Periods,
    cutting: &Cutting,
) {
    if units.iter().any(|unit| unit.keys.len() > 1) {
        return;
    }
    for phase in [fine, coarse] {
        let of = |unit: &Unit, periods| phase(cutting, unit.main_key(periods)?);
        let known: Option<Vec<u32>> = units.iter().map(|unit| of(unit, reference)).collect();
        let new: Option<Vec<u32>> = current.iter().map(|unit| of(unit, now)).collect();
        let (Some(known), Some(new)) = (known, new) else {
            continue;
        };
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        known
            .iter()
            .for_each(|phase| *counts.entry(*phase).or_default() += 1);
        if counts.values().all(|count| *count >= PHASE_UNITS)
            && new.iter().all(|phase| counts.contains_key(phase))
        {
            for (unit, phase) in units.iter_mut().zip(known) {
                unit.phase = Some(phase);
            }
            for (unit, phase) in current.iter_mut().zip(new) {
                unit.phase = Some(phase);
            }
            return;
        }
    }
}

/// Phases of units of the current side, where those of the reference are known
/// already. Where one is in a phase that the reference lacks, none is told.
pub(crate) fn name_phases(current: &mut [Unit], now: &Periods, cutting: &Cutting, known: &[u32]) {
    let phase = if known.iter().all(|phase| *phase >= WORKDAY) {
        coarse
    } else {
        fine
    };
    let of =
        |unit: &Unit| phase(cutting, unit.main_key(now)?).filter(|phase| known.contains(phase));
    let phases: Option<Vec<u32>> = current.iter().map(of).collect();
    for (unit, phase) in current.iter_mut().zip(phases.into_iter().flatten()) {
        unit.phase = Some(phase);
    }
}

/// Phase of a day from Monday to Friday, beside the days of the week (0 to 6);
/// that of the weekend is the next.
const WORKDAY: u32 = 8;

fn fine(cutting: &Cutting, key: PeriodKey) -> Option<u32> {
    cutting.unit()?.phase(key)
}

fn coarse(cutting: &Cutting, key: PeriodKey) -> Option<u32> {
    match cutting.unit()? {
        PeriodUnit::Day => fine(cutting, key).map(|day| WORKDAY + u32::from(day >= 5)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(rows: &[(PeriodKey, u64)]) -> Periods {
        let period = |rows| PeriodProfiles {
            rows,
            saved: vec![],
        };
        rows.iter()
            .map(|(key, rows)| (*key, period(*rows)))
            .collect()
    }

    fn days() -> Cutting {
        Cutting::Time {
            column: "t".into(),
            unit: "day".into(),
        }
    }

    fn keys(units: &[Unit]) -> Vec<Vec<PeriodKey>> {
        units.iter().map(|unit| unit.keys.clone()).collect()
    }

    #[test]
    fn units_end_with_the_last_period_and_skip_what_is_too_small() {
        let all = periods(&[
            (1, 90),
            (2, 90),
            (3, 9),
            (4, 90),
            (6, 90),
            (7, 90),
            (NO_PERIOD, 99),
        ]);
        let units = of_reference(&all, &days(), 2, 50);
        assert_eq!(keys(&units), [vec![2, 4], vec![6, 7]]);
        assert_eq!((units[0].name.as_str(), units[0].rows), ("1970-01-03", 180));
        assert_eq!(of_reference(&all, &days(), 1, 50).len(), 5);
    }

    #[test]
    fn a_day_in_two_pieces_is_one_unit() {
        let (units, part) = of_current(&periods(&[(5, 600), (6, 300)]), 1, 900, 50);
        assert_eq!((keys(&units), part), (vec![vec![5, 6]], false));
        let (units, _) = of_current(
            &periods(&[(5, 800), (6, 900), (7, 850), (8, 100)]),
            1,
            900,
            50,
        );
        assert_eq!(keys(&units), [vec![5], vec![6], vec![7, 8]]);
        let (units, _) = of_current(&periods(&[(5, 3)]), 1, 900, 50);
        assert_eq!(keys(&units), [vec![5]], "whatever there is");
    }

    #[test]
    fn the_current_side_is_cut_into_units_as_long_as_those_of_the_reference() {
        let month: Vec<(PeriodKey, u64)> = (0..31).map(|day| (day, 900)).collect();
        let (units, part) = of_current(&periods(&month), 7, 900, 50);
        assert_eq!((units.len(), part), (4, false));
        assert_eq!(units.iter().map(|unit| unit.keys.len()).sum::<usize>(), 31);
        let (units, part) = of_current(&periods(&month[..3]), 7, 900, 50);
        assert_eq!((units.len(), part), (1, true));
        let (units, _) = of_current(&periods(&month), 1, 900, 50);
        assert_eq!(units.len(), MOST_CURRENT);
        assert!(units[5].keys[0] > 22, "spread over the month");
    }

    #[test]
    fn weekdays_are_told_apart_where_there_are_enough_of_each() {
        let phases = |count: i64, now: PeriodKey| {
            let known: Vec<(PeriodKey, u64)> = (0..count).map(|day| (day, 900)).collect();
            let (known, now) = (periods(&known), periods(&[(now, 900)]));
            let mut units = of_reference(&known, &days(), 1, 50);
            let (mut current, _) = of_current(&now, 1, 900, 50);
            tell_phases(&mut units, &known, &mut current, &now, &days());
            let mut again = current.clone();
            again.iter_mut().for_each(|unit| unit.phase = None);
            let phases: Vec<u32> = units.iter().filter_map(|unit| unit.phase).collect();
            name_phases(&mut again, &now, &days(), &phases);
            assert_eq!(again, current);
            (units[0].phase, current[0].phase)
        };
        // 1970-01-01 was a Thursday (3), 1970-01-31 a Saturday (5).
        assert_eq!(phases(28, 30), (Some(3), Some(5)));
        assert_eq!(phases(20, 30), (Some(WORKDAY), Some(WORKDAY + 1)));
        assert_eq!(phases(10, 30), (None, None));
    }
}
