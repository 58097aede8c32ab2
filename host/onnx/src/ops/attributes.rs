//! What a node says of itself: attributes by name and kind.

use std::sync::Arc;

use crate::meter::Fault;
use crate::proto::{Attribute, Node};
use crate::tensor::{Data, Tensor};

fn other(name: &str) -> Fault {
    Fault::Wrong(format!("its attribute `{name}` is of another kind"))
}

impl Node {
    pub(super) fn int(&self, name: &str) -> Result<Option<i64>, Fault> {
        match self.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Int(value)) => Ok(Some(*value)),
            Some(_) => Err(other(name)),
        }
    }

    pub(super) fn flag(&self, name: &str, usual: bool) -> Result<bool, Fault> {
        Ok(self.int(name)?.map_or(usual, |value| value != 0))
    }

    pub(super) fn float(&self, name: &str) -> Result<Option<f64>, Fault> {
        match self.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Float(value)) => Ok(Some(f64::from(*value))),
            Some(_) => Err(other(name)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Text(text)) => Ok(Some(text)),
            Some(_) => Err(other(name)),
        }
    }

    pub(super) fn tensor(&self, name: &str) -> Result<Option<&Tensor>, Fault> {
        match self.attributes.get(name) {
            None => Ok(None),
            Some(Attribute::Tensor(tensor)) => Ok(Some(tensor)),
            Some(_) => Err(other(name)),
        }
    }

    /// A list; empty if it is not there.
    pub(super) fn ints(&self, name: &str) -> Result<&[i64], Fault> {
        match self.attributes.get(name) {
            None => Ok(&[]),
            Some(Attribute::Ints(values)) => Ok(values),
            Some(_) => Err(other(name)),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<&[Arc<str>], Fault> {
        match self.attributes.get(name) {
            None => Ok(&[]),
            Some(Attribute::Texts(values)) => Ok(values),
            Some(_) => Err(other(name)),
        }
    }

    pub(super) fn floats(&self, name: &str) -> Result<&[f64], Fault> {
        match self.attributes.get(name) {
            None => Ok(&[]),
            Some(Attribute::Floats(values)) => Ok(values),
            Some(_) => Err(other(name)),
        }
    }

    /// Floats as a list, or as the tensor `NAME_as_tensor`, which may hold
    /// doubles.
    pub(super) fn weights(&self, name: &str) -> Result<&[f64], Fault> {
        let long = format!("{name}_as_tensor");
        match self.tensor(&long)? {
            None => self.floats(name),
            Some(tensor) => match &tensor.data {
                Data::Single(values) | Data::Double(values) => Ok(values),
                _ => Err(other(&long)),
            },
        }
    }

    /// A list that must be as long as another.
    pub(super) fn as_long<'a, T>(
        name: &str,
        list: &'a [T],
        length: usize,
    ) -> Result<&'a [T], Fault> {
        match list.len() == length {
            true => Ok(list),
            false => Err(Fault::Wrong(format!(
                "its attribute `{name}` holds {} values, {length} belong there",
                list.len()
            ))),
        }
    }
}
