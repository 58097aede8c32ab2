//! What `baseline show` and `baseline diff` tell.

use std::collections::{BTreeMap, BTreeSet};

use driftguard_data::NO_PERIOD;
use driftguard_verdict::Rules;
use driftguard_verdict::calibration::{
    CalibrationState, Sight, conditional_upper, neighbours, sight,
};
use driftguard_verdict::finding::Subject;

use super::manifest::{CheckEntry, ColumnEntry};
use super::{Baseline, BaselineError, scores};

/// A period in the overview.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PeriodLine {
    /// What it is called.
    pub name: String,
    /// Rows in it.
    pub rows: u64,
    /// Accepted after the baseline was made.
    pub added: bool,
}

/// A column in the overview.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SubjectLine {
    /// The column.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The checks that look at it.
    pub checks: Vec<String>,
    /// For each check that measures something on it the smallest effect that
    /// stands out among the periods.
    pub smallest: Vec<Smallest>,
}

/// The smallest effect that stands out.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Smallest {
    /// Share of rows moved; none: not even a move of all rows stands out, or
    /// there are too few periods.
    pub effect: Option<f64>,
    /// The check.
    pub check: String,
    /// Its metric that sees most.
    pub metric: String,
}

/// What the periods are worth as a calibration.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CalibrationLine {
    /// `calibrated`, `degraded` or `learning`.
    pub state: CalibrationState,
    /// One unit, in words.
    pub unit: String,
    /// Periods that make a unit.
    pub unit_periods: usize,
    /// Units that are scored, K.
    pub units: usize,
    /// Phases that are compared within; one where none are told apart.
    pub phases: usize,
    /// Lag-1 autocorrelation of the units' largest scores.
    pub autocorrelation: f64,
    /// Above this neighbours are alike.
    pub limit: f64,
    /// The rate of false alarms that is kept if units are exchangeable.
    pub alpha: f64,
    /// 95 % upper bound of it given these very units.
    pub conditional_upper: f64,
    /// The smallest effects that stand out on what is no single column.
    pub others: Vec<Sight>,
}

/// What a baseline holds.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Overview {
    /// The data it was made from.
    pub source: String,
    /// SHA-256 of the file.
    pub digest: String,
    /// One period, in words.
    pub unit: String,
    /// Why it is cut like that.
    pub why: String,
    /// Rows in all.
    pub rows: u64,
    /// Periods in order of time.
    pub periods: Vec<PeriodLine>,
    /// Columns in order of the data.
    pub columns: Vec<SubjectLine>,
    /// Checks with their versions.
    pub checks: Vec<(String, String)>,
    /// What the periods are worth as a calibration.
    pub calibration: CalibrationLine,
}

/// What a baseline holds, for people.
pub fn overview(baseline: &Baseline) -> Overview {
    let manifest = &baseline.manifest;
    let alpha = Rules::default().alpha;
    let units = scores::units(&manifest.units, &manifest.measures, &baseline.table, |_| {
        true
    });
    let (columns_seen, others): (Vec<Sight>, Vec<Sight>) = sight(&units, alpha)
        .into_iter()
        .partition(|sight| matches!(sight.subject, Subject::Column(_)));
    let smallest = |name: &str| -> Vec<Smallest> {
        let subject = Subject::Column(name.to_owned());
        let seen = columns_seen.iter().filter(|sight| sight.subject == subject);
        seen.map(|sight| Smallest {
            effect: sight.effect,
            check: sight.check.clone(),
            metric: sight.metric.clone(),
        })
        .collect()
    };
    let health = neighbours(&units);
    let phases: BTreeSet<Option<u32>> = manifest.units.iter().map(|unit| unit.phase).collect();
    let calibration = CalibrationLine {
        state: CalibrationState::of(units.len(), &health),
        unit: manifest.cutting.unit_words(manifest.unit_periods),
        unit_periods: manifest.unit_periods,
        units: units.len(),
        phases: phases.len(),
        autocorrelation: health.autocorrelation,
        limit: health.limit,
        alpha,
        conditional_upper: conditional_upper(units.len(), 1, alpha),
        others,
    };
    let periods = manifest.periods.iter().map(|period| PeriodLine {
        name: period.name.clone(),
        rows: period.rows,
        added: period.added,
    });
    let columns = manifest.columns.iter().map(|column| SubjectLine {
        name: column.name.clone(),
        role: column.role.name().to_owned(),
        checks: manifest
            .jobs
            .iter()
            .filter(|job| job.columns.contains(&column.name))
            .map(|job| job.check.clone())
            .collect(),
        smallest: smallest(&column.name),
    });
    Overview {
        source: manifest.source.clone(),
        digest: baseline.digest.clone(),
        unit: manifest.cutting.words(),
        why: manifest.why.clone(),
        rows: baseline.rows(),
        periods: periods.collect(),
        columns: columns.collect(),
        checks: manifest
            .checks
            .iter()
            .map(|check| (check.id.clone(), check.version.clone()))
            .collect(),
        calibration,
    }
}

/// One difference between two baselines.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Difference {
    /// `column`, `check`, `period`, `cutting`, `frames`.
    pub what: &'static str,
    /// In words.
    pub words: String,
}

/// How two baselines differ; nothing if they are the same.
///
/// # Errors
/// Profiles that cannot be unpacked.
pub fn diff(left: &Baseline, right: &Baseline) -> Result<Vec<Difference>, BaselineError> {
    let mut found = vec![];
    let (a, b) = (&left.manifest, &right.manifest);
    if a.cutting != b.cutting {
        found.push(Difference {
            what: "cutting",
            words: format!("by {} -> by {}", a.cutting.words(), b.cutting.words()),
        });
    }
    let column = |column: &ColumnEntry| {
        let words = format!(
            "{} {} {}",
            column.role.name(),
            column.kind.name(),
            column.storage
        );
        (column.name.clone(), words)
    };
    let check = |check: &CheckEntry| {
        let short: String = check.sha256.chars().take(12).collect();
        let words = format!("version {} ({short}) {:?}", check.version, check.settings);
        (check.id.clone(), words)
    };
    found.extend(pairs(
        "column",
        a.columns.iter().map(column),
        b.columns.iter().map(column),
    ));
    found.extend(pairs(
        "check",
        a.checks.iter().map(check),
        b.checks.iter().map(check),
    ));
    found.extend(pairs(
        "period",
        periods(left)?.into_iter(),
        periods(right)?.into_iter(),
    ));
    if left.frames != right.frames && a.jobs == b.jobs {
        found.push(Difference {
            what: "frames",
            words: "bins and dictionaries were frozen from other data".into(),
        });
    }
    Ok(found)
}

fn periods(baseline: &Baseline) -> Result<Vec<(String, String)>, BaselineError> {
    let profiles = baseline.periods()?;
    let named = baseline.manifest.periods.iter();
    Ok(named
        .filter(|period| period.key != NO_PERIOD)
        .map(|period| {
            let saved = profiles.get(&period.key).map(|period| &period.saved);
            // Two periods of one name with the same rows may still differ.
            let bytes = saved.into_iter().flatten().flatten().flatten();
            let sum = bytes.fold(0_u64, |sum, byte| {
                sum.wrapping_mul(0x0100_0000_01b3)
                    .wrapping_add(u64::from(*byte) + 1)
            });
            let words = format!("{} rows, content {sum:016x}", period.rows);
            (period.name.clone(), words)
        })
        .collect())
}

fn pairs(
    what: &'static str,
    left: impl Iterator<Item = (String, String)>,
    right: impl Iterator<Item = (String, String)>,
) -> Vec<Difference> {
    let left: BTreeMap<String, String> = left.collect();
    let mut right: BTreeMap<String, String> = right.collect();
    let mut found = vec![];
    for (name, then) in left {
        let words = match right.remove(&name) {
            Some(now) if now == then => continue,
            Some(now) => format!("{name}: {then} -> {now}"),
            None => format!("{name}: gone ({then})"),
        };
        found.push(Difference { what, words });
    }
    found.extend(right.into_iter().map(|(name, now)| Difference {
        what,
        words: format!("{name}: new ({now})"),
    }));
    found
}
