//! Values of one kind in a box of one shape, rows first.

use std::sync::Arc;

use crate::meter::Fault;

/// What a tensor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `float`.
    Single,
    /// `double`.
    Double,
    /// Whole numbers of any width.
    Int,
    /// Truth values.
    Bool,
    /// Texts.
    Text,
}

impl Kind {
    /// Of a data type's number in `onnx.proto`. None: not read here.
    pub(crate) fn of(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Single,
            11 => Self::Double,
            2..=7 | 12 | 13 => Self::Int,
            8 => Self::Text,
            9 => Self::Bool,
            _ => return None,
        })
    }

    /// For reading.
    pub fn words(self) -> &'static str {
        match self {
            Self::Single => "float",
            Self::Double => "double",
            Self::Int => "int64",
            Self::Bool => "bool",
            Self::Text => "string",
        }
    }
}

/// Values, the last axis running fastest.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Each is an `f32`, kept in 64 bits.
    Single(Vec<f64>),
    /// 64 bits.
    Double(Vec<f64>),
    /// Whole numbers.
    Int(Vec<i64>),
    /// Truth values.
    Bool(Vec<bool>),
    /// Texts.
    Text(Vec<Arc<str>>),
}

impl Data {
    /// Floats of this kind; rounded if it is [`Kind::Single`].
    pub(crate) fn floats(kind: Kind, mut values: Vec<f64>) -> Self {
        match kind {
            Kind::Double => Self::Double(values),
            _ => {
                for value in &mut values {
                    *value = f64::from(*value as f32);
                }
                Self::Single(values)
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Single(values) | Self::Double(values) => values.len(),
            Self::Int(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }
}

/// Data in a shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    pub(crate) shape: Vec<usize>,
    pub(crate) data: Data,
}

/// Most that the other axes of an empty shape may come to: operators loop over
/// axes.
const MOST_OF_NOTHING: usize = 1 << 20;

/// How many values a shape holds; None: more than can be counted.
pub(crate) fn size(shape: &[usize]) -> Option<usize> {
    let mut sides = shape.iter().filter(|side| **side > 0);
    let size = sides.try_fold(1_usize, |size, side| size.checked_mul(*side))?;
    match shape.contains(&0) {
        false => Some(size),
        true => (size <= MOST_OF_NOTHING).then_some(0),
    }
}

impl Tensor {
    pub(crate) fn new(shape: Vec<usize>, data: Data) -> Result<Self, Fault> {
        if size(&shape) != Some(data.len()) {
            let count = data.len();
            return Err(Fault::Wrong(format!(
                "{count} values do not fill the shape {shape:?}"
            )));
        }
        Ok(Self { shape, data })
    }

    /// `rows` times `columns` floats, row by row; `single` rounds to `f32`.
    /// None if the count is another.
    pub fn floats(rows: usize, columns: usize, single: bool, values: Vec<f64>) -> Option<Self> {
        let kind = if single { Kind::Single } else { Kind::Double };
        Self::new(vec![rows, columns], Data::floats(kind, values)).ok()
    }

    /// A column of whole numbers.
    pub fn ints(values: Vec<i64>) -> Self {
        Self {
            shape: vec![values.len(), 1],
            data: Data::Int(values),
        }
    }

    /// A column of truth values.
    pub fn bools(values: Vec<bool>) -> Self {
        Self {
            shape: vec![values.len(), 1],
            data: Data::Bool(values),
        }
    }

    /// A column of texts.
    pub fn texts(values: Vec<Arc<str>>) -> Self {
        Self {
            shape: vec![values.len(), 1],
            data: Data::Text(values),
        }
    }

    /// Lengths of the axes, rows first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The values.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The same values in one axis fewer: for inputs declared as `[N]`.
    #[must_use]
    pub fn flat(mut self) -> Self {
        self.shape = vec![self.data.len()];
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        match self.data {
            Data::Single(_) => Kind::Single,
            Data::Double(_) => Kind::Double,
            Data::Int(_) => Kind::Int,
            Data::Bool(_) => Kind::Bool,
            Data::Text(_) => Kind::Text,
        }
    }

    /// About what it takes of memory.
    pub(crate) fn bytes(&self) -> u64 {
        let each = match self.data {
            Data::Bool(_) => 1,
            Data::Text(_) => 16,
            _ => 8,
        };
        each * self.data.len() as u64 + 64
    }

    /// Any numbers as floats.
    pub(crate) fn numbers(&self) -> Result<std::borrow::Cow<'_, [f64]>, Fault> {
        Ok(match &self.data {
            Data::Single(values) | Data::Double(values) => values.as_slice().into(),
            Data::Int(values) => values
                .iter()
                .map(|value| *value as f64)
                .collect::<Vec<_>>()
                .into(),
            Data::Bool(values) => values
                .iter()
                .map(|value| f64::from(u8::from(*value)))
                .collect::<Vec<_>>()
                .into(),
            Data::Text(_) => return Err(Fault::wrong("it takes numbers and was given texts")),
        })
    }

    /// The kind in which arithmetic on it is done.
    pub(crate) fn float_kind(&self) -> Kind {
        match self.data {
            Data::Double(_) => Kind::Double,
            _ => Kind::Single,
        }
    }

    pub(crate) fn whole(&self) -> Result<&[i64], Fault> {
        match &self.data {
            Data::Int(values) => Ok(values),
            _ => Err(Fault::Wrong(format!(
                "it takes int64 and was given {}",
                self.kind().words()
            ))),
        }
    }

    /// Rows and columns: `[n, k]`, or `[k]` as one row.
    pub(crate) fn matrix(&self) -> Result<(usize, usize), Fault> {
        match self.shape.as_slice() {
            [rows, columns] => Ok((*rows, *columns)),
            [columns] => Ok((1, *columns)),
            other => Err(Fault::Wrong(format!(
                "it takes rows and columns and was given the shape {other:?}"
            ))),
        }
    }
}
