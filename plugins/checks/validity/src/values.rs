//! A categorical column: values that are new, gone, or renamed, and a column
//! that stands still.

use std::collections::BTreeMap;

use driftguard_distribution::Subjected;
use driftguard_distribution::words::{percent, short};
use driftguard_sdk::prelude::{Evidence, Finding};
use driftguard_statistics::exchangeable::{OneSided, one_sided};
use driftguard_statistics::rates::wilson;
use driftguard_statistics::value_hash;

use crate::frame::Values;
use crate::profile::ValueCounts;
use crate::renames;
use crate::stuck::{Shared, Stillness};

/// Coverage of the intervals.
const LEVEL: f64 = 0.95;
/// Values named in a message.
const NAMED: usize = 3;
/// Values in the table of evidence.
const SHOWN: usize = 10;

/// One value and its rows on both sides, reference first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    pub(crate) before: u64,
    pub(crate) now: u64,
}

/// The values whose rows are known on both sides.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) values: Vec<Value>,
    /// All values of both sides are here. Else those with the smallest hashes
    /// are, which does not depend on the side they are on.
    pub(crate) complete: bool,
    /// More values than are known here.
    several_before: bool,
}

impl Table {
    pub(crate) fn new(frame: &Values, before: &ValueCounts, now: &ValueCounts) -> Self {
        let counts = before.known.as_slice().iter().zip(now.known.as_slice());
        let listed = frame.listed.known().iter().zip(counts);
        let mut values: BTreeMap<String, (u64, u64)> = listed
            .map(|(value, (before, now))| (value.clone(), (*before, *now)))
            .collect();
        for kept in before.others.values() {
            values.entry(kept.value.clone()).or_default().0 = kept.rows;
        }
        for kept in now.others.values() {
            values.entry(kept.value.clone()).or_default().1 = kept.rows;
        }
        // Beyond the largest hash that a full sample kept nothing is known of
        // that side.
        let reach = [&before.others, &now.others]
            .into_iter()
            .filter(|sample| !sample.complete())
            .filter_map(|sample| sample.values().last())
            .map(|last| value_hash(&last.value))
            .min();
        let mut values: Vec<Value> = values
            .into_iter()
            .filter(|(_, (before, now))| *before > 0 || *now > 0)
            .map(|(text, (before, now))| Value { text, before, now })
            .collect();
        let several_before =
            !before.others.complete() || values.iter().filter(|value| value.before > 0).count() > 1;
        if let Some(reach) = reach {
            values.retain(|value| value_hash(&value.text) <= reach);
        }
        Self {
            values,
            complete: reach.is_none(),
            several_before,
        }
    }

    /// The only value of the current side.
    fn only_now(&self) -> Option<&Value> {
        let mut now = self.values.iter().filter(|value| value.now > 0);
        let only = now.next()?;
        (self.complete && now.next().is_none()).then_some(only)
    }
}

/// New, vanished and renamed values. Where rows of the reference follow each
/// other, values come and go in stretches: then nothing here decides.
pub(crate) fn findings(
    about: &Subjected<'_>,
    table: &Table,
    stillness: &Stillness<'_>,
) -> Vec<Finding> {
    // One value in all of the reference, another in all of the current data:
    // a column that changes from file to file looks like that.
    let replaced = !table.several_before && table.only_now().is_some();
    let decides = !stillness.follows() && !replaced;
    let side = |value: &Value| (value.now, value.before);
    let other = |value: &Value| (value.before, value.now);
    let (n, m) = (about.reference, about.current);
    let mut found = vec![];
    found.extend(one_sided(table.values.iter().map(side), m, n).map(|sided| {
        Mass {
            metric: "new-values/v1",
            words: "never seen in the reference",
            rows: m,
            sided,
            side,
        }
        .finding(about, table, decides)
    }));
    found.extend(
        one_sided(table.values.iter().map(other), n, m).map(|sided| {
            Mass {
                metric: "vanished-values/v1",
                words: "gone now",
                rows: n,
                sided,
                side: other,
            }
            .finding(about, table, decides)
        }),
    );
    found.extend(renames::find(about, table, decides));
    found
}

/// Rows of values that one side has alone.
struct Mass<F> {
    metric: &'static str,
    words: &'static str,
    /// All rows of that side.
    rows: u64,
    sided: OneSided,
    /// Rows of a value on that side, and on the other.
    side: F,
}

impl<F: Fn(&Value) -> (u64, u64)> Mass<F> {
    fn finding(self, about: &Subjected<'_>, table: &Table, decides: bool) -> Finding {
        let all = self.rows as f64;
        let share = self.sided.rows as f64 / all;
        let noise = self.sided.noise;
        let (mean, sd) = (noise.mean / all, noise.sd / all);
        let effect = (share - mean).max(0.0);
        let mut alone: Vec<&Value> = table
            .values
            .iter()
            .filter(|value| (self.side)(value).1 == 0 && (self.side)(value).0 > 0)
            .collect();
        alone.sort_by_key(|value| std::cmp::Reverse((self.side)(value).0));
        let message = self.message(about, table, &alone, share);
        // Where no value is so rare that chance could hide it, and none is
        // hidden, nothing was tested.
        let finding = match decides && (self.sided.rows > 0 || noise.mean > 0.5) {
            true => about.measurement(self.metric, message),
            false => about.supporting(self.metric, message),
        };
        let finding = finding
            .statistic(share)
            .effect(effect)
            .noise(mean, sd)
            .p_value(self.sided.p_value);
        let finding = match wilson(self.sided.rows.min(self.rows), self.rows, LEVEL) {
            Some(range) => finding.interval(
                (range.low - mean).clamp(0.0, effect),
                range.high.max(effect),
                LEVEL,
            ),
            None => finding,
        };
        match alone.is_empty() {
            true => finding,
            false => finding.evidence(shown(about, &alone)),
        }
    }

    fn message(
        &self,
        about: &Subjected<'_>,
        table: &Table,
        alone: &[&Value],
        share: f64,
    ) -> String {
        let name = about.name();
        let least = match table.complete {
            true => "",
            false => "at least ",
        };
        if alone.is_empty() {
            return format!("{name}: no value is {}", self.words);
        }
        let named: Vec<String> = alone
            .iter()
            .take(NAMED)
            .map(|value| {
                let rows = (self.side)(value).0 as f64;
                format!(
                    "{} {}",
                    short(&value.text),
                    percent(rows / self.rows as f64)
                )
            })
            .collect();
        let more = match alone.len() > NAMED {
            true => ", ...",
            false => "",
        };
        let values = match alone.len() {
            1 => "1 value".to_owned(),
            count => format!("{count} values"),
        };
        let mut message = format!(
            "{name}: {least}{} of the rows have {values} that {} {} ({}{more})",
            percent(share),
            if alone.len() == 1 { "is" } else { "are" },
            self.words,
            named.join(", ")
        );
        let expected = self.sided.noise.mean / self.rows as f64;
        if expected > 1e-4 {
            message.push_str(&format!("; {} are so by chance", percent(expected)));
        }
        message
    }
}

/// Shares of the values that only one side has.
fn shown(about: &Subjected<'_>, alone: &[&Value]) -> Evidence {
    let shown = alone.iter().take(SHOWN);
    let share = |rows: u64, all: u64| rows as f64 / all.max(1) as f64;
    Evidence {
        title: "share of rows by value".into(),
        labels: shown.clone().map(|value| short(&value.text)).collect(),
        reference: shown
            .clone()
            .map(|value| share(value.before, about.reference))
            .collect(),
        current: shown.map(|value| share(value.now, about.current)).collect(),
    }
}

/// A column that became constant or froze.
pub(crate) fn still(
    about: &Subjected<'_>,
    table: &Table,
    stillness: &Stillness<'_>,
) -> Option<Finding> {
    if !table.several_before {
        return None;
    }
    let shared = |value: Option<&Value>| Shared {
        rows: value.map_or(0, |value| value.before),
        of: about.reference,
    };
    if let Some(only) = table.only_now() {
        return Some(stillness.constant(about, &short(&only.text), &shared(Some(only))));
    }
    stillness.frozen(about, |text| {
        let value = table.values.iter().find(|value| value.text == text);
        match value {
            Some(_) => shared(value),
            // Not among the values that are known: it may have been frequent.
            None => Shared { rows: 1, of: 1 },
        }
    })
}
