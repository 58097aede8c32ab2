//! Values that nobody downstream may see: they are replaced by keyed hashes as
//! they are read, so that plugins, baselines and reports hold hashes alone.
//! Equal values have equal hashes, so shares, new values and repeats are seen
//! as before.
//!
//! The key keeps hashes of one baseline apart from those of others and from
//! tables made beforehand. Whoever holds the key and can guess a value can
//! check the guess: this is no anonymisation.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType};
use sha2::{Digest, Sha256};

use crate::error::DataError;
use crate::schema::schema_words;

/// Hexadecimal digits of a hash that are kept: 64 bits.
const DIGITS: usize = 16;

/// Which columns are hidden, and the key of their hashes.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden {
    columns: BTreeSet<String>,
    key: [u8; 32],
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hidden")
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl Hidden {
    /// These columns under this key.
    pub fn new(columns: impl IntoIterator<Item = String>, key: [u8; 32]) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            key,
        }
    }

    /// The columns, in order of name.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    /// The key.
    pub fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Columns that are there must be text: of numbers, extremes and samples
    /// are kept, which no hash stands for.
    pub(crate) fn fits(&self, schema: &arrow_schema::Schema) -> Result<(), DataError> {
        for name in &self.columns {
            if let Ok(field) = schema.field_with_name(name)
                && *field.data_type() != DataType::Utf8
            {
                return Err(DataError::NotHidden {
                    column: name.clone(),
                    storage: schema_words(field.data_type()),
                });
            }
        }
        Ok(())
    }

    /// The batch with hashes in the place of hidden values.
    pub(crate) fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns());
        let columns: Result<Vec<ArrayRef>, ArrowError> = columns
            .map(|(field, column)| {
                if self.columns.contains(field.name()) {
                    self.hashed(field.name(), column)
                } else {
                    Ok(Arc::clone(column))
                }
            })
            .collect();
        RecordBatch::try_new_with_options(
            Arc::clone(&schema),
            columns?,
            &arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
        )
    }

    fn hashed(&self, column: &str, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        if let Some(coded) = array.as_dictionary_opt::<Int32Type>() {
            let values = self.hashed(column, coded.values())?;
            let hidden = DictionaryArray::try_new(coded.keys().clone(), values)?;
            return Ok(Arc::new(hidden));
        }
        let Some(texts) = array.as_string_opt::<i32>() else {
            return Err(ArrowError::SchemaError(format!(
                "`{column}` is hidden and holds no text"
            )));
        };
        let mut known: HashMap<&str, String> = HashMap::new();
        let hidden: StringArray = texts
            .iter()
            .map(|text| {
                let text = text?;
                let hash = known.entry(text).or_insert_with(|| self.hash(column, text));
                Some(hash.clone())
            })
            .collect();
        Ok(Arc::new(hidden))
    }

    /// What stands for a value: `#` and 16 hexadecimal digits. Text without
    /// letters stays, so that emptiness is still seen.
    pub fn hash(&self, column: &str, value: &str) -> String {
        if value.trim().is_empty() {
            return value.to_owned();
        }
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update((column.len() as u64).to_le_bytes());
        hash.update(column);
        hash.update(value);
        let mut digits = String::from("#");
        for byte in hash.finalize().iter().take(DIGITS / 2) {
            digits.push_str(&format!("{byte:02x}"));
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hashed_alike_in_every_storage_and_unlike_under_another_key() {
        let hidden = Hidden::new(["name".to_owned()], [7; 32]);
        let plain: ArrayRef = Arc::new(StringArray::from(vec![
            Some("Ada"),
            None,
            Some(" "),
            Some("Ada"),
        ]));
        let coded: DictionaryArray<Int32Type> = vec![Some("Ada"), None, Some(" "), Some("Ada")]
            .into_iter()
            .collect();
        let batch = RecordBatch::try_from_iter([
            ("name", Arc::clone(&plain)),
            ("coded", Arc::new(coded) as ArrayRef),
            ("other", plain),
        ])
        .unwrap();
        let found = hidden.apply(&batch).unwrap();
        let ada = hidden.hash("name", "Ada");
        assert!(ada.starts_with('#') && ada.len() == 17, "{ada}");
        let names: Vec<Option<&str>> = found.column(0).as_string::<i32>().iter().collect();
        assert_eq!(names, [Some(ada.as_str()), None, Some(" "), Some(&ada)]);
        assert_eq!(found.column(2), batch.column(2));
        let both = Hidden::new(["coded".to_owned()], [7; 32]);
        let coded = both.apply(&batch).unwrap();
        let coded = coded.column(1).as_dictionary::<Int32Type>().clone();
        let values = coded.values().as_string::<i32>();
        assert_eq!(values.value(0), both.hash("coded", "Ada"));
        assert_ne!(both.hash("coded", "Ada"), ada, "columns are told apart");
        let other = Hidden::new(["name".to_owned()], [8; 32]);
        assert_ne!(other.hash("name", "Ada"), ada);
    }

    #[test]
    fn numbers_cannot_be_hidden() {
        let hidden = Hidden::new(["n".to_owned(), "absent".to_owned()], [0; 32]);
        let schema =
            |kind| arrow_schema::Schema::new(vec![arrow_schema::Field::new("n", kind, true)]);
        assert!(hidden.fits(&schema(DataType::Utf8)).is_ok());
        let refused = hidden.fits(&schema(DataType::Int64)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "column `n` is marked personal and holds Int64, but only text can be hashed: ignore it, or store it as text"
        );
    }
}
