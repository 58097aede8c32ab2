//! A small regression tree over binned columns: readable segments in which an
//! output is about the same.
//!
//! Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees",
//! 1984; grown best split first. A split sends a set of one column's bins to
//! one side: bins below an edge for numbers, any set for categories, found in
//! order of their mean output (Fisher, "On Grouping for Maximum Homogeneity",
//! 1958). Ties go to the first column and the first bin, so that equal data
//! gives an equal tree.

use serde::{Deserialize, Serialize};

use crate::StateError;

/// Bins that a column may have: a set of them is one 64-bit number.
pub const MOST_BINS: usize = 64;

/// A column as the tree sees it.
#[derive(Debug, Clone, Copy)]
pub struct BinnedColumn<'a> {
    /// The bin of each row.
    pub bins: &'a [u8],
    /// Number of bins, at most [`MOST_BINS`].
    pub count: usize,
    /// Whether bins follow an order, but for the last, which holds what has
    /// no value.
    pub ordered: bool,
}

/// How far a tree grows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// Leaves at most.
    pub leaves: usize,
    /// Rows in a leaf at least.
    pub rows: usize,
    /// A split must lower the sum of squares by this many times the variance
    /// left in its leaf; about the square of a z-score.
    pub gain: f64,
}

impl Default for Growth {
    fn default() -> Self {
        Self {
            leaves: 64,
            rows: 50,
            // The best of some hundred splits of noise gains about 10.
            gain: 12.0,
        }
    }
}

/// One node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Node {
    /// Rows whose bin of the column is in the set go to `inside`.
    Split {
        column: u16,
        set: u64,
        inside: u16,
        outside: u16,
    },
    Leaf(u16),
}

/// What all rows of a leaf share in one column: bit b is set where bin b can
/// occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The column.
    pub column: usize,
    /// Its bins.
    pub set: u64,
}

/// A grown tree. The default has one leaf, in which all rows are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    nodes: Vec<Node>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            nodes: vec![Node::Leaf(0)],
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    sum: f64,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.n += other.n;
        self.sum += other.sum;
    }

    fn less(self, other: Self) -> Self {
        Self {
            n: self.n - other.n,
            sum: self.sum - other.sum,
        }
    }

    /// The part of the sum of squares that the mean takes away.
    fn explained(self) -> f64 {
        if self.n > 0.0 {
            self.sum * self.sum / self.n
        } else {
            0.0
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    gain: f64,
    column: usize,
    set: u64,
}

/// A leaf while the tree grows.
struct Growing {
    node: usize,
    rows: Vec<u32>,
    best: Option<Candidate>,
}

impl Tree {
    /// Grows a tree that foretells the outputs. Rows beyond the shortest of
    /// columns and outputs are not looked at.
    pub fn fit(columns: &[BinnedColumn<'_>], outputs: &[f64], growth: &Growth) -> Self {
        let shortest = columns.iter().map(|column| column.bins.len());
        let rows = shortest.chain([outputs.len()]).min().unwrap_or(0);
        let mut tree = Self::default();
        let grower = Grower {
            columns,
            outputs,
            growth,
        };
        let all = (0..u32::try_from(rows).unwrap_or(u32::MAX)).collect();
        let mut growing = vec![grower.leaf(0, all)];
        while growing.len() < growth.leaves.min(usize::from(u16::MAX) / 4) {
            let best = growing
                .iter()
                .enumerate()
                .filter_map(|(at, leaf)| Some((at, leaf.best?)))
                // The first of equal gains.
                .reduce(|best, next| {
                    if next.1.gain > best.1.gain {
                        next
                    } else {
                        best
                    }
                });
            let Some((at, split)) = best else {
                break;
            };
            let leaf = growing.swap_remove(at);
            let (inside, outside) = grower.divide(&leaf.rows, split);
            let first = tree.nodes.len();
            let node = |offset: usize| u16::try_from(first + offset).unwrap_or(u16::MAX);
            if let Some(place) = tree.nodes.get_mut(leaf.node) {
                *place = Node::Split {
                    column: u16::try_from(split.column).unwrap_or(u16::MAX),
                    set: split.set,
                    inside: node(0),
                    outside: node(1),
                };
            }
            tree.nodes.extend([Node::Leaf(0), Node::Leaf(0)]);
            growing.push(grower.leaf(first, inside));
            growing.push(grower.leaf(first + 1, outside));
        }
        tree.number_leaves();
        tree
    }

    fn number_leaves(&mut self) {
        let mut next = 0;
        for node in &mut self.nodes {
            if let Node::Leaf(number) = node {
                *number = next;
                next += 1;
            }
        }
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        let leaf = |node: &&Node| matches!(node, Node::Leaf(_));
        self.nodes.iter().filter(leaf).count()
    }

    /// The leaf of a row, given the bin that it has in a column.
    pub fn leaf(&self, bin: impl Fn(usize) -> u8) -> usize {
        let mut at = 0;
        loop {
            match self.nodes.get(at) {
                Some(Node::Split {
                    column,
                    set,
                    inside,
                    outside,
                }) => {
                    let bit = bin(usize::from(*column)) & 63;
                    let next = if set >> bit & 1 == 1 { inside } else { outside };
                    at = usize::from(*next);
                }
                Some(Node::Leaf(number)) => return usize::from(*number),
                None => return 0,
            }
        }
    }

    /// Columns that the tree looks at, in order.
    pub fn used(&self) -> Vec<usize> {
        let mut used: Vec<usize> = self
            .nodes
            .iter()
            .filter_map(|node| match node {
                Node::Split { column, .. } => Some(usize::from(*column)),
                Node::Leaf(_) => None,
            })
            .collect();
        used.sort_unstable();
        used.dedup();
        used
    }

    /// What the rows of each leaf share, leaf by leaf, columns in the order in
    /// which the tree asks for them.
    pub fn conditions(&self) -> Vec<Vec<Condition>> {
        let mut found = vec![vec![]; self.leaves()];
        let mut open = vec![(0_usize, Vec::<Condition>::new())];
        while let Some((at, path)) = open.pop() {
            match self.nodes.get(at) {
                Some(Node::Split {
                    column,
                    set,
                    inside,
                    outside,
                }) => {
                    for (next, set) in [(inside, *set), (outside, !*set)] {
                        let narrowed = narrow(&path, usize::from(*column), set);
                        open.push((usize::from(*next), narrowed));
                    }
                }
                Some(Node::Leaf(number)) => {
                    if let Some(place) = found.get_mut(usize::from(*number)) {
                        *place = path;
                    }
                }
                None => {}
            }
        }
        found
    }

    /// Checks a tree that came from outside.
    ///
    /// # Errors
    /// [`StateError::Invalid`] unless every node is reached once, leaves are
    /// numbered in order, and no split asks for a column that is not there.
    pub fn validate(&self, columns: usize) -> Result<(), StateError> {
        let invalid = |problem| StateError::Invalid {
            what: "tree",
            problem,
        };
        let (mut next_leaf, mut children) = (0, 0);
        for (at, node) in self.nodes.iter().enumerate() {
            match node {
                Node::Split {
                    column,
                    inside,
                    outside,
                    ..
                } => {
                    // Children come in pairs behind their parent, so there is
                    // no way round in a circle.
                    let pair = usize::from(*outside) == usize::from(*inside) + 1;
                    if !pair || usize::from(*inside) <= at || usize::from(*inside) % 2 != 1 {
                        return Err(invalid("a split leads to no pair of later nodes"));
                    }
                    if usize::from(*outside) >= self.nodes.len() {
                        return Err(invalid("a split leads beyond the last node"));
                    }
                    if usize::from(*column) >= columns {
                        return Err(invalid("a split asks for a column that is not there"));
                    }
                    children += 2;
                }
                Node::Leaf(number) => {
                    if usize::from(*number) != next_leaf {
                        return Err(invalid("leaves are not numbered in order"));
                    }
                    next_leaf += 1;
                }
            }
        }
        match children + 1 == self.nodes.len() {
            true => Ok(()),
            false => Err(invalid("nodes are missing or left over")),
        }
    }
}

fn narrow(path: &[Condition], column: usize, set: u64) -> Vec<Condition> {
    let mut path = path.to_vec();
    match path.iter_mut().find(|one| one.column == column) {
        Some(condition) => condition.set &= set,
        None => path.push(Condition { column, set }),
    }
    path
}

struct Grower<'a> {
    columns: &'a [BinnedColumn<'a>],
    outputs: &'a [f64],
    growth: &'a Growth,
}

impl Grower<'_> {
    fn output(&self, row: u32) -> f64 {
        self.outputs.get(row as usize).copied().unwrap_or(0.0)
    }

    fn leaf(&self, node: usize, rows: Vec<u32>) -> Growing {
        Growing {
            node,
            best: self.best(&rows),
            rows,
        }
    }

    fn divide(&self, rows: &[u32], split: Candidate) -> (Vec<u32>, Vec<u32>) {
        let inside = |row: &u32| {
            let column = self.columns.get(split.column);
            let bin = column.and_then(|column| column.bins.get(*row as usize));
            bin.is_some_and(|bin| split.set >> (bin & 63) & 1 == 1)
        };
        rows.iter().copied().partition(inside)
    }

    fn best(&self, rows: &[u32]) -> Option<Candidate> {
        if rows.len() < 2 * self.growth.rows.max(1) {
            return None;
        }
        let (mut total, mut squares) = (Sums::default(), 0.0);
        for row in rows {
            let output = self.output(*row);
            total.add(Sums {
                n: 1.0,
                sum: output,
            });
            squares += output * output;
        }
        let variance = (squares - total.explained()).max(0.0) / total.n;
        let least = (self.growth.gain * variance).max(1e-12 * squares);
        let mut best: Option<Candidate> = None;
        for (at, column) in self.columns.iter().enumerate() {
            let candidate = self.best_of(at, column, rows, total);
            if let Some(candidate) = candidate
                && candidate.gain > least
                && best.is_none_or(|best| candidate.gain > best.gain)
            {
                best = Some(candidate);
            }
        }
        best
    }

    fn best_of(
        &self,
        at: usize,
        column: &BinnedColumn<'_>,
        rows: &[u32],
        total: Sums,
    ) -> Option<Candidate> {
        let mut bins = [Sums::default(); MOST_BINS];
        for row in rows {
            let bin = column.bins.get(*row as usize).copied().unwrap_or(0);
            if let Some(sums) = bins.get_mut(usize::from(bin & 63)) {
                sums.add(Sums {
                    n: 1.0,
                    sum: self.output(*row),
                });
            }
        }
        let count = column.count.min(MOST_BINS);
        let mut best: Option<Candidate> = None;
        let mut consider = |set: u64, inside: Sums| {
            let outside = total.less(inside);
            let fewest = self.growth.rows as f64;
            if inside.n < fewest || outside.n < fewest {
                return;
            }
            let gain = inside.explained() + outside.explained() - total.explained();
            if best.is_none_or(|best| gain > best.gain) {
                best = Some(Candidate {
                    gain,
                    column: at,
                    set,
                });
            }
        };
        let mut order: Vec<usize> = (0..count).filter(|bin| bins[*bin].n > 0.0).collect();
        let mean = |bin: &usize| bins[*bin].sum / bins[*bin].n;
        if !column.ordered {
            order.sort_by(|left, right| mean(left).total_cmp(&mean(right)).then(left.cmp(right)));
        }
        let missing = count.saturating_sub(1);
        let apart = column.ordered && order.last() == Some(&missing);
        if apart {
            // Rows without a value: by themselves, or with either side.
            order.pop();
            consider(1 << missing, bins[missing]);
        }
        let (mut set, mut inside) = (0_u64, Sums::default());
        for bin in order {
            // Of an order all bins up to here, also those without rows: the
            // set is one range. The last bin has no place in it.
            set = match column.ordered {
                true => (2_u64 << bin) - 1,
                false => set | 1 << bin,
            };
            inside.add(bins[bin]);
            consider(set, inside);
            if apart {
                let mut with = inside;
                with.add(bins[missing]);
                consider(set | 1 << missing, with);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests;
