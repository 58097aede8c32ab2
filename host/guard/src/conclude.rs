//! From profiles to the document: findings, their calibration, the decision.

mod scored;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use driftguard_data::ColumnRole;
use driftguard_sandbox::Usage;
use driftguard_verdict::anchor::{self, AnchorReport};
use driftguard_verdict::calibration::{Calibrated, CalibrationInput};
use driftguard_verdict::cause::{Comparison, Provenance, refine};
use driftguard_verdict::decision::{Case, Decide, Materiality};
use driftguard_verdict::document::{
    ColumnReport, Document, FORMAT, FailureReport, JudgedFinding, PluginReport, SideReport, Timings,
};
use driftguard_verdict::replay::{CanaryReport, ReplayDocument};
use driftguard_verdict::{Finding, Level, Reason, Rules};

use crate::baseline::{Anchor, drop_unranked, manifest};
use crate::error::GuardError;
use crate::fold::{Folded, Sessions};
use crate::periods::{Chosen, Cutting};
use crate::plan::{Plan, PlannedCheck};
use crate::policy::{Environment, Policy};
use crate::run::RunOptions;
use crate::track::{self, Outcome, Ranked, Track, main_period};

pub(crate) use scored::Stored;
use scored::{Anchored, against_stored, anchored, calibrated};

/// Everything that is known when all data has been read.
pub(crate) struct Evaluation<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) checks: &'a [PlannedCheck],
    pub(crate) plan: &'a Plan,
    pub(crate) frames: &'a [Option<Vec<u8>>],
    pub(crate) roles: &'a [ColumnRole],
    pub(crate) columns: Vec<ColumnReport>,
    pub(crate) sides: [SideReport; 2],
    pub(crate) chosen: &'a Chosen,
    /// A reference whose units were scored before; without, its periods are
    /// scored where a verdict could depend on them.
    pub(crate) stored: Option<Stored<'a>>,
    /// The periods that a baseline was created with, if others were accepted
    /// later.
    pub(crate) anchor: Option<Anchor>,
    /// None: nothing is claimed about the code.
    pub(crate) fingerprints: Option<Comparison>,
    /// Stored inputs, scored again.
    pub(crate) canary: Option<CanaryReport>,
    /// Old and new model on old and new data.
    pub(crate) replay: Option<ReplayDocument>,
    pub(crate) folded: Folded,
    pub(crate) options: &'a RunOptions,
}

/// Compares, calibrates, decides, and writes the document.
///
/// # Errors
/// A baseline whose profiles cannot be unpacked or merged.
pub(crate) fn conclude(mut evaluation: Evaluation<'_>) -> Result<Outcome, GuardError> {
    let mut sessions = Sessions::new(evaluation.plan, evaluation.checks, evaluation.frames);
    let findings = sessions.findings(&mut evaluation.folded);
    let scored = match &evaluation.stored {
        Some(stored) => against_stored(&evaluation, stored, &findings, &mut sessions)?,
        None => calibrated(&evaluation, &findings, &mut sessions),
    };
    let anchored = anchored(&mut evaluation, &mut sessions)?;
    sessions.pool.add_usage(&mut evaluation.folded.usage);
    drop(sessions);
    Ok(document(evaluation, findings, scored, anchored))
}

fn document(
    evaluation: Evaluation<'_>,
    findings: Vec<Finding>,
    scored: Option<CalibrationInput>,
    anchored: Option<Anchored>,
) -> Outcome {
    let mut track = tracked(&evaluation);
    // Of one unit only: several have no rank among single ones.
    let ranks = evaluation.stored.is_some()
        && scored
            .as_ref()
            .is_some_and(|input| input.current.len() == 1);
    let Evaluation {
        policy,
        checks,
        roles,
        folded,
        options,
        ..
    } = evaluation;
    let case = Case {
        findings: in_order(findings, roles),
        rows_reference: folded.rows(0),
        rows_current: folded.rows(1),
        failures: folded.failures,
        roles: roles
            .iter()
            .map(|role| (role.name.clone(), role.role))
            .collect(),
        severity: checks
            .iter()
            .filter_map(|check| Some((check.plugin.descriptor.id.clone(), check.severity?)))
            .collect(),
    };
    let calibrated = scored.and_then(|input| Calibrated::new(&policy.rules, &input));
    let materiality = Materiality {
        rules: policy.rules.clone(),
    };
    let (verdict, judged) = match &calibrated {
        Some(rule) => rule.decide(&case),
        None => materiality.decide(&case),
    };
    let (anchor, verdict) = match &anchored {
        None => (None, verdict),
        Some(anchored) => {
            let report = against_anchor(policy, anchored, &case);
            let verdict = anchor::apply(verdict, &report, &case);
            (Some(report), verdict)
        }
    };
    if let Some(rule) = &calibrated {
        (track.ordinary, track.outlying) = track::subjects(rule);
        track.ranked = ranks
            .then(|| ranked(&policy.rules, rule, anchored))
            .flatten();
    }
    let canary = evaluation.canary;
    let claimed = evaluation.fingerprints.is_some();
    let comparison = match evaluation.fingerprints {
        Some(comparison) => Some(comparison),
        // The canary alone says whether the code changed.
        None => canary.as_ref().map(|_| Comparison::silent()),
    };
    let provenance = comparison.map(|comparison| Provenance {
        comparison,
        canary: canary.as_ref().map(|canary| canary.same),
        replayed: evaluation.replay.as_ref().map(|replay| replay.reason),
        production: policy.environment == Environment::Production,
        ceiling: match &calibrated {
            // Chance is not under control: alert at most, as the rule itself.
            Some(rule) if !rule.holds() => Level::Alert,
            _ => Level::Block,
        },
        block_at: policy.rules.block_at,
    });
    let verdict = match &provenance {
        // Nothing of the table speaks of the anchor.
        Some(_) if verdict.reason == Reason::FarFromAnchor => verdict,
        Some(provenance) => refine(&case, &judged, verdict, provenance),
        None => verdict,
    };
    let judged = case.findings.into_iter().zip(judged);
    let findings: Vec<JudgedFinding> = judged
        .map(|(finding, judged)| JudgedFinding {
            level: judged.level,
            judgement: judged.why,
            finding,
        })
        .collect();
    let failures = case.failures.into_iter().map(|failure| FailureReport {
        check: failure.check,
        column: failure.column,
        message: failure.message,
    });
    let plugins = plugin_reports(checks, evaluation.plan, &folded.usage, options);
    let [reference, current] = evaluation.sides;
    let kernels: Duration = folded.usage.iter().map(|usage| usage.kernels).sum();
    let total: Duration = folded.usage.iter().map(|usage| usage.total).sum();
    let mut document = Document {
        format: FORMAT.into(),
        verdict: verdict.level,
        reason: verdict.reason,
        suspects: verdict
            .suspects
            .iter()
            .map(|suspect| suspect.name.clone())
            .collect(),
        risks: vec![],
        summary: verdict.summary,
        guarantee: verdict.guarantee,
        calibration: calibrated.map(|rule| rule.report().clone()),
        anchor,
        history: None,
        detectable: verdict.detectable,
        fingerprints: provenance
            .filter(|_| claimed)
            .map(|provenance| provenance.comparison),
        canary,
        replay: evaluation.replay,
        reference,
        current,
        suspect_details: verdict.suspects,
        findings,
        failures: failures.collect(),
        roles: evaluation.columns,
        plugins,
        rules: policy.rules.clone(),
        driftguard: env!("CARGO_PKG_VERSION").into(),
        timings: (!options.reproducible).then(|| Timings {
            wall: seconds(options.started.elapsed()),
            load: seconds(options.load),
            decode: seconds(folded.decode),
            kernels: seconds(kernels),
            plugins: seconds(total.saturating_sub(kernels)),
        }),
    };
    document.risks = document
        .at_stake()
        .into_iter()
        .map(|(risk, _)| risk)
        .collect();
    Outcome { document, track }
}

/// Digests and the period.
fn tracked(evaluation: &Evaluation<'_>) -> Track {
    let Evaluation { policy, folded, .. } = evaluation;
    let cutting = &evaluation.chosen.cutting;
    let current = &folded.sides[1];
    let mut seen = current.clone();
    if let Some(stored) = &evaluation.stored {
        // As the baseline keeps periods, so that one that was checked before
        // it was accepted is known again.
        drop_unranked(&mut seen, &stored.kept);
    }
    let severities = evaluation.checks.iter().map(|check| check.severity);
    Track {
        policy: track::digest_of(&serde_json::json!([
            policy.rules,
            policy.environment,
            manifest::checks(evaluation.checks),
            severities.collect::<Vec<_>>(),
        ])),
        data: track::digest(seen.values()),
        period: match cutting {
            Cutting::Time { .. } => main_period(current).map(|key| cutting.name(key)),
            Cutting::Whole | Cutting::Blocks { .. } => None,
        },
        ..Track::default()
    }
}

fn against_anchor(policy: &Policy, anchored: &Anchored, case: &Case) -> AnchorReport {
    let against = Case {
        findings: anchored.findings.clone(),
        rows_reference: anchored.rows,
        ..case.clone()
    };
    anchor::look(
        &policy.rules,
        &against,
        anchored.input.as_ref(),
        anchored.later,
    )
}

/// Where the current data stands among the baseline's periods.
fn ranked(rules: &Rules, rule: &Calibrated, anchored: Option<Anchored>) -> Option<Ranked> {
    let beside = track::scores(rule);
    let Some(anchored) = anchored else {
        return Some(Ranked {
            anchor: beside.clone(),
            beside,
            accepted: BTreeSet::new(),
        });
    };
    let by_anchor = Calibrated::new(rules, &anchored.input?)?;
    Some(Ranked {
        beside,
        anchor: track::scores(&by_anchor),
        accepted: anchored.accepted,
    })
}

/// To the microsecond.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e6
}

fn plugin_reports(
    checks: &[PlannedCheck],
    plan: &Plan,
    usage: &[Usage],
    options: &RunOptions,
) -> Vec<PluginReport> {
    let report = |(index, check): (usize, &PlannedCheck)| PluginReport {
        check: check.plugin.descriptor.id.clone(),
        version: check.plugin.descriptor.version.clone(),
        sha256: check.plugin.sha256.clone(),
        origin: check.plugin.origin.to_string(),
        risk: check.risk,
        columns: granted_names(plan, index),
        fuel: usage
            .get(index)
            .and_then(|usage| usage.fuel)
            .filter(|fuel| *fuel > 0),
        seconds: usage
            .get(index)
            .filter(|_| !options.reproducible)
            .map(|usage| seconds(usage.total)),
    };
    checks.iter().enumerate().map(report).collect()
}

/// Findings by check, then by column in the order of the data.
fn in_order(mut findings: Vec<Finding>, roles: &[ColumnRole]) -> Vec<Finding> {
    let place: BTreeMap<&str, usize> = roles
        .iter()
        .enumerate()
        .map(|(position, role)| (role.name.as_str(), position))
        .collect();
    findings.sort_by_cached_key(|finding| {
        let column = finding
            .subject
            .columns()
            .first()
            .and_then(|name| place.get(name))
            .copied();
        (finding.check.clone(), column)
    });
    findings
}

fn granted_names(plan: &Plan, check: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    let jobs = plan.jobs.iter().filter(|job| job.check == check);
    let names = jobs
        .flat_map(|job| &job.columns)
        .map(|column| column.name.clone());
    names.filter(|name| seen.insert(name.clone())).collect()
}
