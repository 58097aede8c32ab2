//! Second stage: what the policy means, checked, with defaults filled in.

use std::io::Read as _;
use std::path::Path;

use driftguard_verdict::{Rules, Severity};
use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::checks::{self, CheckPolicy, Grant};
use super::data::Data;
use super::error::{LARGEST_FILE, Names, PolicyError};
use super::fingerprint::{Environment, FingerprintPolicy};
use super::history::HistoryPolicy;
use super::model::ModelPolicy;
use super::pattern;
use super::place::{Place, Source};
use super::raw::RawPolicy;
use super::roles::Roles;
use super::rules;

/// The mildest verdict that fails the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Block and error.
    #[default]
    Block,
    /// Alert, too.
    Alert,
}

/// What `driftguard.toml` and the flags say. The default is an empty policy.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policy {
    /// What is compared.
    pub data: Data,
    /// What columns are for.
    pub roles: Roles,
    /// Thresholds.
    pub rules: Rules,
    /// Checks the policy speaks of, in the order typed. A built-in check that
    /// is not among them runs with its defaults.
    pub checks: Vec<CheckPolicy>,
    /// Limits for every plugin; ask [`Policy::budget`] for those of one check.
    pub budget: Budget,
    /// Fingerprints of both sides.
    pub fingerprint: FingerprintPolicy,
    /// The model as a function.
    pub model: ModelPolicy,
    /// Where verdicts are recorded.
    pub history: HistoryPolicy,
    /// What fails the pipeline.
    pub fail_on: FailOn,
    /// Where the pipeline runs.
    pub environment: Environment,
}

impl Policy {
    /// Reads and checks a policy file. `built_in`: the ids of the checks that
    /// come with driftguard.
    ///
    /// # Errors
    /// The first thing that is wrong with it; see [`PolicyError`].
    pub fn load(file: &Path, built_in: &[&str]) -> Result<Self, PolicyError> {
        let failed = |source| PolicyError::Read {
            path: file.to_owned(),
            source,
        };
        let mut bytes = Vec::new();
        let opened = std::fs::File::open(file).map_err(failed)?;
        let size = opened.metadata().map_err(failed)?.len();
        // One byte more than allowed: a pipe does not tell its size.
        opened
            .take(LARGEST_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(PolicyError::TooLarge {
                path: file.to_owned(),
                size: size.max(bytes.len() as u64),
            });
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let before = error.as_bytes().iter().take(good);
            let line = 1 + before.filter(|byte| **byte == b'\n').count();
            PolicyError::NotText {
                place: Place::Line(file.to_owned(), line),
            }
        })?;
        Self::parse(&text, file, built_in)
    }

    /// Checks a policy that is at hand as text. `file` is named in messages;
    /// its folder is what paths are relative to.
    ///
    /// # Errors
    /// The first thing that is wrong with it; see [`PolicyError`].
    pub fn parse(text: &str, file: &Path, built_in: &[&str]) -> Result<Self, PolicyError> {
        let source = Source { file, text };
        let raw = RawPolicy::read(source)?;
        Ok(Self {
            data: Data::new(source, raw.data)?,
            roles: Roles::new(source, raw.roles)?,
            rules: rules::resolve(source, raw.rules)?,
            checks: checks::resolve(source, raw.checks, built_in)?,
            budget: raw.budget.into(),
            fingerprint: FingerprintPolicy::new(source, raw.fingerprint)?,
            model: ModelPolicy::new(source, raw.model)?,
            history: HistoryPolicy::new(source, raw.history),
            fail_on: raw.gate.fail_on.unwrap_or_default(),
            environment: raw.gate.environment.unwrap_or_default(),
        })
    }

    /// What the policy says about a check, if anything.
    pub fn check(&self, id: &str) -> Option<&CheckPolicy> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// Whether a check runs.
    pub fn enabled(&self, id: &str) -> bool {
        self.check(id).is_none_or(|check| check.enabled)
    }

    /// The most a check may do to the verdict.
    pub fn severity(&self, id: &str) -> Severity {
        self.check(id)
            .map_or(Severity::Block, |check| check.severity)
    }

    /// The limits of one check's plugin.
    pub fn budget(&self, id: &str) -> Budget {
        self.check(id)
            .map_or(self.budget, |check| check.budget.over(self.budget))
    }

    /// The columns a check may read.
    pub fn grant(&self, id: &str) -> Grant {
        self.check(id)
            .map(|check| check.grant.clone())
            .unwrap_or_default()
    }

    /// Checks that every column which policy or flags name is in the data.
    /// `columns`: those of both sides together; a column on one side only is
    /// ordinary. A pattern in `columns` of an enabled check must fit at least
    /// one; one in `exclude` need not.
    ///
    /// # Errors
    /// [`PolicyError::UnknownColumn`], [`PolicyError::NoColumnFits`].
    pub fn check_columns(&self, columns: &[&str]) -> Result<(), PolicyError> {
        for one in &self.roles.assignments {
            known(columns, &one.column, &one.place)?;
        }
        for check in self.checks.iter().filter(|check| check.enabled) {
            for one in check.grant.columns.iter().flatten() {
                match pattern::is_wild(&one.value) {
                    false => known(columns, &pattern::plain(&one.value), &one.place)?,
                    true if columns
                        .iter()
                        .any(|column| pattern::fits(&one.value, column)) => {}
                    true => {
                        return Err(PolicyError::NoColumnFits {
                            place: one.place.clone(),
                            check: check.id.clone(),
                            pattern: one.value.clone(),
                            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
                        });
                    }
                }
            }
            for one in check
                .grant
                .exclude
                .iter()
                .filter(|one| !pattern::is_wild(&one.value))
            {
                known(columns, &pattern::plain(&one.value), &one.place)?;
            }
        }
        Ok(())
    }
}

fn known(columns: &[&str], column: &str, place: &Place) -> Result<(), PolicyError> {
    match columns.contains(&column) {
        true => Ok(()),
        false => Err(PolicyError::UnknownColumn {
            place: place.clone(),
            column: column.to_owned(),
            names: Names::new(column, columns.iter().copied()),
        }),
    }
}
