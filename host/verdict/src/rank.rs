//! Which columns to suspect first.
//!
//! A fault outranks a shift, a block outranks an alert, a named column outranks
//! the rows as a whole, which say that something moved and not what; and an
//! input outranks an outcome: predictions and labels move because something
//! before them did.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::column::Role;
use crate::decision::{Case, Judged};
use crate::finding::{Finding, Nature, Subject};
use crate::verdict::{Level, Suspect};

/// The name under which the rows themselves are suspected.
pub const ROWS: &str = "__rows__";

/// Whether a finding is about something the model or the world produced.
pub(crate) fn is_outcome(finding: &Finding, roles: &BTreeMap<String, Role>) -> bool {
    let columns = finding.subject.columns();
    !columns.is_empty()
        && columns.iter().all(|name| {
            matches!(
                roles.get(*name),
                Some(Role::Prediction | Role::Score | Role::Label)
            )
        })
}

struct Candidate {
    suspect: Suspect,
    fault: bool,
    outcome: bool,
    first_seen: usize,
}

/// Everything at or above an alert, the likeliest culprit first.
pub(crate) fn suspects(case: &Case, judged: &[Judged]) -> Vec<Suspect> {
    let mut candidates: BTreeMap<String, Candidate> = BTreeMap::new();
    for (position, (finding, judged)) in case.findings.iter().zip(judged).enumerate() {
        if judged.level < Level::Alert {
            continue;
        }
        for name in names(&finding.subject) {
            let candidate = candidates.entry(name.clone()).or_insert_with(|| Candidate {
                suspect: Suspect {
                    name,
                    level: Level::Pass,
                    effect: 0.0,
                    findings: vec![],
                    because: String::new(),
                },
                fault: false,
                outcome: is_outcome(finding, &case.roles),
                first_seen: position,
            });
            candidate.suspect.findings.push(position);
            candidate.suspect.level = candidate.suspect.level.max(judged.level);
            candidate.suspect.effect = candidate.suspect.effect.max(finding.effect.min(1.0));
            candidate.fault |= finding.nature == Nature::Fault;
        }
    }
    let mut ordered: Vec<Candidate> = candidates.into_values().collect();
    ordered.sort_by(order);
    ordered
        .into_iter()
        .map(|candidate| strongest_first(candidate.suspect, case, judged))
        .collect()
}

/// The names of the first three, for a sentence.
pub(crate) fn first_names(suspects: &[Suspect]) -> String {
    let names: Vec<&str> = suspects
        .iter()
        .take(3)
        .map(|suspect| suspect.name.as_str())
        .collect();
    names.join(", ")
}

fn names(subject: &Subject) -> Vec<String> {
    match subject {
        Subject::Dataset => vec![ROWS.to_owned()],
        Subject::Segment(text) => vec![text.clone()],
        Subject::Column(_) | Subject::Pair(_, _) => {
            subject.columns().into_iter().map(str::to_owned).collect()
        }
    }
}

fn order(left: &Candidate, right: &Candidate) -> Ordering {
    let key = |c: &Candidate| {
        (
            c.suspect.level,
            c.fault && c.suspect.level >= Level::Block,
            c.fault || c.suspect.name != ROWS,
            !c.outcome,
        )
    };
    key(right)
        .cmp(&key(left))
        .then(right.suspect.effect.total_cmp(&left.suspect.effect))
        .then(left.first_seen.cmp(&right.first_seen))
}

fn strongest_first(mut suspect: Suspect, case: &Case, judged: &[Judged]) -> Suspect {
    let weight = |&position: &usize| {
        let finding = &case.findings[position];
        (
            judged[position].level,
            finding.nature == Nature::Fault,
            finding.effect,
        )
    };
    suspect.findings.sort_by(|left, right| {
        let (l, r) = (weight(left), weight(right));
        r.0.cmp(&l.0)
            .then(r.1.cmp(&l.1))
            .then(r.2.total_cmp(&l.2))
            .then(left.cmp(right))
    });
    if let Some(&first) = suspect.findings.first() {
        suspect.because = case.findings[first].message.clone();
    }
    suspect
}
