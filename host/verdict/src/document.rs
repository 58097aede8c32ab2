//! The one document that a run produces. Everything else (terminal, exit code,
//! later JUnit and SARIF) is a projection of it. Its JSON Schema is committed
//! as `docs/schema/verdict.v1.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::anchor::AnchorReport;
use crate::calibration::CalibrationReport;
use crate::cause::Comparison;
use crate::history::HistoryReport;
use crate::replay::{CanaryReport, ReplayDocument};
use crate::{Finding, Kind, Level, Reason, Risk, Role, Rules, Suspect};

/// Name and version of the document's format.
pub const FORMAT: &str = "driftguard/verdict/v1";

/// The document of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Document {
    /// `driftguard/verdict/v1`; a reader refuses what it does not know.
    pub format: String,
    /// What to do.
    pub verdict: Level,
    /// Why, as a stable code.
    pub reason: Reason,
    /// Names of the suspects, the likeliest culprit first. `__rows__` stands
    /// for the rows themselves.
    pub suspects: Vec<String>,
    /// The risks at stake: those of every check that failed or has a finding
    /// at alert or above. Whom to tell.
    #[serde(default)]
    pub risks: Vec<Risk>,
    /// One sentence for a human.
    pub summary: String,
    /// Which guarantee holds for this verdict, in words.
    pub guarantee: String,
    /// How the verdict was calibrated on periods of the reference; absent where
    /// it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationReport>,
    /// How far the current data is from the periods that the baseline was
    /// created with; absent where none was accepted later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<AnchorReport>,
    /// The history that the verdict was recorded in; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<HistoryReport>,
    /// The smallest effect this amount of data could show on every column.
    pub detectable: Option<f64>,
    /// What is known of code, model and the rest on both sides; absent where no
    /// fingerprints were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<Comparison>,
    /// Stored inputs, scored again; absent where the policy does not ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<CanaryReport>,
    /// Old and new model on old and new data; absent where the policy does not
    /// ask for it, or no release changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<ReplayDocument>,
    /// The reference side.
    pub reference: SideReport,
    /// The current side.
    pub current: SideReport,
    /// The suspects with what speaks against them, in the same order.
    pub suspect_details: Vec<Suspect>,
    /// All findings, in order of check and column.
    pub findings: Vec<JudgedFinding>,
    /// Checks that could not do their work.
    pub failures: Vec<FailureReport>,
    /// Every column with its role and why it has it ("roles" of the issue).
    pub roles: Vec<ColumnReport>,
    /// Every plugin that ran.
    pub plugins: Vec<PluginReport>,
    /// The thresholds that were applied.
    pub rules: Rules,
    /// Version of driftguard.
    pub driftguard: String,
    /// Time spent; absent with `--reproducible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
}

impl Document {
    /// The risks at stake, each with the checks that say so, in order of risk
    /// and plugin; none where the verdict is pass.
    pub fn at_stake(&self) -> Vec<(Risk, Vec<&str>)> {
        if self.verdict == Level::Pass {
            return vec![];
        }
        let speaks = |check: &str| {
            let failed = self.failures.iter().any(|failure| failure.check == check);
            let found = |judged: &JudgedFinding| {
                judged.level >= Level::Alert && judged.finding.check == check
            };
            failed || self.findings.iter().any(found)
        };
        let mut risks: BTreeMap<Risk, Vec<&str>> = BTreeMap::new();
        for plugin in self.plugins.iter().filter(|plugin| speaks(&plugin.check)) {
            risks.entry(plugin.risk).or_default().push(&plugin.check);
        }
        risks.into_iter().collect()
    }
}

/// One side of the comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SideReport {
    /// What was asked for, as given.
    pub source: String,
    /// The files read.
    pub files: u64,
    /// The rows read.
    pub rows: u64,
}

/// A finding with the level the host gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct JudgedFinding {
    /// What the host makes of it.
    pub level: Level,
    /// Why that level, in a few words.
    pub judgement: String,
    /// The finding as measured.
    #[serde(flatten)]
    pub finding: Finding,
}

/// A check that could not do its work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct FailureReport {
    /// The check.
    pub check: String,
    /// The column, where one was at hand.
    pub column: Option<String>,
    /// What happened, the limit, the actual value and what to do.
    pub message: String,
}

/// A column with its role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ColumnReport {
    /// Name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How it is treated.
    pub kind: Kind,
    /// Why ("92 % of values are distinct", "set by --label").
    pub why: String,
    /// Arrow type on the reference side; null when it is not there.
    pub storage_reference: Option<String>,
    /// Arrow type on the current side; null when it is not there.
    pub storage_current: Option<String>,
}

/// A plugin that ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PluginReport {
    /// The check's id.
    pub check: String,
    /// The plugin's own version.
    pub version: String,
    /// SHA-256 of the WebAssembly file, in hexadecimal.
    pub sha256: String,
    /// `built-in`, or the path it was read from.
    pub origin: String,
    /// Which risk it speaks to: the policy's word, else the plugin's.
    pub risk: Risk,
    /// The columns it was granted.
    pub columns: Vec<String>,
    /// Fuel used, where the policy sets a fuel budget; otherwise not metered.
    pub fuel: Option<u64>,
    /// Seconds of processor time inside the plugin; absent with
    /// `--reproducible`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// Seconds spent. The first is wall clock, the others are summed over workers.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Timings {
    /// From start to verdict, wall clock.
    pub wall: f64,
    /// Compiling or loading plugins.
    pub load: f64,
    /// Reading and decoding files.
    pub decode: f64,
    /// Host kernels and copies into plugins.
    pub kernels: f64,
    /// Inside plugins, host calls not counted.
    pub plugins: f64,
}
