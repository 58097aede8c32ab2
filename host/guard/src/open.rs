//! The two sides of a comparison.

use arrow_schema::DataType;
use driftguard_data::{OpenOptions, RoleOverrides, Side, Source, Split, instant, resolve};
use driftguard_verdict::Role;

use crate::error::GuardError;
use crate::personal;
use crate::policy::{self, Policy, Slot};

/// Rows of the sample that roles and frames come from.
pub(crate) const PILOT_ROWS: usize = 65_536;

/// Both sides, opened.
#[derive(Debug)]
pub struct Sides {
    /// What is known to be good.
    pub reference: Source,
    /// What is judged.
    pub current: Source,
}

/// Opens what the policy (with the flags over it) names. With a split, one
/// table becomes both sides.
///
/// # Errors
/// Whatever is wrong with the files, or with the split.
pub fn open(policy: &Policy) -> Result<Sides, GuardError> {
    let reference = one(policy, &policy.data.reference)?;
    let sides = both(reference, policy)?;
    let hidden = personal::of_policy(policy, &sides.reference)?;
    Ok(Sides {
        reference: sides.reference.with_hidden(hidden.clone())?,
        current: sides.current.with_hidden(hidden)?,
    })
}

fn both(reference: Source, policy: &Policy) -> Result<Sides, GuardError> {
    let Some(split) = &policy.data.split else {
        return Ok(Sides {
            reference,
            current: one(policy, &policy.data.current)?,
        });
    };
    let split = match &split.value {
        policy::Split::Value { column, value } => Split::Value {
            column: column.clone(),
            equals: value.clone(),
        },
        policy::Split::Time(text) => {
            let at = instant::parse(text)
                .ok_or_else(|| GuardError::BadSplit { text: text.clone() })?
                .micros();
            Split::Time {
                column: time_column(&reference, policy)?,
                at,
            }
        }
    };
    let current = reference.with_filter(split.clone(), Side::Current)?;
    Ok(Sides {
        reference: reference.with_filter(split, Side::Reference)?,
        current,
    })
}

/// Opens the reference alone, for a baseline.
///
/// # Errors
/// Whatever is wrong with the files.
pub fn open_reference(policy: &Policy) -> Result<Source, GuardError> {
    let source = one(policy, &policy.data.reference)?;
    let hidden = personal::of_policy(policy, &source)?;
    Ok(source.with_hidden(hidden)?)
}

/// Opens the current side alone, for a check against a baseline, which knows
/// what is personal.
///
/// # Errors
/// Whatever is wrong with the files.
pub fn open_current(policy: &Policy) -> Result<Source, GuardError> {
    one(policy, &policy.data.current)
}

fn one(policy: &Policy, paths: &[String]) -> Result<Source, GuardError> {
    let options = OpenOptions {
        delimiter: policy.data.delimiter,
    };
    Ok(Source::open(paths, &options)?)
}

/// The column that says when: the policy's, or the one inferred.
fn time_column(source: &Source, policy: &Policy) -> Result<String, GuardError> {
    if let Some(named) = policy.roles.columns(Slot::Timestamp).next() {
        return Ok(named.to_owned());
    }
    // One typed timestamp column needs no look at the values.
    let typed: Vec<&str> = source
        .schema()
        .fields()
        .iter()
        .filter(|field| {
            matches!(
                field.data_type(),
                DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64
            )
        })
        .map(|field| field.name().as_str())
        .collect();
    if let [only] = typed.as_slice() {
        return Ok((*only).to_owned());
    }
    let roles = resolve(
        &source.pilot(PILOT_ROWS)?,
        source.rows(),
        &overrides(policy),
    )?;
    let found = roles.into_iter().find(|role| role.role == Role::Timestamp);
    found
        .map(|role| role.name)
        .ok_or_else(|| GuardError::NoTimestamp {
            source_name: source.describe(),
        })
}

/// What the policy says about columns, as the data crate takes it.
pub(crate) fn overrides(policy: &Policy) -> RoleOverrides {
    let one = |slot| policy.roles.columns(slot).next().map(str::to_owned);
    let many = |slot| policy.roles.columns(slot).map(str::to_owned).collect();
    RoleOverrides {
        timestamp: one(Slot::Timestamp),
        label: one(Slot::Label),
        prediction: one(Slot::Prediction),
        score: many(Slot::Score),
        segment: many(Slot::Segment),
        ids: many(Slot::Id),
        numeric: many(Slot::Numeric),
        categorical: many(Slot::Categorical),
        text: many(Slot::Text),
        embedding: many(Slot::Embedding),
        ignore: many(Slot::Ignore),
    }
}

/// A column that was named must be on one side at least; roles are resolved on
/// the reference, so what only the current side has is taken out there.
pub(crate) fn on_reference(mut overrides: RoleOverrides, source: &Source) -> RoleOverrides {
    let here = |name: &String| source.schema().field_with_name(name).is_ok();
    for list in [
        &mut overrides.score,
        &mut overrides.segment,
        &mut overrides.ids,
        &mut overrides.numeric,
        &mut overrides.categorical,
        &mut overrides.text,
        &mut overrides.embedding,
        &mut overrides.ignore,
    ] {
        list.retain(here);
    }
    for one in [
        &mut overrides.timestamp,
        &mut overrides.label,
        &mut overrides.prediction,
    ] {
        if one.as_ref().is_some_and(|name| !here(name)) {
            *one = None;
        }
    }
    overrides
}
