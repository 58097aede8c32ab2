//! `TreeEnsembleClassifier` and `TreeEnsembleRegressor`: forests, boosting.

use std::collections::HashMap;

use super::linear::{Labels, Post};
use super::{Run, chosen, input};
use crate::meter::{Fault, Meter};
use crate::proto::Node;
use crate::tensor::{Data, Kind, Tensor};

/// Most values of a row's answer.
const MOST_TARGETS: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    AtMost,
    Below,
    AtLeast,
    Above,
    Equal,
    Unequal,
    Leaf,
}

#[derive(Debug, Clone)]
struct Branch {
    rule: Rule,
    column: usize,
    value: f64,
    /// Where a missing value goes.
    missing: bool,
    yes: usize,
    no: usize,
    /// Of a leaf: its part of the votes.
    votes: std::ops::Range<usize>,
}

/// Trees that were checked to be trees: every walk ends.
struct Forest {
    branches: Vec<Branch>,
    roots: Vec<usize>,
    /// Target and weight.
    votes: Vec<(usize, f64)>,
    columns: usize,
    /// Whether any branch says where missing values go.
    takes_missing: bool,
}

/// `class` or `target`.
fn forest(node: &Node, votes: &str, targets: usize) -> Result<Forest, Fault> {
    let ids = node.ints("nodes_nodeids")?;
    let count = ids.len();
    let ints = |name: &str| Node::as_long(name, node.ints(name)?, count);
    let (trees, columns) = (ints("nodes_treeids")?, ints("nodes_featureids")?);
    let (yes, no) = (ints("nodes_truenodeids")?, ints("nodes_falsenodeids")?);
    let modes = Node::as_long("nodes_modes", node.texts("nodes_modes")?, count)?;
    let values = Node::as_long("nodes_values", node.weights("nodes_values")?, count)?;
    let tracks = match node.ints("nodes_missing_value_tracks_true")? {
        [] => &vec![0; count],
        some => Node::as_long("nodes_missing_value_tracks_true", some, count)?,
    };
    let mut places = HashMap::with_capacity(count);
    for (at, key) in trees.iter().zip(ids).enumerate() {
        if places.insert(key, at).is_some() {
            return Err(Fault::Wrong(format!(
                "tree {}: node {} is there twice",
                key.0, key.1
            )));
        }
    }
    let lists = trees
        .iter()
        .zip(columns)
        .zip(yes)
        .zip(no)
        .zip(modes)
        .zip(values)
        .zip(tracks);
    let mut branches = Vec::with_capacity(count);
    for ((((((tree, column), yes), no), mode), value), track) in lists {
        let rule = rule(mode)?;
        let child = |id: &i64| match rule {
            Rule::Leaf => Ok(0),
            _ => places
                .get(&(tree, id))
                .copied()
                .ok_or_else(|| Fault::Wrong(format!("tree {tree}: there is no node {id}"))),
        };
        branches.push(Branch {
            rule,
            column: usize::try_from(*column).map_err(|_| Fault::wrong("a column below 0"))?,
            value: *value,
            missing: *track != 0,
            yes: child(yes)?,
            no: child(no)?,
            votes: 0..0,
        });
    }
    let votes = leaves(node, votes, targets, &places, &mut branches)?;
    let inner = || branches.iter().filter(|branch| branch.rule != Rule::Leaf);
    Ok(Forest {
        columns: inner()
            .map(|branch| branch.column.saturating_add(1))
            .max()
            .unwrap_or(0),
        takes_missing: inner().any(|branch| branch.missing),
        roots: roots(trees, &branches)?,
        branches,
        votes,
    })
}

fn rule(mode: &str) -> Result<Rule, Fault> {
    Ok(match mode {
        "BRANCH_LEQ" => Rule::AtMost,
        "BRANCH_LT" => Rule::Below,
        "BRANCH_GTE" => Rule::AtLeast,
        "BRANCH_GT" => Rule::Above,
        "BRANCH_EQ" => Rule::Equal,
        "BRANCH_NEQ" => Rule::Unequal,
        "LEAF" => Rule::Leaf,
        other => return Err(Fault::Wrong(format!("there is no branch `{other}`"))),
    })
}

/// Hands the votes to their leaves, sorted by leaf.
fn leaves(
    node: &Node,
    name: &str,
    targets: usize,
    places: &HashMap<(&i64, &i64), usize>,
    branches: &mut [Branch],
) -> Result<Vec<(usize, f64)>, Fault> {
    let ids = node.ints(&format!("{name}_ids"))?;
    let ints = |kind: &str| {
        let name = format!("{name}_{kind}");
        Node::as_long(&name, node.ints(&name)?, ids.len())
    };
    let (trees, nodes) = (ints("treeids")?, ints("nodeids")?);
    let weights = node.weights(&format!("{name}_weights"))?;
    let weights = Node::as_long("weights of leaves", weights, ids.len())?;
    let mut votes = vec![];
    for (((tree, id), target), weight) in trees.iter().zip(nodes).zip(ids).zip(weights) {
        let leaf = places.get(&(tree, id)).copied();
        let leaf =
            leaf.ok_or_else(|| Fault::Wrong(format!("tree {tree}: there is no leaf {id}")))?;
        let target = usize::try_from(*target)
            .ok()
            .filter(|target| *target < targets);
        let target = target.ok_or_else(|| Fault::wrong("a leaf votes for what is not there"))?;
        votes.push((leaf, target, *weight));
    }
    votes.sort_by_key(|(leaf, _, _)| *leaf);
    let mut start = 0;
    for same in votes.chunk_by(|a, b| a.0 == b.0) {
        let end = start + same.len();
        if let Some(branch) = same.first().and_then(|(leaf, ..)| branches.get_mut(*leaf)) {
            branch.votes = start..end;
        }
        start = end;
    }
    Ok(votes
        .into_iter()
        .map(|(_, target, weight)| (target, weight))
        .collect())
}

/// The first node of each tree, if every node below is reached once.
fn roots(trees: &[i64], branches: &[Branch]) -> Result<Vec<usize>, Fault> {
    let mut roots = vec![];
    let mut seen_trees = std::collections::HashSet::new();
    let mut reached = vec![false; branches.len()];
    for (at, tree) in trees.iter().enumerate() {
        if !seen_trees.insert(tree) {
            continue;
        }
        roots.push(at);
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            let (Some(branch), Some(flag)) = (branches.get(at), reached.get_mut(at)) else {
                return Err(Fault::wrong("a node is not there"));
            };
            if std::mem::replace(flag, true) {
                return Err(Fault::Wrong(format!(
                    "tree {tree} is no tree: a node has two ways to it"
                )));
            }
            if branch.rule != Rule::Leaf {
                open.extend([branch.yes, branch.no]);
            }
        }
    }
    match reached.iter().all(|reached| *reached) {
        true => Ok(roots),
        false => Err(Fault::wrong(
            "a node has no way to it from the first of its tree",
        )),
    }
}

impl Forest {
    /// The leaf of a row.
    fn leaf(&self, root: usize, values: &[f64], row: usize) -> Result<(&Branch, usize), Fault> {
        let gone = || Fault::wrong("a node is not there");
        let mut branch = self.branches.get(root).ok_or_else(gone)?;
        let mut steps = 1;
        loop {
            let value = values.get(branch.column).copied().unwrap_or(f64::NAN);
            let yes = match branch.rule {
                Rule::Leaf => return Ok((branch, steps)),
                _ if value.is_nan() => {
                    if !self.takes_missing {
                        let place = format!(" (its column {})", branch.column);
                        return Err(Fault::Missing(row, place));
                    }
                    branch.missing
                }
                Rule::AtMost => value <= branch.value,
                Rule::Below => value < branch.value,
                Rule::AtLeast => value >= branch.value,
                Rule::Above => value > branch.value,
                Rule::Equal => value == branch.value,
                Rule::Unequal => value != branch.value,
            };
            let next = if yes { branch.yes } else { branch.no };
            branch = self.branches.get(next).ok_or_else(gone)?;
            steps += 1;
        }
    }

    /// Calls `row` with each row's votes.
    fn walk(
        &self,
        given: &Tensor,
        meter: &Meter,
        mut each: impl FnMut(usize, &mut dyn Iterator<Item = (usize, f64)>) -> Result<(), Fault>,
    ) -> Result<usize, Fault> {
        let (rows, columns) = given.matrix()?;
        if columns < self.columns {
            let reason = format!("{columns} columns given, {} are looked at", self.columns);
            return Err(Fault::Wrong(reason));
        }
        let numbers = given.numbers()?;
        let mut leaves = Vec::with_capacity(self.roots.len());
        for (row, values) in numbers.chunks_exact(columns.max(1)).enumerate() {
            leaves.clear();
            for root in &self.roots {
                let (leaf, steps) = self.leaf(*root, values, row)?;
                meter.work(steps)?;
                leaves.push(leaf.votes.clone());
            }
            let votes = leaves.iter().cloned();
            let mut votes = votes
                .flat_map(|votes| self.votes.get(votes).unwrap_or(&[]))
                .copied();
            each(row, &mut votes)?;
        }
        Ok(rows)
    }
}

/// What is added to each target: nothing, one value, or one each.
fn base(node: &Node, targets: usize) -> Result<Vec<f64>, Fault> {
    match node.weights("base_values")? {
        [] => Ok(vec![0.0; targets]),
        some => Ok(Node::as_long("base_values", some, targets)?.to_vec()),
    }
}

pub(super) fn classifier(node: &Node, _: i64) -> Result<Run, Fault> {
    let labels = Labels::of(node, "classlabels_int64s")?;
    let post = Post::of(node)?;
    let classes = labels.len();
    let forest = forest(node, "class", classes)?;
    // Of two classes the votes for one are enough: they are for the second.
    let first = forest.votes.first().map(|(target, _)| *target);
    let single = classes == 2
        && forest
            .votes
            .iter()
            .all(|(target, _)| Some(*target) == first);
    let shares = forest.votes.iter().all(|(_, weight)| *weight >= 0.0) && post == Post::None;
    let base = base(node, if single { 1 } else { classes })?;
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let (rows, _) = given.matrix()?;
        meter.room_for(rows.checked_mul(classes).ok_or(Fault::Memory)?)?;
        let (mut places, mut all) = (vec![], vec![]);
        forest.walk(given, meter, |row, votes| {
            let mut scores = base.clone();
            for (target, weight) in votes {
                let slot = scores.get_mut(if single { 0 } else { target });
                slot.into_iter().for_each(|score| *score += weight);
            }
            if single {
                let score = scores.first().copied().unwrap_or(0.0);
                scores = match shares {
                    true => vec![1.0 - score, score],
                    false => vec![-score, score],
                };
            }
            places.push(chosen(&scores).ok_or_else(|| Fault::Missing(row, String::new()))?);
            post.apply(&mut scores);
            all.extend(scores);
            Ok(())
        })?;
        let scores = Data::floats(Kind::Single, all);
        Ok(vec![
            labels.named(&places)?,
            Tensor::new(vec![rows, classes], scores)?,
        ])
    }))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    Sum,
    Average,
    Least,
    Most,
}

pub(super) fn regressor(node: &Node, _: i64) -> Result<Run, Fault> {
    let targets = node.int("n_targets")?.unwrap_or(1);
    let targets = usize::try_from(targets)
        .ok()
        .filter(|count| (1..=MOST_TARGETS).contains(count));
    let targets = targets.ok_or_else(|| Fault::wrong("`n_targets` is out of range"))?;
    let join = match node.text("aggregate_function")?.unwrap_or("SUM") {
        "SUM" => Join::Sum,
        "AVERAGE" => Join::Average,
        "MIN" => Join::Least,
        "MAX" => Join::Most,
        other => {
            return Err(Fault::Wrong(format!(
                "`aggregate_function` {other} is not supported"
            )));
        }
    };
    let post = Post::of(node)?;
    let forest = forest(node, "target", targets)?;
    let base = base(node, targets)?;
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let (rows, _) = given.matrix()?;
        meter.room_for(rows.checked_mul(targets).ok_or(Fault::Memory)?)?;
        let mut all = vec![];
        forest.walk(given, meter, |_, votes| {
            let mut scores: Vec<Option<f64>> = vec![None; targets];
            for (target, weight) in votes {
                if let Some(slot) = scores.get_mut(target) {
                    let old = *slot;
                    *slot = Some(match join {
                        Join::Sum | Join::Average => old.unwrap_or(0.0) + weight,
                        Join::Least => old.map_or(weight, |old| old.min(weight)),
                        Join::Most => old.map_or(weight, |old| old.max(weight)),
                    });
                }
            }
            let trees = forest.roots.len().max(1) as f64;
            let mut scores: Vec<f64> = scores
                .iter()
                .zip(&base)
                .map(|(score, base)| {
                    let score = score.unwrap_or(0.0);
                    base + if join == Join::Average {
                        score / trees
                    } else {
                        score
                    }
                })
                .collect();
            post.apply(&mut scores);
            all.extend(scores);
            Ok(())
        })?;
        let data = Data::floats(Kind::Single, all);
        Ok(vec![Tensor::new(vec![rows, targets], data)?])
    }))
}
