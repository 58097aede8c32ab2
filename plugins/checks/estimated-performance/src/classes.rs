//! Answers with scores: what calibrated scores promise.

use driftguard_sdk::prelude::{Finding, Status};
use driftguard_statistics::auc::{area, variance};
use driftguard_statistics::cbpe::{
    Answer, Calibration, Expected, Labelled, by_falling_score, expected, steps_help,
};
use driftguard_statistics::importance::{
    LEAST_COVERED, LIMITS, effective_rows, least_effective_rows, ratio,
};

use crate::compare::{Estimate, Sides, digits, replicates};
use crate::profile::Row;

/// Fewest rows of either side for a density ratio to be learnt from.
const WEIGHTED_ROWS: usize = 1000;
/// A score that ranks worse than this is for the other label.
const TURNED_ROUND: f64 = 0.45;

/// Weights of the reference's rows and what they are worth.
enum Weighting {
    /// By the density ratio; effective rows.
    Ratio(Vec<f64>, f64),
    /// The reference has too few rows where current rows are; the reason.
    Refused(String),
    /// None was asked for, or there are too few rows; the reason.
    Without(&'static str),
}

/// The estimates of accuracy, AUC and F1.
pub(crate) fn estimate(sides: &Sides<'_>) -> Vec<Finding> {
    let known = measured(&sides.reference);
    if let Some(auc) = known.auc.filter(|auc| *auc < TURNED_ROUND) {
        let why = format!(
            "scores rank the labels of the reference the wrong way round (AUC {}): is the setting `positive` the other label?",
            digits(auc)
        );
        return vec![sides.refused("accuracy/pape/v1", Status::NotApplicable, &why)];
    }
    let plain = vec![1.0; sides.reference.len()];
    let weighting = weighting(sides);
    let (weights, method, mut note) = match &weighting {
        Weighting::Ratio(weights, rows) => {
            let n = sides.reference.len();
            let note = format!("weights are worth {rows:.0} of {n} rows");
            (weights, "pape", note)
        }
        Weighting::Without(why) => (&plain, "cbpe", (*why).to_owned()),
        Weighting::Refused(_) => (&plain, "cbpe", "the weighted estimate was refused".into()),
    };
    let labelled: Vec<Labelled> = sides
        .reference
        .iter()
        .map(|row| as_labelled(row, 1.0))
        .collect();
    // Weights work through the steps alone, so PAPE always takes them.
    let model = Model::new(sides, method == "pape" || steps_help(&labelled));
    let refused = match &weighting {
        Weighting::Refused(why) => {
            Some(sides.refused("accuracy/pape/v1", Status::InsufficientData, why))
        }
        _ => None,
    };
    let decides = refused.is_none();
    let mut findings: Vec<Finding> = refused.into_iter().collect();
    if sides.asked.when_labelled {
        let current: Vec<&Row> = labelled_rows(&sides.current);
        let now = measured(&current);
        let auc = now
            .auc
            .map_or(String::new(), |auc| format!(", AUC {}", digits(auc)));
        note = format!(
            "{note}; measured where labels are: accuracy {}{auc}",
            digits(now.accuracy)
        );
    }
    let said = Said {
        method,
        note,
        decides,
    };
    findings.extend(findings_of(&model, &known, weights, &said));
    if method == "pape" {
        // What the unweighted one says, for comparison.
        let said = Said {
            method: "cbpe",
            note: "without weights".into(),
            decides: false,
        };
        let model = Model::new(sides, steps_help(&labelled));
        findings.extend(findings_of(&model, &known, &plain, &said));
    }
    findings
}

fn labelled_rows<'r>(rows: &[&'r Row]) -> Vec<&'r Row> {
    let rows = rows.iter().filter(|row| row.outcome.is_some());
    rows.copied().collect()
}

fn as_labelled(row: &Row, weight: f64) -> Labelled {
    Labelled {
        score: row.score,
        label: row.outcome == Some(1.0),
        weight,
    }
}

/// Quality of rows with labels.
fn measured(rows: &[&Row]) -> Expected {
    let scores = |label: f64| -> Vec<f64> {
        let of = rows.iter().filter(|row| row.outcome == Some(label));
        of.map(|row| row.score).collect()
    };
    let count = |positive: bool, label: f64| {
        let of = |row: &&&Row| row.positive == positive && row.outcome == Some(label);
        rows.iter().filter(of).count() as f64
    };
    let (hits, missed) = (count(true, 1.0), count(false, 1.0));
    let (false_alarms, rest) = (count(true, 0.0), count(false, 0.0));
    let called = 2.0 * hits + missed + false_alarms;
    Expected {
        accuracy: (hits + rest) / rows.len().max(1) as f64,
        auc: area(&scores(1.0), &scores(0.0)).map(|area| area.auc),
        f1: (called > 0.0).then(|| 2.0 * hits / called),
    }
}

fn weighting(sides: &Sides<'_>) -> Weighting {
    if !sides.asked.weighting {
        return Weighting::Without("without weights, as the setting `weighting` asks");
    }
    if sides.reference.len().min(sides.current.len()) < WEIGHTED_ROWS || sides.both.is_empty() {
        return Weighting::Without("without weights, too few rows to learn them from");
    }
    let codes = |rows: &[&Row]| rows.iter().map(|row| sides.codes(row)).collect::<Vec<_>>();
    let (p, q) = (codes(&sides.reference), codes(&sides.current));
    fn views(rows: &[Vec<u8>]) -> Vec<&[u8]> {
        rows.iter().map(Vec::as_slice).collect()
    }
    let found = ratio(&views(&p), &views(&q), &sides.ordered(), &LIMITS);
    let (all, rows) = (found.weights.len(), effective_rows(&found.weights));
    let least = least_effective_rows(all);
    if found.covered < LEAST_COVERED {
        return Weighting::Refused(format!(
            "the reference has rows for {:.0} % of the current ones only, at least {:.0} % are needed",
            100.0 * found.covered,
            100.0 * LEAST_COVERED
        ));
    }
    if rows < least {
        return Weighting::Refused(format!(
            "current rows lie where the reference has few: weights are worth {rows:.0} of its {all} rows, at least {least:.0} are needed"
        ));
    }
    Weighting::Ratio(found.weights, rows)
}

/// What is the same for every replicate: edges, and the order of the scores.
struct Model<'a> {
    sides: &'a Sides<'a>,
    /// None: scores are taken as they are.
    edges: Option<Vec<f64>>,
    /// Places of the rows, the highest score first.
    falling: [Vec<usize>; 2],
}

impl<'a> Model<'a> {
    fn new(sides: &'a Sides<'a>, steps: bool) -> Self {
        let rows: Vec<Labelled> = sides
            .reference
            .iter()
            .map(|row| as_labelled(row, 1.0))
            .collect();
        let falling = |rows: &[&Row]| {
            let mut places: Vec<usize> = (0..rows.len()).collect();
            places.sort_by(|a, b| rows[*b].score.total_cmp(&rows[*a].score));
            places
        };
        Self {
            sides,
            edges: steps.then(|| Calibration::edges(&rows)),
            falling: [falling(&sides.reference), falling(&sides.current)],
        }
    }

    fn calibration(&self, weights: &[f64], drawn: Option<&[f64]>) -> Calibration {
        let Some(edges) = &self.edges else {
            return Calibration::AsIs;
        };
        let rows = self.sides.reference.iter().zip(weights).enumerate();
        let rows: Vec<Labelled> = rows
            .map(|(at, (row, weight))| as_labelled(row, weight * times(drawn, at)))
            .collect();
        Calibration::steps(&rows, edges.clone())
    }

    fn expected(
        &self,
        side: usize,
        calibration: &Calibration,
        drawn: Option<&[f64]>,
    ) -> Option<Expected> {
        let rows = [&self.sides.reference, &self.sides.current][side];
        let answer = |at: &usize| {
            let row = rows.get(*at)?;
            Some(Answer {
                score: row.score,
                positive: row.positive,
                weight: times(drawn, *at),
            })
        };
        let answers: Vec<Answer> = self.falling[side].iter().filter_map(answer).collect();
        expected(&answers, calibration)
    }

    /// The estimates of both sides: the reference's on its own calibration, the
    /// current one's on the weighted one.
    fn both(&self, weights: &[f64], drawn: Option<[&[f64]; 2]>) -> Option<[Expected; 2]> {
        let of = |side: usize| drawn.map(|drawn| drawn[side]);
        let plain = vec![1.0; weights.len()];
        let own = self.calibration(&plain, of(0));
        let weighted = self.calibration(weights, of(0));
        Some([
            self.expected(0, &own, of(0))?,
            self.expected(1, &weighted, of(1))?,
        ])
    }
}

fn times(drawn: Option<&[f64]>, at: usize) -> f64 {
    drawn.map_or(1.0, |drawn| drawn.get(at).copied().unwrap_or(0.0))
}

/// Variances of the falls of accuracy and AUC that replicates with given
/// weights do not show: weights follow whichever rows chance put into the two
/// samples. At most as much as if both had been measured by their labels.
fn composition(sides: &Sides<'_>, known: &Expected) -> [f64; 2] {
    let (n, m) = (sides.reference.len() as f64, sides.current.len() as f64);
    let positives = sides.reference.iter();
    let share = positives.filter(|row| row.outcome == Some(1.0)).count() as f64 / n.max(1.0);
    let of_area = |rows: f64| {
        let area = known.auc.unwrap_or(0.5);
        variance(area, share * rows, (1.0 - share) * rows).unwrap_or(0.25)
    };
    [
        known.accuracy * (1.0 - known.accuracy) * (1.0 / n.max(1.0) + 1.0 / m.max(1.0)),
        of_area(n) + of_area(m),
    ]
}

/// How findings are called.
struct Said {
    method: &'static str,
    note: String,
    /// Whether they are measurements.
    decides: bool,
}

/// The fall is that of two estimates made in the same way, so what calibration
/// leaves over cancels; it is counted from what was measured in the reference.
fn findings_of(model: &Model<'_>, known: &Expected, weights: &[f64], said: &Said) -> Vec<Finding> {
    let sides = model.sides;
    let Some([before, now]) = model.both(weights, None) else {
        return vec![];
    };
    let falls = |before: &Expected, now: &Expected| {
        let of = |pair: (Option<f64>, Option<f64>)| pair.0.zip(pair.1).map(|(b, n)| b - n);
        [
            Some(before.accuracy - now.accuracy),
            of((before.auc, now.auc)),
            of((before.f1, now.f1)),
        ]
    };
    let drop = sides.asked.drop;
    let drawn = match said.decides {
        true => replicates(sides, |p, q| {
            let [before, now] = model.both(weights, Some([p, q]))?;
            let falls = falls(&before, &now);
            Some(falls.map(|fall| fall.unwrap_or(0.0) / drop).to_vec())
        }),
        false => vec![],
    };
    let hidden = match said.method {
        "pape" => composition(sides, known),
        _ => [0.0; 2],
    };
    let names = ["accuracy", "AUC", "F1"];
    let known = [Some(known.accuracy), known.auc, known.f1];
    let mut findings = vec![];
    for (at, (name, (known, fall))) in names
        .into_iter()
        .zip(known.into_iter().zip(falls(&before, &now)))
        .enumerate()
    {
        let (Some(known), Some(fall)) = (known, fall) else {
            continue;
        };
        // F1 depends on how many positives there are: reported only.
        let decides = said.decides && name != "F1";
        let replicates = drawn.iter().filter_map(|one| one.get(at).copied());
        let estimate = Estimate {
            name,
            method: said.method,
            reference: known,
            current: (known - fall).clamp(0.0, 1.0),
            worse: fall / drop,
            replicates: if decides {
                replicates.collect()
            } else {
                vec![]
            },
            hidden: hidden.get(at).copied().unwrap_or(0.0) / (drop * drop),
            note: said.note.clone(),
        };
        findings.push(sides.found(&estimate, decides));
    }
    findings
}

/// Both estimates of rows at hand: the unweighted accuracy, the weighted one,
/// and the share of effective rows. For tests and examples: columns of codes
/// are those of the rows.
pub fn accuracies(reference: &[Row], current: &[Row], ordered: &[bool]) -> Option<(f64, f64, f64)> {
    fn codes(rows: &[Row]) -> Vec<&[u8]> {
        rows.iter().map(|row| row.codes.as_slice()).collect()
    }
    let weights = ratio(&codes(reference), &codes(current), ordered, &LIMITS).weights;
    let labelled = |weights: &[f64]| {
        let rows = reference.iter().zip(weights);
        rows.map(|(row, weight)| as_labelled(row, *weight))
            .collect::<Vec<_>>()
    };
    let mut answers: Vec<Answer> = current
        .iter()
        .map(|row| Answer {
            score: row.score,
            positive: row.positive,
            weight: 1.0,
        })
        .collect();
    by_falling_score(&mut answers);
    let of = |weights: &[f64]| {
        let rows = labelled(weights);
        let calibration = Calibration::steps(&rows, Calibration::edges(&rows));
        expected(&answers, &calibration).map(|found| found.accuracy)
    };
    let share = effective_rows(&weights) / weights.len().max(1) as f64;
    Some((of(&vec![1.0; reference.len()])?, of(&weights)?, share))
}
