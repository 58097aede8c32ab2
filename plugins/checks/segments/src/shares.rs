//! Slices that became larger or smaller beyond what their columns did.

use driftguard_statistics::raking::{CodedColumn, Weights, weigh};

use crate::frame::Frame;
use crate::slice::{Sampled, Slice, corrected, follow_each_other, overlap};

/// Candidates that are looked at closer.
const CLOSER: usize = 40;
/// Pairs below this are no candidates: some tests of noise are above.
const LEAST_Z: f64 = 3.0;
/// A third condition is added where this much of the move is among so much of
/// the rows.
const KEPT: f64 = 0.8;
const NARROWER: f64 = 0.6;
/// Slices that share more rows are the same.
const SAME: f64 = 0.5;
/// Rows that the weighed reference must be worth.
const FEWEST_EFFECTIVE: f64 = 200.0;

/// A slice and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub(crate) slice: Slice,
    /// Share of the reference's rows.
    pub(crate) before: f64,
    /// Share that the columns by themselves make of it.
    pub(crate) expected: f64,
    /// Share of the current rows.
    pub(crate) now: f64,
    /// In standard deviations, rows that follow each other accounted for.
    pub(crate) z: f64,
    /// Standard deviation of `now - expected`.
    pub(crate) sd: f64,
    /// Corrected for all slices that were looked at.
    pub(crate) p_value: f64,
}

/// What a search found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Search {
    /// The largest of those that stand for themselves.
    pub(crate) found: Vec<Moved>,
    /// Slices that were looked at.
    pub(crate) tests: usize,
    /// The columns moved so much that the reference says nothing of slices.
    pub(crate) too_far: bool,
}

/// Weights of the reference that give every column its current shares.
pub(crate) fn weights(frame: &Frame, reference: &Sampled, current: &Sampled, only: Option<usize>) -> Option<Weights> {
    let wanted = |at: &usize| only.is_none_or(|only| only == *at);
    let columns: Vec<usize> = (0..frame.conditions.len()).filter(wanted).collect();
    let counts: Vec<Vec<u64>> = columns.iter().map(|at| count(current, *at, cells(frame, *at))).collect();
    let coded: Vec<CodedColumn<'_>> = columns
        .iter()
        .zip(&counts)
        .map(|(at, current)| CodedColumn { codes: reference.codes(*at), cells: current.len(), current })
        .collect();
    weigh(&coded)
}

/// Cells of a condition, missing values among them.
pub(crate) fn cells(frame: &Frame, condition: usize) -> usize {
    frame.conditions.get(condition).map_or(0, |coding| coding.size() + 1)
}

/// Rows of each cell.
pub(crate) fn count(side: &Sampled, condition: usize, cells: usize) -> Vec<u64> {
    let mut counts = vec![0; cells];
    for code in side.codes(condition) {
        if let Some(count) = counts.get_mut(usize::from(*code)) {
            *count += 1;
        }
    }
    counts
}

/// Looks at every slice of two conditions with at least `support` of the rows
/// on one side, and at some of three.
pub(crate) fn search(frame: &Frame, reference: &Sampled, current: &Sampled, support: f64, top: usize) -> Search {
    let Some(weights) = weights(frame, reference, current, None) else {
        return Search { too_far: true, ..Search::default() };
    };
    if weights.effective < FEWEST_EFFECTIVE {
        return Search { too_far: true, ..Search::default() };
    }
    let work = Work { frame, reference, current, weights: &weights, support };
    let (mut tests, mut candidates) = (0, vec![]);
    for right in 1..frame.conditions.len() {
        for left in 0..right {
            work.pair(left, right, &mut tests, &mut candidates);
        }
    }
    candidates.sort_by(|one, other| other.z.abs().total_cmp(&one.z.abs()).then(one.slice.0.cmp(&other.slice.0)));
    candidates.truncate(CLOSER);
    let mut closer: Vec<Moved> = candidates.into_iter().map(|one| work.slowed(one)).collect();
    closer.sort_by(|one, other| other.z.abs().total_cmp(&one.z.abs()).then(one.slice.0.cmp(&other.slice.0)));
    let mut found: Vec<Moved> = vec![];
    for candidate in closer {
        if found.len() >= top {
            break;
        }
        if !found.iter().any(|known| work.repeats(known, &candidate)) {
            let narrower = work.narrower(&candidate, &mut tests);
            found.push(narrower.unwrap_or(candidate));
        }
    }
    for moved in &mut found {
        moved.p_value = corrected(moved.z, tests);
    }
    Search { found, tests, too_far: false }
}

struct Work<'a> {
    frame: &'a Frame,
    reference: &'a Sampled,
    current: &'a Sampled,
    weights: &'a Weights,
    support: f64,
}

impl Work<'_> {
    /// Every cell of two columns; the largest candidates of either sign stay.
    fn pair(&self, left: usize, right: usize, tests: &mut usize, candidates: &mut Vec<Moved>) {
        let (a, b) = (cells(self.frame, left), cells(self.frame, right));
        let place = |x: &u8, y: &u8| usize::from(*x) * b + usize::from(*y);
        let mut weighed = vec![(0.0_f64, 0.0_f64, 0_u64); a * b];
        let rows = self.reference.codes(left).iter().zip(self.reference.codes(right));
        for ((x, y), weight) in rows.zip(&self.weights.rows) {
            if let Some(sums) = weighed.get_mut(place(x, y)) {
                *sums = (sums.0 + weight, sums.1 + weight * weight, sums.2 + 1);
            }
        }
        let mut now = vec![0_u64; a * b];
        for (x, y) in self.current.codes(left).iter().zip(self.current.codes(right)) {
            if let Some(count) = now.get_mut(place(x, y)) {
                *count += 1;
            }
        }
        let margin = |cell: usize| {
            let of_row: u64 = now.iter().skip(cell / b * b).take(b).sum();
            let of_column: u64 = now.iter().skip(cell % b).step_by(b).sum();
            (of_row as f64 / self.current.rows as f64, of_column as f64 / self.current.rows as f64)
        };
        let mut best: [Option<Moved>; 2] = [None, None];
        for (cell, (sums, count)) in weighed.iter().zip(&now).enumerate() {
            let slice = || Slice(vec![(left, (cell / b) as u8), (right, (cell % b) as u8)]);
            let Some(moved) = self.moved(slice, *sums, *count, margin(cell)) else {
                continue;
            };
            *tests += 1;
            let side = &mut best[usize::from(moved.z > 0.0)];
            if moved.z.abs() > LEAST_Z && side.as_ref().is_none_or(|best| moved.z.abs() > best.z.abs()) {
                *side = Some(moved);
            }
        }
        candidates.extend(best.into_iter().flatten());
    }

    /// None below the support. `free`: shares of both conditions.
    fn moved(
        &self,
        slice: impl FnOnce() -> Slice,
        (expected, squares, before): (f64, f64, u64),
        now: u64,
        (row, column): (f64, f64),
    ) -> Option<Moved> {
        let m = self.current.rows as f64;
        let observed = now as f64 / m;
        if expected.max(observed) < self.support {
            return None;
        }
        // One more row of the reference, spread by the margins: nothing is
        // impossible.
        let one = 1.0 / self.weights.effective;
        let (mean, squares) = (expected + row * column * one, squares + row * column * one * one);
        let free = ((1.0 - row) * (1.0 - column)).max(1e-3);
        let sd = ((mean / m + squares) * free).sqrt();
        Some(Moved {
            slice: slice(),
            before: before as f64 / self.reference.rows as f64,
            expected,
            now: observed,
            z: (observed - expected) / sd,
            sd,
            p_value: 1.0,
        })
    }

    /// Rows that follow each other make larger differences by chance.
    fn slowed(&self, mut moved: Moved) -> Moved {
        let slow = |side: &Sampled| follow_each_other(&moved.slice.mask(side), &vec![true; side.rows]);
        let factor = slow(self.reference).sqrt();
        moved.z /= factor;
        moved.sd *= factor;
        moved
    }

    /// The other side of the same coin: another cell of the same columns, or
    /// mostly the same rows.
    fn repeats(&self, known: &Moved, other: &Moved) -> bool {
        let columns = other.slice.0.iter().filter(|(column, _)| known.slice.has(*column)).count();
        columns >= 2 || {
            let same = |side: &Sampled| overlap(&known.slice.mask(side), &other.slice.mask(side));
            same(self.reference).max(same(self.current)) > SAME
        }
    }

    /// The same with a third condition, if nearly all of the move is in a much
    /// smaller part of the slice.
    fn narrower(&self, wide: &Moved, tests: &mut usize) -> Option<Moved> {
        let (before, now) = (wide.slice.mask(self.reference), wide.slice.mask(self.current));
        let moved = wide.now - wide.expected;
        let mut best: Option<Moved> = None;
        for column in (0..self.frame.conditions.len()).filter(|column| !wide.slice.has(*column)) {
            let cells = cells(self.frame, column);
            let mut weighed = vec![(0.0_f64, 0.0_f64, 0_u64); cells];
            let rows = self.reference.codes(column).iter().zip(&before).zip(&self.weights.rows);
            for ((code, _), weight) in rows.filter(|((_, inside), _)| **inside) {
                if let Some(sums) = weighed.get_mut(usize::from(*code)) {
                    *sums = (sums.0 + weight, sums.1 + weight * weight, sums.2 + 1);
                }
            }
            let mut counts = vec![0_u64; cells];
            for (code, _) in self.current.codes(column).iter().zip(&now).filter(|(_, inside)| **inside) {
                if let Some(count) = counts.get_mut(usize::from(*code)) {
                    *count += 1;
                }
            }
            for (cell, (sums, count)) in weighed.iter().zip(&counts).enumerate() {
                let slice = || {
                    let mut conditions = wide.slice.0.clone();
                    conditions.push((column, cell as u8));
                    Slice(conditions)
                };
                let Some(narrow) = self.moved(slice, *sums, *count, (0.0, 0.0)) else {
                    continue;
                };
                *tests += 1;
                let part = narrow.now - narrow.expected;
                let most = part * moved.signum() >= KEPT * moved.abs();
                let less = narrow.now + narrow.expected <= NARROWER * (wide.now + wide.expected);
                if most && less && best.as_ref().is_none_or(|best| narrow.z.abs() > best.z.abs()) {
                    best = Some(narrow);
                }
            }
        }
        best.map(|best| self.slowed(best))
    }
}
