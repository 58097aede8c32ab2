//! Roles (what a column is for) and kinds (how it is treated). Both lists are
//! those of the plugin contract, `wit/data.wit`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a column is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An input of the model.
    Feature,
    /// What the model decided: a class or a number.
    Prediction,
    /// The model's probability or score behind the decision.
    Score,
    /// The truth, when it is known.
    Label,
    /// When the row happened; cuts the data into periods.
    Timestamp,
    /// Names a row or an entity; never compared as a distribution.
    Id,
    /// A group to look at by itself.
    Segment,
    /// Free text.
    Text,
    /// A vector of floats of fixed length.
    Embedding,
    /// Weight of a row.
    Weight,
    /// Not looked at by any check but the schema.
    Ignore,
}

/// How a column is treated.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Integers and floats, read as 64-bit floats.
    Numeric,
    /// A bounded set of values, read as text.
    Categorical,
    /// Free text.
    Text,
    /// An instant, in microseconds since 1970-01-01T00:00Z.
    Timestamp,
    /// A list of floats of fixed length.
    Embedding,
    /// Nested, binary or entirely null: only counted.
    Other,
}

impl Role {
    /// The name used in policies and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::Prediction => "prediction",
            Self::Score => "score",
            Self::Label => "label",
            Self::Timestamp => "timestamp",
            Self::Id => "id",
            Self::Segment => "segment",
            Self::Text => "text",
            Self::Embedding => "embedding",
            Self::Weight => "weight",
            Self::Ignore => "ignore",
        }
    }

    /// Whether the column is something the model produced.
    pub fn is_output(self) -> bool {
        matches!(self, Self::Prediction | Self::Score)
    }
}

impl Kind {
    /// The name used in policies and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Text => "text",
            Self::Timestamp => "timestamp",
            Self::Embedding => "embedding",
            Self::Other => "other",
        }
    }
}
