//! From a value to its bin without a binary search for each value.
//!
//! The dense part of the edges is covered by a uniform grid; a grid cell knows
//! how many edges lie in lower cells, so only the edges inside the cell are
//! compared. The cell function is monotone in the value, which makes the
//! answer exact whatever the rounding: an edge in a lower cell is smaller, an
//! edge in a higher cell is larger.
//!
//! Cells of many values are found first, without a branch, and then the bins:
//! most cells hold at most two edges (an atom has one on either side), and
//! those are compared without a branch, too. Measured on 120 edges and random
//! values: 2.3 ns a value, where one value at a time with a loop over the
//! cell's edges takes 4.8.

use multiversion::multiversion;

/// A power of two, so that a cell's number is cut to size by a mask.
const CELLS: usize = 1024;
/// Adding it to a small number rounds to a whole one, which then stands in the
/// lowest bits.
const ROUND: f64 = (1_u64 << 52) as f64;

/// The edges inside one cell of the grid.
#[derive(Debug, Clone, Copy)]
struct Cell {
    /// The first two edges; infinity if there are fewer.
    first: [f64; 2],
    /// Edges in lower cells.
    below: u32,
    /// Edges in this cell, if they are more than two.
    many: u32,
}

/// Strictly rising finite edges with their grid.
#[derive(Debug)]
pub(crate) struct BinIndex {
    edges: Vec<f64>,
    origin: f64,
    scale: f64,
    /// [`CELLS`] of them.
    cells: Vec<Cell>,
}

impl BinIndex {
    /// None if the edges are not finite and strictly rising.
    pub(crate) fn new(edges: Vec<f64>) -> Option<Self> {
        let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || edges.iter().any(|edge| !edge.is_finite()) {
            return None;
        }
        let (origin, scale) = grid(&edges);
        let mut cells = Vec::with_capacity(CELLS);
        let mut below = 0;
        for number in 0..CELLS {
            let inside = edges[below..]
                .iter()
                .take_while(|edge| cell(**edge, origin, scale) as usize == number)
                .count();
            let edge = |at: usize| {
                let edge = edges.get(below + at).filter(|_| at < inside);
                edge.copied().unwrap_or(f64::INFINITY)
            };
            cells.push(Cell {
                first: [edge(0), edge(1)],
                below: below as u32,
                many: if inside > 2 { inside as u32 } else { 0 },
            });
            below += inside;
        }
        Some(Self {
            edges,
            origin,
            scale,
            cells,
        })
    }

    pub(crate) fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.edges.as_slice()) + size_of_val(self.cells.as_slice())
    }

    /// Edges plus one.
    pub(crate) fn bins(&self) -> usize {
        self.edges.len() + 1
    }

    /// Calls `act` with the bin of each value, the number of edges <= value.
    /// Values are finite; `N` of them at most are looked at.
    #[inline]
    pub(crate) fn for_each_bin<const N: usize>(
        &self,
        values: &[f64],
        mut act: impl FnMut(usize, usize),
    ) {
        let mut numbers = [0_u16; N];
        cells(&mut numbers, values, self.origin, self.scale);
        for (row, (number, &value)) in numbers.iter().zip(values).enumerate() {
            act(row, self.bin_in(usize::from(*number), value));
        }
    }

    /// The bin of one value that is a number.
    pub(crate) fn bin(&self, value: f64) -> usize {
        self.edges.partition_point(|edge| *edge <= value)
    }

    #[inline]
    fn bin_in(&self, number: usize, value: f64) -> usize {
        // The mask tells the compiler that no check is needed.
        let cell = &self.cells[number & (CELLS - 1)];
        if cell.many > 0 {
            return self.search(cell, value);
        }
        let [first, second] = cell.first;
        cell.below as usize + usize::from(first <= value) + usize::from(second <= value)
    }

    #[cold]
    fn search(&self, cell: &Cell, value: f64) -> usize {
        let (low, many) = (cell.below as usize, cell.many as usize);
        low + self.edges[low..low + many].partition_point(|&edge| edge <= value)
    }
}

/// The cells of finite values.
#[multiversion(targets("x86_64+avx2", "x86_64+avx512f+avx512bw+avx512vl"))]
fn cells(numbers: &mut [u16], values: &[f64], origin: f64, scale: f64) {
    for (number, value) in numbers.iter_mut().zip(values) {
        *number = cell(*value, origin, scale);
    }
}

/// The cell of a finite value; those beyond the grid are in the first or last.
#[inline]
fn cell(value: f64, origin: f64, scale: f64) -> u16 {
    let place = (value - origin) * scale;
    // Written so that what is no number (of an empty grid) goes to the first.
    let place = if place > 0.0 { place } else { 0.0 };
    let last = (CELLS - 1) as f64;
    let place = if place < last { place } else { last };
    ((place + ROUND).to_bits() & (CELLS as u64 - 1)) as u16
}

/// Origin and cells per unit of a grid over the dense middle of the edges:
/// the outer fifths may be tails that reach very far.
fn grid(edges: &[f64]) -> (f64, f64) {
    let fifth = edges.len() / 5;
    let (Some(&low), Some(&high)) = (
        edges.get(fifth),
        edges.get(edges.len().saturating_sub(1 + fifth)),
    ) else {
        return (0.0, 0.0);
    };
    let margin = (high - low) * 0.25;
    let (low, width) = (low - margin, (high - low) + 2.0 * margin);
    let scale = CELLS as f64 / width;
    if scale.is_finite() && low.is_finite() {
        (low, scale)
    } else {
        (0.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bins(index: &BinIndex, values: &[f64]) -> Vec<usize> {
        let mut out = vec![];
        index.for_each_bin::<128>(values, |_, bin| out.push(bin));
        out
    }

    #[test]
    fn refuses_edges_that_do_not_rise() {
        assert!(BinIndex::new(vec![1.0, 1.0]).is_none());
        assert!(BinIndex::new(vec![2.0, 1.0]).is_none());
        assert!(BinIndex::new(vec![f64::NAN]).is_none());
        assert!(BinIndex::new(vec![f64::INFINITY]).is_none());
    }

    #[test]
    fn no_edges_make_one_bin() {
        let index = BinIndex::new(vec![]).unwrap();
        assert_eq!(index.bins(), 1);
        assert_eq!(bins(&index, &[-1e300, 0.0, 1e300]), [0, 0, 0]);
    }

    proptest! {
        #[test]
        fn equals_the_definition(
            mut edges in prop::collection::vec(prop_oneof![-1e3..1e3_f64, -1e300..1e300_f64, -5.0..5.0_f64], 0..150),
            values in prop::collection::vec(prop_oneof![-1e3..1e3_f64, -1e300..1e300_f64, Just(f64::MAX), Just(-0.0)], 1..100),
        ) {
            edges.sort_by(f64::total_cmp);
            edges.dedup();
            if let Some(index) = BinIndex::new(edges.clone()) {
                for values in values.chunks(128).chain(edges.chunks(128)) {
                    let defined = |value: &f64| edges.iter().filter(|edge| *edge <= value).count();
                    let expected: Vec<usize> = values.iter().map(defined).collect();
                    prop_assert_eq!(bins(&index, values), expected);
                }
            }
        }
    }
}
