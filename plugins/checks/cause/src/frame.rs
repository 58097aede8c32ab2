//! What is frozen from the reference: bins, a tree for each output, and which
//! columns go together.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::{Batch, Column, Error, Kind, Role};
use driftguard_statistics::tree::{BinnedColumn, Growth, Tree};
use serde::{Deserialize, Serialize};

use crate::columns::InputColumn;
use crate::outputs::{NO_OUTPUT, OutputColumn};

/// Inputs and outputs that are looked at; more of them are left out.
const MOST_INPUTS: usize = 256;
const MOST_OUTPUTS: usize = 4;
/// From this rank correlation on, two inputs are one group.
const TOGETHER: f64 = 0.7;

/// Bins of the inputs, and what was learnt about each output.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub(crate) inputs: Vec<InputColumn>,
    pub(crate) outputs: Vec<OutputColumn>,
    /// One for each output, over the inputs' bins.
    pub(crate) trees: Vec<Tree>,
    /// For each input the first input of its group.
    pub(crate) group: Vec<u16>,
}

/// The values of one column in a sample or a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Numbers; NaN where there is none.
    Numbers(Vec<f64>),
    /// A code for each row, and what codes stand for.
    Codes(Vec<u32>, Vec<String>),
}

/// Rows of the reference.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// Inputs by name.
    pub inputs: Vec<(String, Input)>,
    /// Outputs by name.
    pub outputs: Vec<(String, Input)>,
}

impl Input {
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Codes(codes, _) => codes.len(),
        }
    }

    pub(crate) fn values(values: &[String]) -> Vec<&str> {
        values.iter().map(String::as_str).collect()
    }

    fn counts(codes: &[u32], values: &[String]) -> BTreeMap<String, u64> {
        let mut counts = vec![0_u64; values.len()];
        for code in codes {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        let present = values.iter().zip(counts).filter(|(_, rows)| *rows > 0);
        present.map(|(value, rows)| (value.clone(), rows)).collect()
    }
}

/// Whether a column is something the model produced.
pub(crate) fn is_output(column: &Column) -> bool {
    matches!(column.role, Role::Prediction | Role::Score)
}

/// Reads a whole batch.
pub(crate) fn read(batch: &Batch) -> Result<Sample, Error> {
    let mut sample = Sample::default();
    for (index, column) in batch.columns().into_iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let values = read_column(batch, index, column.kind)?;
        let side = if is_output(&column) {
            &mut sample.outputs
        } else {
            &mut sample.inputs
        };
        side.push((column.name, values));
    }
    Ok(sample)
}

/// Reads one column.
pub(crate) fn read_column(batch: &Batch, index: u32, kind: Kind) -> Result<Input, Error> {
    if kind == Kind::Numeric {
        return Ok(Input::Numbers(batch.floats(index, 0, batch.rows())?));
    }
    let dictionary = batch.dictionary(index, 0, batch.rows())?;
    let values = dictionary.values.to_texts();
    Ok(Input::Codes(dictionary.codes, values))
}

impl Frame {
    /// Freezes a sample of the reference.
    pub fn fit(sample: &Sample) -> Self {
        let inputs: Vec<InputColumn> = sample
            .inputs
            .iter()
            .take(MOST_INPUTS)
            .map(|(name, input)| match input {
                Input::Numbers(values) => InputColumn::of_numbers(name, values),
                Input::Codes(codes, values) => {
                    InputColumn::of_values(name, &Input::counts(codes, values))
                }
            })
            .collect();
        let outputs: Vec<OutputColumn> = sample
            .outputs
            .iter()
            .take(MOST_OUTPUTS)
            .map(|(name, input)| match input {
                Input::Numbers(values) => OutputColumn::of_numbers(name, values),
                Input::Codes(codes, values) => {
                    OutputColumn::of_values(name, &Input::counts(codes, values))
                }
            })
            .collect();
        let given = inputs.iter().zip(&sample.inputs);
        let bins: Vec<Vec<u8>> = given
            .map(|(column, (_, input))| bins(column, input))
            .collect();
        let given = outputs.iter().zip(&sample.outputs);
        let trees = given
            .map(|(output, (_, values))| tree(&inputs, &bins, &units(output, values)))
            .collect();
        Self {
            group: groups(&inputs, &bins),
            inputs,
            outputs,
            trees,
        }
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] if its parts do not fit together.
    pub fn validate(&self) -> Result<(), Error> {
        self.inputs.iter().try_for_each(InputColumn::validate)?;
        self.outputs.iter().try_for_each(OutputColumn::validate)?;
        for tree in &self.trees {
            tree.validate(self.inputs.len())
                .map_err(|error| Error::State(error.to_string()))?;
        }
        let grouped = self
            .group
            .iter()
            .enumerate()
            .all(|(at, first)| usize::from(*first) <= at);
        let small = self
            .trees
            .iter()
            .all(|tree| tree.leaves() <= Growth::default().leaves);
        let fits = small
            && self.trees.len() == self.outputs.len()
            && self.group.len() == self.inputs.len();
        match fits && grouped {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's parts do not fit together; rebuild the baseline".into(),
            )),
        }
    }

    /// Names of the other inputs in the group of this one.
    pub(crate) fn partners(&self, input: usize) -> Vec<&str> {
        let own = self.group.get(input);
        let others = self.group.iter().enumerate();
        others
            .filter(|(at, first)| *at != input && Some(*first) == own)
            .filter_map(|(at, _)| Some(self.inputs.get(at)?.name.as_str()))
            .collect()
    }
}

pub(crate) fn bins(column: &InputColumn, input: &Input) -> Vec<u8> {
    match input {
        Input::Numbers(values) => column.bins_of_numbers(values),
        Input::Codes(codes, values) => column.bins_of_codes(codes, &Input::values(values)),
    }
}

pub(crate) fn units(output: &OutputColumn, input: &Input) -> Vec<i64> {
    match (input, &output.class) {
        (Input::Numbers(values), None) => output.units_of_numbers(values),
        (Input::Codes(codes, values), Some(_)) => {
            output.units_of_codes(codes, &Input::values(values))
        }
        // Another type than in the reference: the schema's to report.
        (Input::Numbers(values), Some(_)) => vec![NO_OUTPUT; values.len()],
        (Input::Codes(codes, _), None) => vec![NO_OUTPUT; codes.len()],
    }
}

/// A tree over every other row that has an output.
fn tree(inputs: &[InputColumn], bins: &[Vec<u8>], units: &[i64]) -> Tree {
    let kept = |at: &usize| units.get(*at).is_some_and(|units| *units != NO_OUTPUT);
    let rows: Vec<usize> = (0..units.len()).filter(kept).step_by(2).collect();
    let pick = |column: &Vec<u8>| -> Vec<u8> {
        let bin = |row: &usize| column.get(*row).copied().unwrap_or(0);
        rows.iter().map(bin).collect()
    };
    let picked: Vec<Vec<u8>> = bins.iter().map(pick).collect();
    let columns: Vec<BinnedColumn<'_>> = inputs
        .iter()
        .zip(&picked)
        .map(|(input, bins)| BinnedColumn {
            bins,
            count: input.count(),
            ordered: input.is_ordered(),
        })
        .collect();
    let outputs: Vec<f64> = rows
        .iter()
        .map(|row| units.get(*row).map_or(0.0, |units| *units as f64))
        .collect();
    Tree::fit(&columns, &outputs, &Growth::default())
}

/// Rows of the sample that rank correlations are computed on.
const RANKED: usize = 8_192;

/// For each input the first one of those that it goes with, directly or
/// through others. Ranks are those of the bins; categories stay by themselves.
fn groups(inputs: &[InputColumn], bins: &[Vec<u8>]) -> Vec<u16> {
    let mut group: Vec<u16> = (0..inputs.len())
        .filter_map(|at| u16::try_from(at).ok())
        .collect();
    let ranks: Vec<Option<Vec<f64>>> = inputs
        .iter()
        .zip(bins)
        .map(|(input, bins)| input.is_ordered().then(|| mid_ranks(bins, input.count())))
        .collect();
    for (right, of_right) in ranks.iter().enumerate() {
        for (left, of_left) in ranks.iter().enumerate().take(right) {
            let (Some(of_left), Some(of_right)) = (of_left, of_right) else {
                continue;
            };
            let (Some(&first), Some(&own)) = (group.get(left), group.get(right)) else {
                continue;
            };
            if first != own && correlation(of_left, of_right).abs() > TOGETHER {
                let (keep, drop) = (first.min(own), first.max(own));
                group
                    .iter_mut()
                    .filter(|one| **one == drop)
                    .for_each(|one| *one = keep);
            }
        }
    }
    group
}

/// The middle rank of each row's bin.
fn mid_ranks(bins: &[u8], count: usize) -> Vec<f64> {
    let bins = bins.get(..RANKED.min(bins.len())).unwrap_or_default();
    let mut rows = vec![0.0; count];
    for bin in bins {
        if let Some(rows) = rows.get_mut(usize::from(*bin)) {
            *rows += 1.0;
        }
    }
    let mut below = 0.0;
    for rows in &mut rows {
        let here = *rows;
        *rows = below + here / 2.0;
        below += here;
    }
    let rank = |bin: &u8| rows.get(usize::from(*bin)).copied().unwrap_or(0.0);
    bins.iter().map(rank).collect()
}

/// Pearson's correlation; 0 for a constant.
fn correlation(left: &[f64], right: &[f64]) -> f64 {
    let n = left.len().min(right.len()).max(1) as f64;
    let pairs = || left.iter().zip(right);
    let (mean_left, mean_right) = (
        pairs().map(|(x, _)| x).sum::<f64>() / n,
        pairs().map(|(_, y)| y).sum::<f64>() / n,
    );
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs() {
        let (x, y) = (x - mean_left, y - mean_right);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    match xx > 0.0 && yy > 0.0 {
        true => xy / (xx * yy).sqrt(),
        false => 0.0,
    }
}
