//! Answers without scores: the loss foretold from inputs and answer.

use driftguard_sdk::prelude::Finding;
use driftguard_statistics::dle::{LossModel, expected_loss};

use crate::compare::{Estimate, Sides, digits, replicates};
use crate::frame::Task;
use crate::profile::Row;

/// The estimate of accuracy (answers are classes) or of the mean absolute
/// error (numbers).
pub(crate) fn estimate(sides: &Sides<'_>) -> Vec<Finding> {
    let codes = |rows: &[&Row]| rows.iter().map(|row| sides.codes(row)).collect::<Vec<_>>();
    let (before, now) = (codes(&sides.reference), codes(&sides.current));
    let losses: Vec<f64> = sides
        .reference
        .iter()
        .filter_map(|row| row.outcome)
        .collect();
    let views: Vec<&[u8]> = before.iter().map(Vec::as_slice).collect();
    let model = LossModel::fit(&views, &losses, &sides.ordered());
    let leaves = |rows: &[Vec<u8>]| rows.iter().map(|row| model.leaf(row)).collect::<Vec<_>>();
    let (before, now) = (leaves(&before), leaves(&now));
    let means = |p: Option<&[f64]>, q: Option<&[f64]>| {
        let times = |drawn: Option<&[f64]>, at: usize| {
            drawn.map_or(1.0, |drawn| drawn.get(at).copied().unwrap_or(0.0))
        };
        let observed = || {
            let rows = before.iter().zip(&losses).enumerate();
            rows.map(|(at, (leaf, loss))| (*leaf, *loss, times(p, at)))
        };
        let own = observed().map(|(leaf, _, weight)| (leaf, weight));
        let asked = now
            .iter()
            .enumerate()
            .map(|(at, leaf)| (*leaf, times(q, at)));
        let reference = expected_loss(model.leaves(), observed(), own)?;
        Some((reference, expected_loss(model.leaves(), observed(), asked)?))
    };
    let Some((reference, current)) = means(None, None) else {
        return vec![];
    };
    let numbers = sides.frame.task == Task::Numbers;
    let worse = |reference: f64, current: f64| match numbers {
        true if reference > 0.0 => (current / reference - 1.0) / sides.asked.growth,
        true => 0.0,
        false => (current - reference) / sides.asked.drop,
    };
    let drawn = replicates(sides, |p, q| {
        let (reference, current) = means(Some(p), Some(q))?;
        Some(vec![worse(reference, current)])
    });
    let mut note = format!("a tree of {} leaves foretells the loss", model.leaves());
    let known: Vec<f64> = sides.current.iter().filter_map(|row| row.outcome).collect();
    let shown = |loss: f64| if numbers { loss } else { 1.0 - loss };
    if sides.asked.when_labelled && !known.is_empty() {
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        note = format!("{note}; measured where labels are: {}", digits(shown(mean)));
    }
    let estimate = Estimate {
        name: if numbers { "MAE" } else { "accuracy" },
        method: "dle",
        reference: shown(reference),
        current: shown(current),
        worse: worse(reference, current),
        replicates: drawn.into_iter().flatten().collect(),
        hidden: 0.0,
        note,
    };
    vec![sides.found(&estimate, true)]
}
