//! What of `onnx.proto` is read: the graph, its constants, and the operators'
//! attributes. What could change the answers and is not read is refused.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::OnnxError;
use crate::tensor::{Data, Kind, Tensor, size};
use crate::wire::{Bad, Fields, Wire, pieces};

/// Most nodes, constants, inputs or outputs of a graph, and attributes of a node.
const MANY: usize = 65_536;

/// A whole file.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Version of each domain; `ai.onnx` is the empty one.
    pub(crate) opsets: HashMap<String, i64>,
    pub(crate) graph: Option<Graph>,
}

#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<Node>,
    pub(crate) constants: Vec<(String, Tensor)>,
    pub(crate) inputs: Vec<Info>,
    pub(crate) outputs: Vec<Info>,
}

#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) operator: String,
    pub(crate) domain: String,
    pub(crate) inputs: Vec<String>,
    pub(crate) outputs: Vec<String>,
    pub(crate) attributes: HashMap<String, Attribute>,
}

#[derive(Debug)]
pub(crate) enum Attribute {
    Float(f32),
    Int(i64),
    Text(Arc<str>),
    Tensor(Tensor),
    Floats(Vec<f64>),
    Ints(Vec<i64>),
    Texts(Vec<Arc<str>>),
}

/// A declared input or output. Kind None: not a tensor.
#[derive(Debug, Default)]
pub(crate) struct Info {
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
    /// None: any shape; an axis that is None: any length.
    pub(crate) shape: Option<Vec<Option<i64>>>,
}

/// Why reading stops.
pub(crate) enum Stop {
    Damaged(String),
    Unsupported(String, &'static str),
}

impl From<Bad> for Stop {
    fn from(reason: Bad) -> Self {
        Self::Damaged(reason.to_owned())
    }
}

impl From<Stop> for OnnxError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Damaged(reason) => Self::Damaged { reason },
            Stop::Unsupported(what, instead) => Self::Unsupported { what, instead },
        }
    }
}

const BY_COMMAND: &str = "score it with a command around its own runtime (`command`)";

pub(crate) fn model(bytes: &[u8]) -> Result<Model, OnnxError> {
    Ok(read_model(bytes)?)
}

fn read_model(bytes: &[u8]) -> Result<Model, Stop> {
    let mut model = Model::default();
    for field in Fields::of(bytes) {
        match field? {
            (7, value) => model.graph = Some(graph(value.bytes()?)?),
            (8, value) => {
                let (mut domain, mut version) = (String::new(), 0);
                for field in Fields::of(value.bytes()?) {
                    match field? {
                        (1, value) => domain = domain_name(value.text()?),
                        (2, value) => version = value.int()?,
                        _ => {}
                    }
                }
                // skl2onnx names a domain twice, with the same version.
                let known = model.opsets.entry(domain).or_insert(version);
                *known = (*known).max(version);
            }
            (25, _) => {
                return Err(Stop::Unsupported(
                    "a model with functions".into(),
                    BY_COMMAND,
                ));
            }
            _ => {}
        }
    }
    Ok(model)
}

/// `ai.onnx` is another name of the empty domain.
fn domain_name(name: &str) -> String {
    match name {
        "ai.onnx" => String::new(),
        other => other.to_owned(),
    }
}

fn push<T>(list: &mut Vec<T>, what: &str, item: T) -> Result<(), Stop> {
    if list.len() >= MANY {
        return Err(Stop::Unsupported(
            format!("a graph of more than {MANY} {what}"),
            BY_COMMAND,
        ));
    }
    list.push(item);
    Ok(())
}

fn graph(bytes: &[u8]) -> Result<Graph, Stop> {
    let mut graph = Graph::default();
    for field in Fields::of(bytes) {
        match field? {
            (1, value) => push(&mut graph.nodes, "nodes", node(value.bytes()?)?)?,
            (5, value) => push(&mut graph.constants, "constants", tensor(value.bytes()?)?)?,
            (11, value) => push(&mut graph.inputs, "inputs", info(value.bytes()?)?)?,
            (12, value) => push(&mut graph.outputs, "outputs", info(value.bytes()?)?)?,
            (15, _) => return Err(Stop::Unsupported("a sparse constant".into(), BY_COMMAND)),
            _ => {}
        }
    }
    Ok(graph)
}

fn node(bytes: &[u8]) -> Result<Node, Stop> {
    let mut node = Node::default();
    for field in Fields::of(bytes) {
        match field? {
            (1, value) => push(
                &mut node.inputs,
                "inputs of a node",
                value.text()?.to_owned(),
            )?,
            (2, value) => push(
                &mut node.outputs,
                "outputs of a node",
                value.text()?.to_owned(),
            )?,
            (3, value) => node.name = value.text()?.to_owned(),
            (4, value) => node.operator = value.text()?.to_owned(),
            (5, value) => {
                let (name, attribute) = attribute(value.bytes()?)?;
                if node.attributes.len() >= MANY {
                    return Err(Stop::Damaged("a node of too many attributes".into()));
                }
                if let Some(attribute) = attribute {
                    node.attributes.insert(name, attribute);
                }
            }
            (7, value) => node.domain = domain_name(value.text()?),
            _ => {}
        }
    }
    Ok(node)
}

/// None: an optional attribute that is there without a value.
fn attribute(bytes: &[u8]) -> Result<(String, Option<Attribute>), Stop> {
    let (mut name, mut declared, mut one) = (String::new(), 0, None);
    let (mut floats, mut ints, mut texts) = (vec![], vec![], vec![]);
    for field in Fields::of(bytes) {
        match field? {
            (1, value) => name = value.text()?.to_owned(),
            (2, value) => one = Some(Attribute::Float(value.float()?)),
            (3, value) => one = Some(Attribute::Int(value.int()?)),
            (4, value) => one = Some(Attribute::Text(value.text()?.into())),
            (5, value) => one = Some(Attribute::Tensor(tensor(value.bytes()?)?.1)),
            (7, value) => value.floats(&mut floats)?,
            (8, value) => value.ints(&mut ints)?,
            (9, value) => texts.push(value.text()?.into()),
            (20, value) => declared = value.int()?,
            (6 | 10 | 11 | 14 | 15 | 21 | 22 | 23, _) => {
                let what = format!("the attribute `{name}` (a subgraph, or a list of tensors)");
                return Err(Stop::Unsupported(what, BY_COMMAND));
            }
            _ => {}
        }
    }
    let many = || {
        if !texts.is_empty() {
            Some(Attribute::Texts(texts))
        } else if !ints.is_empty() {
            Some(Attribute::Ints(ints))
        } else if !floats.is_empty() {
            Some(Attribute::Floats(floats))
        } else {
            // A writer may leave out zeros and empty lists.
            match declared {
                1 => Some(Attribute::Float(0.0)),
                2 => Some(Attribute::Int(0)),
                3 => Some(Attribute::Text("".into())),
                6 => Some(Attribute::Floats(vec![])),
                7 => Some(Attribute::Ints(vec![])),
                8 => Some(Attribute::Texts(vec![])),
                _ => None,
            }
        }
    };
    Ok((name, one.or_else(many)))
}

fn tensor(bytes: &[u8]) -> Result<(String, Tensor), Stop> {
    let (mut name, mut declared, mut shape, mut raw) = (String::new(), 0, vec![], None);
    let (mut singles, mut doubles, mut ints, mut texts) = (vec![], vec![], vec![], vec![]);
    for field in Fields::of(bytes) {
        match field? {
            (1, value) => value.ints(&mut shape)?,
            (2, value) => declared = value.int()?,
            (4, value) => value.floats(&mut singles)?,
            (5 | 7 | 11, value) => value.ints(&mut ints)?,
            (6, value) => texts.push(value.text()?.into()),
            (8, value) => name = value.text()?.to_owned(),
            (9, value) => raw = Some(value.bytes()?),
            (10, value) => value.doubles(&mut doubles)?,
            (13, _) | (14, Wire::Number(1)) => {
                let what = format!("the constant `{name}` in a file of its own");
                return Err(Stop::Unsupported(what, "export the model into one file"));
            }
            _ => {}
        }
    }
    let Some(kind) = Kind::of(declared) else {
        let what = format!("the constant `{name}` of data type {declared}");
        return Err(Stop::Unsupported(what, BY_COMMAND));
    };
    let data = match (raw, kind) {
        (Some(raw), _) => from_raw(raw, declared)?,
        (None, Kind::Single) => Data::Single(singles),
        (None, Kind::Double) => Data::Double(doubles),
        (None, Kind::Int) => Data::Int(ints),
        (None, Kind::Bool) => Data::Bool(ints.iter().map(|value| *value != 0).collect()),
        (None, Kind::Text) => Data::Text(texts),
    };
    let shape: Option<Vec<usize>> = shape
        .iter()
        .map(|side| usize::try_from(*side).ok())
        .collect();
    let filled = shape.filter(|shape| size(shape) == Some(data.len()));
    let Some(shape) = filled else {
        let reason = format!("the values of the constant `{name}` do not fill its shape");
        return Err(Stop::Damaged(reason));
    };
    Ok((name, Tensor { shape, data }))
}

/// Little-endian values of a data type's number.
fn from_raw(raw: &[u8], declared: i64) -> Result<Data, Stop> {
    fn ints<const N: usize>(raw: &[u8], one: fn([u8; N]) -> i64) -> Result<Data, Bad> {
        Ok(Data::Int(pieces(raw)?.map(one).collect()))
    }
    Ok(match declared {
        1 => Data::Single(
            pieces(raw)?
                .map(|four| f64::from(f32::from_le_bytes(four)))
                .collect(),
        ),
        11 => Data::Double(pieces(raw)?.map(f64::from_le_bytes).collect()),
        2 => ints(raw, |[byte]| i64::from(byte))?,
        3 => ints(raw, |byte| i64::from(i8::from_le_bytes(byte)))?,
        4 => ints(raw, |two| i64::from(u16::from_le_bytes(two)))?,
        5 => ints(raw, |two| i64::from(i16::from_le_bytes(two)))?,
        6 => ints(raw, |four| i64::from(i32::from_le_bytes(four)))?,
        7 | 13 => ints(raw, i64::from_le_bytes)?,
        12 => ints(raw, |four| i64::from(u32::from_le_bytes(four)))?,
        9 => Data::Bool(raw.iter().map(|byte| *byte != 0).collect()),
        _ => return Err(Stop::Damaged("a constant of texts in raw bytes".into())),
    })
}

fn info(bytes: &[u8]) -> Result<Info, Stop> {
    let mut info = Info::default();
    for field in Fields::of(bytes) {
        match field? {
            (1, value) => info.name = value.text()?.to_owned(),
            (2, value) => {
                for field in Fields::of(value.bytes()?) {
                    if let (1, value) = field? {
                        tensor_type(value.bytes()?, &mut info)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(info)
}

fn tensor_type(bytes: &[u8], info: &mut Info) -> Result<(), Stop> {
    for field in Fields::of(bytes) {
        match field? {
            (1, value) => {
                let number = value.int()?;
                info.kind = Some(Kind::of(number).ok_or_else(|| {
                    let what = format!("`{}` of data type {number}", info.name);
                    Stop::Unsupported(what, BY_COMMAND)
                })?);
            }
            (2, value) => {
                let mut shape = vec![];
                for field in Fields::of(value.bytes()?) {
                    if let (1, value) = field? {
                        let mut side = None;
                        for field in Fields::of(value.bytes()?) {
                            if let (1, value) = field? {
                                side = Some(value.int()?);
                            }
                        }
                        push(&mut shape, "axes", side)?;
                    }
                }
                info.shape = Some(shape);
            }
            _ => {}
        }
    }
    Ok(())
}
