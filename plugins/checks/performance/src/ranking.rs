//! Scores of several classes: how well they rank, and what they cost.

use driftguard_answers::finding::{About, LEVEL, Style};
use driftguard_answers::{NONE, Question, Sample};
use driftguard_distribution::refused;
use driftguard_distribution::words::{pair, short};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status};
use driftguard_statistics::Counts;
use driftguard_statistics::class_areas::{against_rest, balanced, mean};
use driftguard_statistics::quality::change;
use driftguard_statistics::score_table::{RankedScores, ScoreBins, score_edges};
use serde::{Deserialize, Serialize};

use crate::compare::{Limits, Measured, beside, improved};

/// More classes than these have no areas: each adds a count for every other.
pub(crate) const MOST_RANKED: usize = 12;
/// Fewest rows of a class on either side.
const CLASS_ROWS: u64 = 10;
/// How far from 1 the scores of a row may sum up: rounding to two digits.
const SUM_SLACK: f64 = 0.02;
const PAIRS: &str = "auc/pairs/hand-till/v1";

/// What is frozen of the scores of several classes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassScores {
    /// Edges of the scores of each class; none where they are not ranked.
    pub edges: Vec<Vec<f64>>,
    /// Whether the scores of a row are shares of one.
    pub shares: bool,
}

impl ClassScores {
    /// Of a sample of the reference.
    pub(crate) fn of(question: &Question, sample: &Sample, rows: usize) -> Self {
        let scores = question.class_numbers(sample, rows);
        if scores.is_empty() {
            return Self::default();
        }
        let mut whole = (0..rows)
            .filter_map(|row| complete(&scores, row))
            .peekable();
        let is_share = |row: &Vec<f64>| {
            let within = row.iter().all(|x| (0.0..=1.0).contains(x));
            within && (row.iter().sum::<f64>() - 1.0).abs() <= SUM_SLACK
        };
        let shares = whole.peek().is_some() && whole.all(|row| is_share(&row));
        let edges = |scores: &Vec<f64>| {
            let mut finite: Vec<f64> = scores.iter().copied().filter(|x| x.is_finite()).collect();
            finite.sort_by(f64::total_cmp);
            score_edges(&finite)
        };
        Self {
            edges: match scores.len() <= MOST_RANKED {
                true => scores.iter().map(edges).collect(),
                false => vec![],
            },
            shares,
        }
    }

    /// Whether it can be of a sample.
    pub(crate) fn fits(&self, most: usize) -> bool {
        let sound = |edges: &Vec<f64>| {
            edges.len() <= most
                && edges.iter().all(|edge| edge.is_finite())
                && edges.is_sorted_by(|a, b| a < b)
        };
        self.edges.len() <= MOST_RANKED && self.edges.iter().all(sound)
    }
}

/// The scores of a row, unless one is missing.
fn complete(scores: &[Vec<f64>], row: usize) -> Option<Vec<f64>> {
    let score = |scores: &Vec<f64>| scores.get(row).copied().filter(|x| x.is_finite());
    scores.iter().map(score).collect()
}

/// Rows by the class whose score it is, by true class, and by bin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ranks(Vec<Counts>);

impl Ranks {
    pub(crate) fn new(frame: &ClassScores) -> Self {
        let classes = frame.edges.len();
        let counts = frame.edges.iter();
        Self(
            counts
                .flat_map(|edges| std::iter::repeat_n(Counts::new(edges.len() + 1), classes))
                .collect(),
        )
    }

    /// Adds rows of which all classes have a score.
    pub(crate) fn add(
        &mut self,
        frame: &ClassScores,
        truth: &[u16],
        scores: &[Vec<f64>],
    ) -> Result<(), Error> {
        let classes = frame.edges.len();
        let whole: Vec<usize> = (0..truth.len())
            .filter(|row| {
                let there = |scores: &Vec<f64>| scores.get(*row).is_some_and(|x| x.is_finite());
                scores.iter().all(there)
            })
            .collect();
        for (class, (edges, scores)) in frame.edges.iter().zip(scores).enumerate() {
            let search = ScoreBins::new(edges);
            let mut added = vec![vec![0_u64; edges.len() + 1]; classes];
            for row in &whole {
                let of = truth.get(*row).copied().unwrap_or(NONE);
                let bin = scores.get(*row).map(|score| search.bin(*score));
                let counts = added.get_mut(usize::from(of));
                if let Some(count) = counts
                    .zip(bin)
                    .and_then(|(counts, bin)| counts.get_mut(bin))
                {
                    *count += 1;
                }
            }
            let mine = self.0.iter_mut().skip(class * classes);
            for (mine, added) in mine.zip(&added) {
                mine.add(added).map_err(refused)?;
            }
        }
        Ok(())
    }

    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let mut pairs = self.0.iter_mut().zip(&other.0);
        pairs.try_for_each(|(mine, theirs)| mine.merge(theirs).map_err(refused))
    }

    pub(crate) fn fits(&self, frame: &ClassScores) -> bool {
        let bins = |counts: &[Counts]| counts.iter().map(Counts::bins).collect::<Vec<_>>();
        bins(&self.0) == bins(&Self::new(frame).0)
    }

    fn cell(&self, classes: usize, of: usize, truth: usize) -> &[u64] {
        let counts = self.0.get(of * classes + truth);
        counts.map_or(&[], |counts| counts.as_slice())
    }

    fn rows(&self, classes: usize, truth: usize) -> u64 {
        let counts = self.cell(classes, 0, truth).iter();
        counts.fold(0, |sum, rows| sum.saturating_add(*rows))
    }

    /// The areas of the wanted classes: against each other, and against the rest.
    fn areas(&self, classes: usize, wanted: &[usize]) -> Option<[Vec<RankedScores>; 2]> {
        let mut areas = [vec![], vec![]];
        for class in wanted {
            let own = self.cell(classes, *class, *class);
            let others = wanted.iter().filter(|other| *other != class);
            let others: Vec<&[u64]> = others
                .map(|other| self.cell(classes, *class, *other))
                .collect();
            areas[0].push(balanced(own, &others)?);
            areas[1].push(against_rest(own, &others)?);
        }
        Some(areas)
    }
}

/// The areas of several classes that have scores; nothing where they have none.
pub(crate) fn compare(
    about: &About<'_>,
    question: &Question,
    before: &Ranks,
    now: &Ranks,
    limits: &Limits,
) -> Vec<Measured> {
    let unmeasured = |status: Status, words: &str| {
        vec![Measured {
            finding: about.measurement(PAIRS, words).status(status),
            name: "",
            sides: (f64::NAN, f64::NAN),
        }]
    };
    if let Some(why) = &question.unscored {
        let words = format!("scores of classes are not looked at: {why}");
        return unmeasured(Status::NotApplicable, &words);
    }
    if question.class_scores.is_empty() {
        return vec![];
    }
    let keys = question.classes.keys();
    if keys.len() > MOST_RANKED {
        let words = format!("areas are measured of up to {MOST_RANKED} classes");
        return unmeasured(Status::NotApplicable, &words);
    }
    let known = |class: &usize| {
        let rows = |ranks: &Ranks| ranks.rows(keys.len(), *class);
        rows(before).min(rows(now)) >= CLASS_ROWS
    };
    let wanted: Vec<usize> = (0..keys.len()).filter(known).collect();
    let rows = |ranks: &Ranks| {
        let rows = wanted.iter().map(|class| ranks.rows(keys.len(), *class));
        rows.fold(0, u64::saturating_add)
    };
    let areas = [before, now].map(|ranks| ranks.areas(keys.len(), &wanted));
    let [Some(before_areas), Some(now_areas)] = areas else {
        let words =
            format!("AUC needs {CLASS_ROWS} rows with scores of two classes on either side");
        return unmeasured(Status::InsufficientData, &words);
    };
    let estimates = |which: usize| mean(&before_areas[which]).zip(mean(&now_areas[which]));
    let changes = [0, 1].map(|which| {
        let (before, now) = estimates(which)?;
        change(before, now, LEVEL)
    });
    let [Some(pairs), Some(rest)] = changes else {
        return unmeasured(
            Status::InsufficientData,
            "AUC needs two classes with scores",
        );
    };
    let finding = about.fall(
        PAIRS,
        "AUC over pairs of classes",
        Style::Number,
        &pairs,
        limits.drop,
    );
    let worst = (0..wanted.len()).min_by(|a, b| {
        let moved = |at: usize| now_areas[0][at].auc - before_areas[0][at].auc;
        moved(*a).total_cmp(&moved(*b))
    });
    let place = worst.and_then(|at| Some((at, keys.get(*wanted.get(at)?)?)));
    let most = place.filter(|_| finding.effect > 0.0).map(|(at, key)| {
        let (left, right) = pair(before_areas[0][at].auc, now_areas[0][at].auc);
        format!("; most for {}: {left} -> {right}", short(key))
    });
    let left_out = match keys.len() - wanted.len() {
        0 => String::new(),
        few => format!("; {few} of {} classes have too few rows", keys.len()),
    };
    let message = format!("{}{}{left_out}", finding.message, most.unwrap_or_default());
    let sides = |areas: &[RankedScores]| areas.iter().map(|area| area.auc).collect();
    let labels = wanted.iter().filter_map(|class| keys.get(*class).cloned());
    let finding = finding.message(message).evidence(Evidence {
        title: "area of each class against all others alike".into(),
        labels: labels.collect(),
        reference: sides(&before_areas[0]),
        current: sides(&now_areas[0]),
    });
    let better = improved(about, "AUC over pairs of classes", &pairs);
    let effect = driftguard_answers::finding::effect(
        -rest.difference,
        rest.deviation,
        driftguard_answers::finding::MATERIAL_EFFECT / limits.drop,
    );
    let against = beside(
        about,
        "auc/one-against-rest/macro/v1",
        "AUC of one class against the rest",
        Style::Number,
        &rest,
        effect,
    );
    let first = Measured {
        finding: enough(finding, (rows(before), rows(now)), limits.min_labels),
        name: "AUC over pairs of classes",
        sides: (pairs.reference, pairs.current),
    };
    let better = better.map(|finding| Measured {
        finding,
        name: "",
        sides: (f64::NAN, f64::NAN),
    });
    [Some(first), Some(against), better]
        .into_iter()
        .flatten()
        .collect()
}

/// A measurement that fewer rows went into than into the others.
pub(crate) fn enough(finding: Finding, (n, m): (u64, u64), least: u64) -> Finding {
    let finding = finding.rows(n, m);
    match n.min(m) >= least {
        true => finding,
        false => finding.status(Status::InsufficientData),
    }
}
