//! From findings to a verdict. Only the host decides: a plugin can raise
//! suspicion and never lower it.
//!
//! [`Materiality`] is the first honest form of the rule: effects decide what
//! matters, p-values corrected over everything that was measured decide what
//! could be chance, and too little data is an answer of its own. It assumes
//! independent rows, and says so. A rule that is calibrated on the reference's
//! own periods takes its place behind the same trait.

pub(crate) mod answers;
mod caps;
mod chance;

use std::collections::{BTreeMap, BTreeSet};

use crate::code::Reason;
use crate::column::Role;
use crate::finding::{Finding, Nature, Status, Subject};
use crate::rank::{self, is_outcome};
use crate::rules::{Rules, Severity};
use crate::verdict::{Level, Verdict};

pub use self::answers::ANSWER_CHECKS;
pub(crate) use self::chance::Weighed;

/// Checks whose findings speak of broken data and not of a world that moved.
pub const QUALITY_CHECKS: [&str; 5] = [
    "completeness",
    "schema",
    "timeliness",
    "uniqueness",
    "validity",
];

/// A check that could not do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The check.
    pub check: String,
    /// The column, where one was at hand.
    pub column: Option<String>,
    /// What happened and what to do.
    pub message: String,
}

/// Everything a decision may look at.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// What was measured.
    pub findings: Vec<Finding>,
    /// What could not be.
    pub failures: Vec<Failure>,
    /// Roles of the columns.
    pub roles: BTreeMap<String, Role>,
    /// The most that each check may do; absent: anything.
    pub severity: BTreeMap<String, Severity>,
    /// Rows of the reference side.
    pub rows_reference: u64,
    /// Rows of the current side.
    pub rows_current: u64,
}

/// What a decision makes of one finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Its level.
    pub level: Level,
    /// Why, in a few words.
    pub why: String,
}

/// A rule that decides.
pub trait Decide {
    /// The verdict, and what was made of each finding, in their order.
    fn decide(&self, case: &Case) -> (Verdict, Vec<Judged>);
}

/// Effect, corrected p-value, and enough data.
#[derive(Debug, Clone, Default)]
pub struct Materiality {
    /// The thresholds.
    pub rules: Rules,
}

impl Decide for Materiality {
    fn decide(&self, case: &Case) -> (Verdict, Vec<Judged>) {
        let gate = |finding: &Finding, level, weighed: &Weighed<'_>| {
            self.by_chance(finding, level, weighed)
        };
        let guarantee = self.guarantee(case.findings.len());
        decide_with(&self.rules, case, &gate, guarantee)
    }
}

/// Whether a measurement that is large enough to matter could be chance: its
/// level, and why.
pub(crate) type Gate<'a> = dyn Fn(&Finding, Level, &Weighed<'_>) -> (Level, String) + 'a;

/// What all rules share: faults at once, materiality before chance, severity
/// of checks, outputs that held still, suspects, words.
pub(crate) fn decide_with(
    rules: &Rules,
    case: &Case,
    gate: &Gate<'_>,
    guarantee: String,
) -> (Verdict, Vec<Judged>) {
    let weighed = Weighed::of(case);
    let core = Core {
        rules,
        gate,
        weighed: &weighed,
    };
    let mut judged: Vec<Judged> = case
        .findings
        .iter()
        .map(|finding| core.judge(finding, case))
        .collect();
    let detectable = core.detectable(case);
    if core.blind(detectable) {
        caps::scant(rules, case, &weighed, &mut judged);
    }
    if caps::outputs_held_still(case, &judged) {
        caps::inputs(case, &mut judged);
        caps::rows(case, &mut judged);
    }
    if answers::harm_is_small(rules, case, &judged) {
        caps::moves(case, &mut judged);
    }
    let verdict = core.conclude(case, &judged, detectable, guarantee);
    (verdict, judged)
}

struct Core<'a> {
    rules: &'a Rules,
    gate: &'a Gate<'a>,
    weighed: &'a Weighed<'a>,
}

impl Core<'_> {
    fn judge(&self, finding: &Finding, case: &Case) -> Judged {
        let (level, why) = match finding.nature {
            Nature::Supporting => (Level::Pass, "reported beside a measurement".to_owned()),
            Nature::Fault => self.judge_fault(finding, case),
            Nature::Measurement => self.judge_measurement(finding),
        };
        match case.severity.get(&finding.check) {
            Some(Severity::Ignore) if level > Level::Pass => Judged {
                level: Level::Pass,
                why: format!("{why}; the policy ignores this check"),
            },
            Some(Severity::Alert) if level > Level::Alert => Judged {
                level: Level::Alert,
                why: format!("{why}; the policy lets this check alert at most"),
            },
            _ => Judged { level, why },
        }
    }

    fn by_effect(&self, effect: f64) -> Level {
        if effect >= self.rules.block_at {
            Level::Block
        } else if effect >= self.rules.alert_at {
            Level::Alert
        } else {
            Level::Pass
        }
    }

    fn judge_fault(&self, finding: &Finding, case: &Case) -> (Level, String) {
        let role = finding
            .subject
            .columns()
            .first()
            .and_then(|name| case.roles.get(*name));
        // Labels arrive later than the rows they belong to.
        if matches!(role, Some(Role::Label | Role::Ignore | Role::Id))
            && finding.metric_name() == "column-gone"
        {
            return (
                Level::Pass,
                "labels and ignored columns may be absent".into(),
            );
        }
        (
            self.by_effect(finding.effect),
            "a fault does not wait for statistics".into(),
        )
    }

    fn judge_measurement(&self, finding: &Finding) -> (Level, String) {
        let rules = self.rules;
        match finding.status {
            Status::Ok => {}
            Status::InsufficientData => return (Level::Pass, "cannot tell: too few values".into()),
            Status::Degenerate => return (Level::Pass, "the statistic is not defined here".into()),
            Status::NotApplicable => return (Level::Pass, "not applicable".into()),
        }
        let n = finding.n_reference.min(finding.n_current);
        if n < rules.min_rows {
            return (
                Level::Pass,
                format!(
                    "cannot tell: {n} values, at least {} are needed",
                    rules.min_rows
                ),
            );
        }
        let level = self.by_effect(finding.effect);
        if level == Level::Pass {
            return (
                level,
                format!("effect {:.3} is below {}", finding.effect, rules.alert_at),
            );
        }
        (self.gate)(finding, level, self.weighed)
    }

    /// The smallest effect that these numbers of rows show for every column
    /// with 80 % power: the corrected critical value of the two-sample
    /// Kolmogorov-Smirnov statistic plus 0.42 of its scale.
    fn detectable(&self, case: &Case) -> Option<f64> {
        if case.rows_reference == 0 || case.rows_current == 0 {
            return None;
        }
        let columns: BTreeSet<&Subject> = case
            .findings
            .iter()
            .filter(|finding| finding.nature == Nature::Measurement)
            .map(|finding| &finding.subject)
            .collect();
        if columns.is_empty() {
            return None;
        }
        let scale = (1.0 / case.rows_reference as f64 + 1.0 / case.rows_current as f64).sqrt();
        let critical = (0.5 * (2.0 * columns.len() as f64 / self.rules.alpha).ln()).sqrt();
        Some(scale * (critical + 0.42))
    }

    /// Whether even an effect that the policy must see could have been missed.
    fn blind(&self, detectable: Option<f64>) -> bool {
        detectable.is_none_or(|smallest| smallest > self.rules.must_see)
    }

    fn conclude(
        &self,
        case: &Case,
        judged: &[Judged],
        detectable: Option<f64>,
        guarantee: String,
    ) -> Verdict {
        let suspects = rank::suspects(case, judged);
        let mut level = judged
            .iter()
            .map(|judged| judged.level)
            .max()
            .unwrap_or(Level::Pass);
        let mut reason = reason_of(case, judged, level);
        if reason == Reason::Stable && self.blind(detectable) {
            level = self.rules.on_cannot_tell;
            reason = if level == Level::Pass {
                Reason::Stable
            } else {
                Reason::CannotTell
            };
        }
        if !case.failures.is_empty() {
            (level, reason) = (Level::Error, Reason::CheckFailed);
        }
        let summary = summary(case, reason, &suspects, detectable);
        Verdict {
            level,
            reason,
            summary,
            suspects,
            guarantee,
            detectable,
        }
    }
}

impl Materiality {
    /// Weighs a measurement by its own p-value, corrected over all.
    pub(crate) fn by_chance(
        &self,
        finding: &Finding,
        level: Level,
        weighed: &Weighed<'_>,
    ) -> (Level, String) {
        let rules = &self.rules;
        match weighed.corrected(finding) {
            None => (
                level,
                format!(
                    "effect {:.3}; the check gives no noise floor",
                    finding.effect
                ),
            ),
            Some(corrected) => {
                if corrected <= rules.alpha {
                    (
                        level,
                        format!(
                            "effect {:.3}, corrected p {}",
                            finding.effect,
                            p_words(corrected)
                        ),
                    )
                } else {
                    let why = format!(
                        "effect {:.3} could be chance: corrected p {}",
                        finding.effect,
                        p_words(corrected)
                    );
                    (Level::Pass, why)
                }
            }
        }
    }

    fn guarantee(&self, findings: usize) -> String {
        format!(
            "at most {} % false alarms over all {findings} findings together, if rows are independent of each other \
             (iid-assumption; not calibrated on periods of the reference); effects under {} never alert",
            self.rules.alpha * 100.0,
            self.rules.alert_at,
        )
    }
}

fn p_words(p: f64) -> String {
    if p < 1e-6 {
        "< 1e-6".into()
    } else {
        format!("{p:.2e}")
    }
}

pub(crate) fn is_quality(finding: &Finding) -> bool {
    finding.nature == Nature::Fault || QUALITY_CHECKS.contains(&finding.check.as_str())
}

fn reason_of(case: &Case, judged: &[Judged], level: Level) -> Reason {
    if level == Level::Pass {
        return Reason::Stable;
    }
    let (mut quality, mut inputs, mut outputs) = (false, false, false);
    let (mut labels, mut answers) = (false, false);
    for (finding, judged) in case.findings.iter().zip(judged) {
        quality |= judged.level == level && is_quality(finding);
        if judged.level > Level::Pass && !is_quality(finding) {
            let about_answers = ANSWER_CHECKS.contains(&finding.check.as_str());
            let outcome = is_outcome(finding, &case.roles);
            answers |= about_answers && judged.level == level;
            let label = outcome && is_label(finding, &case.roles);
            labels |= label && !about_answers;
            outputs |= outcome && !label && !about_answers;
            inputs |= !outcome && !about_answers;
        }
    }
    match (quality, inputs, outputs || labels) {
        (true, _, _) => Reason::DataQuality,
        // Labels that moved are one side of answers that got worse.
        _ if answers && !outputs => Reason::AnswersWorse,
        (_, true, true) => Reason::InputAndOutputDrift,
        (_, false, true) => Reason::OutputDrift,
        _ => Reason::InputDrift,
    }
}

/// Whether a finding is about labels alone.
fn is_label(finding: &Finding, roles: &BTreeMap<String, Role>) -> bool {
    let columns = finding.subject.columns();
    let label = |name: &&str| roles.get(*name) == Some(&Role::Label);
    !columns.is_empty() && columns.iter().all(label)
}

fn summary(
    case: &Case,
    reason: Reason,
    suspects: &[crate::Suspect],
    detectable: Option<f64>,
) -> String {
    let names = rank::first_names(suspects);
    let rows = format!(
        "{} reference and {} current rows",
        case.rows_reference, case.rows_current
    );
    match reason {
        Reason::Stable => match detectable {
            Some(smallest) => format!(
                "No material change in {rows}; a move of {:.1} % of the rows in any column would have been seen.",
                smallest * 100.0
            ),
            None => format!("No material change in {rows}."),
        },
        Reason::CannotTell => match detectable {
            Some(smallest) => format!(
                "No material change found, but with {rows} only moves of {:.0} % of the rows and more are sure to be seen.",
                smallest * 100.0
            ),
            None => format!("Nothing could be measured in {rows}."),
        },
        Reason::CheckFailed => {
            let checks: BTreeSet<&str> = case
                .failures
                .iter()
                .map(|failure| failure.check.as_str())
                .collect();
            let checks: Vec<&str> = checks.into_iter().collect();
            format!("Could not evaluate: {} failed.", checks.join(", "))
        }
        Reason::DataQuality => format!("The data is broken; look first at {names}."),
        Reason::AnswersWorse => {
            format!("The answers got worse, as labels say; look first at {names}.")
        }
        Reason::InputDrift => format!("Inputs moved; look first at {names}."),
        Reason::OutputDrift => format!("Outputs moved and no input did: {names}."),
        Reason::InputAndOutputDrift => {
            format!("Inputs moved and outputs with them; look first at {names}.")
        }
        // Only fingerprints lead to the others, and they bring their own words.
        other => format!("{}: {names}.", other.explanation().title),
    }
}

#[cfg(test)]
pub(crate) mod tests;
