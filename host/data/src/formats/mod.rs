//! One module for each format: how to survey a file once, and how to read any
//! range of its rows.

pub(crate) mod csv;
pub(crate) mod ipc;
pub(crate) mod ipc_index;
pub(crate) mod json;
pub(crate) mod json_shape;
pub(crate) mod parquet;
pub(crate) mod text;

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema, SchemaRef};

use crate::error::DataError;

/// What to read of each row.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The side's schema.
    pub schema: SchemaRef,
    /// Positions in `schema`, in the order wanted.
    pub columns: Vec<usize>,
    /// For each of `columns`: keep it a dictionary where the file has one.
    pub dictionary: Vec<bool>,
    /// At most so many rows in a batch.
    pub batch_rows: usize,
}

/// Batches of one range of rows, in order.
pub(crate) type Batches = Box<dyn Iterator<Item = Result<RecordBatch, DataError>> + Send>;

impl Wanted {
    /// The field at position `index` of the side's schema.
    pub fn field(&self, index: usize) -> Option<&Field> {
        self.schema.fields().get(index).map(AsRef::as_ref)
    }

    /// Joins arrays, one for each wanted column, under the side's names. An
    /// array may be a dictionary of the column's type.
    pub fn batch(&self, arrays: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, String> {
        let fields = self.columns.iter().zip(&arrays).map(|(index, array)| {
            let name = self.field(*index).map_or("", |field| field.name());
            Field::new(name, array.data_type().clone(), true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(schema, arrays, &options)
            .map_err(|error| error.to_string())
    }
}
