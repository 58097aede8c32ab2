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
fn leavers(frame: &Frame, pairs: &[Measured]) -> Vec<usize> {
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
    // An empty sum is -0.
    if all > 0.0 { broken / all + 0.0 } else { 0.0 }
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

/// Who left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blame {
    /// Each by itself, the worst first.
    pub alone: Vec<usize>,
    /// Together: they still fit each other.
    pub group: Vec<usize>,
}

impl Blame {
    /// The explanation with the fewest columns: columns that left one by one,
    /// or a group that left together.
    pub fn of(frame: &Frame, pairs: &[Measured]) -> Self {
        let alone = leavers(frame, pairs);
        let group = group(frame, pairs);
        if group.is_empty() || (!alone.is_empty() && alone.len() < group.len()) {
            return Self {
                alone,
                group: vec![],
            };
        }
        let within = |pair: &&Measured| {
            let inside = pair.ends.iter().filter(|end| group.contains(end));
            inside.count() != 1
        };
        let others: Vec<Measured> = pairs.iter().filter(within).cloned().collect();
        let alone = leavers(frame, &others);
        Self { alone, group }
    }
}

/// Codings that left the others together and still fit each other, as the
/// columns of one table in a join that went wrong do; empty if there is no
/// such group.
///
/// Unbroken relations hold codings together. If the broken ones lie between
/// such groups and not within, and most relations of a group to the outside
/// broke, the smallest group that explains most of them is named.
fn group(frame: &Frame, pairs: &[Measured]) -> Vec<usize> {
    let mass = |inside: &dyn Fn(&Measured) -> bool| -> f64 {
        let broken = pairs.iter().filter(|pair| pair.broken() && inside(pair));
        broken.map(|pair| pair.shift.effect).sum()
    };
    let all = mass(&|_| true);
    let mut of: Vec<usize> = (0..frame.codings.len()).collect();
    for pair in pairs
        .iter()
        .filter(|pair| !pair.broken() && pair.strength >= BROKEN)
    {
        let [Some(left), Some(right)] = pair.ends.map(|end| of.get(end).copied()) else {
            continue;
        };
        of.iter_mut()
            .filter(|at| **at == right)
            .for_each(|at| *at = left);
    }
    let mut groups: Vec<Vec<usize>> = (0..of.len())
        .map(|name| {
            (0..of.len())
                .filter(|at| of.get(*at) == Some(&name))
                .collect()
        })
        .filter(|group: &Vec<usize>| group.len() > 1)
        .collect();
    groups.sort_by_key(Vec::len);
    let explains = |group: &Vec<usize>| {
        let crosses = |pair: &Measured| {
            let inside = pair.ends.iter().filter(|end| group.contains(end));
            inside.count() == 1
        };
        let ties = || pairs.iter().filter(|pair| crosses(pair));
        let weight: f64 = ties().map(|pair| pair.weight()).sum();
        let lost: f64 = ties()
            .filter(|pair| pair.broken())
            .map(|pair| pair.weight())
            .sum();
        let few = ties().filter(|pair| pair.broken()).count() < 2;
        !few && mass(&crosses) >= ALL * all && lost >= MOST * weight
    };
    groups.into_iter().find(explains).unwrap_or_default()
}
