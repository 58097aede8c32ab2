//! From a value to its bin without a binary search for each value.
//!
//! The dense part of the edges is covered by a uniform grid; a grid cell knows
//! how many edges lie in lower cells, so only the edges inside the cell are
//! compared. The cell function is monotone in the value, which makes the
//! answer exact whatever the rounding: an edge in a lower cell is smaller, an
//! edge in a higher cell is larger. Measured on 110 edges: 1.5 to 2.5 ns a
//! value instead of 5 to 7.

const CELLS: usize = 2048;
/// Up to this many edges in a cell are compared one by one.
const LINEAR: usize = 4;

/// Strictly rising finite edges with their grid.
#[derive(Debug)]
pub(crate) struct BinIndex {
    edges: Vec<f64>,
    origin: f64,
    scale: f64,
    /// `below[c]`: number of edges in cells under c; CELLS + 1 entries.
    below: Vec<u32>,
}

impl BinIndex {
    /// None if the edges are not finite and strictly rising.
    pub(crate) fn new(edges: Vec<f64>) -> Option<Self> {
        let rising = edges.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising || edges.iter().any(|edge| !edge.is_finite()) {
            return None;
        }
        let (origin, scale) = grid(&edges);
        let mut index = Self {
            edges,
            origin,
            scale,
            below: vec![0; CELLS + 1],
        };
        for position in 0..index.edges.len() {
            let cell = index.cell(index.edges[position]);
            index.below[cell + 1] += 1;
        }
        for cell in 0..CELLS {
            index.below[cell + 1] += index.below[cell];
        }
        Some(index)
    }

    pub(crate) fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.edges.as_slice()) + size_of_val(self.below.as_slice())
    }

    /// Edges plus one.
    pub(crate) fn bins(&self) -> usize {
        self.edges.len() + 1
    }

    #[inline]
    fn cell(&self, value: f64) -> usize {
        // The cast saturates: values below the grid go to cell 0.
        (((value - self.origin) * self.scale) as usize).min(CELLS - 1)
    }

    /// Number of edges <= value, for a finite value.
    #[inline]
    pub(crate) fn bin(&self, value: f64) -> usize {
        let cell = self.cell(value);
        let mut low = self.below[cell] as usize;
        let high = self.below[cell + 1] as usize;
        if high - low > LINEAR {
            return low + self.edges[low..high].partition_point(|&edge| edge <= value);
        }
        while low < high && self.edges[low] <= value {
            low += 1;
        }
        low
    }
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
        assert_eq!(
            (index.bins(), index.bin(-1e300), index.bin(1e300)),
            (1, 0, 0)
        );
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
                for value in values.iter().chain(&edges) {
                    prop_assert_eq!(index.bin(*value), edges.iter().filter(|edge| *edge <= value).count());
                }
            }
        }
    }
}
