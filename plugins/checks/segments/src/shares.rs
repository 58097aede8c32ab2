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
/// A slice that moves less than this part without the rows of another one only
/// follows it.
const OF_ITS_OWN: f64 = 0.5;
/// Rows that the weighed reference must be worth, and the part of all.
const FEWEST_EFFECTIVE: f64 = 200.0;
const LEAST_EFFECTIVE: f64 = 0.4;
/// A column whose own move leaves less than this part of the reference, or
/// more than that many rows with values of their own, is a matter of that
/// column and part of no slice.
const LEAST_ALONE: f64 = 0.6;
const MOST_NEW: f64 = 0.05;
/// A column with more rows than this in one cell has become constant.
const CONSTANT: f64 = 0.995;

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
    /// Columns that moved too far by themselves to be part of a slice.
    pub(crate) apart: Vec<usize>,
}

/// Weights of the reference that give these columns their current shares.
pub(crate) fn weights(
    frame: &Frame,
    reference: &Sampled,
    current: &Sampled,
    columns: &[usize],
) -> Option<Weights> {
    let counts: Vec<Vec<u64>> = columns
        .iter()
        .map(|at| count(current, *at, cells(frame, *at)))
        .collect();
    let coded: Vec<CodedColumn<'_>> = columns
        .iter()
        .zip(&counts)
        .map(|(at, current)| CodedColumn {
            codes: reference.codes(*at),
            cells: current.len(),
            current,
        })
        .collect();
    weigh(&coded)
}

/// Cells of a condition, missing values among them.
pub(crate) fn cells(frame: &Frame, condition: usize) -> usize {
    frame
        .conditions
        .get(condition)
        .map_or(0, |coding| coding.size() + 1)
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
pub(crate) fn search(
    frame: &Frame,
    reference: &Sampled,
    current: &Sampled,
    support: f64,
    top: usize,
) -> Search {
    let near = |at: &usize| stays_near(frame, reference, current, *at);
    let (columns, apart): (Vec<usize>, Vec<usize>) = (0..frame.conditions.len()).partition(near);
    let least = FEWEST_EFFECTIVE.max(LEAST_EFFECTIVE * reference.rows as f64);
    let enough = |weights: &Weights| columns.len() >= 2 && weights.effective >= least;
    let Some(weights) = weights(frame, reference, current, &columns).filter(enough) else {
        return Search {
            too_far: true,
            apart,
            ..Search::default()
        };
    };
    let work = Work {
        frame,
        reference,
        current,
        weights: &weights,
        support,
        columns: &columns,
    };
    let (mut tests, mut candidates) = (0, vec![]);
    for (at, right) in columns.iter().enumerate() {
        for left in columns.iter().take(at) {
            work.pair(*left, *right, &mut tests, &mut candidates);
        }
    }
    candidates.sort_by(|one, other| {
        other
            .z
            .abs()
            .total_cmp(&one.z.abs())
            .then(one.slice.0.cmp(&other.slice.0))
    });
    candidates.truncate(CLOSER);
    let mut closer: Vec<Moved> = candidates.into_iter().map(|one| work.slowed(one)).collect();
    closer.sort_by(|one, other| {
        other
            .z
            .abs()
            .total_cmp(&one.z.abs())
            .then(one.slice.0.cmp(&other.slice.0))
    });
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
    Search {
        found,
        tests,
        too_far: false,
        apart,
    }
}

/// Whether the reference still says something of a column: `1 / sum q^2 / p` is
/// what is left of it when it is weighed by the column alone.
fn stays_near(frame: &Frame, reference: &Sampled, current: &Sampled, condition: usize) -> bool {
    let size = cells(frame, condition);
    let shares = |side: &Sampled| -> Vec<f64> {
        let counts = count(side, condition, size);
        counts
            .into_iter()
            .map(|count| count as f64 / side.rows.max(1) as f64)
            .collect()
    };
    let pairs = || shares(reference).into_iter().zip(shares(current));
    let new: f64 = pairs()
        .filter(|(before, _)| *before == 0.0)
        .map(|(_, now)| now)
        .sum();
    let known = pairs().filter(|(before, _)| *before > 0.0);
    let spread: f64 = known.map(|(before, now)| now * now / before).sum();
    let largest = shares(current).into_iter().fold(0.0, f64::max);
    new <= MOST_NEW && spread * LEAST_ALONE <= 1.0 && largest < CONSTANT
}

struct Work<'a> {
    frame: &'a Frame,
    reference: &'a Sampled,
    current: &'a Sampled,
    weights: &'a Weights,
    support: f64,
    columns: &'a [usize],
}

impl Work<'_> {
    /// Every cell of two columns; the largest candidates of either sign stay.
    fn pair(&self, left: usize, right: usize, tests: &mut usize, candidates: &mut Vec<Moved>) {
        let (a, b) = (cells(self.frame, left), cells(self.frame, right));
        let place = |x: &u8, y: &u8| usize::from(*x) * b + usize::from(*y);
        let mut weighed = vec![(0.0_f64, 0.0_f64, 0_u64); a * b];
        let rows = self
            .reference
            .codes(left)
            .iter()
            .zip(self.reference.codes(right));
        for ((x, y), weight) in rows.zip(&self.weights.rows) {
            if let Some(sums) = weighed.get_mut(place(x, y)) {
                *sums = (sums.0 + weight, sums.1 + weight * weight, sums.2 + 1);
            }
        }
        let mut now = vec![0_u64; a * b];
        for (x, y) in self
            .current
            .codes(left)
            .iter()
            .zip(self.current.codes(right))
        {
            if let Some(count) = now.get_mut(place(x, y)) {
                *count += 1;
            }
        }
        let margin = |cell: usize| {
            let of_row: u64 = now.iter().skip(cell / b * b).take(b).sum();
            let of_column: u64 = now.iter().skip(cell % b).step_by(b).sum();
            (
                of_row as f64 / self.current.rows as f64,
                of_column as f64 / self.current.rows as f64,
            )
        };
        let mut best: [Option<Moved>; 2] = [None, None];
        for (cell, (sums, count)) in weighed.iter().zip(&now).enumerate() {
            let slice = || Slice(vec![(left, (cell / b) as u8), (right, (cell % b) as u8)]);
            let Some(moved) = self.moved(slice, *sums, *count, margin(cell)) else {
                continue;
            };
            *tests += 1;
            let side = &mut best[usize::from(moved.z > 0.0)];
            if moved.z.abs() > LEAST_Z
                && side
                    .as_ref()
                    .is_none_or(|best| moved.z.abs() > best.z.abs())
            {
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
        let (mean, squares) = (
            expected + row * column * one,
            squares + row * column * one * one,
        );
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
        let slow =
            |side: &Sampled| follow_each_other(&moved.slice.mask(side), &vec![true; side.rows]);
        let factor = slow(self.reference).sqrt();
        moved.z /= factor;
        moved.sd *= factor;
        moved
    }

    /// The other side of the same coin: another cell of the same columns, mostly
    /// the same rows, or a slice that stays where it was without those of the
    /// known one.
    fn repeats(&self, known: &Moved, other: &Moved) -> bool {
        let columns = other
            .slice
            .0
            .iter()
            .filter(|(column, _)| known.slice.has(*column))
            .count();
        let masks = |side: &Sampled| (known.slice.mask(side), other.slice.mask(side));
        let (before, now) = (masks(self.reference), masks(self.current));
        let same = overlap(&before.0, &before.1).max(overlap(&now.0, &now.1));
        let rest = |(known, other): (&bool, &bool)| *other && !*known;
        let weighed = before.0.iter().zip(&before.1).zip(&self.weights.rows);
        let expected: f64 = weighed
            .filter(|(pair, _)| rest(*pair))
            .map(|(_, weight)| weight)
            .sum();
        let observed = now.0.iter().zip(&now.1).filter(|pair| rest(*pair)).count() as f64;
        let left = observed / self.current.rows as f64 - expected;
        columns >= 2 || same > SAME || left.abs() < OF_ITS_OWN * (other.now - other.expected).abs()
    }

    /// The same with a third condition, if nearly all of the move is in a much
    /// smaller part of the slice.
    fn narrower(&self, wide: &Moved, tests: &mut usize) -> Option<Moved> {
        let (before, now) = (
            wide.slice.mask(self.reference),
            wide.slice.mask(self.current),
        );
        let moved = wide.now - wide.expected;
        let mut best: Option<Moved> = None;
        for &column in self
            .columns
            .iter()
            .filter(|column| !wide.slice.has(**column))
        {
            let cells = cells(self.frame, column);
            let mut weighed = vec![(0.0_f64, 0.0_f64, 0_u64); cells];
            let rows = self
                .reference
                .codes(column)
                .iter()
                .zip(&before)
                .zip(&self.weights.rows);
            for ((code, _), weight) in rows.filter(|((_, inside), _)| **inside) {
                if let Some(sums) = weighed.get_mut(usize::from(*code)) {
                    *sums = (sums.0 + weight, sums.1 + weight * weight, sums.2 + 1);
                }
            }
            let mut counts = vec![0_u64; cells];
            for (code, _) in self
                .current
                .codes(column)
                .iter()
                .zip(&now)
                .filter(|(_, inside)| **inside)
            {
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
                if most
                    && less
                    && best
                        .as_ref()
                        .is_none_or(|best| narrow.z.abs() > best.z.abs())
                {
                    best = Some(narrow);
                }
            }
        }
        best.map(|best| self.slowed(best))
    }
}
