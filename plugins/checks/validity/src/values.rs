//! A categorical column: values that are new, gone, or renamed, and a column
//! that stands still.

use driftguard_distribution::Subjected;
use driftguard_distribution::words::short;
use driftguard_sdk::prelude::Finding;
use driftguard_statistics::exchangeable::AllHere;
use driftguard_statistics::value_hash;
use driftguard_statistics::values::paired;

use crate::alone::{Mass, Partly, Side};
use crate::frame::{Turnover, Values};
use crate::profile::ValueCounts;
use crate::renames;
use crate::stuck::{Shared, Stillness};

/// One value and its rows on both sides, reference first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    pub(crate) text: &'a str,
    pub(crate) before: u64,
    pub(crate) now: u64,
}

/// The values whose rows are known on both sides.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// In no order that means anything.
    pub(crate) values: Vec<Value<'a>>,
    /// All values of both sides are here. Else those with the smallest hashes
    /// are, which does not depend on the side they are on.
    pub(crate) complete: bool,
    /// More values than are known here.
    several_before: bool,
    /// What is needed to tell of those that are not here.
    partly: Option<Partly>,
}

impl<'a> Table<'a> {
    pub(crate) fn new(frame: &'a Values, before: &'a ValueCounts, now: &'a ValueCounts) -> Self {
        let counts = before.known.as_slice().iter().zip(now.known.as_slice());
        let listed = frame.listed.known().iter().zip(counts);
        let listed = listed.map(|(text, (before, now))| Value {
            text,
            before: *before,
            now: *now,
        });
        let listed: Vec<Value<'_>> = listed
            .filter(|value| value.before > 0 || value.now > 0)
            .collect();
        let others = paired(&before.others, &now.others);
        let reach = others.end;
        let partly = reach.map(|_| Partly::new(before, now, &others));
        let known = listed.iter().filter(|value| value.before > 0).count()
            + others.values.iter().filter(|pair| pair.left > 0).count();
        let several_before = !before.others.complete() || known > 1;
        let listed = listed
            .into_iter()
            .filter(|value| reach.is_none_or(|reach| value_hash(value.text) < reach));
        let others = others.values.into_iter().map(|pair| Value {
            text: pair.value,
            before: pair.left,
            now: pair.right,
        });
        Self {
            values: listed.chain(others).collect(),
            complete: reach.is_none(),
            several_before,
            partly,
        }
    }

    /// Values in order of text, so that what is told of equal ones does not
    /// depend on hashes.
    pub(crate) fn in_order(mut self) -> Self {
        self.values.sort_by(|left, right| left.text.cmp(right.text));
        self
    }

    /// The only value of the current side.
    fn only_now(&self) -> Option<&Value<'a>> {
        let mut now = self.values.iter().filter(|value| value.now > 0);
        let only = now.next()?;
        (self.complete && now.next().is_none()).then_some(only)
    }
}

/// Both sides, what each has alone, and whether that decides. Where rows of
/// the reference follow each other, values come and go in stretches: then
/// nothing here decides.
fn masses<'t>(
    about: &Subjected<'_>,
    table: &'t Table<'_>,
    turnover: &'t Turnover,
    follows: bool,
) -> (impl Iterator<Item = Mass> + 't, bool) {
    // One value in all of the reference, another in all of the current data:
    // a column that changes from file to file looks like that.
    let replaced = !table.several_before && table.only_now().is_some();
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
    let masses = sides
        .into_iter()
        .filter_map(move |(metric, words, side, here, there)| {
            let counts = table.values.iter().map(|value| side.rows(value));
            let sides = AllHere::new(here, there);
            let partly = table.partly.as_ref();
            Some(Mass {
                metric,
                words,
                rows: here,
                sided: sides.one_sided(counts)?,
                side,
                natural: match side {
                    Side::Now => turnover.new_share(n, m),
                    Side::Before => turnover.gone_share(),
                },
                estimated: partly.and_then(|partly| partly.alone(side, here, &sides)),
            })
        });
    (masses, !follows && !replaced)
}

/// New, vanished and renamed values, of a table in order.
pub(crate) fn findings(
    about: &Subjected<'_>,
    table: &Table<'_>,
    turnover: &Turnover,
    stillness: &Stillness<'_>,
) -> Vec<Finding> {
    let (masses, decides) = masses(about, table, turnover, stillness.follows());
    let mut found: Vec<Finding> = masses
        .map(|mass| mass.finding(about, table, decides))
        .collect();
    found.extend(renames::find(about, table, decides));
    found
}

/// The numbers of the measurements among [`findings`].
pub(crate) fn ranked(
    about: &Subjected<'_>,
    table: &Table<'_>,
    turnover: &Turnover,
    stillness: &Stillness<'_>,
) -> Vec<Finding> {
    let (masses, decides) = masses(about, table, turnover, stillness.follows());
    let tested = masses.filter(|mass| decides && mass.is_tested());
    tested.map(|mass| mass.ranked(about)).collect()
}

/// A column that became constant or froze.
pub(crate) fn still(
    about: &Subjected<'_>,
    table: &Table<'_>,
    stillness: &Stillness<'_>,
) -> Option<Finding> {
    if !table.several_before {
        return None;
    }
    let shared = |value: Option<&Value<'_>>| Shared {
        rows: value.map_or(0, |value| value.before),
        of: about.reference,
    };
    if let Some(only) = table.only_now() {
        return Some(stillness.constant(about, &short(only.text), &shared(Some(only))));
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
