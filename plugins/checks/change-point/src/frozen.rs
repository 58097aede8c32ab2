//! A column that holds one value from some row on: a sensor that froze.

use driftguard_distribution::coding::{Cells, Coding, Values};
use driftguard_distribution::runs::{
    STUCK_ROWS, STUCK_SHARE, STUCK_SHARE_TIMES, STUCK_TIMES, improbable,
};
use driftguard_distribution::words::{column, number, percent, short};
use driftguard_sdk::prelude::{Finding, Subject};
use driftguard_statistics::value_hash;

use crate::place::Odd;
use crate::profile::Only;
use crate::series::Series;

const METRIC: &str = "frozen/blocks/v1";

/// Blocks of one value, one after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    value: u64,
    from: usize,
    to: usize,
    rows: u64,
}

/// The longest run of whole blocks; the first of several.
fn longest(series: &Series<'_>) -> Option<Run> {
    let mut best: Option<Run> = None;
    let mut open: Option<Run> = None;
    for (block, (only, cells)) in series.only.iter().zip(&series.cells).enumerate() {
        let rows: u64 = cells.iter().sum();
        let follows = open.filter(|run| {
            let places = (series.first.get(run.to - 1), series.first.get(block));
            let next = places
                .0
                .zip(places.1)
                .is_some_and(|(one, two)| *two == one + series.width);
            next && *only == Only::One(run.value)
        });
        open = match (follows, only) {
            (Some(run), _) => Some(Run {
                to: block + 1,
                rows: run.rows + rows,
                ..run
            }),
            (None, Only::One(value)) => Some(Run {
                value: *value,
                from: block,
                to: block + 1,
                rows,
            }),
            _ => None,
        };
        let longer = |run: &Run| best.is_none_or(|best| run.rows > best.rows);
        best = open.filter(longer).or(best);
    }
    best
}

/// A column that froze, if it did: the rule is that of
/// [`driftguard_distribution::RunState::stuck_against`], on whole blocks. The
/// longest run of the reference may have as much as two more of its blocks.
pub(crate) fn finding(
    coding: &Coding,
    output: bool,
    reference: &Series<'_>,
    current: &Series<'_>,
) -> Option<Finding> {
    let run = longest(current)?;
    let (n, m) = (reference.rows(), current.rows());
    let usual = longest(reference).map_or(0, |run| run.rows) + 2 * reference.width;
    let share = run.rows as f64 / m as f64;
    let (value, cell) = shown(coding, run.value);
    let counts = reference.sums(|_| true);
    let before =
        cell.and_then(|cell| counts.get(cell)).copied().unwrap_or(0) as f64 / n.max(1) as f64;
    // All rows alike is no change within them: the drift checks see it.
    let began = run.from > 0 || run.to < current.cells.len();
    let froze = began
        && run.rows >= STUCK_ROWS
        && share >= STUCK_SHARE
        && run.rows as f64 > STUCK_TIMES * usual as f64
        && share > STUCK_SHARE_TIMES * usual as f64 / n as f64
        && improbable(before, run.rows, m);
    if !froze {
        return None;
    }
    let spell = Odd::of((run.from, run.to), current.cells.len(), true);
    let (place, _) = spell.words(current);
    let subject = Subject::Column(coding.name.clone());
    // What an output does is judged by `output-drift`; here it is told where.
    let base = if output {
        Finding::supporting(METRIC, subject)
    } else {
        Finding::fault(METRIC, subject)
    };
    Some(base.statistic(run.rows as f64).effect(share).rows(n, m).message(format!(
        "{}: froze at {value} {place}, {} of all rows; the reference never holds one value for more than {usual} rows",
        column(&coding.name),
        percent(share),
    )))
}

/// A value in words, and its cell.
fn shown(coding: &Coding, value: u64) -> (String, Option<usize>) {
    match &coding.cells {
        Cells::Words(words) => {
            let known = words.iter().position(|word| value_hash(word) == value);
            let text = known.and_then(|at| words.get(at)).map(|word| short(word));
            (
                text.unwrap_or_else(|| "one rare value".into()),
                Some(known.unwrap_or(words.len())),
            )
        }
        Cells::Edges(_) => {
            let number_ = f64::from_bits(value);
            let code = coding.codes(&Values::Numbers(vec![number_]));
            (number(number_), code.first().map(|code| usize::from(*code)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(only: &[Only]) -> Series<'static> {
        Series {
            first: (0..only.len() as u64).map(|block| block * 16).collect(),
            width: 16,
            times: vec![None; only.len()],
            cells: vec![&[10, 6]; only.len()],
            only: only.to_vec(),
        }
    }

    #[test]
    fn the_longest_run_of_whole_blocks() {
        let (a, b, several) = (Only::One(1), Only::One(2), Only::Several);
        let run = longest(&series(&[several, a, b, b, several, b, b])).unwrap();
        assert_eq!(
            run,
            Run {
                value: 2,
                from: 2,
                to: 4,
                rows: 32
            }
        );
        assert_eq!(longest(&series(&[several, Only::Nothing])), None);
        let mut gap = series(&[a, a, a]);
        gap.first[2] = 99;
        assert_eq!(longest(&gap).map(|run| run.rows), Some(32));
    }
}
