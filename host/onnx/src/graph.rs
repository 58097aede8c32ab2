//! A graph, checked once and run on many rows.

use std::collections::HashMap;

use crate::error::OnnxError;
use crate::meter::{Fault, Limits, Meter};
use crate::ops::{self, Run};
use crate::proto::{self, Info};
use crate::tensor::{Kind, Tensor};

/// Newest operator sets that are known here.
const NEWEST: [(&str, i64); 2] = [("", 24), ("ai.onnx.ml", 4)];
/// Oldest of ai.onnx: before, a broadcast had to be asked for.
const OLDEST: i64 = 7;
/// What a file takes in memory, at most, for each of its bytes.
const UNFOLDED: u64 = 40;

/// An input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// None: a list of maps, as `ZipMap` makes.
    pub kind: Option<Kind>,
    /// Lengths of its axes, rows first. None: not declared; an axis of None or 0
    /// and less: any length.
    pub shape: Option<Vec<Option<i64>>>,
}

/// A node, ready to run.
struct Step {
    /// Name and operator, for messages.
    name: String,
    run: Run,
    /// Slots; None: left out.
    inputs: Vec<Option<usize>>,
    outputs: Vec<Option<usize>>,
    /// Slots that nobody needs afterwards.
    over: Vec<usize>,
}

/// A model.
pub struct Onnx {
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    steps: Vec<Step>,
    slots: usize,
    /// Constants, by slot.
    constants: Vec<(usize, Tensor)>,
    given: Vec<usize>,
    wanted: Vec<usize>,
}

impl std::fmt::Debug for Onnx {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Onnx")
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .field("nodes", &self.steps.len())
            .finish_non_exhaustive()
    }
}

impl Onnx {
    /// Reads and checks the bytes of a file.
    ///
    /// # Errors
    /// Bytes that are no ONNX model, operators or parts of the format that are
    /// not known here, and files too large for the memory limit.
    pub fn read(bytes: &[u8], limits: Limits) -> Result<Self, OnnxError> {
        let meter = Meter::new(limits);
        let needed = (bytes.len() as u64).saturating_mul(UNFOLDED);
        let place = || format!(" for a file of {} MiB", bytes.len() >> 20);
        meter
            .room(needed)
            .map_err(|_| meter.out_of_memory(place()))?;
        let model = proto::model(bytes)?;
        let Some(graph) = model.graph else {
            let reason = "it holds no graph".to_owned();
            return Err(OnnxError::Damaged { reason });
        };
        opsets(&model.opsets)?;
        let unknown = ops::unknown(&graph.nodes);
        if !unknown.is_empty() {
            return Err(OnnxError::Operators { names: unknown });
        }
        Builder::default().build(graph, &model.opsets, &meter)
    }

    /// What it is to be given, in this order.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// What it answers, in this order.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// Its outputs for these inputs.
    ///
    /// # Errors
    /// Inputs of another count, kind or shape than declared, values that an
    /// operator cannot take, and what the meter does not allow.
    pub fn run(&self, inputs: Vec<Tensor>, meter: &Meter) -> Result<Vec<Tensor>, OnnxError> {
        if inputs.len() != self.inputs.len() {
            return Err(OnnxError::Failed {
                node: "of inputs".into(),
                reason: format!("{} given, {} declared", inputs.len(), self.inputs.len()),
            });
        }
        let mut slots: Vec<Option<Tensor>> = vec![None; self.slots];
        let mut held = Held { meter, bytes: 0 };
        for (tensor, (slot, port)) in inputs.into_iter().zip(self.given.iter().zip(&self.inputs)) {
            let at = |fault| meter.at(&format!("`{}` (input)", port.name), fault);
            fits(port, &tensor).map_err(at)?;
            held.put(&mut slots, *slot, tensor).map_err(at)?;
        }
        for step in &self.steps {
            let at = |fault| meter.at(&step.name, fault);
            meter.look().map_err(at)?;
            let given: Vec<Option<&Tensor>> = step
                .inputs
                .iter()
                .map(|slot| slot.and_then(|slot| self.value(&slots, slot)))
                .collect();
            let made = (step.run)(&given, meter).map_err(at)?;
            for (slot, tensor) in step.outputs.iter().zip(made) {
                if let Some(slot) = slot {
                    held.put(&mut slots, *slot, tensor).map_err(at)?;
                }
            }
            for slot in &step.over {
                held.drop(&mut slots, *slot);
            }
        }
        let wanted = self.wanted.iter().zip(&self.outputs);
        wanted
            .map(|(slot, port)| {
                self.value(&slots, *slot)
                    .cloned()
                    .ok_or_else(|| OnnxError::Failed {
                        node: format!("`{}` (output)", port.name),
                        reason: "no value was made for it".into(),
                    })
            })
            .collect()
    }

    fn value<'a>(&'a self, slots: &'a [Option<Tensor>], slot: usize) -> Option<&'a Tensor> {
        let made = slots.get(slot).and_then(Option::as_ref);
        made.or_else(|| {
            let at = self
                .constants
                .binary_search_by_key(&slot, |(slot, _)| *slot);
            at.ok()
                .and_then(|at| self.constants.get(at))
                .map(|(_, tensor)| tensor)
        })
    }
}

/// Memory of one run, given back at its end.
struct Held<'a> {
    meter: &'a Meter,
    bytes: u64,
}

impl Held<'_> {
    fn put(
        &mut self,
        slots: &mut [Option<Tensor>],
        slot: usize,
        tensor: Tensor,
    ) -> Result<(), Fault> {
        let bytes = tensor.bytes();
        self.meter.take(bytes)?;
        self.bytes += bytes;
        if let Some(place) = slots.get_mut(slot) {
            *place = Some(tensor);
        }
        Ok(())
    }

    fn drop(&mut self, slots: &mut [Option<Tensor>], slot: usize) {
        if let Some(tensor) = slots.get_mut(slot).and_then(Option::take) {
            self.meter.give(tensor.bytes());
            self.bytes = self.bytes.saturating_sub(tensor.bytes());
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.meter.give(self.bytes);
    }
}

/// That an input is what was declared.
fn fits(port: &Port, tensor: &Tensor) -> Result<(), Fault> {
    if port.kind != Some(tensor.kind()) {
        let declared = port.kind.map_or("no tensor", Kind::words);
        let given = tensor.kind().words();
        return Err(Fault::Wrong(format!("{given} given, {declared} declared")));
    }
    let Some(shape) = &port.shape else {
        return Ok(());
    };
    let same = shape.len() == tensor.shape.len()
        && shape.iter().zip(&tensor.shape).all(|(declared, side)| {
            declared.is_none_or(|declared| declared <= 0 || usize::try_from(declared) == Ok(*side))
        });
    match same {
        true => Ok(()),
        false => Err(Fault::Wrong(format!(
            "the shape {:?} given, {} declared",
            tensor.shape,
            shape_words(shape)
        ))),
    }
}

/// `[N, 3]`.
fn shape_words(shape: &[Option<i64>]) -> String {
    let side = |side: &Option<i64>| match side {
        Some(side) if *side > 0 => side.to_string(),
        _ => "N".to_owned(),
    };
    format!(
        "[{}]",
        shape.iter().map(side).collect::<Vec<_>>().join(", ")
    )
}

fn opsets(opsets: &HashMap<String, i64>) -> Result<(), OnnxError> {
    for (domain, newest) in NEWEST {
        let Some(version) = opsets.get(domain) else {
            continue;
        };
        let oldest = if domain.is_empty() { OLDEST } else { 1 };
        if *version > newest || *version < oldest {
            let name = if domain.is_empty() { "ai.onnx" } else { domain };
            return Err(OnnxError::Unsupported {
                what: format!("version {version} of the operators of {name}"),
                instead: "export the model for an operator set (`target_opset`) of 7 to 24 (ai.onnx), 1 to 4 (ai.onnx.ml)",
            });
        }
    }
    Ok(())
}

#[derive(Default)]
struct Builder {
    slots: HashMap<String, usize>,
    constants: Vec<(usize, Tensor)>,
}

impl Builder {
    fn slot(&mut self, name: &str) -> Result<usize, OnnxError> {
        let next = self.slots.len();
        match self.slots.insert(name.to_owned(), next) {
            None => Ok(next),
            Some(_) => Err(OnnxError::Damaged {
                reason: format!("`{name}` is made twice"),
            }),
        }
    }

    fn build(
        mut self,
        graph: proto::Graph,
        opsets: &HashMap<String, i64>,
        meter: &Meter,
    ) -> Result<Onnx, OnnxError> {
        for (name, tensor) in graph.constants {
            let slot = self.slot(&name)?;
            self.constants.push((slot, tensor));
        }
        let mut inputs = vec![];
        let mut given = vec![];
        for info in graph.inputs {
            // Older files name their constants among the inputs.
            if !self.slots.contains_key(&info.name) {
                given.push(self.slot(&info.name)?);
                inputs.push(port(info));
            }
        }
        let mut steps = vec![];
        for node in graph.nodes {
            steps.push(self.step(node, opsets, meter)?);
        }
        let mut wanted = vec![];
        for info in &graph.outputs {
            let slot = self.slots.get(&info.name).copied();
            wanted.push(slot.ok_or_else(|| OnnxError::Damaged {
                reason: format!("its output `{}` is made by no node", info.name),
            })?);
        }
        last_uses(&mut steps, &wanted);
        Ok(Onnx {
            inputs,
            outputs: graph.outputs.into_iter().map(port).collect(),
            steps,
            slots: self.slots.len(),
            constants: self.constants,
            given,
            wanted,
        })
    }

    fn step(
        &mut self,
        node: proto::Node,
        opsets: &HashMap<String, i64>,
        meter: &Meter,
    ) -> Result<Step, OnnxError> {
        let name = format!("`{}` ({})", node.name, node.operator);
        let wrong = |reason: String| OnnxError::Node {
            node: name.clone(),
            reason,
        };
        let mut inputs = vec![];
        for input in &node.inputs {
            inputs.push(match (input.as_str(), self.slots.get(input)) {
                ("", _) => None,
                (_, Some(slot)) => Some(*slot),
                (_, None) => return Err(wrong(format!("its input `{input}` is not there yet"))),
            });
        }
        let version = opsets.get(&node.domain).copied().unwrap_or(1);
        let run = ops::build(&node, version).map_err(|fault| match fault {
            Fault::Wrong(reason) => wrong(reason),
            other => meter.at(&name, other),
        })?;
        let mut outputs = vec![];
        for output in &node.outputs {
            outputs.push(match output.as_str() {
                "" => None,
                output => Some(self.slot(output)?),
            });
        }
        Ok(Step {
            name,
            run,
            inputs,
            outputs,
            over: vec![],
        })
    }
}

fn port(info: Info) -> Port {
    Port {
        name: info.name,
        kind: info.kind,
        shape: info.shape,
    }
}

/// Notes at each step what is used there for the last time.
fn last_uses(steps: &mut [Step], wanted: &[usize]) {
    let mut needed: std::collections::HashSet<usize> = wanted.iter().copied().collect();
    for step in steps.iter_mut().rev() {
        let used = step.outputs.iter().chain(&step.inputs).flatten();
        for slot in used {
            if needed.insert(*slot) {
                step.over.push(*slot);
            }
        }
    }
}
