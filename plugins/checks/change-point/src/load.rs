//! Did rows stop coming, or come faster, within the current data?

use driftguard_distribution::instant::iso;
use driftguard_distribution::words::{column, number};
use driftguard_sdk::prelude::{Finding, Status, Subject};
use driftguard_statistics::block_series::BlockSeries;
use driftguard_statistics::bridge::{change, inflation};
use driftguard_statistics::kuiper::{RANGE_NOISE, range_sf_estimated};

use crate::profile::Load;

const METRIC: &str = "load-change/kuiper/v1";
const HOUR: f64 = 3.6e9;
/// Fewest blocks of time on either side.
const FEWEST_BLOCKS: usize = 8;
/// Blocks without rows are filled in up to so many in all: stray instants
/// (`1900-01-01`) leave more than that.
const MOST_BLOCKS: i64 = 4_096;
/// Rows that would fit into a block: so many more than there ever are that
/// counts follow Poisson's law.
const ROOM: u64 = 1_000;
/// As for columns.
const LONGEST: f64 = 0.25;
const WORTH_WORDS: f64 = 0.01;

/// Rows of every block from the second to the last but one: those at the ends
/// are cut.
fn rows(load: &BlockSeries<Load>) -> Option<(i64, Vec<u64>)> {
    let (first, last) = (load.iter().next()?.0, load.iter().next_back()?.0);
    let width = load.width();
    let blocks = (last / width).checked_sub(first / width)?.checked_sub(1)?;
    if !(1..=MOST_BLOCKS).contains(&blocks) {
        return None;
    }
    let mut rows = vec![0; blocks as usize];
    for (start, load) in load.iter() {
        let at = start / width - first / width - 1;
        if let Some(count) = usize::try_from(at).ok().and_then(|at| rows.get_mut(at)) {
            *count = load.0;
        }
    }
    Some((first + width, rows))
}

/// Where rows per time changed: supporting, since gaps and volume are decided
/// by `timeliness`.
pub(crate) fn finding(
    name: &str,
    reference: &BlockSeries<Load>,
    current: &BlockSeries<Load>,
) -> Finding {
    let base = Finding::supporting(METRIC, Subject::Column(name.to_owned()));
    let few = || {
        let message = format!(
            "{}: too few hours to tell whether rows come as fast as before",
            column(name)
        );
        base.clone()
            .status(Status::InsufficientData)
            .message(message)
    };
    let (Some((_, before)), Some((start, now))) = (rows(reference), rows(current)) else {
        return few();
    };
    if before.len().min(now.len()) < FEWEST_BLOCKS {
        return few();
    }
    let room = |rows: &[u64]| {
        let most = rows.iter().max().copied().unwrap_or(0).max(1);
        vec![most.saturating_mul(ROOM); rows.len()]
    };
    let Some(found) = change(&now, &room(&now)) else {
        return few();
    };
    let longest = LONGEST * now.len() as f64 / before.len() as f64;
    let room_before = room(&before);
    let all: f64 = room_before.iter().map(|rows| *rows as f64).sum();
    let spread = inflation(&before, &room_before, longest * all);
    // The variance of Poisson counts grows with their mean: all else is alike.
    let rows: u64 = now.iter().sum();
    let statistic = found.range / (rows as f64 * spread.factor).sqrt();
    let p_value = range_sf_estimated(statistic, spread.dof);
    let hours = current.width() as f64 / HOUR;
    let (inside, outside) =
        now.iter()
            .enumerate()
            .fold(((0, 0), (0, 0)), |(mut a, mut b), (block, rows)| {
                let side = if (found.from..found.to).contains(&block) {
                    &mut a
                } else {
                    &mut b
                };
                *side = (side.0 + rows, side.1 + 1);
                (a, b)
            });
    let per_hour = |(rows, blocks): (u64, u64)| rows as f64 / (blocks as f64 * hours).max(1e-9);
    let at = |block: usize| iso(start + block as i64 * current.width());
    let message = if p_value > WORTH_WORDS {
        format!(
            "{}: rows come as they do in the reference (largest change {}, {} is usual)",
            column(name),
            number(statistic),
            number(RANGE_NOISE.mean)
        )
    } else if found.to >= now.len() {
        format!(
            "{}: {} rows per hour from {} on, {} before",
            column(name),
            number(per_hour(inside)),
            at(found.from),
            number(per_hour(outside))
        )
    } else {
        format!(
            "{}: {} rows per hour from {} to {}, {} outside of that",
            column(name),
            number(per_hour(inside)),
            at(found.from),
            at(found.to),
            number(per_hour(outside))
        )
    };
    let (n, m) = (before.iter().sum(), rows);
    base.statistic(statistic)
        .effect((found.range / (rows as f64).max(1.0)).min(1.0))
        .noise(RANGE_NOISE.mean, RANGE_NOISE.sd)
        .p_value(p_value)
        .rows(n, m)
        .message(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn series(minutes: impl Iterator<Item = i64>) -> BlockSeries<Load> {
        let mut series = BlockSeries::new(256, 20);
        for minute in minutes {
            series
                .at(
                    1_364_878_800_000_000 + minute * MINUTE,
                    |load: &mut Load| load.0 += 1,
                )
                .unwrap();
        }
        series
    }

    #[test]
    fn a_load_that_nearly_stopped() {
        let reference = series(0..6_000);
        let steady = finding("t", &reference, &series(6_000..9_000));
        assert!(steady.p_value.unwrap() > 0.5, "{}", steady.message);
        let stopped = series((6_000..9_000).filter(|minute| *minute < 8_000 || minute % 10 == 0));
        let found = finding("t", &reference, &stopped);
        assert!(found.p_value.unwrap() < 1e-6, "{}", found.message);
        assert!(
            found.message.contains("rows per hour from 2013-04-07T18:"),
            "{}",
            found.message
        );
        assert!(found.message.ends_with("60 before"), "{}", found.message);
    }

    #[test]
    fn stray_and_missing_instants() {
        let reference = series(0..6_000);
        for few in [
            series(0..0),
            series(0..1),
            series([-40_000_000, 0, 1].into_iter()),
        ] {
            let found = finding("t", &reference, &few);
            assert_eq!(
                (found.status, found.effect),
                (Status::InsufficientData, 0.0)
            );
        }
    }
}
