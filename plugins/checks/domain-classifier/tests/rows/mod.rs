//! Rows for tests: numbers that share a factor, and categories.

use driftguard_check_domain_classifier::frame::{Coding, ColumnFrame};
use driftguard_check_domain_classifier::{Frame, Profile};
use driftguard_distribution::testing::Rng;
use driftguard_statistics::value_hash;

/// A row: numbers, then one category.
pub type Row = (Vec<f64>, &'static str);

const CATEGORIES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// `numbers` columns, each moved by `shift`; the last category is as frequent
/// as `extra` in a hundred more.
pub fn rows(seed: u64, n: usize, numbers: usize, shift: f64, extra: u64) -> Vec<Row> {
    let mut rng = Rng::new(seed);
    let one = |rng: &mut Rng| {
        let shared = rng.normal();
        let values = (0..numbers)
            .map(|_| 0.5 * shared + 0.9 * rng.normal() + shift)
            .collect();
        let place = if rng.below(100) < extra {
            4
        } else {
            rng.below(5)
        };
        (values, CATEGORIES[place as usize])
    };
    (0..n).map(|_| one(&mut rng)).collect()
}

pub fn frame(rows: &[Row]) -> Frame {
    let numbers = rows.first().map_or(0, |row| row.0.len());
    let mut columns: Vec<ColumnFrame> = (0..numbers)
        .map(|column| ColumnFrame {
            name: format!("x{column}"),
            coding: Coding::of_numbers(rows.iter().map(|row| row.0[column]).collect()),
        })
        .collect();
    let values = CATEGORIES.iter().map(|value| {
        let count = rows.iter().filter(|row| row.1 == *value).count() as u64;
        (value_hash(value), count)
    });
    columns.push(ColumnFrame {
        name: "kind".into(),
        coding: Coding::of_categories(values.collect()),
    });
    Frame {
        columns,
        left_out: 0,
    }
}

pub fn codes(frame: &Frame, row: &Row) -> Vec<u8> {
    let numbers = row.0.iter().zip(&frame.columns);
    let mut codes: Vec<u8> = numbers
        .map(|(value, column)| column.coding.number(*value))
        .collect();
    codes.push(frame.columns[row.0.len()].coding.category(row.1));
    codes
}

pub fn profile(frame: &Frame, rows: &[Row], cap: usize) -> Profile {
    let mut profile = Profile::new(cap);
    for (position, row) in (0..).zip(rows) {
        profile.add(position, codes(frame, row));
    }
    profile.note_columns(&vec![true; frame.columns.len()]);
    profile
}
