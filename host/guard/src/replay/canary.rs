//! Frozen inputs with stored answers: an Arrow IPC file with the model's
//! columns, and its answers in columns named `output:NAME`.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{Field, Schema};
use driftguard_data::{OpenOptions, Source};
use driftguard_model::{Answer, Answers, Model, Values};
use driftguard_verdict::replay::{CanaryReport, StoredColumn, Tolerance};

use super::error::ReplayError;
use super::{engine, inputs, sample};
use crate::error::GuardError;
use crate::policy::Policy;
use crate::run::reference_roles;

/// Rows of a canary, unless said otherwise.
pub const CANARY_ROWS: u64 = 500;
/// Most rows that are replayed of a canary.
const MOST_ROWS: u64 = 1_000_000;
/// What the names of stored answers begin with.
const OUTPUT: &str = "output:";
/// Draws the same rows in every run.
const SEED: u64 = 0x6361_6e61_7279;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Rows frozen.
    pub rows: u64,
    /// Columns that the model was given.
    pub inputs: usize,
    /// Columns that it answered.
    pub outputs: Vec<String>,
}

/// Draws rows of the reference, asks the model twice, and writes rows and
/// answers.
///
/// # Errors
/// No model, a model that fails or does not repeat itself, a file that cannot
/// be written or is there already (unless `force`).
pub fn make_canary(
    policy: &Policy,
    reference: &Source,
    rows: u64,
    file: &Path,
    force: bool,
) -> Result<Made, GuardError> {
    let source = policy.model.model.as_ref().ok_or(ReplayError::NoModel)?;
    let model = engine::open(source, policy.model.limits)?;
    let (_, roles) = reference_roles(reference, policy)?;
    let given = inputs::of(model.inputs().unwrap_or(&source.inputs), &roles)?;
    inputs::must_be_in(&given, reference.schema(), "the reference")?;
    let drawn = sample::draw(reference, &inputs::names(&given), rows, SEED)?;
    let pieces = inputs::pieces(&drawn.rows);
    let answers = model.answer(&pieces)?;
    repeats(
        model.as_ref(),
        &answers,
        &model.answer(&pieces)?,
        policy.model.tolerance,
    )?;
    write(file, &drawn.rows, &answers, force)?;
    Ok(Made {
        rows: drawn.rows.num_rows() as u64,
        inputs: given.len(),
        outputs: answers
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect(),
    })
}

/// A model that draws lots has no canary.
fn repeats(
    model: &dyn Model,
    first: &Answers,
    second: &Answers,
    relative: f64,
) -> Result<(), GuardError> {
    let columns: Vec<StoredColumn> = first
        .columns
        .iter()
        .map(|column| pair(column, second.column(Some(&column.name), &[])?))
        .collect::<Result<_, GuardError>>()?;
    let report = CanaryReport::new("", &columns, Tolerance { relative });
    match report.worst {
        None => Ok(()),
        Some(worst) => Err(ReplayError::NotRepeatable {
            model: model.name(),
            rows: report.rows_different,
            of: report.rows,
            row: worst.row,
            first: worst.stored,
            second: worst.now,
        }
        .into()),
    }
}

fn pair(stored: &Answer, now: &Answer) -> Result<StoredColumn, GuardError> {
    let name = stored.name.clone();
    Ok(match (&stored.values, &now.values) {
        (Values::Numbers(stored), Values::Numbers(now)) => StoredColumn::Numbers {
            name,
            stored: stored.clone(),
            now: now.clone(),
        },
        // A class is text; a number in its place is another answer.
        (stored, now) => StoredColumn::Classes {
            name,
            stored: texts(stored),
            now: texts(now),
        },
    })
}

fn texts(values: &Values) -> Vec<String> {
    match values {
        Values::Numbers(values) => values.iter().map(f64::to_string).collect(),
        Values::Classes(values) => values.clone(),
    }
}

fn write(
    file: &Path,
    rows: &RecordBatch,
    answers: &Answers,
    force: bool,
) -> Result<(), GuardError> {
    let failed = |reason: String| ReplayError::Write {
        file: file.display().to_string(),
        reason,
    };
    let schema = rows.schema();
    let mut fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|field| field.as_ref().clone())
        .collect();
    let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
    for column in &answers.columns {
        let values: ArrayRef = match &column.values {
            Values::Numbers(values) => Arc::new(Float64Array::from(values.clone())),
            Values::Classes(values) => Arc::new(StringArray::from(values.clone())),
        };
        fields.push(Field::new(
            format!("{OUTPUT}{}", column.name),
            values.data_type().clone(),
            true,
        ));
        columns.push(values);
    }
    let batch =
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(ReplayError::from)?;
    // Beside its place first: a run that dies leaves no half of a canary.
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let temporary = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
        .map_err(|error| failed(error.to_string()))?;
    let mut writer = FileWriter::try_new(temporary.as_file(), &batch.schema())
        .map_err(|error| failed(error.to_string()))?;
    writer
        .write(&batch)
        .map_err(|error| failed(error.to_string()))?;
    writer.finish().map_err(|error| failed(error.to_string()))?;
    drop(writer);
    let kept = match force {
        true => temporary.persist(file),
        false => temporary.persist_noclobber(file),
    };
    kept.map_err(|error| failed(error.error.to_string()))?;
    Ok(())
}

/// Scores the frozen rows again and compares.
pub(super) fn replay_canary(
    model: &dyn Model,
    file: &Path,
    relative: f64,
) -> Result<CanaryReport, GuardError> {
    let name = file.display().to_string();
    let not = |reason: &str| ReplayError::NotACanary {
        file: name.clone(),
        reason: reason.to_owned(),
    };
    let source = Source::open(std::slice::from_ref(&name), &OpenOptions::default())?;
    let fields = source.schema().fields().iter();
    let (outputs, given): (Vec<String>, Vec<String>) = fields
        .map(|field| field.name().clone())
        .partition(|column| column.starts_with(OUTPUT));
    if outputs.is_empty() {
        return Err(not("it has no column whose name begins with `output:`").into());
    }
    if given.is_empty() {
        return Err(not("it has stored answers and no inputs").into());
    }
    let frozen = sample::draw(&source, &given, MOST_ROWS, SEED)?.rows;
    let stored = sample::draw(&source, &outputs, MOST_ROWS, SEED)?.rows;
    let stored = Answers::read(&name, frozen.num_rows() as u64, &[stored])?;
    let now = model.answer(&inputs::pieces(&frozen))?;
    let columns: Vec<StoredColumn> = stored
        .columns
        .iter()
        .map(|column| {
            let output = column.name.strip_prefix(OUTPUT).unwrap_or(&column.name);
            let stored = Answer {
                name: output.to_owned(),
                values: column.values.clone(),
            };
            pair(&stored, now.column(Some(output), &[])?)
        })
        .collect::<Result<_, GuardError>>()?;
    if columns.is_empty() {
        return Err(not("its stored answers are neither numbers nor text").into());
    }
    Ok(CanaryReport::new(&name, &columns, Tolerance { relative }))
}
