//! The parts of a move as findings.

use std::f64::consts::{PI, TAU};

use driftguard_sdk::prelude::{Finding, Status, Subject};
use driftguard_statistics::kitagawa::{Decomposition, decompose};
use driftguard_statistics::special::normal_sf;

use crate::frame::Frame;
use crate::profile::{OutputCells, Profile};
use crate::words::{percent, short, signed};
use crate::{Limits, OutputColumn};

/// The part that inputs leave unexplained.
pub const UNEXPLAINED: &str = "unexplained-output/tree64/v1";
/// What one input explains.
pub const BY_COLUMN: &str = "explained-by-column/kitagawa24/v1";
/// What one segment explains.
pub const BY_SEGMENT: &str = "explained-by-segment/tree64/v1";

/// A move under this many standard errors is none.
const BEYOND_CHANCE: f64 = 2.0;

/// What moved each output, strongest first.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    limits: Limits,
) -> Vec<Finding> {
    let sides = reference.outputs.iter().zip(&current.outputs);
    let outputs = frame.outputs.iter().enumerate().zip(sides);
    outputs
        .flat_map(|((at, output), (before, after))| {
            let side = Compared {
                frame,
                at,
                output,
                before,
                after,
                limits,
            };
            side.findings()
        })
        .collect()
}

struct Compared<'a> {
    frame: &'a Frame,
    at: usize,
    output: &'a OutputColumn,
    before: &'a OutputCells,
    after: &'a OutputCells,
    limits: Limits,
}

impl Compared<'_> {
    fn findings(&self) -> Vec<Finding> {
        let metric = |status| {
            Finding::measurement(UNEXPLAINED, Subject::Column(self.output.name.clone()))
                .status(status)
        };
        let rows = |cells: &OutputCells| cells.leaves.iter().map(|cell| cell.n).sum::<u64>();
        let (n, m) = (rows(self.before), rows(self.after));
        if n.min(m) < self.limits.min_rows {
            let few = format!(
                "{n} and {m} rows have an output, at least {} are needed",
                self.limits.min_rows
            );
            return vec![metric(Status::InsufficientData).rows(n, m).message(few)];
        }
        let split = decompose(&self.before.leaves, &self.after.leaves);
        let Some(split) = split.filter(|split| split.sd > 0.0) else {
            let constant = format!("{} is constant in the reference", self.output.what());
            return vec![metric(Status::Degenerate).rows(n, m).message(constant)];
        };
        let mut findings = vec![self.unexplained(&split)];
        findings.extend(self.columns(&split));
        findings.extend(self.segments(&split));
        findings
    }

    /// The share of rows of a normal law that such a move of the mean moves.
    fn effect(&self, split: &Decomposition, units: f64) -> f64 {
        1.0 - 2.0 * normal_sf(units.abs() / split.sd / 2.0)
    }

    fn moved(&self, split: &Decomposition) -> bool {
        split.delta.abs() > BEYOND_CHANCE * split.delta_sd
    }

    fn own(&self, units: f64) -> f64 {
        units * self.output.units.size()
    }

    fn unexplained(&self, split: &Decomposition) -> Finding {
        // Mean and spread of the absolute value of a centred normal number.
        let noise_mean = split.rate_sd * (2.0 / PI).sqrt();
        let noise_sd = split.rate_sd * (1.0 - 2.0 / PI).sqrt();
        let slope = 1.0 / TAU.sqrt() / split.sd;
        let beyond = (split.rate.abs() - noise_mean).max(0.0);
        let p = match split.rate_sd > 0.0 {
            true => (2.0 * normal_sf(split.rate.abs() / split.rate_sd)).min(1.0),
            false => 1.0,
        };
        Finding::measurement(UNEXPLAINED, Subject::Column(self.output.name.clone()))
            .statistic(self.effect(split, split.rate))
            .effect(self.effect(split, beyond))
            .unit_effect(self.own(split.rate), &self.output.name)
            .p_value(p)
            .noise(slope * noise_mean, slope * noise_sd)
            .rows(split.n_reference, split.n_current)
            .message(self.headline(split))
    }

    fn headline(&self, split: &Decomposition) -> String {
        let (before, after) = (
            self.mean(split, |bin| (bin.share_reference, bin.mean_reference)),
            self.mean(split, |bin| (bin.share_current, bin.mean_current)),
        );
        let what = self.output.what();
        let mean = format!("mean of {what} {} -> {}", short(before), short(after));
        let unexplained = split.rate.abs() > BEYOND_CHANCE * split.rate_sd;
        match (self.moved(split), unexplained) {
            (false, false) => format!("{mean}: no move beyond chance, nothing to explain"),
            (_, true) => format!(
                "{mean}: rows that moved between kinds of inputs explain {}, {} stays unexplained by the inputs \
                 seen (which accuses nobody)",
                signed(self.own(split.composition)),
                signed(self.own(split.rate)),
            ),
            (true, false) => format!(
                "{mean}: rows that moved between kinds of inputs explain {} of it",
                percent(split.composition / split.delta)
            ),
        }
    }

    fn mean(
        &self,
        split: &Decomposition,
        part: impl Fn(&driftguard_statistics::kitagawa::BinPart) -> (f64, f64),
    ) -> f64 {
        let sum = split.bins.iter().map(|bin| {
            let (share, mean) = part(bin);
            share * mean
        });
        self.own(sum.sum())
    }

    /// One finding for each of the inputs that explain most.
    fn columns(&self, whole: &Decomposition) -> Vec<Finding> {
        let sides = self.before.inputs.iter().zip(&self.after.inputs);
        let mut parts: Vec<(usize, f64)> = sides
            .enumerate()
            .filter_map(|(input, (before, after))| {
                Some((input, decompose(before, after)?.composition))
            })
            .collect();
        parts.sort_by(|left, right| {
            let size = right.1.abs().total_cmp(&left.1.abs());
            size.then(left.0.cmp(&right.0))
        });
        parts
            .into_iter()
            .take(self.limits.top)
            .filter_map(|(input, part)| self.column(whole, input, part))
            .collect()
    }

    fn column(&self, whole: &Decomposition, input: usize, part: f64) -> Option<Finding> {
        let name = &self.frame.inputs.get(input)?.name;
        let partners = self.frame.partners(input);
        let together = match partners.as_slice() {
            [] => String::new(),
            [one] => format!(" (with `{one}`, which goes with it)"),
            [one, rest @ ..] => format!(
                " (with `{one}` and {} others, which go with it)",
                rest.len()
            ),
        };
        let (output, moved) = (self.output.what(), signed(self.own(part)));
        let message = match self.moved(whole) {
            true => format!(
                "`{name}`{together} explains {} of the move of {output}: {moved} of {}",
                percent(part / whole.delta),
                signed(self.own(whole.delta)),
            ),
            false => {
                format!("`{name}`{together}: {moved} in {output}, which did not move beyond chance")
            }
        };
        let finding = Finding::supporting(BY_COLUMN, Subject::Column(name.clone()))
            // A share of nothing is none.
            .statistic(match self.moved(whole) {
                true => part / whole.delta,
                false => f64::NAN,
            })
            .effect(self.effect(whole, part))
            .unit_effect(self.own(part), &self.output.name)
            .rows(whole.n_reference, whole.n_current)
            .message(message);
        Some(finding)
    }

    /// One finding for each of the leaves that explain most. With one leaf
    /// there is nothing to tell apart.
    fn segments(&self, split: &Decomposition) -> Vec<Finding> {
        let conditions = match self.frame.trees.get(self.at) {
            Some(tree) if tree.leaves() > 1 && self.moved(split) => tree.conditions(),
            _ => return vec![],
        };
        let mut leaves: Vec<_> = split.bins.iter().zip(conditions).collect();
        leaves.sort_by(|left, right| {
            right
                .0
                .composition
                .abs()
                .total_cmp(&left.0.composition.abs())
        });
        leaves
            .into_iter()
            .take(self.limits.top)
            .map(|(bin, conditions)| {
                let parts = conditions.iter().filter_map(|one| {
                    Some(self.frame.inputs.get(one.column)?.condition(one.set))
                });
                let segment = parts.collect::<Vec<_>>().join(" and ");
                let message = format!(
                    "rows where {segment}: {} -> {} of all, mean of {} there {}; explains {} of the move",
                    percent(bin.share_reference),
                    percent(bin.share_current),
                    self.output.what(),
                    short(self.own(bin.mean_current)),
                    percent(bin.composition / split.delta),
                );
                Finding::supporting(BY_SEGMENT, Subject::Segment(segment))
                    .statistic(bin.composition / split.delta)
                    .effect(self.effect(split, bin.composition))
                    .unit_effect(self.own(bin.composition), &self.output.name)
                    .rows(split.n_reference, split.n_current)
                    .message(message)
            })
            .collect()
    }
}
