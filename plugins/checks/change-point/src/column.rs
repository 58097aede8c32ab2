//! Did one column change within the current rows, more than it does within the
//! reference?

use driftguard_distribution::coding::{Cells, Coding};
use driftguard_distribution::shift::Shift;
use driftguard_distribution::words::{column, number, percent, percent_pair, short};
use driftguard_sdk::prelude::{Evidence, Finding, Status, Subject};
use driftguard_statistics::bridge::{Change, Inflation, inflation};
use driftguard_statistics::kuiper::{RANGE_NOISE, range_sf_estimated};

use crate::detectors;
use crate::place::Odd;
use crate::series::{Series, Signal};

/// The metric of the measurement.
pub const METRIC: &str = "change-point/kuiper6/v1";
/// Fewest blocks on either side.
const FEWEST_BLOCKS: usize = 8;
/// Windows to learn from how far rows follow each other hold at most this part
/// of the current rows: longer ones are changes themselves.
const LONGEST: f64 = 0.25;
/// A change that is less likely than this is said in words.
const WORTH_WORDS: f64 = 0.01;
/// Ends of a spell are looked for in this part of the blocks around.
const REACH: usize = 12;
/// Points of the plot.
const POINTS: usize = 16;

/// One column on both sides.
pub(crate) struct Column<'a> {
    pub(crate) coding: &'a Coding,
    pub(crate) reference: &'a Series<'a>,
    pub(crate) current: &'a Series<'a>,
}

/// The largest change of one signal, on the scale of the reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) signal: Signal,
    pub(crate) change: Change,
    /// Range of a Brownian bridge.
    pub(crate) statistic: f64,
    pub(crate) p_value: f64,
    pub(crate) spread: Inflation,
    /// What the current variance of a row is over that of a rate.
    pub(crate) variance: f64,
}

impl Found {
    /// Log likelihood that one more place must add: `3/2 ln n` for `n`
    /// independent rows, times the rows that count as one of these.
    fn worth_a_place(&self) -> f64 {
        let independent = self.change.rows as f64 / self.spread.factor;
        1.5 * independent.max(1.0).ln() * self.spread.factor
    }
}

impl Column<'_> {
    pub(crate) fn findings(&self, min_rows: u64) -> Vec<Finding> {
        let (n, m) = (self.reference.rows(), self.current.rows());
        let name = column(&self.coding.name);
        let subject = Subject::Column(self.coding.name.clone());
        let base = Finding::measurement(METRIC, subject).rows(n, m);
        if n == 0 || m == 0 {
            let message = format!("{name}: one side has no rows of it");
            return vec![base.status(Status::NotApplicable).message(message)];
        }
        let blocks = self.reference.occupied().min(self.current.occupied());
        if n.min(m) < min_rows || blocks < FEWEST_BLOCKS {
            let message = format!(
                "{name}: {n} rows in the reference and {m} now, at least {min_rows} in {FEWEST_BLOCKS} blocks are needed on each side"
            );
            return vec![base.status(Status::InsufficientData).message(message)];
        }
        let signals = Signal::all(self.coding.size(), self.coding.ordered());
        let measured: Vec<Found> = signals
            .into_iter()
            .filter_map(|one| self.measure(one))
            .collect();
        let tests = measured.len() as f64;
        let least = measured.into_iter().reduce(|best, next| {
            let key = |found: &Found| (-found.p_value, found.statistic);
            if key(&next) > key(&best) { next } else { best }
        });
        let Some(found) = least else {
            let message = format!("{name}: nothing in it changes within the rows of one side");
            return vec![base.status(Status::Degenerate).message(message)];
        };
        let p_value = (found.p_value * tests).min(1.0);
        self.report(base, &found, p_value)
    }

    /// A signal, if it changes at all.
    fn measure(&self, signal: Signal) -> Option<Found> {
        let change = self.current.change(signal)?;
        let (n, m) = (self.reference.rows() as f64, self.current.rows() as f64);
        let reference = self.reference.change(signal);
        // A value that was always or never there says nothing of how long it
        // stays once it comes. Missing values, that were never missing, do.
        if reference.is_none() && signal != Signal::Missing {
            return None;
        }
        let (hits, rows) = self.reference.signal(signal);
        let mut spread = inflation(&hits, &rows, LONGEST * m);
        // Longer waves than the reference is long are not seen in it.
        spread.factor *= (m / n).max(1.0);
        let variance_of = |change: &Change| change.rate * (1.0 - change.rate) * spread.factor;
        let scaled =
            |change: &Change, variance: f64| change.range / (change.rows as f64 * variance).sqrt();
        let usual = reference.as_ref().map_or(0.0, variance_of);
        let variance = variance_of(&change).max(usual);
        // What the reference does by itself is nothing to write home about.
        let own = reference
            .as_ref()
            .map_or(0.0, |change| scaled(change, usual) / RANGE_NOISE.mean);
        let statistic = scaled(&change, variance) / own.max(1.0);
        statistic.is_finite().then(|| Found {
            signal,
            change,
            statistic,
            p_value: range_sf_estimated(statistic, spread.dof),
            spread,
            variance: change.rate * (1.0 - change.rate),
        })
    }

    fn report(&self, base: Finding, found: &Found, p_value: f64) -> Vec<Finding> {
        let series = self.current;
        let worth_words = p_value <= WORTH_WORDS;
        let spell = match worth_words {
            true => self.refined(found),
            false => (found.change.from, found.change.to),
        };
        let inside = series.sums(|block| (spell.0..spell.1).contains(&block));
        let outside = series.sums(|block| !(spell.0..spell.1).contains(&block));
        let reference = self.reference.sums(|_| true);
        let apart = |counts: &[u64]| self.shift(found.signal, &reference, counts).statistic;
        let in_spell = apart(&inside) >= apart(&outside);
        let odd = Odd::of(spell, series.cells.len(), in_spell);
        let (odd_counts, others) = (
            series.sums(|block| odd.holds(block)),
            series.sums(|block| !odd.holds(block)),
        );
        let shift = self.shift(found.signal, &others, &odd_counts);
        let rows = |counts: &[u64]| found.signal.hits_of(counts).1 as f64;
        let share = rows(&odd_counts) / (rows(&odd_counts) + rows(&others)).max(1.0);
        let noise = shift.noise.mean * found.spread.factor.sqrt();
        let effect = share * (shift.statistic - noise).max(0.0);
        let name = column(&self.coding.name);
        let message = if worth_words {
            self.words(found.signal, odd, [&odd_counts, &others, &reference])
        } else {
            format!(
                "{name}: no change within the rows beyond what the reference does (largest {}, {} is usual)",
                number(found.statistic),
                number(RANGE_NOISE.mean)
            )
        };
        let measured = base
            .statistic(found.statistic)
            .effect(effect)
            .noise(RANGE_NOISE.mean, RANGE_NOISE.sd)
            .interval(
                share * shift.interval.low,
                share * shift.interval.high,
                shift.interval.level,
            )
            .p_value(p_value)
            .evidence(self.evidence(found.signal))
            .message(message);
        let seen = worth_words.then(|| detectors::finding(self, found, odd));
        [measured].into_iter().chain(seen).collect()
    }

    /// The ends of the spell where all cells together are likeliest: the largest
    /// move of one rate is beside it by chance. An end of the stream stays, and
    /// where one place says nearly as much as two there is only one: by chance
    /// the largest move begins a few rows after the first.
    fn refined(&self, found: &Found) -> (usize, usize) {
        let blocks = self.current.cells.len();
        let reach = (blocks / REACH).max(2);
        let near = |place: usize| place.saturating_sub(reach)..=place + reach;
        let scored = |spell: (usize, usize)| (self.likelihood(found.signal, spell), spell);
        let best = |candidates: &mut dyn Iterator<Item = (usize, usize)>, start| {
            let better = |best: (f64, (usize, usize)), next: (f64, (usize, usize))| {
                if next.0 > best.0 { next } else { best }
            };
            candidates.map(scored).fold(scored(start), better)
        };
        let (mut from, mut to) = (found.change.from, found.change.to);
        let mut likeliest = scored((from, to));
        if from > 0 {
            let ends = near(from).filter(|from| *from > 0 && *from < to);
            likeliest = best(&mut ends.map(|from| (from, to)), (from, to));
            from = likeliest.1.0;
        }
        if to < blocks {
            let ends = near(to).filter(|to| *to > from && *to < blocks);
            likeliest = best(&mut ends.map(|to| (from, to)), (from, to));
            to = likeliest.1.1;
        }
        if from == 0 || to >= blocks {
            return (from, to);
        }
        let since = near(from).filter(|from| (1..blocks).contains(from));
        let since = best(&mut since.map(|from| (from, blocks)), (from, blocks));
        let until = near(to).filter(|to| (1..blocks).contains(to));
        let until = best(&mut until.map(|to| (0, to)), (0, to));
        let one = if until.0 > since.0 { until } else { since };
        match likeliest.0 - one.0 < found.worth_a_place() {
            true => one.1,
            false => (from, to),
        }
    }

    /// Log likelihood of all cells where a spell has shares of its own.
    fn likelihood(&self, signal: Signal, (from, to): (usize, usize)) -> f64 {
        let of = |wanted: &dyn Fn(usize) -> bool| {
            log_likelihood(&self.parts(signal, &self.current.sums(wanted)))
        };
        of(&|block| (from..to).contains(&block)) + of(&|block| !(from..to).contains(&block))
    }

    /// Missing and other rows, or the cells of the values that are there.
    fn parts(&self, signal: Signal, counts: &[u64]) -> Vec<u64> {
        match (signal, counts.split_last()) {
            (Signal::Missing, Some((missing, cells))) => vec![*missing, cells.iter().sum()],
            (_, Some((_, cells))) => cells.to_vec(),
            (_, None) => vec![],
        }
    }

    /// How far counts are apart: missing values from all others, or the cells
    /// of the values that are there.
    fn shift(&self, signal: Signal, left: &[u64], right: &[u64]) -> Shift {
        match signal {
            Signal::Missing => Shift::of_rates(signal.hits_of(left), signal.hits_of(right)),
            _ => Shift::of_counts(&self.parts(signal, left), &self.parts(signal, right)),
        }
    }

    /// "`pressure`: 31 % of the rows have no value from row 12033 on
    /// (2013-03-14T07:00Z), 0.4 % before".
    fn words(&self, signal: Signal, odd: Odd, [now, others, reference]: [&[u64]; 3]) -> String {
        let (place, rest) = odd.words(self.current);
        let rate = |counts: &[u64]| {
            let (hits, rows) = signal.hits_of(counts);
            hits as f64 / rows.max(1) as f64
        };
        let (now, others) = percent_pair(rate(now), rate(others));
        let name = column(&self.coding.name);
        let what = match (signal, &self.coding.cells) {
            (Signal::Below(cut), Cells::Edges(edges)) => {
                format!(
                    "values below {}",
                    number(edges.get(cut - 1).copied().unwrap_or(f64::NAN))
                )
            }
            (Signal::In(cell), Cells::Words(words)) => match words.get(cell) {
                Some(word) => format!("values {}", short(word)),
                None => "values beyond the frequent ones".into(),
            },
            _ => "rows without a value".into(),
        };
        format!(
            "{name}: {what} are {now} {place}, {others} {rest} ({} in the reference)",
            percent(rate(reference))
        )
    }

    /// The rate along either side.
    fn evidence(&self, signal: Signal) -> Evidence {
        let along = |series: &Series<'_>| -> Vec<f64> {
            let (hits, rows) = series.signal(signal);
            let blocks = hits.len();
            let part = |point: usize| {
                let place = point * blocks / POINTS..((point + 1) * blocks).div_ceil(POINTS);
                let sum = |counts: &[u64]| {
                    counts
                        .get(place.clone())
                        .unwrap_or_default()
                        .iter()
                        .sum::<u64>() as f64
                };
                sum(&hits) / sum(&rows).max(1.0)
            };
            (0..POINTS).map(part).collect()
        };
        let labels = (0..POINTS).map(|point| percent(point as f64 / POINTS as f64));
        Evidence {
            title: "rate along the rows, from the first to the last".into(),
            labels: labels.collect(),
            reference: along(self.reference),
            current: along(self.current),
        }
    }
}

/// Of counts under their own shares, but for a constant.
fn log_likelihood(counts: &[u64]) -> f64 {
    let rows = counts.iter().sum::<u64>() as f64;
    let held = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| *count as f64);
    held.map(|count| count * (count / rows).ln()).sum()
}
