//! Which cutting suits the data: a period must be as long as what is judged,
//! there must be enough of them, and each must hold enough rows.

use arrow_array::RecordBatch;
use driftguard_data::instant::column_micros;
use driftguard_data::{ColumnRole, DataError, PeriodUnit};
use driftguard_verdict::Role;

use super::{Chosen, Cutting, MIN_PERIODS};

/// Rows of a period below which most statistics cannot tell anything.
const MIN_ROWS: u64 = 200;

/// Blocks that a table without time is cut into, if it has rows enough.
const BLOCKS: u64 = 60;

/// Most blocks that are scored; more add time and no certainty.
const MAX_BLOCKS: u64 = 100;

/// How the user wants a baseline to be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// As the data suggests.
    #[default]
    Auto,
    /// By time.
    Unit(PeriodUnit),
    /// Into blocks of so many rows.
    Rows(u64),
}

/// First and last instant of all but the 0.1 % of rows at either end: a stray
/// time of a broken clock must not make a reference look a century long.
fn range(sample: &RecordBatch, column: &str) -> Option<(i64, i64)> {
    let mut found: Vec<i64> = column_micros(sample.column_by_name(column)?)
        .into_iter()
        .flatten()
        .collect();
    found.sort_unstable();
    let stray = found.len() / 1_000;
    let first = found.get(stray)?;
    let last = found.get(found.len().checked_sub(stray + 1)?)?;
    Some((*first, *last))
}

fn periods(unit: PeriodUnit, (first, last): (i64, i64)) -> u64 {
    u64::try_from(unit.key(last) - unit.key(first) + 1).unwrap_or(0)
}

fn time_column(roles: &[ColumnRole]) -> Option<&str> {
    let time = roles.iter().find(|role| role.role == Role::Timestamp)?;
    Some(&time.name)
}

/// How to cut the reference of a baseline.
pub(crate) fn for_baseline(
    by: By,
    pilot: &RecordBatch,
    roles: &[ColumnRole],
    rows: Option<u64>,
) -> Result<Chosen, NoCut> {
    let time = time_column(roles).and_then(|column| Some((column, range(pilot, column)?)));
    match by {
        By::Rows(rows) => Ok(Chosen {
            cutting: Cutting::Blocks {
                rows: rows.max(1),
                stride: rows.max(1),
                count: u64::MAX,
            },
            why: "as asked".into(),
        }),
        By::Unit(unit) => {
            let (column, _) = time.ok_or(NoCut::NoTime { unit })?;
            Ok(Chosen {
                cutting: Cutting::Time {
                    column: column.to_owned(),
                    unit: unit.to_string(),
                },
                why: "as asked".into(),
            })
        }
        By::Auto => Ok(automatic(time, rows)),
    }
}

fn automatic(time: Option<(&str, (i64, i64))>, rows: Option<u64>) -> Chosen {
    let enough = |periods: u64| rows.is_none_or(|rows| rows / periods.max(1) >= MIN_ROWS);
    if let Some((column, range)) = time {
        let found = PeriodUnit::ALL.into_iter().rev().find(|unit| {
            let count = periods(*unit, range);
            count >= MIN_PERIODS as u64 && enough(count)
        });
        if let Some(unit) = found {
            return Chosen {
                cutting: Cutting::Time {
                    column: column.to_owned(),
                    unit: unit.to_string(),
                },
                why: format!(
                    "the longest period of which `{column}` holds at least {MIN_PERIODS}: about {}",
                    periods(unit, range)
                ),
            };
        }
    }
    let Some(rows) = rows else {
        return Chosen::whole("no column says when, and a split leaves no blocks");
    };
    let count = (rows / MIN_ROWS).min(BLOCKS);
    if count < MIN_PERIODS as u64 {
        return Chosen::whole(format!(
            "{rows} rows are too few for {MIN_PERIODS} periods of {MIN_ROWS} rows"
        ));
    }
    Chosen {
        cutting: Cutting::Blocks {
            rows: rows / count,
            stride: rows / count,
            count,
        },
        why: match time {
            Some((column, _)) => format!(
                "`{column}` does not span {MIN_PERIODS} periods of {MIN_ROWS} rows: blocks in the order of the files"
            ),
            None => "no column says when: blocks in the order of the files".into(),
        },
    }
}

/// How to cut the reference of two files: into periods as long as the current
/// side, by time or else in the order of rows. The sample of the current side
/// is read only if there is a time to look for in it.
pub(crate) fn for_two_sides(
    reference: &RecordBatch,
    current: impl FnOnce() -> Result<RecordBatch, DataError>,
    roles: &[ColumnRole],
    rows: [Option<u64>; 2],
) -> Result<Chosen, DataError> {
    if let Some(column) = time_column(roles)
        && let Some(reference) = range(reference, column)
        && let Some(current) = range(&current()?, column)
    {
        let span = current.1 - current.0;
        let fits = |unit: &PeriodUnit| {
            let close = |length: i64| span <= length && span > length / 4;
            let enough =
                rows[0].is_none_or(|rows| rows / periods(*unit, reference).max(1) >= MIN_ROWS);
            close(unit.length()) && enough && periods(*unit, reference) >= MIN_PERIODS as u64
        };
        if let Some(unit) = PeriodUnit::ALL.into_iter().find(fits) {
            return Ok(Chosen {
                cutting: Cutting::Time {
                    column: column.to_owned(),
                    unit: unit.to_string(),
                },
                why: format!("the current side spans one {unit} of `{column}`"),
            });
        }
    }
    Ok(match rows {
        [Some(reference), Some(current)]
            if current >= MIN_ROWS && reference / current >= MIN_PERIODS as u64 =>
        {
            let count = (reference / current).min(MAX_BLOCKS);
            Chosen {
                cutting: Cutting::Blocks {
                    rows: current,
                    stride: reference / count,
                    count,
                },
                why: format!("the reference holds {count} blocks as large as the current side"),
            }
        }
        _ => Chosen::whole(
            "the reference does not hold 19 periods as long as the current side (make a baseline, or give a longer reference)",
        ),
    })
}

/// Why data cannot be cut as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCut {
    /// No time column.
    #[error(
        "the reference cannot be cut by {unit}: no column was recognised as its timestamp; name it with --timestamp, or cut into blocks with --by rows:2000"
    )]
    NoTime {
        /// The unit asked for.
        unit: PeriodUnit,
    },
}
