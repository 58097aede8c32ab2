use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Int64Array, TimestampSecondArray};
use proptest::prelude::*;

use super::*;

fn batch(first_row: u64, times: &[i64]) -> RowBatch {
    let rows = Int64Array::from_iter_values(0..times.len() as i64);
    let times = TimestampSecondArray::from_iter(times.iter().map(|&t| (t >= 0).then_some(t)));
    RowBatch {
        first_row,
        batch: RecordBatch::try_from_iter([
            ("row", Arc::new(rows) as ArrayRef),
            ("time", Arc::new(times) as ArrayRef),
        ])
        .unwrap(),
    }
}

fn rows(part: &RowBatch) -> Vec<i64> {
    part.batch
        .column(0)
        .as_primitive::<Int64Type>()
        .values()
        .to_vec()
}

#[test]
fn periods_are_named_by_the_calendar() {
    // date -u -d 2013-03-01T07:30:00Z +%s
    let at = 1_362_123_000_000_000;
    let named = PeriodUnit::ALL.map(|unit| unit.name(unit.key(at)));
    assert_eq!(
        named,
        ["2013-03-01T07", "2013-03-01", "2013-02-25", "2013-03"]
    );
    assert_eq!(
        PeriodUnit::Day.phase(PeriodUnit::Day.key(at)),
        Some(4),
        "a Friday"
    );
    assert_eq!(PeriodUnit::Month.name(PeriodUnit::Month.key(-1)), "1969-12");
}

#[test]
fn mixed_times_are_gathered_and_rows_without_a_time_set_apart() {
    let day = 86_400;
    let cutter = Cutter::Time {
        column: 1,
        unit: PeriodUnit::Day,
        keep: 1,
    };
    let parts = cutter.cut(batch(10, &[day, 5, day + 1, -1, 7])).unwrap();
    let found: Vec<_> = parts
        .iter()
        .map(|(key, part)| (*key, part.first_row, rows(part)))
        .collect();
    assert_eq!(
        found,
        [
            (NO_PERIOD, 10, vec![3]),
            (0, 11, vec![1, 4]),
            (1, 13, vec![0, 2])
        ]
    );
    assert_eq!(
        parts[0].1.batch.num_columns(),
        1,
        "the time was read for the cut alone"
    );
}

/// What lies before and after a long block needs no copy, and rows keep their
/// positions.
#[test]
fn long_runs_are_parts_of_their_own() {
    let cutter = Cutter::Blocks {
        rows: 10_000,
        stride: 30_000,
        count: 1,
    };
    let times: Vec<i64> = (0..25_000).collect();
    let whole = batch(0, &times);
    let second = Cutter::Blocks {
        rows: 5_000,
        stride: 10_000,
        count: 9,
    };
    let parts = cutter.cut(whole.clone()).unwrap();
    let found = |parts: &[(PeriodKey, RowBatch)]| -> Vec<(PeriodKey, u64, usize)> {
        let part =
            |(key, part): &(PeriodKey, RowBatch)| (*key, part.first_row, part.batch.num_rows());
        parts.iter().map(part).collect()
    };
    assert_eq!(found(&parts), [(NO_PERIOD, 0, 15_000), (0, 15_000, 10_000)]);
    let parts = second.cut(whole.clone()).unwrap();
    assert_eq!(
        found(&parts),
        [
            (NO_PERIOD, 0, 5_000),
            (NO_PERIOD, 5_000, 5_000),
            (0, 10_000, 5_000),
            (1, 15_000, 5_000),
            (2, 20_000, 5_000),
        ]
    );
    let data = |part: &RowBatch| part.batch.column(0).to_data().buffers()[0].as_ptr();
    let all = data(&whole) as usize..data(&whole) as usize + 8 * 25_000;
    assert!(
        parts
            .iter()
            .all(|(_, part)| all.contains(&(data(part) as usize)))
    );
}

proptest! {
    /// Blocks depend on positions only, however the stream is batched.
    #[test]
    fn blocks_hold_the_same_rows_however_batched(
        total in 1_usize..200, step in 1_usize..50, rows_of_block in 1_u64..20, gap in 0_u64..5, count in 1_u64..12,
    ) {
        let cutter = Cutter::Blocks { rows: rows_of_block, stride: rows_of_block + gap, count };
        let all: Vec<i64> = (0..total as i64).collect();
        let mut found = std::collections::BTreeMap::<i64, Vec<i64>>::new();
        for start in (0..total).step_by(step) {
            let end = (start + step).min(total);
            let times = TimestampSecondArray::from_iter_values(all[start..end].iter().copied());
            let values = Int64Array::from_iter_values(all[start..end].iter().copied());
            let batch = RowBatch { first_row: start as u64, batch: RecordBatch::try_from_iter([
                ("row", Arc::new(values) as ArrayRef), ("time", Arc::new(times) as ArrayRef)]).unwrap() };
            for (key, part) in cutter.cut(batch).unwrap() {
                found.entry(key).or_default().extend(rows(&part));
            }
        }
        for (key, rows) in found {
            for row in rows {
                let block = row as u64 / (rows_of_block + gap);
                let inside = row as u64 % (rows_of_block + gap) < rows_of_block && block < count;
                prop_assert_eq!(key, if inside { block as i64 } else { NO_PERIOD });
            }
        }
    }
}
