//! A categorical column: values that are new, gone, or renamed, and a column
//! that stands still.

use std::collections::BTreeMap;

use driftguard_distribution::Subjected;
use driftguard_distribution::words::short;
use driftguard_sdk::prelude::Finding;
use driftguard_statistics::exchangeable::one_sided;
use driftguard_statistics::value_hash;
use driftguard_statistics::values::common_end;

use crate::alone::{Mass, Partly, Side};
use crate::frame::{Turnover, Values};
use crate::profile::ValueCounts;
use crate::renames;
use crate::stuck::{Shared, Stillness};

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
    /// What is needed to tell of those that are not here.
    partly: Option<Partly>,
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
        let reach = common_end(&before.others, &now.others);
        let mut values: Vec<Value> = values
            .into_iter()
            .filter(|(_, (before, now))| *before > 0 || *now > 0)
            .map(|(text, (before, now))| Value { text, before, now })
            .collect();
        let several_before =
            !before.others.complete() || values.iter().filter(|value| value.before > 0).count() > 1;
        if let Some(reach) = reach {
            values.retain(|value| value_hash(&value.text) < reach);
        }
        Self {
            values,
            complete: reach.is_none(),
            several_before,
            partly: Partly::new(before, now),
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
    turnover: &Turnover,
    stillness: &Stillness<'_>,
) -> Vec<Finding> {
    // One value in all of the reference, another in all of the current data:
    // a column that changes from file to file looks like that.
    let replaced = !table.several_before && table.only_now().is_some();
    let decides = !stillness.follows() && !replaced;
    let (n, m) = (about.reference, about.current);
    let sides = [
        (
            "new-values/v1",
            "never seen in the reference",
            Side::Now,
            m,
            n,
        ),
        // What leaves does so whatever the rows that follow: a longer current
        // side is no more evidence than the reference's own length shows.
        ("vanished-values/v1", "gone now", Side::Before, n, m.min(n)),
    ];
    let mut found = vec![];
    for (metric, words, side, here, there) in sides {
        let counts = table.values.iter().map(|value| side.rows(value));
        found.extend(one_sided(counts, here, there).map(|sided| {
            let natural = match side {
                Side::Now => turnover.new_share(n, m),
                Side::Before => turnover.gone_share(),
            };
            let partly = table.partly.as_ref();
            Mass {
                metric,
                words,
                rows: here,
                sided,
                side,
                natural,
                estimated: partly.and_then(|partly| partly.alone(side, here, there)),
            }
            .finding(about, table, decides)
        }));
    }
    found.extend(renames::find(about, table, decides));
    found
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
