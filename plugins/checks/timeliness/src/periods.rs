//! Hours and days between the first and the last row of a side.

use std::collections::BTreeMap;

use crate::profile::Profile;

/// Share of rows at either end that may be stray (`1900-01-01`): they do not
/// stretch the range.
const STRAY: f64 = 0.001;

/// Whole days inside a side from which days are counted and not hours.
const FEW_DAYS: i64 = 3;

/// What is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Hour,
    Day,
}

impl Unit {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
        }
    }
}

/// Rows of each period of one side, without stray rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Periods {
    rows: BTreeMap<i64, u64>,
}

impl Periods {
    /// None without rows.
    pub(crate) fn new(profile: &Profile, unit: Unit) -> Option<Self> {
        let (first, last) = bulk(profile)?;
        let mut rows: BTreeMap<i64, u64> = BTreeMap::new();
        for (hour, count) in profile.hours.range(first..=last) {
            let sum = rows.entry(hour.div_euclid(unit.hours())).or_insert(0);
            *sum = sum.saturating_add(*count);
        }
        Some(Self { rows })
    }

    fn ends(&self) -> (i64, i64) {
        let first = self.rows.first_key_value().map_or(0, |(period, _)| *period);
        let last = self.rows.last_key_value().map_or(0, |(period, _)| *period);
        (first, last)
    }

    /// Periods strictly between the first and the last, which may be cut.
    pub(crate) fn inside(&self) -> u64 {
        let (first, last) = self.ends();
        u64::try_from(last.saturating_sub(first).saturating_sub(1)).unwrap_or(0)
    }

    /// Those of them without a row.
    pub(crate) fn empty(&self) -> u64 {
        let filled = self.rows.len().saturating_sub(2) as u64;
        self.inside().saturating_sub(filled)
    }

    /// Rows of the periods inside that have any, in rising order.
    fn filled_rows(&self) -> Vec<u64> {
        let (first, last) = self.ends();
        let inside = self
            .rows
            .iter()
            .filter(|(period, _)| **period != first && **period != last);
        let mut rows: Vec<u64> = inside.map(|(_, rows)| *rows).collect();
        rows.sort_unstable();
        rows
    }

    /// Median rows of a period inside, empty ones among them; None with none.
    pub(crate) fn median_rows(&self) -> Option<f64> {
        let values: Vec<f64> = self
            .filled_rows()
            .into_iter()
            .map(|rows| rows as f64)
            .collect();
        median(self.empty(), &values)
    }

    /// Standard deviation of `ln(rows + 1/2)` of the periods inside, from
    /// their median absolute deviation.
    pub(crate) fn log_spread(&self) -> Option<f64> {
        let log = |rows: f64| (rows + 0.5).ln();
        let centre = log(self.median_rows()?);
        let mut far: Vec<f64> = self
            .filled_rows()
            .into_iter()
            .map(|rows| (log(rows as f64) - centre).abs())
            .collect();
        let gap = (log(0.0) - centre).abs();
        far.extend((0..self.empty().min(self.rows.len() as u64 * 2)).map(|_| gap));
        far.sort_by(f64::total_cmp);
        Some(1.4826 * median(0, &far)?)
    }
}

/// Median of `zeros` zeros and of sorted values above; None with neither.
fn median(zeros: u64, sorted: &[f64]) -> Option<f64> {
    let n = zeros.saturating_add(sorted.len() as u64);
    let at = |place: u64| {
        place
            .checked_sub(zeros)
            .and_then(|place| sorted.get(place as usize))
            .copied()
            .unwrap_or(0.0)
    };
    (n > 0).then(|| (at((n - 1) / 2) + at(n / 2)) / 2.0)
}

/// First and last hour of a side without the stray rows at its ends.
fn bulk(profile: &Profile) -> Option<(i64, i64)> {
    let spare = (profile.values() as f64 * STRAY).floor() as u64;
    let first = beyond(spare, profile.hours.iter())?;
    let last = beyond(spare, profile.hours.iter().rev())?;
    // With nearly no rows the two may cross.
    Some((first.min(last), first.max(last)))
}

/// The hour in which more than `spare` rows have been passed.
fn beyond<'a>(spare: u64, mut hours: impl Iterator<Item = (&'a i64, &'a u64)>) -> Option<i64> {
    let mut seen = 0_u64;
    let found = hours.find(|(_, rows)| {
        seen = seen.saturating_add(**rows);
        seen > spare
    });
    found.map(|(hour, _)| *hour)
}

/// Days where a side has whole days enough inside, else hours.
pub(crate) fn unit_of(profile: &Profile) -> Unit {
    let days = Periods::new(profile, Unit::Day).map_or(0, |days| days.inside());
    if i64::try_from(days).is_ok_and(|days| days >= FEW_DAYS) {
        Unit::Day
    } else {
        Unit::Hour
    }
}

/// The longest time without rows: its first hour and its hours. The first of
/// several; None if every hour inside has rows.
pub(crate) fn longest_gap(profile: &Profile) -> Option<(i64, i64)> {
    let (first, last) = bulk(profile)?;
    let hours: Vec<i64> = profile
        .hours
        .range(first..=last)
        .map(|(hour, _)| *hour)
        .collect();
    let gaps = hours
        .iter()
        .zip(hours.iter().skip(1))
        .map(|(a, b)| (a + 1, b - a - 1));
    gaps.filter(|(_, hours)| *hours > 0)
        .fold(None, |best: Option<(i64, i64)>, gap| match best {
            Some(best) if best.1 >= gap.1 => Some(best),
            _ => Some(gap),
        })
}

/// Rows for each hour of the day.
pub(crate) fn hours_of_day(profile: &Profile) -> [u64; 24] {
    let mut out = [0_u64; 24];
    for (hour, rows) in &profile.hours {
        if let Some(sum) = out.get_mut(hour.rem_euclid(24) as usize) {
            *sum = sum.saturating_add(*rows);
        }
    }
    out
}

/// Hours from the first to the last row, both counted, stray ones among them.
pub(crate) fn covered_hours(profile: &Profile) -> i64 {
    match (
        profile.hours.first_key_value(),
        profile.hours.last_key_value(),
    ) {
        (Some((first, _)), Some((last, _))) => last.saturating_sub(*first).saturating_add(1),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::HOUR;
    use crate::profile::tests::of;

    fn at(hours: &[i64]) -> Profile {
        of(&hours.iter().map(|hour| hour * HOUR + 1).collect::<Vec<_>>())
    }

    #[test]
    fn ends_are_left_out() {
        let periods = Periods::new(&at(&[0, 1, 1, 1, 4, 6]), Unit::Hour).unwrap();
        assert_eq!((periods.inside(), periods.empty()), (5, 3));
        assert_eq!(periods.median_rows(), Some(0.0));
        let one = Periods::new(&at(&[5]), Unit::Hour).unwrap();
        assert_eq!((one.inside(), one.empty(), one.median_rows()), (0, 0, None));
        assert_eq!(Periods::new(&at(&[]), Unit::Day), None);
        let negative = Periods::new(&at(&[-30, -1, 30]), Unit::Day).unwrap();
        assert_eq!((negative.inside(), negative.empty()), (2, 1));
    }

    #[test]
    fn medians_count_zeros() {
        assert_eq!(median(0, &[]), None);
        assert_eq!(median(2, &[4.0, 6.0]), Some(2.0));
        assert_eq!(median(1, &[4.0, 6.0]), Some(4.0));
        assert_eq!(median(0, &[4.0, 6.0]), Some(5.0));
    }

    #[test]
    fn stray_rows_do_not_stretch_the_range() {
        let mut hours: Vec<i64> = (0..2_000).map(|i| 400_000 + i % 100).collect();
        hours.push(-600_000);
        let periods = Periods::new(&at(&hours), Unit::Hour).unwrap();
        assert_eq!((periods.inside(), periods.empty()), (98, 0));
        assert_eq!(longest_gap(&at(&hours)), None);
    }

    #[test]
    fn the_first_of_the_longest_gaps() {
        assert_eq!(longest_gap(&at(&[0, 3, 4, 7])), Some((1, 2)));
        assert_eq!(unit_of(&at(&[0, 95])), Unit::Hour);
        assert_eq!(unit_of(&at(&[0, 96])), Unit::Day);
        assert_eq!(covered_hours(&at(&[])), 0);
    }
}
