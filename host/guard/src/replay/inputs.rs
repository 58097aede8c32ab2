//! Which columns the model is given, and both sides in one shape.

use arrow_array::RecordBatch;
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema};
use driftguard_data::{ColumnRole, schema_words};
use driftguard_verdict::{Kind, Role};
use std::sync::Arc;

use super::error::ReplayError;

/// A column that the model is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Whether its part of a move is looked at; an id or a time is only handed
    /// on.
    pub(super) is_feature: bool,
}

/// The model's columns: those that its policy names, in that order, or all but
/// labels and outputs.
pub(super) fn of(given: &[String], roles: &[ColumnRole]) -> Result<Vec<Input>, ReplayError> {
    let looked_at = |role| {
        matches!(
            role,
            Role::Feature | Role::Segment | Role::Text | Role::Embedding
        )
    };
    if given.is_empty() {
        let taken = |role: &&ColumnRole| !role.role.is_output() && role.role != Role::Label;
        let input = |role: &ColumnRole| Input {
            name: role.name.clone(),
            kind: role.kind,
            is_feature: looked_at(role.role),
        };
        return Ok(roles.iter().filter(taken).map(input).collect());
    }
    let named = |name: &String| {
        let role = roles.iter().find(|role| role.name == *name);
        let role = role.ok_or_else(|| ReplayError::MissingInput {
            column: name.clone(),
            place: "the data".into(),
        })?;
        Ok(Input {
            name: name.clone(),
            kind: role.kind,
            is_feature: true,
        })
    };
    given.iter().map(named).collect()
}

/// Names, for reading.
pub(super) fn names(inputs: &[Input]) -> Vec<String> {
    inputs.iter().map(|input| input.name.clone()).collect()
}

/// Both sides with equal types: numbers of different types become floats.
pub(super) fn aligned(
    reference: &RecordBatch,
    current: &RecordBatch,
) -> Result<[RecordBatch; 2], ReplayError> {
    let (mut fields, mut old, mut new) = (vec![], vec![], vec![]);
    let (schema, other) = (reference.schema(), current.schema());
    for (at, (left, right)) in schema.fields().iter().zip(other.fields()).enumerate() {
        let (kind, columns) = match (left.data_type(), right.data_type()) {
            (a, b) if a == b => (
                a.clone(),
                [reference.column(at).clone(), current.column(at).clone()],
            ),
            (a, b) if a.is_numeric() && b.is_numeric() => {
                let float = |batch: &RecordBatch| cast(batch.column(at), &DataType::Float64);
                (DataType::Float64, [float(reference)?, float(current)?])
            }
            (a, b) => {
                return Err(ReplayError::Types {
                    column: left.name().clone(),
                    reference: schema_words(a),
                    current: schema_words(b),
                });
            }
        };
        let [left_values, right_values] = columns;
        fields.push(Field::new(left.name(), kind, true));
        old.push(left_values);
        new.push(right_values);
    }
    let schema = Arc::new(Schema::new(fields));
    Ok([
        RecordBatch::try_new(Arc::clone(&schema), old)?,
        RecordBatch::try_new(schema, new)?,
    ])
}

/// That all of these columns are in a source.
pub(super) fn must_be_in(
    inputs: &[Input],
    schema: &Schema,
    place: &str,
) -> Result<(), ReplayError> {
    let missing = inputs
        .iter()
        .find(|input| schema.field_with_name(&input.name).is_err());
    match missing {
        None => Ok(()),
        Some(input) => Err(ReplayError::MissingInput {
            column: input.name.clone(),
            place: place.to_owned(),
        }),
    }
}

/// Batches of at most `MAX_BATCH_ROWS` rows.
pub(super) fn pieces(batch: &RecordBatch) -> Vec<RecordBatch> {
    let most = driftguard_data::limits::MAX_BATCH_ROWS;
    let starts = (0..batch.num_rows()).step_by(most);
    starts
        .map(|start| batch.slice(start, most.min(batch.num_rows() - start)))
        .collect()
}
