//! Which relations are watched: chosen once, from a sample of the reference.

use driftguard_sdk::prelude::{Column, Error};
use driftguard_statistics::relation::{Table, strength};
use serde::{Deserialize, Serialize};

use crate::coding::{Coding, MAX_CELLS, Part, Values};
use crate::rows::{Rows, row_bytes};

/// Weaker relations are watched only as the strongest of their column.
const WORTH_IT: f64 = 0.03;

/// Whatever lasts for days (weather) differs between the few days of a sample,
/// and so seems to go with the weekday; only columns that follow it closely are
/// watched against it.
const WEEKDAY_WORTH_IT: f64 = 0.3;

/// One watched pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tie {
    /// Positions among the codings, the smaller first.
    pub left: u32,
    /// See `left`.
    pub right: u32,
    /// Share of rows that would have to move to make the pair independent.
    pub strength: f64,
}

/// Cells and pairs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// How columns are put into cells.
    pub codings: Vec<Coding>,
    /// What is watched, strongest first.
    pub ties: Vec<Tie>,
    /// Columns beyond the limit, among which no relation was looked for.
    pub left_out: u32,
    /// Which rows are read.
    pub rows: Rows,
}

/// How much is watched.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The strongest of all.
    pub pairs: usize,
    /// And the strongest of each column.
    pub partners: usize,
    /// Cells of a column.
    pub cells: usize,
    /// Values read of each row, on average.
    pub values: u64,
}

impl Frame {
    /// Chooses from a sample; `columns` and `values` go together.
    pub fn of_sample(columns: &[Column], values: &[Values], choice: Choice) -> Self {
        let mut codings = vec![];
        let mut codes = vec![];
        for (column, values) in columns.iter().zip(values) {
            for coding in Coding::of(column, values, choice.cells.min(MAX_CELLS)) {
                codes.push(coding.codes(values));
                codings.push(coding);
            }
        }
        let ties = choose(all_ties(&codings, &codes), codings.len(), choice);
        let mut frame = Self {
            codings,
            ties,
            ..Self::default()
        };
        frame.forget_the_unwatched();
        let read = |column: &&Column| {
            let mut codings = frame.codings.iter();
            codings.any(|coding| coding.name == column.name)
        };
        frame.rows = Rows::of(row_bytes(columns.iter().filter(read)), choice.values);
        frame
    }

    /// Both codings of a tie.
    pub fn pair(&self, tie: &Tie) -> Option<(&Coding, &Coding)> {
        let coding = |at: u32| self.codings.get(at as usize);
        Some((coding(tie.left)?, coding(tie.right)?))
    }

    /// Counts that a profile holds for each tie, in order.
    pub fn sizes(&self) -> Vec<usize> {
        let size = |tie| {
            self.pair(tie)
                .map_or(0, |(left, right)| left.size() * right.size())
        };
        self.ties.iter().map(size).collect()
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for ties to nowhere and cells beyond the limit.
    pub fn validate(&self) -> Result<(), Error> {
        let sound = self
            .codings
            .iter()
            .all(|coding| (2..=MAX_CELLS).contains(&coding.size()))
            && self.ties.iter().all(|tie| {
                tie.left < tie.right && self.pair(tie).is_some() && tie.strength.is_finite()
            });
        if sound {
            return Ok(());
        }
        Err(Error::State(
            "the frame of joint-drift names columns or cells that it does not hold; rebuild the baseline".into(),
        ))
    }

    fn forget_the_unwatched(&mut self) {
        let used = |at: usize| {
            self.ties
                .iter()
                .any(|tie| [tie.left, tie.right].contains(&(at as u32)))
        };
        let kept: Vec<usize> = (0..self.codings.len()).filter(|at| used(*at)).collect();
        let place = |old: u32| kept.iter().position(|at| *at == old as usize).unwrap_or(0) as u32;
        for tie in &mut self.ties {
            (tie.left, tie.right) = (place(tie.left), place(tie.right));
        }
        let mut at = 0;
        self.codings.retain(|_| {
            at += 1;
            kept.binary_search(&(at - 1)).is_ok()
        });
    }
}

/// Every pair, strongest first; parts of one timestamp are no pair.
fn all_ties(codings: &[Coding], codes: &[Vec<u8>]) -> Vec<Tie> {
    let mut ties = vec![];
    for (right, (of_right, right_codes)) in codings.iter().zip(codes).enumerate() {
        for (left, (of_left, left_codes)) in codings.iter().zip(codes).take(right).enumerate() {
            if of_left.part != Part::Value && of_left.name == of_right.name {
                continue;
            }
            let (a, b) = (of_left.size(), of_right.size());
            let counts = cross_counts(left_codes, right_codes, a, b);
            let weekly = [of_left.part, of_right.part].contains(&Part::Weekday);
            let worth = |strength: &f64| !weekly || *strength >= WEEKDAY_WORTH_IT;
            let found = Table::new(&counts, a, b).and_then(strength);
            if let Some(strength) = found.filter(worth) {
                ties.push(Tie {
                    left: left as u32,
                    right: right as u32,
                    strength,
                });
            }
        }
    }
    ties.sort_by(|one, other| {
        let place = |tie: &Tie| (tie.left, tie.right);
        other
            .strength
            .total_cmp(&one.strength)
            .then(place(one).cmp(&place(other)))
    });
    ties
}

/// Rows of every pair of cells; rows with a missing value are not counted.
pub fn cross_counts(left: &[u8], right: &[u8], a: usize, b: usize) -> Vec<u64> {
    // Two tables in turn: a row need not wait for the one before it. Two codes
    // make a byte, so every place is inside.
    let (mut even, mut odd) = ([0u32; 256], [0u32; 256]);
    let (lefts, rights) = (left.chunks_exact(2), right.chunks_exact(2));
    if let ([x], [y]) = (lefts.remainder(), rights.remainder()) {
        bump(&mut even, *x, *y);
    }
    for (x, y) in lefts.zip(rights) {
        if let ([x0, x1], [y0, y1]) = (x, y) {
            bump(&mut even, *x0, *y0);
            bump(&mut odd, *x1, *y1);
        }
    }
    let count = |i: usize, j: usize| {
        let at = i * 16 + j;
        let sides = [&even, &odd];
        sides
            .iter()
            .map(|side| side.get(at).copied().map_or(0, u64::from))
            .sum()
    };
    (0..a)
        .flat_map(|i| (0..b).map(move |j| (i, j)))
        .map(|(i, j)| count(i, j))
        .collect()
}

fn bump(table: &mut [u32; 256], x: u8, y: u8) {
    let at = usize::from((x << 4) | (y & 15));
    if let Some(count) = table.get_mut(at) {
        *count += 1;
    }
}

/// The strongest of all, and of each column its own strongest.
fn choose(ties: Vec<Tie>, codings: usize, choice: Choice) -> Vec<Tie> {
    let mut watched = vec![0; codings];
    let mut chosen = vec![];
    for (rank, tie) in ties.into_iter().enumerate() {
        let few = |at: u32| {
            watched
                .get(at as usize)
                .is_some_and(|count| *count < choice.partners)
        };
        let strong = rank < choice.pairs && tie.strength >= WORTH_IT;
        let own = tie.strength > 0.0 && (few(tie.left) || few(tie.right));
        if !strong && !own {
            continue;
        }
        for at in [tie.left, tie.right] {
            if let Some(count) = watched.get_mut(at as usize) {
                *count += 1;
            }
        }
        chosen.push(tie);
    }
    chosen
}
