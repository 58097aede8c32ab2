//! What the user says about columns, checked against the data.

use std::collections::HashMap;

use arrow_schema::DataType;
use driftguard_verdict::{Kind, Role};

use super::look::{Look, Values};
use super::{ColumnRole, RoleOverrides};
use crate::error::DataError;
use crate::schema::{schema_words, unknown_column};

/// What is said about one column.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said {
    pub role: Option<Role>,
    pub kind: Option<Kind>,
}

/// One statement: how it is called, what it sets, and of which columns.
struct Statement<'a> {
    called: &'static str,
    role: Option<Role>,
    kind: Option<Kind>,
    columns: Vec<&'a String>,
}

fn statements(said: &RoleOverrides) -> Vec<Statement<'_>> {
    let role = |called, role, columns| Statement {
        called,
        role: Some(role),
        kind: None,
        columns,
    };
    let kind = |called, kind, columns| Statement {
        called,
        role: None,
        kind: Some(kind),
        columns,
    };
    vec![
        role(
            "timestamp",
            Role::Timestamp,
            said.timestamp.iter().collect(),
        ),
        role("label", Role::Label, said.label.iter().collect()),
        role(
            "prediction",
            Role::Prediction,
            said.prediction.iter().collect(),
        ),
        role("score", Role::Score, said.score.iter().collect()),
        role("segment", Role::Segment, said.segment.iter().collect()),
        role("id", Role::Id, said.ids.iter().collect()),
        kind("numeric", Kind::Numeric, said.numeric.iter().collect()),
        kind(
            "categorical",
            Kind::Categorical,
            said.categorical.iter().collect(),
        ),
        kind("text", Kind::Text, said.text.iter().collect()),
        kind(
            "embedding",
            Kind::Embedding,
            said.embedding.iter().collect(),
        ),
        role("ignore", Role::Ignore, said.ignore.iter().collect()),
    ]
}

/// Everything said, by position of the column.
pub(crate) fn read(
    overrides: &RoleOverrides,
    looks: &[Look],
) -> Result<HashMap<usize, Said>, DataError> {
    let mut said: HashMap<usize, Said> = HashMap::new();
    let mut called: HashMap<(usize, bool), &'static str> = HashMap::new();
    for statement in statements(overrides) {
        for column in statement.columns {
            let names = looks.iter().map(|look| look.name.as_str());
            let at = looks.iter().position(|look| look.name == *column);
            let at = at.ok_or_else(|| {
                unknown_column(&format!("the override {}", statement.called), column, names)
            })?;
            let conflict = |first: &str| DataError::RoleConflict {
                column: column.clone(),
                first: first.to_owned(),
                second: statement.called.to_owned(),
            };
            // A role and a kind go together, two roles or two kinds do not;
            // an ignored column has neither.
            let before = called.insert((at, statement.role.is_some()), statement.called);
            if let Some(first) = before.filter(|first| *first != statement.called) {
                return Err(conflict(first));
            }
            if let (Some(Role::Ignore), Some(first)) = (statement.role, called.get(&(at, false))) {
                return Err(conflict(first));
            }
            if let Some(look) = looks.get(at) {
                fits(look, statement.called)?;
            }
            let entry = said.entry(at).or_default();
            entry.role = statement.role.or(entry.role);
            entry.kind = statement.kind.or(entry.kind);
        }
    }
    Ok(said)
}

/// Refuses what the stored type cannot be. A column without values can be
/// anything: it may have some on the other side.
fn fits(look: &Look, called: &str) -> Result<(), DataError> {
    let text = look.stored == DataType::Utf8;
    let nested = matches!(look.values, Values::Nested | Values::Vectors(_));
    let (fits, expected) = match called {
        _ if matches!(look.values, Values::None) => (true, ""),
        "timestamp" => {
            let some = matches!(&look.values, Values::Texts(texts) if texts.instants > 0.0);
            (
                some || matches!(look.values, Values::Instant),
                "timestamps, dates, or text such as 2013-04-01 06:00:00",
            )
        }
        "numeric" | "score" => {
            let some = matches!(&look.values, Values::Texts(texts) if texts.numeric > 0.0);
            (
                some || matches!(look.values, Values::Numbers(_) | Values::Boolean),
                "numbers",
            )
        }
        "text" => (text, "text"),
        "embedding" => (
            matches!(look.values, Values::Vectors(_)),
            "lists of floats of one length",
        ),
        "categorical" | "label" | "prediction" | "segment" | "id" => {
            (!nested, "text, numbers or booleans")
        }
        _ => (true, ""),
    };
    if fits {
        return Ok(());
    }
    let found = schema_words(&look.stored);
    Err(DataError::RoleType {
        column: look.name.clone(),
        role: called.to_owned(),
        found,
        expected,
    })
}

/// Applies what is said to what was inferred.
pub(crate) fn apply(said: Said, look: &Look, column: &mut ColumnRole) {
    if let Some(kind) = said.kind {
        column.kind = kind;
        column.dimension = match look.values {
            Values::Vectors(dimension) if kind == Kind::Embedding => dimension,
            _ => 0,
        };
        // An inferred id or text that is called numeric is a feature.
        column.role = match kind {
            Kind::Text => Role::Text,
            Kind::Embedding => Role::Embedding,
            _ => Role::Feature,
        };
    }
    if let Some(role) = said.role {
        column.role = role;
        match (role, said.kind) {
            (Role::Timestamp, None) => column.kind = Kind::Timestamp,
            (Role::Score, None) => column.kind = Kind::Numeric,
            (Role::Id | Role::Segment, None) if column.kind == Kind::Text => {
                column.kind = Kind::Categorical
            }
            _ => {}
        }
    }
    let role = said.role.map(Role::name).into_iter();
    let words: Vec<&str> = role.chain(said.kind.map(Kind::name)).collect();
    column.why = format!("set as {}", words.join(", "));
}
