//! The first anchor: the periods that a baseline was created with, which
//! nothing that is accepted later can touch.
//!
//! Accepted periods widen what counts as ordinary. That is their purpose, and
//! the way by which a drift is accepted step by step (a frog that is boiled
//! slowly), or a poisoned pool hides one. So the current data is compared with
//! the anchor alone, too, and is no pass if it
//!
//! - would alert by rank among the anchor's periods; or
//! - moved by at least `block-at`, and by half as much again as any period of
//!   the anchor did (by `must-see` where the current data has too few rows for
//!   that): this asks for no rank and no p-value; or
//! - moved by at least `must-see` where the anchor is too short to rank.
//!
//! An effect that the anchor's own periods show is ordinary life (the weather
//! of a day against that of three months), however large.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calibration::{Calibrated, CalibrationInput, CalibrationState, Score};
use crate::code::Reason;
use crate::decision::{Case, Decide, Judged};
use crate::finding::{Finding, Nature, Status, Subject};
use crate::rank::{ROWS, first_names};
use crate::rules::{Rules, Severity};
use crate::verdict::{Level, Suspect, Verdict};

/// An effect is beyond all periods of the anchor if it is larger than theirs by
/// this factor: the largest of 60 is beaten by one day in 61, and by half as
/// much again by next to none.
const BEYOND: f64 = 1.5;

/// One move against the anchor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AnchorMove {
    /// The check that measured it.
    pub check: String,
    /// The column, columns or `__rows__`.
    pub subject: String,
    /// Share of rows moved.
    pub effect: f64,
    /// Why that is far.
    pub because: String,
}

/// How far the current data is from the first anchor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AnchorReport {
    /// Periods that the baseline was created with.
    pub periods: usize,
    /// Periods accepted later.
    pub accepted: usize,
    /// Chance of a rank like this among the former, if nothing changed; absent
    /// if nothing could be ranked.
    pub p_value: Option<f64>,
    /// Moves that do not let the data pass, largest effect first; none: it is
    /// as near to the anchor as its periods are to each other.
    pub far: Vec<AnchorMove>,
}

/// Weighs findings against the anchor. `case`: the current data against all
/// of it. `input`: its periods and the current data, scored alike.
pub fn look(
    rules: &Rules,
    case: &Case,
    input: Option<&CalibrationInput>,
    accepted: usize,
) -> AnchorReport {
    let rule = input.and_then(|input| Calibrated::new(rules, input));
    let judged = rule.as_ref().map(|rule| rule.decide(case).1);
    let learning = rule
        .as_ref()
        .is_none_or(|rule| rule.report().state == CalibrationState::Learning);
    let mut far: Vec<AnchorMove> = vec![];
    for (at, finding) in case.findings.iter().enumerate() {
        let judged = judged.as_ref().and_then(|judged| judged.get(at));
        let because = match is_weighed(rules, case, finding) {
            true => why(rules, finding, judged.filter(|_| !learning), input),
            false => None,
        };
        far.extend(because.map(|because| AnchorMove {
            check: finding.check.clone(),
            subject: words(&finding.subject),
            effect: finding.effect,
            because,
        }));
    }
    far.sort_by(|left, right| right.effect.total_cmp(&left.effect));
    AnchorReport {
        periods: input.map_or(0, |input| input.periods.len()),
        accepted,
        p_value: rule.map(|rule| rule.report().p_value),
        far,
    }
}

fn is_weighed(rules: &Rules, case: &Case, finding: &Finding) -> bool {
    finding.nature == Nature::Measurement
        && finding.status == Status::Ok
        && finding.n_reference.min(finding.n_current) >= rules.min_rows
        && case.severity.get(&finding.check) != Some(&Severity::Ignore)
}

/// Why a measurement is far from the anchor; none if it is not.
fn why(
    rules: &Rules,
    finding: &Finding,
    judged: Option<&Judged>,
    input: Option<&CalibrationInput>,
) -> Option<String> {
    let Some(judged) = judged else {
        return (finding.effect >= rules.must_see).then(|| {
            format!(
                "effect {:.3} is at least {} (must-see), and the anchor is too short to rank",
                finding.effect, rules.must_see
            )
        });
    };
    if judged.level >= Level::Alert {
        return Some(judged.why.clone());
    }
    let input = input?;
    let alike = |score: &&Score| {
        score.check == finding.check
            && score.metric == finding.metric
            && score.subject == finding.subject
    };
    // As the periods were measured: within the phase.
    let own = input.current.iter();
    let own: Vec<f64> = own
        .filter_map(|unit| Some(unit.scores.iter().find(alike)?.effect))
        .collect();
    if own.is_empty() {
        return None;
    }
    // Several units are a run, and as far out as they are on average.
    let own = own.iter().sum::<f64>() / own.len() as f64;
    let theirs = input.periods.iter();
    let theirs = theirs.filter_map(|period| Some(period.scores.iter().find(alike)?.effect));
    let largest = theirs.fold(0.0, f64::max);
    // Effects on far fewer rows are noisier than those of the periods.
    let fewest = input.periods.iter().map(|period| period.rows).min()?;
    let least = if input.current.iter().any(|unit| unit.rows < fewest / 2) {
        rules.must_see
    } else {
        rules.block_at
    };
    (own >= least && own >= BEYOND * largest).then(|| {
        format!("effect {own:.3}; no period of the anchor moved by more than {largest:.3}")
    })
}

fn words(subject: &Subject) -> String {
    match subject {
        Subject::Dataset => ROWS.to_owned(),
        Subject::Segment(text) => text.clone(),
        Subject::Column(_) | Subject::Pair(_, _) => subject.columns().join(" and "),
    }
}

/// The verdict in the light of the anchor: what is far from it is no pass,
/// however ordinary it is among the periods accepted later.
pub fn apply(verdict: Verdict, report: &AnchorReport, case: &Case) -> Verdict {
    if verdict.level > Level::Pass || report.far.is_empty() {
        return verdict;
    }
    let mut suspects: Vec<Suspect> = vec![];
    for far in &report.far {
        if suspects.iter().any(|suspect| suspect.name == far.subject) {
            continue;
        }
        let mine = |finding: &Finding| {
            words(&finding.subject) == far.subject && finding.nature == Nature::Measurement
        };
        let findings = case.findings.iter().enumerate();
        suspects.push(Suspect {
            name: far.subject.clone(),
            level: Level::Alert,
            effect: far.effect.min(1.0),
            findings: findings
                .filter(|(_, finding)| mine(finding))
                .map(|(at, _)| at)
                .collect(),
            because: format!("against the first anchor: {}", far.because),
        });
    }
    let summary = format!(
        "Ordinary among {} periods accepted later, but far from the {} that the baseline was created with; look first at {}.",
        report.accepted,
        report.periods,
        first_names(&suspects)
    );
    Verdict {
        level: Level::Alert,
        reason: Reason::FarFromAnchor,
        summary,
        suspects,
        ..verdict
    }
}
