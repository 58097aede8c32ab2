//! Which values are compared one by one, and which together.
//!
//! The frame lists the values that were frequent in the reference. Comparing
//! listed values with "all others" would alarm on columns of many rare
//! values although nothing changed: the list was made by looking at one side
//! only, so a value is in it because it was frequent there by chance, and it
//! is less frequent on any other side. The choice must therefore depend on
//! both sides together (rows of the two as one):
//!
//! - where every value of both sides is known, each is a cell of its own;
//! - otherwise only listed values whose share of both sides together is so
//!   large that chance could not have kept them off the list
//!   ([`CategoricalFrame::sure_share`]); all others are one cell.

use std::collections::BTreeMap;

use super::{CategoricalFrame, CategoricalProfile};

/// The label of values that are compared together.
pub const OTHERS: &str = "(other values)";

/// One value, or all that are compared together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The value; None for all that are compared together.
    pub value: Option<&'a str>,
    /// Rows of the reference.
    pub reference: u64,
    /// Rows of the current side.
    pub current: u64,
}

/// Both sides over the same cells; listed values first, in the frame's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells<'a> {
    cells: Vec<Cell<'a>>,
}

impl<'a> Cells<'a> {
    /// The cells of two profiles on this frame.
    pub fn new(
        frame: &'a CategoricalFrame,
        reference: &'a CategoricalProfile,
        current: &'a CategoricalProfile,
    ) -> Self {
        let counts = reference.known().iter().zip(current.known());
        let mut cells: Vec<Cell<'a>> = frame
            .known()
            .iter()
            .zip(counts)
            .map(|(value, (p, q))| Cell {
                value: Some(value.as_str()),
                reference: *p,
                current: *q,
            })
            .collect();
        match (reference.others().values(), current.others().values()) {
            (Some(p), Some(q)) => cells.extend(union(p, q)),
            _ => {
                let others = (reference.others().rows(), current.others().rows());
                let rows = reference.rows() as f64 + current.rows() as f64;
                cells = with_rare_together(cells, others, frame.sure_share() * rows);
            }
        }
        cells.retain(|cell| cell.reference > 0 || cell.current > 0);
        Self { cells }
    }

    /// The occupied cells.
    pub fn all(&self) -> &[Cell<'a>] {
        &self.cells
    }

    /// Counts of both sides, reference first.
    pub fn counts(&self) -> (Vec<u64>, Vec<u64>) {
        let cells = self.cells.iter();
        cells.map(|cell| (cell.reference, cell.current)).unzip()
    }

    /// Cells with their shares on both sides, the largest change first.
    pub fn by_change(&self) -> Vec<Change<'_>> {
        let (n, m) = self
            .cells
            .iter()
            .fold((0.0, 0.0), |(n, m): (f64, f64), cell| {
                (n + cell.reference as f64, m + cell.current as f64)
            });
        let mut changes: Vec<Change<'_>> = self
            .cells
            .iter()
            .map(|cell| Change {
                label: cell.value.unwrap_or(OTHERS),
                reference: cell.reference as f64 / n.max(1.0),
                current: cell.current as f64 / m.max(1.0),
            })
            .collect();
        changes.sort_by(|a, b| {
            let by_size = b.moved().abs().total_cmp(&a.moved().abs());
            by_size.then_with(|| a.label.cmp(b.label))
        });
        changes
    }
}

/// A value's shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change<'a> {
    /// The value.
    pub label: &'a str,
    /// Share of the reference, 0 to 1.
    pub reference: f64,
    /// Share of the current side, 0 to 1.
    pub current: f64,
}

impl Change<'_> {
    /// What the value gained, current less reference.
    pub fn moved(&self) -> f64 {
        self.current - self.reference
    }
}

fn union<'a>(
    reference: &'a BTreeMap<String, u64>,
    current: &'a BTreeMap<String, u64>,
) -> Vec<Cell<'a>> {
    let mut rows: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    reference
        .iter()
        .for_each(|(value, n)| rows.entry(value).or_default().0 = *n);
    current
        .iter()
        .for_each(|(value, n)| rows.entry(value).or_default().1 = *n);
    rows.into_iter()
        .map(|(value, (reference, current))| Cell {
            value: Some(value),
            reference,
            current,
        })
        .collect()
}

fn with_rare_together(cells: Vec<Cell<'_>>, others: (u64, u64), sure_rows: f64) -> Vec<Cell<'_>> {
    let sure = |cell: &Cell<'_>| cell.reference as f64 + cell.current as f64 >= sure_rows;
    let (mut kept, rare): (Vec<Cell>, Vec<Cell>) = cells.into_iter().partition(sure);
    let together = rare.iter().fold(others, |(n, m), cell| {
        (
            n.saturating_add(cell.reference),
            m.saturating_add(cell.current),
        )
    });
    kept.push(Cell {
        value: None,
        reference: together.0,
        current: together.1,
    });
    kept
}
