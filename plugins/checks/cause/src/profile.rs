//! Outputs counted by bin and by leaf.

use driftguard_sdk::prelude::{Batch, Error, Kind};
use driftguard_statistics::StateError;
use driftguard_statistics::kitagawa::{Cell, merge};
use serde::{Deserialize, Serialize};

use crate::columns::{Coded, InputColumn, identity};
use crate::frame::{Frame, Input, Sample, bins, read_column, units};
use crate::outputs::{NO_OUTPUT, OutputColumn};

/// Sums over some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// One for each output.
    pub(crate) outputs: Vec<OutputCells>,
}

/// One output's sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutputCells {
    /// For each input, by bin; squares are not counted here.
    pub(crate) inputs: Vec<Vec<Cell>>,
    /// By leaf of the tree.
    pub(crate) leaves: Vec<Cell>,
}

/// Rows that are counted before their sums are unpacked.
const PACKED_ROWS: usize = 1 << 15;
/// Where a packed count begins; below it is the sum.
const COUNT_BIT: u32 = 47;
/// Added to units so that none is negative.
const LIFT: i64 = 1 << 30;

/// A row as one number, its count above its output, so that a bin takes one
/// addition: 2^15 outputs of at most 2^31 fill 46 bits. A row without an output
/// is 0.
fn packed(units: i64) -> u64 {
    match units {
        NO_OUTPUT => 0,
        _ => (1 << COUNT_BIT) + (units + LIFT).unsigned_abs(),
    }
}

fn unpacked(sum: u64) -> Cell {
    let n = sum >> COUNT_BIT;
    let lifted = i128::from(sum & ((1 << COUNT_BIT) - 1));
    Cell {
        n,
        sum: lifted - i128::from(n) * i128::from(LIFT),
        squares: 0,
    }
}

impl Profile {
    /// The profile of no rows.
    pub fn new(frame: &Frame) -> Self {
        let empty = |count: usize| vec![Cell::default(); count];
        let outputs = frame.trees.iter().map(|tree| OutputCells {
            inputs: frame
                .inputs
                .iter()
                .map(|input| empty(input.count()))
                .collect(),
            leaves: empty(tree.leaves()),
        });
        Self {
            outputs: outputs.collect(),
        }
    }

    /// Adds one batch. A column that is not there counts as empty.
    pub(crate) fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        // Without an output there is nothing to explain, and no bin to find.
        if frame.outputs.is_empty() {
            return Ok(());
        }
        let columns = batch.columns();
        let place = |name: &str| -> Option<(u32, Kind)> {
            let (at, column) = (0..).zip(&columns).find(|(_, own)| own.name == name)?;
            Some((at, column.kind))
        };
        let rows = batch.rows() as usize;
        let inputs = frame.inputs.iter().map(|column| {
            let Some((at, kind)) = place(&column.name) else {
                return Ok(missing(column, rows));
            };
            match (kind, column.fine()) {
                (Kind::Numeric, Some(fine)) => Ok(column.coded(batch.bins(at, fine)?)),
                _ => Ok(coded(column, &read_column(batch, at, kind)?)),
            }
        });
        let inputs = inputs.collect::<Result<Vec<Coded>, Error>>()?;
        let outputs = frame.outputs.iter().map(|column| {
            let Some((at, kind)) = place(&column.name) else {
                return Ok(vec![NO_OUTPUT; rows]);
            };
            Ok(units(column, &read_column(batch, at, kind)?))
        });
        let outputs = outputs.collect::<Result<Vec<Vec<i64>>, Error>>()?;
        self.count(frame, &inputs, &outputs)
    }

    /// Adds rows that are at hand.
    ///
    /// # Errors
    /// [`Error::State`] for a profile of another frame.
    pub fn add(&mut self, frame: &Frame, sample: &Sample) -> Result<(), Error> {
        fn find<'s>(side: &'s [(String, Input)], name: &str) -> Option<&'s Input> {
            let found = side.iter().find(|(known, _)| known == name);
            found.map(|(_, values)| values)
        }
        let all = sample.inputs.iter().chain(&sample.outputs);
        let rows = all.map(|(_, values)| values.rows()).max().unwrap_or(0);
        let input = |column: &InputColumn| match find(&sample.inputs, &column.name) {
            Some(values) => coded(column, values),
            None => missing(column, rows),
        };
        let output = |column: &OutputColumn| match find(&sample.outputs, &column.name) {
            Some(values) => units(column, values),
            None => vec![NO_OUTPUT; rows],
        };
        let inputs: Vec<Coded> = frame.inputs.iter().map(input).collect();
        let outputs: Vec<Vec<i64>> = frame.outputs.iter().map(output).collect();
        self.count(frame, &inputs, &outputs)
    }

    fn count(
        &mut self,
        frame: &Frame,
        inputs: &[Coded],
        outputs: &[Vec<i64>],
    ) -> Result<(), Error> {
        self.validate(frame)?;
        for ((cells, units), tree) in self.outputs.iter_mut().zip(outputs).zip(&frame.trees) {
            let words: Vec<u64> = units.iter().copied().map(packed).collect();
            for (mine, input) in cells.inputs.iter_mut().zip(inputs) {
                by_bin(mine, input, &words)?;
            }
            let leaf =
                |row: usize| tree.leaf(|column| inputs.get(column).map_or(0, |own| own.bin(row)));
            for (row, units) in units.iter().enumerate() {
                if *units != NO_OUTPUT
                    && let Some(cell) = cells.leaves.get_mut(leaf(row))
                {
                    cell.push(*units);
                }
            }
        }
        Ok(())
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for another frame, or sums that no rows lead to.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        self.validate(frame)?;
        other.validate(frame)?;
        for (mine, theirs) in self.outputs.iter_mut().zip(&other.outputs) {
            for (mine, theirs) in mine.inputs.iter_mut().zip(&theirs.inputs) {
                merge(mine, theirs).map_err(state)?;
            }
            merge(&mut mine.leaves, &theirs.leaves).map_err(state)?;
        }
        Ok(())
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] if it does not fit the frame.
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        let fits = |cells: &OutputCells, tree: &driftguard_statistics::tree::Tree| {
            let inputs = cells.inputs.iter().map(Vec::len);
            inputs.eq(frame.inputs.iter().map(|input| input.count()))
                && cells.leaves.len() == tree.leaves()
        };
        let all = self.outputs.len() == frame.trees.len()
            && self
                .outputs
                .iter()
                .zip(&frame.trees)
                .all(|(cells, tree)| fits(cells, tree));
        match all {
            true => Ok(()),
            false => Err(Error::State(
                "the profile does not fit its frame; rebuild it from the data".into(),
            )),
        }
    }
}

fn coded(column: &InputColumn, values: &Input) -> Coded {
    Coded {
        codes: bins(column, values),
        place: identity(),
    }
}

/// Rows without a value.
fn missing(column: &InputColumn, rows: usize) -> Coded {
    Coded {
        codes: vec![column.missing(); rows],
        place: identity(),
    }
}

fn state(error: StateError) -> Error {
    Error::State(error.to_string())
}

/// Adds packed rows to cells.
fn by_bin(cells: &mut [Cell], input: &Coded, words: &[u64]) -> Result<(), Error> {
    let pieces = input.codes.chunks(PACKED_ROWS);
    for (bins, words) in pieces.zip(words.chunks(PACKED_ROWS)) {
        // Two tables: neighbouring rows are often in one bin, and an addition
        // would wait for the one before.
        let (mut even, mut odd) = ([0_u64; 256], [0_u64; 256]);
        let (bin_pairs, word_pairs) = (bins.chunks_exact(2), words.chunks_exact(2));
        for (bin, word) in bin_pairs.remainder().iter().zip(word_pairs.remainder()) {
            even[usize::from(*bin)] += word;
        }
        for (bins, words) in bin_pairs.zip(word_pairs) {
            even[usize::from(bins[0])] += words[0];
            odd[usize::from(bins[1])] += words[1];
        }
        for ((place, even), odd) in input.place.iter().zip(even).zip(odd) {
            let Some(cell) = cells.get_mut(usize::from(*place)) else {
                continue;
            };
            if even + odd > 0 {
                cell.merge(&unpacked(even + odd)).map_err(state)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packed_rows_come_back(rows in proptest::collection::vec(
            (0_u8..4, prop_oneof![Just(NO_OUTPUT), Just(LIFT), Just(-LIFT), -LIFT..=LIFT]), 0..200
        )) {
            let bins: Vec<u8> = rows.iter().map(|row| row.0).collect();
            let words: Vec<u64> = rows.iter().map(|row| packed(row.1)).collect();
            let mut cells = vec![Cell::default(); 4];
            by_bin(&mut cells, &Coded { codes: bins, place: identity() }, &words).unwrap();
            for (bin, cell) in cells.iter().enumerate() {
                let here = || rows.iter().filter(|row| usize::from(row.0) == bin && row.1 != NO_OUTPUT);
                prop_assert_eq!(cell.n, here().count() as u64);
                prop_assert_eq!(cell.sum, here().map(|row| i128::from(row.1)).sum::<i128>());
            }
        }
    }

    #[test]
    fn the_largest_batch_fits() {
        for units in [LIFT, -LIFT] {
            let mut cells = [Cell::default()];
            let rows = 1 << 16;
            let input = Coded {
                codes: vec![0; rows],
                place: identity(),
            };
            by_bin(&mut cells, &input, &vec![packed(units); rows]).unwrap();
            assert_eq!(
                (cells[0].n, cells[0].sum),
                (rows as u64, i128::from(units) * rows as i128)
            );
        }
    }
}
