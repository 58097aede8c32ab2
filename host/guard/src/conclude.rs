//! From profiles to the document: findings, their calibration, the decision.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use driftguard_data::ColumnRole;
use driftguard_sandbox::Usage;
use driftguard_verdict::calibration::{Calibrated, CalibrationInput, UnitScores};
use driftguard_verdict::cause::{Comparison, Provenance, refine};
use driftguard_verdict::decision::{Case, Decide, Materiality};
use driftguard_verdict::document::{
    ColumnReport, Document, FORMAT, FailureReport, JudgedFinding, PluginReport, SideReport, Timings,
};
use driftguard_verdict::finding::{Nature, Status};
use driftguard_verdict::{Finding, Level};

use crate::baseline::{BaselineError, States};
use crate::error::GuardError;
use crate::fold::{Folded, Sessions};
use crate::periods::score::{self, Scoring};
use crate::periods::units::{self, Periods, Unit};
use crate::periods::{Chosen, Cutting};
use crate::plan::{Plan, PlannedCheck};
use crate::policy::{Environment, Policy};
use crate::run::RunOptions;

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
    /// None: nothing is claimed about the code.
    pub(crate) fingerprints: Option<Comparison>,
    pub(crate) folded: Folded,
    pub(crate) options: &'a RunOptions,
}

/// What a baseline knows of its reference.
pub(crate) struct Stored<'a> {
    /// Periods that make a unit.
    pub(crate) length: usize,
    /// Units with fewer rows are not scored.
    pub(crate) min_rows: u64,
    /// Scores of its units against each other.
    pub(crate) units: Vec<UnitScores>,
    /// Jobs that measured something on them.
    pub(crate) measures: HashSet<usize>,
    /// Merged profiles by job: of each phase, and without one of everything.
    pub(crate) pools: Vec<(Option<u32>, States)>,
    /// The profiles of its periods, which are unpacked when asked for.
    pub(crate) periods: &'a dyn Fn() -> Result<Periods, BaselineError>,
}

/// Compares, calibrates, decides, and writes the document.
///
/// # Errors
/// A baseline whose profiles cannot be unpacked.
pub(crate) fn conclude(mut evaluation: Evaluation<'_>) -> Result<Document, GuardError> {
    let mut sessions = Sessions::new(evaluation.plan, evaluation.checks, evaluation.frames);
    let findings = sessions.findings(&mut evaluation.folded);
    let scored = match &evaluation.stored {
        Some(stored) => against_stored(&evaluation, stored, &findings, &mut sessions)?,
        None => calibrated(&evaluation, &findings, &mut sessions),
    };
    sessions.pool.add_usage(&mut evaluation.folded.usage);
    drop(sessions);
    Ok(document(evaluation, findings, scored))
}

/// Scores of the current side, and of the units of the baseline. Those that
/// are stored were made without the current side; they say whether the batch is
/// an ordinary one. Before they may say otherwise all units are scored alike,
/// the current ones among the others: only then are ranks exact.
fn against_stored(
    evaluation: &Evaluation<'_>,
    stored: &Stored<'_>,
    findings: &[Finding],
    sessions: &mut Sessions<'_>,
) -> Result<Option<CalibrationInput>, GuardError> {
    let Evaluation { folded, chosen, .. } = evaluation;
    if chosen.cutting == Cutting::Whole {
        return Ok(None);
    }
    let now = &folded.sides[1];
    let mut rows: Vec<u64> = stored.units.iter().map(|unit| unit.rows).collect();
    rows.sort_unstable();
    let usual = rows.get(rows.len() / 2).copied().unwrap_or(0);
    let (mut current, part) = match chosen.cutting {
        // Blocks of the current side are as long as a unit.
        Cutting::Blocks { .. } => {
            let short = units::is_piece(folded.rows(1), usual) && stored.length > 1;
            let (current, _) = units::of_current(now, 1, usual, stored.min_rows);
            (current, short)
        }
        _ => {
            let usual = usual / stored.length.max(1) as u64;
            units::of_current(now, stored.length, usual, stored.min_rows)
        }
    };
    let input = |[periods, current]: [Vec<UnitScores>; 2]| CalibrationInput {
        unit: chosen.cutting.unit_words(stored.length),
        why: chosen.why.clone(),
        periods,
        current,
        part,
    };
    let phases: BTreeMap<u32, &States> = stored
        .pools
        .iter()
        .filter_map(|(phase, pool)| Some(((*phase)?, pool)))
        .collect();
    let whole = stored.pools.iter().find(|(phase, _)| phase.is_none());
    let known: Vec<u32> = phases.keys().copied().collect();
    units::name_phases(&mut current, now, &chosen.cutting, &known);
    let pool = |phase: Option<u32>, index: usize| {
        let pool = phase.and_then(|phase| phases.get(&phase).copied());
        let pool = pool.or(whole.map(|(_, pool)| pool))?;
        pool.get(index)?.as_deref()
    };
    let measures = |index: usize| stored.measures.contains(&index);
    let scored = score::against(sessions, now, &current, pool, &folded.dead, &measures);
    let quick = input([stored.units.clone(), scored]);
    let rules = &evaluation.policy.rules;
    let ordinary = Calibrated::new(rules, &quick).is_none_or(|rule| !rule.may_alert(findings));
    if ordinary {
        return Ok(Some(quick));
    }
    let scoring = Scoring {
        cutting: &chosen.cutting,
        length: stored.length,
        min_rows: stored.min_rows,
        dead: &folded.dead,
        measures: &measures,
    };
    let periods = (stored.periods)()?;
    Ok(Some(input(score::of_all(
        sessions,
        [&periods, now],
        current,
        &scoring,
    ))))
}

/// Scores of the periods, where a verdict could depend on them: nothing below
/// what alerts needs a test of whether it could be chance.
fn calibrated(
    evaluation: &Evaluation<'_>,
    findings: &[Finding],
    sessions: &mut Sessions<'_>,
) -> Option<CalibrationInput> {
    if evaluation.chosen.cutting == Cutting::Whole {
        return None;
    }
    let rules = &evaluation.policy.rules;
    let moved = findings.iter().any(|finding| {
        finding.nature == Nature::Measurement
            && finding.status == Status::Ok
            && finding.effect >= rules.alert_at
    });
    if !moved {
        return None;
    }
    let Evaluation { folded, chosen, .. } = evaluation;
    let [reference, now] = &folded.sides;
    let scoring = Scoring {
        cutting: &chosen.cutting,
        length: 1,
        min_rows: rules.min_rows,
        dead: &folded.dead,
        measures: &|_| true,
    };
    // Periods are as long as the current side, so it is one unit.
    let current = vec![Unit::whole(now)];
    let [periods, current] = score::of_all(sessions, [reference, now], current, &scoring);
    Some(CalibrationInput {
        unit: chosen.cutting.words(),
        why: chosen.why.clone(),
        periods,
        current,
        part: false,
    })
}

fn document(
    evaluation: Evaluation<'_>,
    findings: Vec<Finding>,
    scored: Option<CalibrationInput>,
) -> Document {
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
    let provenance = evaluation.fingerprints.map(|comparison| Provenance {
        comparison,
        production: policy.environment == Environment::Production,
        ceiling: match &calibrated {
            // Chance is not under control: alert at most, as the rule itself.
            Some(rule) if !rule.holds() => Level::Alert,
            _ => Level::Block,
        },
    });
    let verdict = match &provenance {
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
    Document {
        format: FORMAT.into(),
        verdict: verdict.level,
        reason: verdict.reason,
        suspects: verdict
            .suspects
            .iter()
            .map(|suspect| suspect.name.clone())
            .collect(),
        summary: verdict.summary,
        guarantee: verdict.guarantee,
        calibration: calibrated.map(|rule| rule.report().clone()),
        detectable: verdict.detectable,
        fingerprints: provenance.map(|provenance| provenance.comparison),
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
    }
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
