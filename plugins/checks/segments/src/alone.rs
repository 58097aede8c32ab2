//! One column that accounts for what the others did.

use driftguard_statistics::divergence::total_variation;

use crate::frame::Frame;
use crate::shares::{cells, count, weights};
use crate::slice::Sampled;

/// A move of a column below this is not worth a word.
const WORTH: f64 = 0.03;
/// Part of what all columns moved that one has to account for.
const ACCOUNTS: f64 = 0.5;

/// A single condition, and how much of all other drift it accounts for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Alone {
    pub(crate) condition: usize,
    pub(crate) cell: u8,
    pub(crate) before: f64,
    pub(crate) now: f64,
    /// Of the total variation of all other columns, the part that is gone when
    /// the reference is weighed by this column.
    pub(crate) accounts: f64,
    /// Other columns that moved.
    pub(crate) others: usize,
}

/// The column that accounts for most of the others that moved, if one does. Of
/// two columns that account for each other neither is it.
pub(crate) fn find(frame: &Frame, reference: &Sampled, current: &Sampled) -> Option<Alone> {
    let columns = frame.conditions.len();
    let even = vec![1.0 / reference.rows.max(1) as f64; reference.rows];
    let moved: Vec<f64> = (0..columns)
        .map(|at| apart(frame, reference, current, at, &even))
        .collect();
    let moved_much: Vec<usize> = (0..columns)
        .filter(|at| moved.get(*at).is_some_and(|moved| *moved >= WORTH))
        .collect();
    let mut found: Vec<Alone> = vec![];
    for &condition in &moved_much {
        let others = || moved_much.iter().filter(|at| **at != condition);
        let Some(weights) = weights(frame, reference, current, &[condition]) else {
            continue;
        };
        let before: f64 = others().filter_map(|at| moved.get(*at)).sum();
        let left: f64 = others()
            .map(|at| apart(frame, reference, current, *at, &weights.rows))
            .sum();
        if before > 0.0 && 1.0 - left / before >= ACCOUNTS {
            found.push(Alone {
                accounts: 1.0 - left / before,
                others: others().count(),
                ..largest(frame, reference, current, condition)?
            });
        }
    }
    if let [one, _] = &found[..]
        && one.others == 1
    {
        return None;
    }
    found.into_iter().reduce(|best, next| {
        if next.accounts > best.accounts {
            next
        } else {
            best
        }
    })
}

/// Total variation of a column between the weighed reference and now, less
/// what chance makes of it.
fn apart(frame: &Frame, reference: &Sampled, current: &Sampled, at: usize, weights: &[f64]) -> f64 {
    let size = cells(frame, at);
    let mut shares = vec![0.0; size];
    for (code, weight) in reference.codes(at).iter().zip(weights) {
        if let Some(share) = shares.get_mut(usize::from(*code)) {
            *share += weight;
        }
    }
    let now = count(current, at, size);
    let rows = now.iter().sum::<u64>().max(1) as f64;
    let distance: f64 = shares
        .iter()
        .zip(&now)
        .map(|(share, now)| (share - *now as f64 / rows).abs())
        .sum();
    let scale = (1.0 / rows + weights.iter().map(|weight| weight * weight).sum::<f64>()).sqrt();
    let spread = |share: &f64| (share * (1.0 - share)).max(0.0).sqrt();
    let noise = scale * std::f64::consts::FRAC_2_PI.sqrt() * shares.iter().map(spread).sum::<f64>();
    ((distance - noise) / 2.0).max(0.0)
}

/// The cell of a column whose share moved most.
fn largest(
    frame: &Frame,
    reference: &Sampled,
    current: &Sampled,
    condition: usize,
) -> Option<Alone> {
    let size = cells(frame, condition);
    let (before, now) = (
        count(reference, condition, size),
        count(current, condition, size),
    );
    total_variation(&before, &now)?;
    let share = |counts: &[u64], cell: usize| {
        counts.get(cell).copied().unwrap_or(0) as f64 / counts.iter().sum::<u64>().max(1) as f64
    };
    let moved = |cell: &usize| (share(&now, *cell) - share(&before, *cell)).abs();
    let cell =
        (0..size).max_by(|one, other| moved(one).total_cmp(&moved(other)).then(other.cmp(one)))?;
    Some(Alone {
        condition,
        cell: u8::try_from(cell).ok()?,
        before: share(&before, cell),
        now: share(&now, cell),
        accounts: 0.0,
        others: 0,
    })
}
