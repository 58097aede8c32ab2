//! The reference's relation at the current margins.

use super::Table;

/// Rows that are spread over the reference's table by its margins, so that no
/// cell is impossible.
const PRIOR_ROWS: f64 = 1.0;
const ITERATIONS: usize = 300;
const TOLERANCE: f64 = 1e-10;

/// Two tables reduced to the rows and columns that both occupy.
pub(super) struct Both {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Rows of the reference in these cells, above 0 in every cell.
    pub(super) reference: Vec<f64>,
    /// Shares of the current rows.
    pub(super) current: Vec<f64>,
    pub(super) n: f64,
    pub(super) m: f64,
}

impl Both {
    pub(super) fn new(reference: Table<'_>, current: Table<'_>) -> Option<Self> {
        let (rows, columns) = shared(reference, current)?;
        let pick = |table: Table<'_>| -> Vec<f64> {
            let row = |i: &usize| columns.iter().map(move |j| (*i, *j)).collect::<Vec<_>>();
            let cells = rows.iter().flat_map(row);
            cells.map(|(i, j)| table.at(i, j)).collect()
        };
        let (mut counts, mut now) = (pick(reference), pick(current));
        let (n, m): (f64, f64) = (counts.iter().sum(), now.iter().sum());
        let width = columns.len();
        let (by_row, by_column) = sums(&counts, width);
        for (at, count) in counts.iter_mut().enumerate() {
            let row = by_row.get(at / width).copied().unwrap_or(0.0);
            let column = by_column.get(at % width).copied().unwrap_or(0.0);
            *count += PRIOR_ROWS * (row / n) * (column / n);
        }
        now.iter_mut().for_each(|count| *count /= m);
        Some(Self {
            rows: rows.len(),
            columns: width,
            reference: counts,
            current: now,
            n,
            m,
        })
    }

    /// Shares with the odds ratios of the reference and the margins of the
    /// current side.
    pub(super) fn fitted(&self) -> Vec<f64> {
        let (wanted_rows, wanted_columns) = sums(&self.current, self.columns);
        let mut cells = self.reference.clone();
        for _ in 0..ITERATIONS {
            let (rows, _) = sums(&cells, self.columns);
            scale(&mut cells, |at| at / self.columns, &wanted_rows, &rows);
            let (_, columns) = sums(&cells, self.columns);
            scale(
                &mut cells,
                |at| at % self.columns,
                &wanted_columns,
                &columns,
            );
            let (rows, _) = sums(&cells, self.columns);
            let far = rows.iter().zip(&wanted_rows).map(|(a, b)| (a - b).abs());
            if far.fold(0.0, f64::max) < TOLERANCE {
                break;
            }
        }
        cells
    }
}

fn scale(cells: &mut [f64], margin: impl Fn(usize) -> usize, wanted: &[f64], actual: &[f64]) {
    for (at, cell) in cells.iter_mut().enumerate() {
        if let (Some(wanted), Some(actual)) = (wanted.get(margin(at)), actual.get(margin(at))) {
            *cell *= if *actual > 0.0 { wanted / actual } else { 0.0 };
        }
    }
}

/// Sums over the rows and over the columns of a table that is `width` wide.
pub(super) fn sums(cells: &[f64], width: usize) -> (Vec<f64>, Vec<f64>) {
    let mut columns = vec![0.0; width];
    let mut rows = vec![];
    for row in cells.chunks(width.max(1)) {
        rows.push(row.iter().sum());
        columns
            .iter_mut()
            .zip(row)
            .for_each(|(sum, cell)| *sum += cell);
    }
    (rows, columns)
}

/// Rows and columns that are occupied on both sides within each other.
fn shared(reference: Table<'_>, current: Table<'_>) -> Option<(Vec<usize>, Vec<usize>)> {
    let mut rows: Vec<usize> = (0..reference.rows).collect();
    let mut columns: Vec<usize> = (0..reference.columns).collect();
    loop {
        let before = (rows.len(), columns.len());
        let sides = [reference, current];
        rows.retain(|i| {
            sides
                .iter()
                .all(|side| columns.iter().any(|j| side.at(*i, *j) > 0.0))
        });
        columns.retain(|j| {
            sides
                .iter()
                .all(|side| rows.iter().any(|i| side.at(*i, *j) > 0.0))
        });
        if rows.len() < 2 || columns.len() < 2 {
            return None;
        }
        if before == (rows.len(), columns.len()) {
            return Some((rows, columns));
        }
    }
}
