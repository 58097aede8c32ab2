//! From pairs that broke to the columns that left their partners.

use std::collections::BTreeSet;

use driftguard_statistics::relation::RelationShift;

use crate::frame::Frame;

/// An effect from here on is a broken relation.
const BROKEN: f64 = 0.02;
/// And one that is this improbable.
const IMPROBABLE: f64 = 1e-4;
/// Share of a column's relations, by strength, that must have broken.
const MOST: f64 = 0.5;
/// A column with its single relation broken is to blame only beside a partner
/// that lost less than half of this.
const ALL: f64 = 0.8;

/// A watched pair that could be measured.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Position among the ties.
    pub tie: usize,
    /// Positions among the codings.
    pub ends: [usize; 2],
    /// Strength in the reference.
    pub strength: f64,
    /// What was found.
    pub shift: RelationShift,
}

impl Measured {
    /// Whether the relation broke.
    pub fn broken(&self) -> bool {
        self.shift.effect >= BROKEN && self.shift.p_value <= IMPROBABLE
    }

    fn weight(&self) -> f64 {
        self.strength.max(BROKEN)
    }

    fn touches(&self, coding: usize) -> bool {
        self.ends.contains(&coding)
    }
}

/// Codings that left their partners, the worst first: again and again the one
/// with the most broken effect that no other explains already.
pub fn leavers(frame: &Frame, pairs: &[Measured]) -> Vec<usize> {
    let mut open: Vec<&Measured> = pairs.iter().filter(|pair| pair.broken()).collect();
    let mut found = vec![];
    let mut cleared = BTreeSet::new();
    loop {
        let score = |coding: usize| -> f64 {
            let own = open.iter().filter(|pair| pair.touches(coding));
            own.map(|pair| pair.shift.effect).sum()
        };
        let mut candidates: Vec<(usize, f64)> = (0..frame.codings.len())
            .filter(|coding| !cleared.contains(coding))
            .map(|coding| (coding, score(coding)))
            .filter(|(_, score)| *score > 0.0)
            .collect();
        candidates.sort_by(|left, right| {
            let lost = |one: &(usize, f64)| lost(pairs, one.0);
            right
                .1
                .total_cmp(&left.1)
                .then(lost(right).total_cmp(&lost(left)))
                .then(left.0.cmp(&right.0))
        });
        let Some((coding, _)) = candidates.first().copied() else {
            return found;
        };
        cleared.insert(coding);
        if to_blame(coding, &open, pairs) {
            open.retain(|pair| !pair.touches(coding));
            found.push(coding);
        }
    }
}

/// Share of a coding's relations that broke, by strength.
pub fn lost(pairs: &[Measured], coding: usize) -> f64 {
    let own = || pairs.iter().filter(|pair| pair.touches(coding));
    let all: f64 = own().map(Measured::weight).sum();
    let broken: f64 = own()
        .filter(|pair| pair.broken())
        .map(Measured::weight)
        .sum();
    if all > 0.0 { broken / all } else { 0.0 }
}

fn to_blame(coding: usize, open: &[&Measured], pairs: &[Measured]) -> bool {
    let own: Vec<&&Measured> = open.iter().filter(|pair| pair.touches(coding)).collect();
    let share = lost(pairs, coding);
    match own.as_slice() {
        // One pair alone does not say which end moved, unless one of them
        // still fits its other partners.
        [only] => {
            let partner = only.ends.iter().find(|end| **end != coding);
            share >= ALL && partner.is_some_and(|partner| lost(pairs, *partner) < ALL / 2.0)
        }
        _ => share >= MOST,
    }
}

/// One number for all relations of a coding: mean of their distances, weighed
/// by strength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Together {
    /// The mean of the statistics.
    pub statistic: f64,
    /// Mean of their noise.
    pub mean: f64,
    /// Upper bound of the sd: relations of one column share its rows.
    pub sd: f64,
    /// Rows of the pair with the fewest.
    pub n: [u64; 2],
    /// Number of relations.
    pub pairs: usize,
}

/// Sums up the pairs of a coding; None without any.
pub fn together(pairs: &[&Measured]) -> Option<Together> {
    let all: f64 = pairs.iter().map(|pair| pair.weight()).sum();
    let mean = |value: &dyn Fn(&RelationShift) -> f64| -> f64 {
        pairs
            .iter()
            .map(|pair| pair.weight() * value(&pair.shift))
            .sum::<f64>()
            / all
    };
    let fewest =
        |value: &dyn Fn(&RelationShift) -> u64| pairs.iter().map(|pair| value(&pair.shift)).min();
    Some(Together {
        statistic: mean(&|shift| shift.statistic),
        mean: mean(&|shift| shift.noise.mean),
        sd: mean(&|shift| shift.noise.sd),
        n: [
            fewest(&|shift| shift.n_reference)?,
            fewest(&|shift| shift.n_current)?,
        ],
        pairs: pairs.len(),
    })
}
