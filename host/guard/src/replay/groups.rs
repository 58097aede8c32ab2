//! Columns that go together are one player: credit between copies of one thing
//! is arbitrary.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;
use driftguard_verdict::Kind;

use super::inputs::Input;

/// Rank correlations beyond this make a group, as in the check `cause`.
const TOGETHER: f64 = 0.7;
/// Rows that correlations are taken of.
const ROWS: usize = 2_000;

/// Positions of the features among `inputs`, in groups, in the order of the
/// data.
pub(super) fn groups(inputs: &[Input], reference: &RecordBatch) -> Vec<Vec<usize>> {
    let features: Vec<usize> = (0..inputs.len())
        .filter(|at| inputs.get(*at).is_some_and(|input| input.is_feature))
        .collect();
    let step = reference.num_rows().div_ceil(ROWS).max(1);
    let ranked: Vec<Option<Vec<f64>>> = features
        .iter()
        .map(|at| {
            let input = inputs
                .get(*at)
                .filter(|input| input.kind == Kind::Numeric)?;
            ranks(reference.column_by_name(&input.name)?, step)
        })
        .collect();
    // Each feature's group is named after its first member.
    let mut first: Vec<usize> = (0..features.len()).collect();
    for left in 0..features.len() {
        for right in left + 1..features.len() {
            let (Some(Some(a)), Some(Some(b))) = (ranked.get(left), ranked.get(right)) else {
                continue;
            };
            let (Some(&one), Some(&other)) = (first.get(left), first.get(right)) else {
                continue;
            };
            if one != other && correlation(a, b).abs() > TOGETHER {
                let (low, high) = (one.min(other), one.max(other));
                first
                    .iter_mut()
                    .filter(|name| **name == high)
                    .for_each(|name| *name = low);
            }
        }
    }
    let members = |name: usize| -> Vec<usize> {
        let own = first
            .iter()
            .zip(&features)
            .filter(|(first, _)| **first == name);
        own.map(|(_, at)| *at).collect()
    };
    let groups = (0..features.len()).map(members);
    groups.filter(|group| !group.is_empty()).collect()
}

/// Mid-ranks of every `step`-th value; nulls share the middle. None where
/// nothing varies.
fn ranks(column: &dyn Array, step: usize) -> Option<Vec<f64>> {
    let floats = cast(column, &DataType::Float64).ok()?;
    let values: Vec<f64> = floats
        .as_primitive_opt::<Float64Type>()?
        .iter()
        .step_by(step)
        .map(|value| value.unwrap_or(f64::NAN))
        .collect();
    let mut order: Vec<usize> = (0..values.len())
        .filter(|at| !values[*at].is_nan())
        .collect();
    order.sort_by(|left, right| values[*left].total_cmp(&values[*right]));
    let middle = (order.len() as f64 - 1.0) / 2.0;
    let mut ranks = vec![middle; values.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && values[order[end]] == values[order[start]] {
            end += 1;
        }
        let rank = (start + end - 1) as f64 / 2.0;
        order[start..end].iter().for_each(|at| ranks[*at] = rank);
        start = end;
    }
    ranks.iter().any(|rank| *rank != middle).then_some(ranks)
}

fn correlation(left: &[f64], right: &[f64]) -> f64 {
    let n = left.len() as f64;
    let (mean_left, mean_right) = (left.iter().sum::<f64>() / n, right.iter().sum::<f64>() / n);
    let (mut both, mut one, mut other) = (0.0, 0.0, 0.0);
    for (a, b) in left.iter().zip(right) {
        let (a, b) = (a - mean_left, b - mean_right);
        both += a * b;
        one += a * a;
        other += b * b;
    }
    both / (one * other).sqrt()
}
