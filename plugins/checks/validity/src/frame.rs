//! What is frozen from a sample of the reference.

use driftguard_distribution::CategoricalFrame;
use driftguard_distribution::offer::carried;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::exchangeable::one_sided;
use driftguard_statistics::persistence::{Persistence, same_by_chance};
use serde::{Deserialize, Serialize};

use crate::ladder::Ladder;

/// Values of a categorical column with counts of their own.
pub const LISTED: usize = 512;
/// Rows of the sample, evenly spread, that are put in order.
const SORTED: usize = 4096;
/// Most frequent values of a numeric column that are remembered.
const MODES: usize = 16;
/// Fewest rows of one half of the sample beyond the other to call it a trend:
/// by chance it happens once in a million columns.
const TREND_ROWS: usize = 20;
/// The same as a share of the half.
const TREND_SHARE: f64 = 0.05;
/// A sample of fewer rows is all of the reference: more would be in it.
const WHOLE: usize = 65_536;
/// Larger references reach a little beyond their sample all the time; what is
/// counted there begins this many widths outside of it.
const MARGIN: f64 = 0.25;
/// Deviations of what halves have alone by chance that are no turnover yet.
const DEVIATIONS: f64 = 2.0;
/// Rows of categories that are asked for at once.
const WINDOW: u32 = 16_384;

/// A frame of a numeric or a categorical column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Frame {
    /// Numbers.
    Numbers(Numbers),
    /// Categories.
    Values(Values),
}

impl Default for Frame {
    fn default() -> Self {
        Self::Numbers(Numbers::default())
    }
}

impl Frame {
    /// Rows that count as one: see [`Persistence::rows_as_one`].
    pub fn rows_as_one(&self) -> f64 {
        let persistence = match self {
            Self::Numbers(frame) => &frame.persistence,
            Self::Values(frame) => &frame.persistence,
        };
        persistence.rows_as_one()
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for one that no sample makes.
    pub fn validate(&self) -> Result<(), Error> {
        match self {
            Self::Numbers(frame) => frame.ladder.validate(),
            Self::Values(frame) => {
                frame.turnover.validate()?;
                frame.listed.validate()
            }
        }
    }
}

/// Of a numeric column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    pub(crate) ladder: Ladder,
    persistence: Persistence,
    pub(crate) trending: bool,
    /// Frequent values of the sorted rows, most rows first.
    modes: Vec<(f64, u64)>,
    /// Most rows of a value that is not among them.
    rest: u64,
    sorted: u64,
}

impl Numbers {
    /// Freezes a sample, in the order of its rows; what is not finite counts
    /// as a null.
    pub fn of_sample(values: &[f64]) -> Self {
        let finite = |value: &&f64| value.is_finite();
        let low = values.iter().filter(finite).copied().reduce(f64::min);
        let high = values.iter().filter(finite).copied().reduce(f64::max);
        let spread: Vec<f64> = values
            .iter()
            .filter(finite)
            .step_by(values.len().div_ceil(SORTED).max(1))
            .map(|value| value + 0.0)
            .collect();
        let trending = is_trend(&spread);
        let margin = match values.len() < WHOLE {
            true => 0.0,
            false => MARGIN,
        };
        let mut counts = counted(spread);
        let sorted = counts.iter().map(|(_, rows)| rows).sum();
        let same = same_by_chance(counts.iter().map(|(_, rows)| *rows));
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.total_cmp(&b.0)));
        let rest = counts.get(MODES).map_or(0, |(_, rows)| *rows);
        counts.truncate(MODES);
        let present = values
            .iter()
            .map(|value| value.is_finite().then_some(value));
        Self {
            ladder: low
                .zip(high)
                .map_or_else(Ladder::default, |range| Ladder::new(range, margin)),
            persistence: Persistence::of(present, same),
            trending,
            modes: counts,
            rest,
            sorted,
        }
    }

    pub(crate) fn fit(sample: &Batch) -> Result<Self, Error> {
        let mut values = vec![];
        let ask = |start, count| sample.floats(0, start, count);
        carried(0, sample.rows(), &ask, &mut |_, _, mut part: Vec<f64>| {
            values.append(&mut part);
            Ok(())
        })?;
        Ok(Self::of_sample(&values))
    }

    /// Rows of a value among those that were put in order, or more, and how
    /// many these are.
    pub(crate) fn rows_of(&self, value: f64) -> (u64, u64) {
        let mode = self.modes.iter().find(|(mode, _)| *mode == value);
        (mode.map_or(self.rest, |(_, rows)| *rows), self.sorted)
    }
}

/// Values with their rows, rising.
fn counted(mut values: Vec<f64>) -> Vec<(f64, u64)> {
    values.sort_by(f64::total_cmp);
    let mut counts: Vec<(f64, u64)> = vec![];
    for value in values {
        match counts.last_mut() {
            Some((last, rows)) if *last == value => *rows += 1,
            _ => counts.push((value, 1)),
        }
    }
    counts
}

/// Whether the later half of the rows left the range of the earlier one, or
/// came from outside of it: then the range of the reference is no bound of
/// what comes next.
fn is_trend(values: &[f64]) -> bool {
    let (earlier, later) = values.split_at(values.len() / 2);
    let beyond = |rows: &[f64], others: &[f64]| {
        let low = others.iter().copied().fold(f64::INFINITY, f64::min);
        let high = others.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let above = rows.iter().filter(|value| **value > high).count();
        let below = rows.iter().filter(|value| **value < low).count();
        let most = above.max(below);
        most >= TREND_ROWS && most as f64 >= TREND_SHARE * rows.len() as f64
    };
    !earlier.is_empty() && (beyond(later, earlier) || beyond(earlier, later))
}

/// Of a categorical column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Values {
    pub(crate) listed: CategoricalFrame,
    persistence: Persistence,
    pub(crate) turnover: Turnover,
}

impl Values {
    /// Freezes a sample, in the order of its rows; None is a null.
    pub fn of_sample(values: &[Option<&str>]) -> Self {
        let mut seen = Seen::default();
        for value in values {
            let code = value.map(|value| seen.code(value));
            seen.rows.push(code);
        }
        seen.freeze()
    }

    pub(crate) fn fit(sample: &Batch) -> Result<Self, Error> {
        let mut seen = Seen::default();
        let ask = |start, count| sample.dictionary(0, start, count);
        let mut start = 0;
        while start < sample.rows() {
            let count = WINDOW.min(sample.rows() - start);
            carried(start, count, &ask, &mut |_, _, part| {
                let texts = part.values.to_texts();
                let own: Vec<u32> = texts.iter().map(|text| seen.code(text)).collect();
                let codes = part
                    .codes
                    .iter()
                    .map(|code| own.get(*code as usize).copied());
                seen.rows.extend(codes);
                Ok(())
            })?;
            start += count;
        }
        Ok(seen.freeze())
    }
}

/// Values in the order in which they came, and each row's place among them.
#[derive(Default)]
struct Seen {
    codes: std::collections::BTreeMap<String, u32>,
    rows: Vec<Option<u32>>,
}

impl Seen {
    fn code(&mut self, value: &str) -> u32 {
        if let Some(code) = self.codes.get(value) {
            return *code;
        }
        let code = self.codes.len() as u32;
        self.codes.insert(value.to_owned(), code);
        code
    }

    fn freeze(self) -> Values {
        let mut counts = vec![0u64; self.codes.len()];
        for code in self.rows.iter().flatten() {
            if let Some(rows) = counts.get_mut(*code as usize) {
                *rows += 1;
            }
        }
        let same = same_by_chance(counts.iter().copied());
        let total = counts.iter().sum();
        let turnover = Turnover::of(&self.rows, counts.len());
        let rows_of = |code: u32| counts.get(code as usize).copied().unwrap_or(0);
        let values = self
            .codes
            .into_iter()
            .map(|(value, code)| (value, rows_of(code)))
            .filter(|(_, rows)| *rows > 0)
            .collect();
        Values {
            listed: CategoricalFrame::of_values(values, total, LISTED),
            persistence: Persistence::of(self.rows, same),
            turnover,
        }
    }
}

/// How much values come and go within the reference itself: between the
/// halves of the sample, in the order of its rows, in shares of the rows of a
/// half.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Turnover {
    /// Rows of the later half whose values the earlier one has not.
    new: Beyond,
    /// Rows of the earlier half whose values the later one has not.
    gone: Beyond,
}

/// A share of rows beyond that by chance, and its deviation by chance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Beyond {
    share: f64,
    sd: f64,
}

impl Beyond {
    /// The share that so many deviations leave.
    fn less(self, deviations: f64) -> f64 {
        (self.share - deviations * self.sd).max(0.0)
    }
}

impl Turnover {
    fn of(rows: &[Option<u32>], values: usize) -> Self {
        let filled: Vec<u32> = rows.iter().flatten().copied().collect();
        let (earlier, later) = filled.split_at(filled.len() / 2);
        let mut counts = vec![(0u64, 0u64); values];
        for (codes, late) in [(earlier, false), (later, true)] {
            for code in codes {
                if let Some((before, after)) = counts.get_mut(*code as usize) {
                    *(if late { after } else { before }) += 1;
                }
            }
        }
        let (n, m) = (earlier.len() as u64, later.len() as u64);
        let excess = |counts: &mut dyn Iterator<Item = (u64, u64)>, here: u64, there: u64| {
            let found = one_sided(counts, here, there)?;
            let all = here as f64;
            Some(Beyond {
                share: (found.rows as f64 - found.noise.mean) / all,
                sd: found.noise.sd / all,
            })
        };
        Self {
            new: excess(
                &mut counts.iter().map(|(before, after)| (*after, *before)),
                m,
                n,
            )
            .unwrap_or_default(),
            gone: excess(&mut counts.iter().copied(), n, m).unwrap_or_default(),
        }
    }

    /// Share of `current` rows after `reference` ones that would have new
    /// values if they went on to come as they do: what arrives grows at most
    /// in proportion to the rows since the reference's end. The further ahead
    /// it is, the smaller a turnover counts.
    pub(crate) fn new_share(&self, reference: u64, current: u64) -> f64 {
        let longer = current as f64 / reference.max(1) as f64;
        let share = self.new.less(DEVIATIONS / longer.max(1.0));
        (share * (2.0 * longer).max(1.0)).min(1.0)
    }

    /// Share of the reference's rows whose values would be gone: the whole
    /// reference is twice as far away as its later half.
    pub(crate) fn gone_share(&self) -> f64 {
        (2.0 * self.gone.less(DEVIATIONS)).min(1.0)
    }

    /// Checks one that came from outside.
    fn validate(&self) -> Result<(), Error> {
        let sound = |beyond: Beyond| {
            (-1.0..=1.0).contains(&beyond.share) && (0.0..=f64::MAX).contains(&beyond.sd)
        };
        match sound(self.new) && sound(self.gone) {
            true => Ok(()),
            false => Err(Error::State(
                "a validity frame's turnover is no share of rows; create the baseline again".into(),
            )),
        }
    }
}
