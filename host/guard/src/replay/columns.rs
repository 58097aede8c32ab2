//! The move of the answers, by groups of columns: new rows with some columns
//! put back to how the reference has them, for every combination of groups and
//! models; exact Shapley values of what each adds.
//!
//! The value of a set S of players is the mean answer on new rows with every
//! group outside of S put back, by the new model if it is in S, else by the old
//! one. With all players it is the current mean; with none it is the old
//! model's mean on new rows whose columns each look like the reference's. What
//! is left between that and the old rows is how columns go together, and
//! chance.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_select::take::{take, take_record_batch};
use driftguard_model::Answer;
use driftguard_verdict::cause::factorial::{MOST_FACTORS, shapley};
use driftguard_verdict::replay::split::mean;
use driftguard_verdict::replay::{ColumnsReport, GroupReport};

use super::design::Player;
use super::error::ReplayError;
use super::groups::groups;
use super::metric::Metric;
use super::restore::restore;
use super::sample::mix;
use super::{ReplayRequest, inputs};
use crate::error::GuardError;

/// Players of an exact split, unless said otherwise: 32 combinations.
pub const FACTORS: usize = 5;
/// Rows that are scored in each combination.
pub const ROWS_OF_COLUMNS: u64 = 4_000;

/// What is to be split.
pub(super) struct Design<'a> {
    pub(super) old: Option<&'a Player<'a>>,
    pub(super) new: &'a Player<'a>,
    /// Old and new rows, of equal types.
    pub(super) rows: &'a [RecordBatch; 2],
    pub(super) old_on_old: &'a Answer,
    pub(super) metrics: &'a [Metric],
    pub(super) request: &'a ReplayRequest,
}

/// A player: columns that are put back together.
struct Group {
    columns: Vec<usize>,
    others: bool,
    /// What putting it back alone takes away, for each metric.
    alone: Vec<f64>,
}

/// One report for each metric.
pub(super) fn run(design: &Design<'_>) -> Result<Vec<ColumnsReport>, GuardError> {
    let [reference, all] = design.rows;
    let current = every_nth(all, design.request.column_rows)?;
    let swaps = Swaps::new(reference, &current)?.with(design)?;
    let found = groups(&swaps.inputs, reference);
    if found.is_empty() {
        return Ok(vec![]);
    }
    let groups = players(design, &swaps, found)?;
    let combinations = 1_usize << groups.len();
    let lists: Vec<RecordBatch> = (0..combinations)
        .map(|set| {
            let back = groups
                .iter()
                .enumerate()
                .filter(|(at, _)| set >> at & 1 == 0);
            let back: Vec<usize> = back.flat_map(|(_, group)| group.columns.clone()).collect();
            swaps.put_back(&back)
        })
        .collect::<Result<_, _>>()?;
    let by_new = design.new.answers(&lists)?;
    let by_old = design.old.map(|old| old.answers(&lists)).transpose()?;
    let report = |(at, metric): (usize, &Metric)| {
        let name = design.new.model.name();
        let cells = |answers: &[Answer]| -> Result<Vec<f64>, GuardError> {
            let mean_of = |answer: &Answer| Ok(mean(&metric.numbers(&name, answer)?));
            answers.iter().map(mean_of).collect()
        };
        // The model is the last player: its bit is the highest.
        let mut values = by_old
            .as_deref()
            .map(cells)
            .transpose()?
            .unwrap_or_default();
        values.extend(cells(&by_new)?);
        let players = groups.len() + usize::from(by_old.is_some());
        let parts = shapley(players, &values).map_err(ReplayError::from)?;
        let before = mean(&metric.numbers(&name, design.old_on_old)?);
        let total = values.last().copied().unwrap_or(0.0) - before;
        Ok(swaps.report(design, &groups, at, &parts, total))
    };
    design.metrics.iter().enumerate().map(report).collect()
}

/// At most `limit` rows, evenly spread.
fn every_nth(rows: &RecordBatch, limit: u64) -> Result<RecordBatch, ReplayError> {
    let total = rows.num_rows() as u64;
    if total <= limit {
        return Ok(rows.clone());
    }
    let at = (0..limit).map(|k| (k * total / limit) as u32);
    Ok(take_record_batch(rows, &UInt32Array::from_iter_values(at))?)
}

/// New rows, and each column as it would be if it were the reference's.
struct Swaps {
    inputs: Vec<inputs::Input>,
    reference: RecordBatch,
    current: RecordBatch,
    /// By position in `inputs`.
    restored: Vec<ArrayRef>,
    /// Position of each input in the rows.
    at: Vec<usize>,
}

impl Swaps {
    fn new(reference: &RecordBatch, current: &RecordBatch) -> Result<Self, ReplayError> {
        Ok(Self {
            inputs: vec![],
            reference: reference.clone(),
            current: current.clone(),
            restored: vec![],
            at: vec![],
        })
    }

    /// Restores every column of either model.
    fn with(mut self, design: &Design<'_>) -> Result<Self, ReplayError> {
        let schema = self.current.schema();
        let own = design.new.inputs.iter();
        let others = design.old.into_iter().flat_map(|old| &old.inputs);
        for input in own.chain(others) {
            if self.inputs.iter().any(|other| other.name == input.name) {
                continue;
            }
            let at = schema.index_of(&input.name)?;
            let (before, now) = (self.reference.column(at), self.current.column(at));
            let picks = restore(before, now, input.kind, mix(at as u64))?;
            self.restored
                .push(take(before, &UInt32Array::from(picks), None)?);
            self.at.push(at);
            self.inputs.push(input.clone());
        }
        Ok(self)
    }

    /// The new rows with these inputs put back.
    fn put_back(&self, inputs: &[usize]) -> Result<RecordBatch, ReplayError> {
        let mut columns: Vec<ArrayRef> = self.current.columns().to_vec();
        for input in inputs {
            if let (Some(at), Some(back)) = (self.at.get(*input), self.restored.get(*input))
                && let Some(column) = columns.get_mut(*at)
            {
                *column = Arc::clone(back);
            }
        }
        Ok(RecordBatch::try_new(self.current.schema(), columns)?)
    }

    fn report(
        &self,
        design: &Design<'_>,
        groups: &[Group],
        metric: usize,
        parts: &[f64],
        total: f64,
    ) -> ColumnsReport {
        let name = |at: &usize| self.inputs.get(*at).map(|input| input.name.clone());
        let group = |(group, part): (&Group, &f64)| GroupReport {
            columns: group.columns.iter().filter_map(name).collect(),
            others: group.others,
            value: *part,
            alone: group.alone.get(metric).copied().unwrap_or(0.0),
        };
        let mut reports: Vec<GroupReport> = groups.iter().zip(parts).map(group).collect();
        reports.sort_by(|left, right| {
            let last = left.others.cmp(&right.others);
            last.then(right.value.abs().total_cmp(&left.value.abs()))
        });
        let model = match design.old {
            Some(_) => parts.last().copied().unwrap_or(0.0),
            None => 0.0,
        };
        ColumnsReport {
            method: "shapley".into(),
            rows: self.current.num_rows() as u64,
            groups: reports,
            model,
            rest: total - parts.iter().sum::<f64>(),
            total,
        }
    }
}

/// The players: all groups if there are few enough, else those that matter most
/// when put back alone, and all others together.
fn players(
    design: &Design<'_>,
    swaps: &Swaps,
    found: Vec<Vec<usize>>,
) -> Result<Vec<Group>, GuardError> {
    let mut lists = vec![swaps.put_back(&[])?];
    for group in &found {
        lists.push(swaps.put_back(group)?);
    }
    let answers = design.new.answers(&lists)?;
    let name = design.new.model.name();
    let mut alone: Vec<Vec<f64>> = vec![vec![]; found.len()];
    for metric in design.metrics {
        let means = answers
            .iter()
            .map(|answer| Ok(mean(&metric.numbers(&name, answer)?)));
        let means = means.collect::<Result<Vec<f64>, GuardError>>()?;
        let all = means.first().copied().unwrap_or(0.0);
        for (list, without) in alone.iter_mut().zip(means.iter().skip(1)) {
            list.push(all - without);
        }
    }
    let group = |(columns, alone)| Group {
        columns,
        others: false,
        alone,
    };
    let mut groups: Vec<Group> = found.into_iter().zip(alone).map(group).collect();
    let room = design.request.factors.min(MOST_FACTORS) - usize::from(design.old.is_some());
    if groups.len() > room.max(1) {
        let size = |group: &Group| {
            group
                .alone
                .iter()
                .map(|part| part.abs())
                .fold(0.0, f64::max)
        };
        groups.sort_by(|left, right| {
            size(right)
                .total_cmp(&size(left))
                .then(left.columns.cmp(&right.columns))
        });
        let rest = groups.split_off(room.max(1) - 1);
        let mut columns: Vec<usize> = rest.into_iter().flat_map(|group| group.columns).collect();
        columns.sort_unstable();
        let without = design
            .new
            .answers(&[swaps.put_back(&columns)?, swaps.put_back(&[])?])?;
        let mut alone = vec![];
        for metric in design.metrics {
            let means = without
                .iter()
                .map(|answer| Ok(mean(&metric.numbers(&name, answer)?)));
            let means = means.collect::<Result<Vec<f64>, GuardError>>()?;
            alone
                .push(means.last().copied().unwrap_or(0.0) - means.first().copied().unwrap_or(0.0));
        }
        groups.push(Group {
            columns,
            others: true,
            alone,
        });
    }
    Ok(groups)
}
