//! From ranks to a verdict.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Calibration, Health, MIN_PERIODS, SubjectScore, UnitScores, calibrate};
use crate::decision::{Case, Decide, Judged, Materiality, Weighed, decide_with};
use crate::finding::{Finding, Nature, Status, Subject};
use crate::rules::Rules;
use crate::verdict::{Level, Verdict};

/// A score this far out is no ordinary period, whatever the ranks say: it is
/// where a few odd periods in the reference hide a change (threat T10, a
/// poisoned baseline).
const FAR_OUT: f64 = 5.0;

/// Where this share of the periods is as far out, far out is ordinary: rows
/// that follow each other give every column such days. A reference with more
/// odd periods than that has no ordinary ones to hide behind (threat T10 is
/// simulated up to a fifth).
const ORDINARY: f64 = 0.25;

/// What is as near as this to a limit may be on its other side.
const NEARLY: f64 = 0.9;

/// How the reference was cut, and what was measured on each part.
#[derive(Debug, Clone, PartialEq)]
pub struct CalibrationInput {
    /// One period, in words ("day").
    pub unit: String,
    /// Why it was cut like that.
    pub why: String,
    /// Periods in order of time.
    pub periods: Vec<UnitScores>,
    /// The current data: one unit, or several in order of time.
    pub current: Vec<UnitScores>,
    /// The current data spans less time than a unit, so that it moves more
    /// than units do: what was measured alerts at most.
    pub part: bool,
}

/// What the calibration is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationState {
    /// The false-alarm rate is guaranteed.
    Calibrated,
    /// Neighbouring periods are alike; what was measured alerts at most.
    Degraded,
    /// Fewer than [`MIN_PERIODS`] periods; what was measured alerts at most.
    Learning,
}

impl CalibrationState {
    /// What so many periods with this health are worth.
    pub fn of(periods: usize, health: &Health) -> Self {
        if periods < MIN_PERIODS {
            Self::Learning
        } else if !health.ok {
            Self::Degraded
        } else {
            Self::Calibrated
        }
    }

    /// As in the document.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calibrated => "calibrated",
            Self::Degraded => "degraded",
            Self::Learning => "learning",
        }
    }
}

/// What the document says of the calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CalibrationReport {
    /// `calibrated`, `degraded` (neighbouring periods are alike) or `learning`
    /// (fewer than 19 periods); the latter two alert at most.
    #[schemars(with = "String")]
    pub state: CalibrationState,
    /// One period, in words.
    pub unit: String,
    /// Why the reference was cut like that.
    pub why: String,
    /// Number of periods.
    pub periods: usize,
    /// Units that the current data was cut into; several are ranked together
    /// among all runs of as many.
    #[serde(default = "one")]
    pub current_units: usize,
    /// Whether the current data spans less time than a unit.
    #[serde(default)]
    pub part: bool,
    /// Chance of a rank like this if nothing changed, at most. Where neighbours
    /// are alike the larger of this and the same of the step from the last
    /// period to the current data, among the steps between periods.
    pub p_value: f64,
    /// Largest score over subjects, in units of what periods differ by.
    pub score: f64,
    /// Root mean square of the positive scores.
    pub dense_score: f64,
    /// From here on a subject is named.
    pub threshold: f64,
    /// 95 % upper bound of the false-alarm rate with these very periods.
    pub conditional_upper: f64,
    /// Whether periods look exchangeable.
    pub health: Health,
}

fn one() -> usize {
    1
}

/// The calibrated rule: ranks among the reference's own periods decide what
/// could be chance, effects what matters.
#[derive(Debug, Clone)]
pub struct Calibrated {
    /// Weighs what ranks cannot.
    materiality: Materiality,
    report: CalibrationReport,
    calibration: Calibration,
    scores: BTreeMap<Subject, SubjectScore>,
    /// The current data holds fewer than half the rows of any period, so its
    /// scores are noisier than theirs in ways that no scale takes out.
    scant: bool,
}

impl Calibrated {
    /// The rule for this input; none if nothing can be ranked.
    pub fn new(rules: &Rules, input: &CalibrationInput) -> Option<Self> {
        let mut calibration = calibrate(&input.periods, &input.current, rules.alpha)?;
        let state = CalibrationState::of(calibration.periods, &calibration.health);
        if state == CalibrationState::Degraded && input.current.len() == 1 {
            // Where days follow each other the latest one is far from most of
            // the reference by nature. What changed also took a step that days
            // do not take.
            calibration.p_value = calibration.p_value.max(calibration.step_p_value);
        }
        let report = CalibrationReport {
            state,
            unit: input.unit.clone(),
            why: input.why.clone(),
            periods: calibration.periods,
            current_units: input.current.len(),
            part: input.part,
            p_value: calibration.p_value,
            score: calibration.sparse,
            dense_score: calibration.dense,
            threshold: calibration.threshold,
            conditional_upper: calibration.conditional_upper,
            health: calibration.health,
        };
        let scores = calibration.subjects.iter();
        let fewest = input.periods.iter().map(|period| period.rows).min();
        Some(Self {
            scant: fewest
                .is_some_and(|fewest| input.current.iter().any(|unit| unit.rows < fewest / 2)),
            materiality: Materiality {
                rules: rules.clone(),
            },
            report,
            scores: scores
                .map(|score| (score.subject.clone(), score.clone()))
                .collect(),
            calibration,
        })
    }

    /// What to say of it in the document.
    pub fn report(&self) -> &CalibrationReport {
        &self.report
    }

    /// The ranks it decides by.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// How far a subject is from what periods are like, in units of their
    /// spread; none if it could not be scored.
    pub fn z(&self, subject: &Subject) -> Option<f64> {
        self.scores.get(subject).map(|score| score.z)
    }

    /// Whether the false-alarm rate is guaranteed.
    pub fn holds(&self) -> bool {
        self.report.state == CalibrationState::Calibrated
    }

    /// Whether findings could alert by their rank, or nearly so. Scores of the
    /// periods that were made without the current data are good enough to rule
    /// that out; before anything alerts, all are scored alike.
    pub fn may_alert(&self, findings: &[Finding]) -> bool {
        let rules = &self.materiality.rules;
        let p = self.calibration.p_value;
        findings.iter().any(|finding| {
            let weighed = finding.nature == Nature::Measurement && finding.status == Status::Ok;
            if !weighed || finding.effect < rules.alert_at {
                return false;
            }
            let Some(score) = self.scores.get(&finding.subject) else {
                return false;
            };
            let odd = score.z >= NEARLY * FAR_OUT && p <= ORDINARY / NEARLY;
            p <= 2.0 * rules.alpha || (finding.effect >= rules.must_see && odd)
        })
    }

    fn gate(&self, finding: &Finding, level: Level, weighed: &Weighed<'_>) -> (Level, String) {
        let rules = &self.materiality.rules;
        let own = || self.materiality.by_chance(finding, level, weighed);
        if self.scant {
            let (own, why) = own();
            if own == Level::Pass {
                return (own, why);
            }
        }
        let score = self.scores.get(&finding.subject);
        let learning = self.report.state == CalibrationState::Learning;
        let (Some(score), false) = (score, learning) else {
            let (level, why) = own();
            let because = match score {
                None => "outside of the calibration",
                Some(_) => "still learning how periods differ",
            };
            return (self.capped(level), format!("{why}; {because}"));
        };
        let effect = finding.effect;
        let found = &self.calibration;
        let significant = found.p_value <= rules.alpha;
        let together = significant && !self.names_any() && score.z > 0.0;
        if significant && (score.named || together) {
            let why = format!(
                "effect {effect:.3}; {:.1} times what periods differ by, named beyond {:.1}; rank p {:.3}",
                score.z, found.threshold, found.p_value
            );
            return (self.capped(level), why);
        }
        let odd = score.z >= FAR_OUT && found.p_value <= ORDINARY;
        if effect >= rules.must_see && odd {
            let level = level.min(rules.on_cannot_tell);
            let why = format!(
                "effect {effect:.3} is far from most periods ({:.1} times what they differ by), and as far as a few of them: cannot tell",
                score.z
            );
            return (level, why);
        }
        let why = format!(
            "effect {effect:.3}, but periods of the reference differ as much ({:.1} times the usual, named beyond {:.1}; rank p {:.3})",
            score.z, found.threshold, found.p_value
        );
        (Level::Pass, why)
    }

    fn names_any(&self) -> bool {
        self.calibration
            .subjects
            .iter()
            .any(|subject| subject.named)
    }

    fn capped(&self, level: Level) -> Level {
        if self.holds() && !self.report.part {
            level
        } else {
            level.min(Level::Alert)
        }
    }

    fn guarantee(&self) -> String {
        let CalibrationReport {
            unit,
            periods,
            conditional_upper,
            health,
            ..
        } = &self.report;
        let alpha = self.materiality.rules.alpha * 100.0;
        let upper = conditional_upper * 100.0;
        match self.report.state {
            CalibrationState::Calibrated if self.report.part => format!(
                "no guarantee holds: the current data spans less than a unit of the reference ({unit}, K = {periods}), \
                 and short spans move more than long ones; what was measured alerts at most"
            ),
            CalibrationState::Calibrated => format!(
                "at most {alpha} % false alarms by rank if periods are exchangeable; K = {periods} (each a {unit}){}; \
                 conditional upper bound {upper:.1} %; effects under {} never alert; faults, \"cannot tell\" and what \
                 could not be ranked may alert beside it{}",
                self.run_words(),
                self.materiality.rules.alert_at,
                if self.scant {
                    "; the current data holds less than half the rows of any period, so it must be beyond chance by its own p-value, too"
                } else {
                    ""
                }
            ),
            CalibrationState::Degraded => format!(
                "no guarantee holds: neighbouring periods (each a {unit}, K = {periods}) are alike \
                 (autocorrelation {:.2}, at most {:.2} is expected), and there are too few for longer ones; \
                 what was measured alerts at most{}",
                health.autocorrelation,
                health.limit,
                if self.report.current_units == 1 {
                    ", and only after a step that periods do not take"
                } else {
                    ""
                }
            ),
            CalibrationState::Learning => format!(
                "no guarantee holds yet: {periods} periods (each a {unit}), {MIN_PERIODS} are needed; \
                 what was measured alerts at most"
            ),
        }
    }
}

impl Calibrated {
    /// How several units are ranked.
    fn run_words(&self) -> String {
        match self.report.current_units {
            1 => String::new(),
            units => {
                format!("; the current data is {units} of them, ranked among all runs of {units}")
            }
        }
    }
}

impl Decide for Calibrated {
    fn decide(&self, case: &Case) -> (Verdict, Vec<Judged>) {
        let gate =
            |finding: &Finding, level, weighed: &Weighed<'_>| self.gate(finding, level, weighed);
        decide_with(&self.materiality.rules, case, &gate, self.guarantee())
    }
}

#[cfg(test)]
mod tests;
