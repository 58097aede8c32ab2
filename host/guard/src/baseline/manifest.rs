//! What a baseline says of itself. Part of the file format: fields are added
//! with a default and never change meaning; anything else is a new `FORMAT`.

use arrow_schema::{DataType, Field, Schema};
use driftguard_data::{ColumnRole, Hidden, PeriodKey};
use driftguard_provenance::hex;
use driftguard_verdict::{Kind, Role, SettingValue};
use serde::{Deserialize, Serialize};

use super::error::BaselineError;
use super::scores::{MeasureEntry, UnitEntry};
use crate::periods::Cutting;
use crate::plan::{Plan, PlannedCheck};

/// Name and version of the format.
pub const FORMAT: &str = "driftguard/baseline/v3";

/// Everything but the bytes that plugins wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// Version of driftguard that wrote it.
    pub driftguard: String,
    /// The data it was made from, as given.
    pub source: String,
    /// How periods are cut, and why so.
    pub cutting: Cutting,
    /// Why the periods are cut like that.
    pub why: String,
    /// Columns with roles, in the order of the data.
    pub columns: Vec<ColumnEntry>,
    /// Checks with what they were run with.
    pub checks: Vec<CheckEntry>,
    /// Which check looked at which columns; frames and profiles are in this
    /// order.
    pub jobs: Vec<JobEntry>,
    /// Periods in order of time.
    pub periods: Vec<PeriodEntry>,
    /// Periods that make a unit: more than one where single ones are alike.
    pub unit_periods: usize,
    /// Units with fewer rows are not scored.
    pub min_rows: u64,
    /// Units in order of time.
    pub units: Vec<UnitEntry>,
    /// What was measured on them.
    pub measures: Vec<MeasureEntry>,
    /// Phases whose units are there in one profile; none: the whole reference.
    pub pools: Vec<Option<u32>>,
    /// Columns whose values were hashed as they were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<PersonalEntry>,
    /// Fingerprints of code, model and the rest, where given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<serde_json::Value>,
}

/// Columns whose values are hashed, and the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PersonalEntry {
    /// The columns, in order of name.
    pub columns: Vec<String>,
    /// The key of the hashes, 64 hexadecimal digits.
    pub key: String,
}

impl PersonalEntry {
    pub(crate) fn of(hidden: &Hidden) -> Self {
        Self {
            columns: hidden.columns().map(str::to_owned).collect(),
            key: hex(hidden.key()),
        }
    }

    /// None for a key that is none.
    pub(crate) fn hidden(&self) -> Option<Hidden> {
        let digits = self.key.as_bytes().chunks(2);
        let bytes: Option<Vec<u8>> = digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        Some(Hidden::new(self.columns.clone(), bytes?.try_into().ok()?))
    }
}

/// A column of the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ColumnEntry {
    /// Name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How it is treated.
    pub kind: Kind,
    /// Why.
    pub why: String,
    /// Length of an embedding, else 0.
    pub dimension: u32,
    /// Arrow type, in Arrow's own words.
    pub storage: String,
    /// Whether it may hold nulls.
    pub nullable: bool,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CheckEntry {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the plugin.
    pub sha256: String,
    /// Its settings, defaults included.
    pub settings: Vec<(String, SettingValue)>,
}

/// A check on its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct JobEntry {
    /// The check's id.
    pub check: String,
    /// The columns it was granted, in the order of the data.
    pub columns: Vec<String>,
}

/// A period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PeriodEntry {
    /// Its place in time.
    pub key: PeriodKey,
    /// What it is called.
    pub name: String,
    /// Rows in it.
    pub rows: u64,
    /// Whether it was accepted later (`baseline add`), so that it is no part
    /// of the anchor.
    pub added: bool,
}

impl Manifest {
    /// Roles of the columns.
    pub(crate) fn roles(&self) -> Vec<ColumnRole> {
        let role = |column: &ColumnEntry| ColumnRole {
            name: column.name.clone(),
            role: column.role,
            kind: column.kind,
            why: column.why.clone(),
            dimension: column.dimension,
        };
        self.columns.iter().map(role).collect()
    }

    /// The schema of the reference.
    pub(crate) fn schema(&self) -> Result<Schema, BaselineError> {
        let field = |column: &ColumnEntry| {
            let stored: DataType =
                column
                    .storage
                    .parse()
                    .map_err(|_| BaselineError::UnknownType {
                        column: column.name.clone(),
                        storage: column.storage.clone(),
                    })?;
            Ok(Field::new(&column.name, stored, column.nullable))
        };
        let fields: Result<Vec<Field>, BaselineError> = self.columns.iter().map(field).collect();
        Ok(Schema::new(fields?))
    }
}

/// Entries for columns with these roles.
pub(crate) fn columns(roles: &[ColumnRole], schema: &Schema) -> Vec<ColumnEntry> {
    let entry = |role: &ColumnRole| {
        let field = schema.field_with_name(&role.name).ok()?;
        Some(ColumnEntry {
            name: role.name.clone(),
            role: role.role,
            kind: role.kind,
            why: role.why.clone(),
            dimension: role.dimension,
            storage: field.data_type().to_string(),
            nullable: field.is_nullable(),
        })
    };
    roles.iter().filter_map(entry).collect()
}

/// Entries for checks.
pub(crate) fn checks(checks: &[PlannedCheck]) -> Vec<CheckEntry> {
    let entry = |check: &PlannedCheck| CheckEntry {
        id: check.plugin.descriptor.id.clone(),
        version: check.plugin.descriptor.version.clone(),
        sha256: check.plugin.sha256.clone(),
        settings: check.values.clone(),
    };
    checks.iter().map(entry).collect()
}

/// Entries for the jobs of a plan: by the reference's columns, which do not
/// depend on what the current side holds.
pub(crate) fn jobs(plan: &Plan, checks: &[PlannedCheck]) -> Vec<JobEntry> {
    let entry = |job: &crate::plan::Job| JobEntry {
        check: checks
            .get(job.check)
            .map(|check| check.plugin.descriptor.id.clone())
            .unwrap_or_default(),
        columns: job.granted[0]
            .iter()
            .filter_map(|&place| plan.sides[0].infos.get(place))
            .map(|info| info.name.clone())
            .collect(),
    };
    plan.jobs.iter().map(entry).collect()
}
