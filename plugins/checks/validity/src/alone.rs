//! Rows of values that one side has alone: what is told of them.

use driftguard_distribution::Subjected;
use driftguard_distribution::words::{percent, short};
use driftguard_sdk::prelude::{Evidence, Finding};
use driftguard_statistics::Noise;
use driftguard_statistics::exchangeable::{AllHere, OneSided};
use driftguard_statistics::rates::wilson;
use driftguard_statistics::unlisted::{Estimate, Unlisted, estimate};
use driftguard_statistics::values::Paired;

use crate::profile::ValueCounts;
use crate::values::{Table, Value};

/// Coverage of the intervals.
const LEVEL: f64 = 0.95;
/// Values named in a message.
const NAMED: usize = 3;
/// Values in the table of evidence.
const SHOWN: usize = 10;

/// Where not all values are known: listed ones are, and of the others a fair
/// sample. Rows of each before and now.
#[derive(Debug)]
pub(crate) struct Partly {
    listed: Vec<(u64, u64)>,
    sampled: Vec<(u64, u64)>,
    /// Part of all unlisted values that is in the sample.
    fraction: f64,
    /// All rows of unlisted values.
    unlisted: (u64, u64),
}

impl Partly {
    /// `others` are the values of both that are not listed.
    pub(crate) fn new(before: &ValueCounts, now: &ValueCounts, others: &Paired<'_>) -> Self {
        let listed = before.known.as_slice().iter().zip(now.known.as_slice());
        Self {
            listed: listed.map(|(before, now)| (*before, *now)).collect(),
            sampled: others.rows(),
            fraction: others.fraction(),
            unlisted: (before.others.rows(), now.others.rows()),
        }
    }

    /// Rows that one side has alone as shares of all its rows, listed values
    /// counted and the others estimated. `side` puts that side first.
    /// `sides` are for all rows of it, `here`, and of the other.
    pub(crate) fn alone(&self, side: Side, here: u64, sides: &AllHere) -> Option<Unlisted> {
        let pair = |counts: &(u64, u64)| match side {
            Side::Now => (counts.1, counts.0),
            Side::Before => *counts,
        };
        let sampled: Vec<(u64, u64)> = self.sampled.iter().map(pair).collect();
        let found = estimate(&sampled, self.fraction, sides, LEVEL)?;
        let listed = sides.one_sided(self.listed.iter().map(pair))?;
        let all = here as f64;
        let part = pair(&self.unlisted).0 as f64 / all;
        let whole = |one: Estimate, rows: f64| Estimate {
            value: rows / all + part * one.value,
            low: rows / all + part * one.low,
            high: rows / all + part * one.high,
        };
        Some(Unlisted {
            alone: whole(found.alone, listed.rows as f64),
            excess: whole(found.excess, listed.rows as f64 - listed.noise.mean),
        })
    }
}

/// Which side has what the other has not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Side {
    Now,
    Before,
}

impl Side {
    /// Rows of a value on this side, and on the other.
    pub(crate) fn rows(self, value: &Value<'_>) -> (u64, u64) {
        match self {
            Self::Now => (value.now, value.before),
            Self::Before => (value.before, value.now),
        }
    }
}

/// Rows of values that one side has alone.
pub(crate) struct Mass {
    pub(crate) metric: &'static str,
    pub(crate) words: &'static str,
    /// All rows of that side.
    pub(crate) rows: u64,
    /// Of the values of the table.
    pub(crate) sided: OneSided,
    pub(crate) side: Side,
    /// Share that the reference's own turnover explains.
    pub(crate) natural: f64,
    /// Of all values, where the table does not hold them all.
    pub(crate) estimated: Option<Unlisted>,
}

/// What is told of a mass, in shares of the rows.
struct Told {
    share: f64,
    effect: f64,
    interval: Option<(f64, f64)>,
}

impl Mass {
    /// Counted shares are what they are; of an estimate the lower end decides,
    /// but no less than was counted.
    fn told(&self) -> Told {
        let all = self.rows as f64;
        let counted = self.sided.rows as f64 / all;
        let chance = self.sided.noise.mean / all + self.natural;
        let effect = (counted - chance).max(0.0);
        let Some(found) = &self.estimated else {
            let range = wilson(self.sided.rows.min(self.rows), self.rows, LEVEL);
            let less = |end: f64| end - chance;
            return Told {
                share: counted,
                effect,
                interval: range
                    .map(|range| (less(range.low).clamp(0.0, effect), range.high.max(effect))),
            };
        };
        let effect = effect.max(found.excess.low - self.natural).min(1.0);
        Told {
            share: found.alone.value.clamp(counted, 1.0),
            effect,
            interval: Some((
                effect,
                (found.excess.high - self.natural).clamp(effect, 1.0),
            )),
        }
    }

    /// Where no value is so rare that chance could hide it, and none is
    /// hidden, nothing was tested.
    pub(crate) fn is_tested(&self) -> bool {
        self.sided.rows > 0 || self.sided.noise.mean > 0.5
    }

    /// The numbers of [`Self::finding`] for ranks.
    pub(crate) fn ranked(&self, about: &Subjected<'_>) -> Finding {
        let told = self.told();
        about.ranked(self.metric, told.share, told.effect, self.noise())
    }

    fn noise(&self) -> Noise {
        Noise {
            mean: self.chance(),
            sd: self.sided.noise.sd / self.rows as f64,
        }
    }

    pub(crate) fn finding(
        self,
        about: &Subjected<'_>,
        table: &Table<'_>,
        decides: bool,
    ) -> Finding {
        let told = self.told();
        let mut alone: Vec<&Value<'_>> = table
            .values
            .iter()
            .filter(|value| self.side.rows(value).1 == 0 && self.side.rows(value).0 > 0)
            .collect();
        alone.sort_by_key(|value| std::cmp::Reverse(self.side.rows(value).0));
        let message = self.message(about, &alone, &told);
        let finding = match decides && self.is_tested() {
            true => about.measurement(self.metric, message),
            false => about.supporting(self.metric, message),
        };
        let noise = self.noise();
        let finding = finding
            .statistic(told.share)
            .effect(told.effect)
            .noise(noise.mean, noise.sd)
            .p_value(self.sided.p_value());
        let finding = match told.interval {
            Some((low, high)) => finding.interval(low, high, LEVEL),
            None => finding,
        };
        match alone.is_empty() {
            true => finding,
            false => finding.evidence(shown(about, &alone)),
        }
    }

    /// Share that chance and turnover leave on one side alone.
    fn chance(&self) -> f64 {
        let counted = self.sided.noise.mean / self.rows as f64;
        let by_chance = match &self.estimated {
            Some(found) => (found.alone.value - found.excess.value).max(counted),
            None => counted,
        };
        (by_chance + self.natural).min(1.0)
    }

    fn message(&self, about: &Subjected<'_>, alone: &[&Value<'_>], told: &Told) -> String {
        let name = about.name();
        if alone.is_empty() {
            return format!("{name}: no value is {}", self.words);
        }
        let named: Vec<String> = alone
            .iter()
            .take(NAMED)
            .map(|value| {
                let rows = self.side.rows(value).0 as f64;
                format!("{} {}", short(value.text), percent(rows / self.rows as f64))
            })
            .collect();
        let more = match alone.len() > NAMED || self.estimated.is_some() {
            true => ", ...",
            false => "",
        };
        let are = match &self.estimated {
            Some(found) => format!(
                "about {} ({} to {}) of the rows have values that are",
                percent(told.share),
                percent(found.alone.low.clamp(0.0, told.share)),
                percent(found.alone.high.clamp(told.share, 1.0))
            ),
            None => match alone.len() {
                1 => format!("{} of the rows have 1 value that is", percent(told.share)),
                count => format!(
                    "{} of the rows have {count} values that are",
                    percent(told.share)
                ),
            },
        };
        let mut message = format!("{name}: {are} {} ({}{more})", self.words, named.join(", "));
        let chance = self.chance();
        if self.natural > 1e-4 {
            message.push_str(&format!(
                "; {} are so by chance and as values come and go within the reference",
                percent(chance)
            ));
        } else if chance > 1e-4 {
            message.push_str(&format!("; {} are so by chance", percent(chance)));
        }
        message
    }
}

/// Shares of the values that only one side has.
fn shown(about: &Subjected<'_>, alone: &[&Value<'_>]) -> Evidence {
    let shown = alone.iter().take(SHOWN);
    let share = |rows: u64, all: u64| rows as f64 / all.max(1) as f64;
    Evidence {
        title: "share of rows by value".into(),
        labels: shown.clone().map(|value| short(value.text)).collect(),
        reference: shown
            .clone()
            .map(|value| share(value.before, about.reference))
            .collect(),
        current: shown.map(|value| share(value.now, about.current)).collect(),
    }
}
