//! What each column is for and how it is treated, by its name and values.
//!
//! # Layout
//!
//! - [`look`]: a column's values in numbers. [`names`]: what its name says.
//! - [`kinds`]: the rules for one column by itself; [`rules`]: thresholds.
//! - [`label`]: a label without a label's name.
//! - [`overrides`]: what the user says, which goes before everything inferred.
//!
//! The rules, in order:
//!
//! 1. Lists of floats of one length are embeddings; other nested columns and
//!    columns without values are only counted.
//! 2. Timestamps, dates and text that is dates are times. The one with the
//!    best name is the timestamp; names such as `birth_date` never are.
//! 3. Booleans and two whole numbers are flags. Up to 10 distinct whole
//!    numbers are categories, unless the name counts (`num_*`, `*_count`,
//!    `age`) or half of the values are 0 (rare events). Whole numbers named
//!    like codes (`*_code`, `zip`) are categories whatever their number.
//! 4. Text is free text if it is long, has words and hardly repeats; a number
//!    if 4 of 5 values are; else categories, however many.
//! 5. Ids: named so and (nearly all distinct or more than 1,000), or all
//!    distinct and in order, or all distinct single words.
//! 6. Prediction, score and label by name (a score must lie in 0..1 or carry a
//!    model's name); without a label's name, the column with which the
//!    prediction clearly agrees best.

pub(crate) mod kinds;
pub(crate) mod label;
pub(crate) mod look;
pub(crate) mod names;
pub(crate) mod overrides;
pub(crate) mod rules;

use std::collections::HashMap;

use arrow_array::RecordBatch;
use driftguard_verdict::{Kind, Role};

use self::look::Look;
use self::names::Score;
use self::overrides::Said;
use crate::error::DataError;

/// What the user says about columns; it goes before everything inferred. A
/// column may be given one role (all up to `ids`, and `ignore`) and one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleOverrides {
    /// When rows happened.
    pub timestamp: Option<String>,
    /// The truth.
    pub label: Option<String>,
    /// The model's decision.
    pub prediction: Option<String>,
    /// The model's score, or one for each class.
    pub score: Vec<String>,
    /// Groups that are looked at one by one.
    pub segment: Vec<String>,
    /// Identifiers.
    pub ids: Vec<String>,
    /// Numbers.
    pub numeric: Vec<String>,
    /// Categories.
    pub categorical: Vec<String>,
    /// Free text.
    pub text: Vec<String>,
    /// Vectors.
    pub embedding: Vec<String>,
    /// Columns that no check but the schema looks at.
    pub ignore: Vec<String>,
}

/// A column with its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRole {
    /// As in the data.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How it is treated.
    pub kind: Kind,
    /// Why, in plain words with numbers.
    pub why: String,
    /// Length of one embedding; 0 for every other kind.
    pub dimension: u32,
}

/// Roles of all columns of a pilot of the reference, in its order. Numbers in
/// the reasons are of the pilot, and say so where `total_rows` is more or not
/// known.
///
/// # Errors
/// An override that names no column, one column twice, or a column of a type
/// that cannot have the role.
pub fn resolve(
    pilot: &RecordBatch,
    total_rows: Option<u64>,
    overrides: &RoleOverrides,
) -> Result<Vec<ColumnRole>, DataError> {
    let schema = pilot.schema();
    let sampled = total_rows.is_none_or(|total| total > pilot.num_rows() as u64);
    let looks: Vec<Look> = schema
        .fields()
        .iter()
        .zip(pilot.columns())
        .map(|(field, values)| Look::at(field.name(), values, sampled))
        .collect();
    let said = overrides::read(overrides, &looks)?;
    let mut table = Table {
        pilot,
        looks,
        columns: Vec::new(),
        said,
    };
    table.alone();
    table.timestamp();
    table.prediction();
    table.scores();
    table.label();
    Ok(table.columns)
}

struct Table<'a> {
    pilot: &'a RecordBatch,
    looks: Vec<Look>,
    columns: Vec<ColumnRole>,
    said: HashMap<usize, Said>,
}

impl Table<'_> {
    fn alone(&mut self) {
        for (at, look) in self.looks.iter().enumerate() {
            let mut column = kinds::alone(look);
            if let Some(said) = self.said.get(&at) {
                overrides::apply(*said, look, &mut column);
            }
            self.columns.push(column);
        }
    }

    fn is_said(&self, role: Role) -> bool {
        self.said.values().any(|said| said.role == Some(role))
    }

    /// Columns free to be given a role: features of which nothing is said, or
    /// only a kind.
    fn free(&self) -> impl Iterator<Item = (usize, &ColumnRole, &Look)> {
        self.columns
            .iter()
            .zip(&self.looks)
            .enumerate()
            .filter_map(|(at, (column, look))| {
                let said = self.said.get(&at).is_some_and(|said| said.role.is_some());
                (!said && column.role == Role::Feature).then_some((at, column, look))
            })
    }

    fn set(&mut self, at: usize, role: Role, why: &str) {
        if let Some(column) = self.columns.get_mut(at) {
            column.role = role;
            column.why = format!("{why}; {}", column.why);
        }
    }

    fn timestamp(&mut self) {
        if self.is_said(Role::Timestamp) {
            return;
        }
        let candidates = self.free().filter(|(_, column, look)| {
            let mostly = look.present * 2 > self.pilot.num_rows();
            column.kind == Kind::Timestamp && mostly && (look.distinct > 1 || look.present == 1)
        });
        let ranked =
            candidates.map(|(at, column, _)| (names::timestamp(&names::words(&column.name)), at));
        let ranked: Vec<(i32, usize)> = ranked.filter(|(fit, _)| *fit >= 0).collect();
        let Some((_, at)) = ranked
            .iter()
            .copied()
            .max_by_key(|(fit, at)| (*fit, std::cmp::Reverse(*at)))
        else {
            return;
        };
        let why = match ranked.len() {
            1 => "the only column of times that can be the row's".to_owned(),
            many => format!("the best name among {many} columns of times"),
        };
        self.set(at, Role::Timestamp, &why);
    }

    fn prediction(&mut self) {
        if self.is_said(Role::Prediction) {
            return;
        }
        let fit = |column: &ColumnRole| match column.kind {
            Kind::Numeric | Kind::Categorical => names::prediction(&names::words(&column.name)),
            _ => 0,
        };
        let ranked = self
            .free()
            .map(|(at, column, _)| (fit(column), at))
            .filter(|(fit, _)| *fit > 0);
        if let Some((_, at)) = ranked.max_by_key(|(fit, at)| (*fit, std::cmp::Reverse(*at))) {
            self.set(at, Role::Prediction, "named like a prediction");
        }
    }

    fn scores(&mut self) {
        if self.is_said(Role::Score) {
            return;
        }
        let beside = self
            .columns
            .iter()
            .any(|column| column.role == Role::Prediction);
        let found: Vec<(usize, String)> = self
            .free()
            .filter_map(|(at, column, look)| {
                let words = names::words(&column.name);
                let numbers = look.as_numbers()?;
                let share = numbers.minimum >= 0.0 && numbers.maximum <= 1.0;
                let logit = words.contains("logit")
                    || words.contains("decision")
                    || words.starts_with("y_score");
                let named = match names::score(&words) {
                    Score::Yes => share || logit,
                    Score::Beside => share && beside,
                    Score::No => false,
                };
                let range = format!(
                    "named like a score, values from {} to {}",
                    numbers.minimum, numbers.maximum
                );
                named.then_some((at, range))
            })
            .collect();
        for (at, why) in found {
            if let Some(column) = self.columns.get_mut(at) {
                (column.role, column.kind, column.why) = (Role::Score, Kind::Numeric, why);
            }
        }
    }

    fn label(&mut self) {
        if self.is_said(Role::Label) {
            return;
        }
        let usable = |column: &ColumnRole| matches!(column.kind, Kind::Numeric | Kind::Categorical);
        let named = self.free().filter(|(_, column, _)| usable(column));
        let ranked = named.map(|(at, column, _)| (names::label(&names::words(&column.name)), at));
        let ranked = ranked.filter(|(fit, _)| *fit > 0);
        if let Some((_, at)) = ranked.max_by_key(|(fit, at)| (*fit, std::cmp::Reverse(*at))) {
            return self.set(at, Role::Label, "named like a label");
        }
        if let Some(found) = self.agreeing() {
            self.set(found.column, Role::Label, &found.words);
        }
    }

    /// The column that the prediction agrees with.
    fn agreeing(&self) -> Option<label::Agreement> {
        let candidate = |at: usize| {
            let (look, values) = (self.looks.get(at)?, self.pilot.columns().get(at)?);
            Some(label::Candidate {
                column: at,
                look,
                values,
            })
        };
        let prediction = self
            .columns
            .iter()
            .position(|column| column.role == Role::Prediction)?;
        let kind = self.columns.get(prediction)?.kind;
        let candidates: Vec<_> = self.free().filter_map(|(at, ..)| candidate(at)).collect();
        label::find(&candidate(prediction)?, kind, &candidates)
    }
}
