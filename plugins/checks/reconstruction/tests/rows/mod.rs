//! Rows for tests: columns that follow three factors.

use driftguard_check_reconstruction::{Frame, Profile};
use driftguard_distribution::testing::Rng;

pub const COLUMNS: usize = 12;

pub fn rows(seed: u64, n: usize) -> Vec<Vec<f64>> {
    let mut rng = Rng::new(seed);
    let one = |rng: &mut Rng| {
        let factors = [rng.normal(), rng.normal(), rng.normal()];
        (0..COLUMNS)
            .map(|c| factors[c % 3] * [1.0, -1.0][c / 3 % 2] + 0.6 * rng.normal())
            .collect()
    };
    (0..n).map(|_| one(&mut rng)).collect()
}

pub fn frame(rows: &[Vec<f64>]) -> Frame {
    let columns = rows.first().map_or(0, Vec::len);
    let column = |c: usize| (format!("x{c}"), rows.iter().map(|row| row[c]).collect());
    Frame::of_columns(&(0..columns).map(column).collect::<Vec<_>>(), 0.65)
}

pub fn profile(frame: &Frame, rows: &[Vec<f64>], cap: u64) -> Profile {
    let mut profile = Profile::new(cap);
    for (position, row) in (0..).zip(rows) {
        profile.add(frame, position, row.iter().copied());
    }
    profile
}
