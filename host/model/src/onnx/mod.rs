//! An ONNX file as the model, run in this process by `driftguard-onnx`.
//!
//! - `columns`: Arrow columns to the inputs that the file declares.
//! - `outputs`: what it answers, as columns with names.

mod columns;
mod outputs;

use std::io::Read;
use std::path::Path;

use arrow_array::RecordBatch;
use driftguard_data::guarded;
use driftguard_onnx::{Meter, Onnx, OnnxError, Port, Tensor};

use crate::Model;
use crate::answers::Answers;
use crate::command::Limits;
use crate::error::ModelError;

use outputs::Outputs;

/// Largest file, in MiB.
pub const FILE_MIB: u64 = 256;
/// Rows that are run at once.
const ROWS_AT_ONCE: usize = 4096;

/// How columns become inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// An input for each column, of its name.
    ByName,
    /// One input of all columns, in the order that the policy says.
    Matrix,
}

/// A model in an ONNX file.
#[derive(Debug)]
pub struct OnnxModel {
    /// As typed.
    name: String,
    onnx: Onnx,
    limits: Limits,
    form: Form,
    /// The columns it is given, in this order.
    columns: Vec<String>,
    rows_at_once: usize,
}

impl OnnxModel {
    /// Reads and checks a file. `order`: the columns that the policy names; may
    /// be empty where the file names its inputs.
    ///
    /// # Errors
    /// A file that cannot be read or is too large, that is no ONNX model, that
    /// holds operators which are not run in the process, or whose inputs are not
    /// the columns of `order`.
    pub fn open(file: &Path, order: &[String], limits: Limits) -> Result<Self, ModelError> {
        let name = file.display().to_string();
        let bytes = read(file, &name)?;
        let onnx = boundary(&name, || Onnx::read(&bytes, allowed(limits)))?;
        let inputs = |reason: String| ModelError::OnnxInputs {
            model: name.clone(),
            reason,
        };
        let form = form(onnx.inputs(), order).map_err(inputs)?;
        let columns = match form {
            Form::Matrix => order.to_vec(),
            Form::ByName => onnx.inputs().iter().map(|port| port.name.clone()).collect(),
        };
        let rows_at_once = rows_at_once(onnx.inputs()).map_err(inputs)?;
        Ok(Self {
            name,
            onnx,
            limits,
            form,
            columns,
            rows_at_once,
        })
    }

    /// Inputs for some rows of a batch.
    fn tensors(&self, batch: &RecordBatch, first: u64) -> Result<Vec<Tensor>, ModelError> {
        let schema = batch.schema();
        let column = |name: &String| {
            let at = schema.index_of(name);
            at.map(|at| batch.column(at))
                .map_err(|_| ModelError::OnnxInputs {
                    model: self.name.clone(),
                    reason: format!("its input `{name}` is not among the columns it was given"),
                })
        };
        let bad = |column: &str, (row, reason): (Option<usize>, String)| ModelError::OnnxValue {
            model: self.name.clone(),
            column: column.to_owned(),
            place: row.map_or(String::new(), |row| format!(", row {}", first + row as u64)),
            reason,
        };
        match (self.form, self.onnx.inputs()) {
            (Form::Matrix, [port]) => {
                let given = self
                    .columns
                    .iter()
                    .map(|name| Ok((name.as_str(), column(name)?)));
                let given = given.collect::<Result<Vec<_>, ModelError>>()?;
                let tensor = columns::matrix(&given, port.kind, batch.num_rows());
                Ok(vec![tensor.map_err(|(name, why)| bad(name, why))?])
            }
            (_, ports) => ports
                .iter()
                .map(|port| {
                    let values = columns::column(column(&port.name)?, port.kind);
                    let tensor = values.map_err(|why| bad(&port.name, why))?;
                    Ok(match port.shape.as_deref() {
                        Some([_]) => tensor.flat(),
                        _ => tensor,
                    })
                })
                .collect(),
        }
    }
}

impl Model for OnnxModel {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn inputs(&self) -> Option<&[String]> {
        Some(&self.columns)
    }

    fn answer(&self, batches: &[RecordBatch]) -> Result<Answers, ModelError> {
        let meter = Meter::new(allowed(self.limits));
        let mut outputs = Outputs::new(&self.name, self.onnx.outputs());
        let mut first = 0;
        for batch in batches {
            for start in (0..batch.num_rows()).step_by(self.rows_at_once) {
                let rows = self.rows_at_once.min(batch.num_rows() - start);
                let tensors = self.tensors(&batch.slice(start, rows), first)?;
                let run = || {
                    self.onnx
                        .run(tensors, &meter)
                        .map_err(|error| from(first, error))
                };
                outputs.add(rows, &boundary(&self.name, run)?)?;
                first += rows as u64;
            }
        }
        outputs.answers()
    }
}

/// The one place at which a panic of the interpreter is caught: it is written
/// without one, but its input is a file that anybody may have made, and a
/// library must not take its caller along.
fn boundary<T>(name: &str, run: impl FnOnce() -> Result<T, OnnxError>) -> Result<T, ModelError> {
    match guarded(run) {
        Ok(done) => done.map_err(|error| ModelError::Onnx {
            model: name.to_owned(),
            error: Box::new(error),
        }),
        Err(reason) => Err(ModelError::OnnxGaveUp {
            model: name.to_owned(),
            reason,
        }),
    }
}

/// Rows are counted from the first of all batches.
fn from(first: u64, error: OnnxError) -> OnnxError {
    match error {
        OnnxError::Missing { node, row, place } => OnnxError::Missing {
            node,
            row: usize::try_from(first).map_or(row, |first| first.saturating_add(row)),
            place,
        },
        other => other,
    }
}

fn allowed(limits: Limits) -> driftguard_onnx::Limits {
    driftguard_onnx::Limits {
        time: limits.time,
        memory_mib: limits.memory_mib,
    }
}

fn read(file: &Path, name: &str) -> Result<Vec<u8>, ModelError> {
    let unreadable = |reason: String| ModelError::OnnxFile {
        model: name.to_owned(),
        reason,
    };
    let io = |error: std::io::Error| unreadable(error.to_string());
    // A pipe would be waited for without end.
    let data = std::fs::metadata(file).map_err(io)?;
    if !data.is_file() {
        return Err(unreadable("it is no file".into()));
    }
    let most = FILE_MIB << 20;
    if data.len() > most {
        let (size, most) = (data.len() >> 20, FILE_MIB);
        return Err(unreadable(format!(
            "it is of {size} MiB, at most {most} are read; score it with a command around its own runtime"
        )));
    }
    let mut bytes = vec![];
    let opened = std::fs::File::open(file).map_err(io)?;
    opened.take(most).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Columns of an input. None: any number.
fn width(port: &Port) -> Option<i64> {
    match port.shape.as_deref() {
        Some([_]) => Some(1),
        Some([_, width]) => width.filter(|width| *width > 0),
        _ => None,
    }
}

/// Which form the declared inputs have, if they go with the columns named.
fn form(ports: &[Port], order: &[String]) -> Result<Form, String> {
    let named = |names: Vec<&str>| format!("`{}`", names.join("`, `"));
    let declared = || named(ports.iter().map(|port| port.name.as_str()).collect());
    if ports.is_empty() {
        return Err("it takes no inputs".into());
    }
    if let [port] = ports
        && (width(port) != Some(1) || order.len() == 1)
    {
        let width = width(port);
        if order.is_empty() {
            let many = width.map_or(String::new(), |width| format!("{width} "));
            return Err(format!(
                "it takes its {many}columns as one matrix, and nobody said in which order; name them with `inputs` (or --inputs), in the order in which the model was fitted"
            ));
        }
        if let Some(width) = width.filter(|width| usize::try_from(*width) != Ok(order.len())) {
            let count = order.len();
            return Err(format!(
                "it takes a matrix of {width} columns, and `inputs` names {count}"
            ));
        }
        return Ok(Form::Matrix);
    }
    if let Some(port) = ports
        .iter()
        .find(|port| width(port).is_some_and(|width| width != 1))
    {
        return Err(format!(
            "its input `{}` takes several columns, and it is not the only one; export the model with an input for each column, or with one for all",
            port.name
        ));
    }
    let missing = ports
        .iter()
        .find(|port| !order.is_empty() && !order.contains(&port.name));
    if let Some(port) = missing {
        return Err(format!(
            "it takes `{}`, which `inputs` does not name",
            port.name
        ));
    }
    match order
        .iter()
        .find(|name| ports.iter().all(|port| port.name != **name))
    {
        Some(name) => Err(format!(
            "it takes {} and no `{name}`, which `inputs` names",
            declared()
        )),
        None => Ok(Form::ByName),
    }
}

/// Rows of one run: as many as declared, if that is one.
fn rows_at_once(ports: &[Port]) -> Result<usize, String> {
    let mut rows = ROWS_AT_ONCE;
    for port in ports {
        match port
            .shape
            .as_deref()
            .and_then(|shape| shape.first().copied().flatten())
        {
            Some(1) => rows = 1,
            Some(2..) => {
                return Err(format!(
                    "its input `{}` takes a fixed number of rows; export the model for any number of rows",
                    port.name
                ));
            }
            _ => {}
        }
    }
    Ok(rows)
}
