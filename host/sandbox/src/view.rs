//! One way to look at a column, whatever its storage.
//!
//! The same column may be stored as Int32 in the reference and as text in the
//! current data: that is the schema check's finding, and no reason for the
//! others to see nothing. Every storage is therefore read as floats, as codes
//! or as instants where its values allow it.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, StringArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

/// A column as 64-bit floats.
#[derive(Debug)]
pub(crate) struct Floats {
    /// One for each row; what stands in rows that are not valid is undefined.
    pub values: ScalarBuffer<f64>,
    /// Rows that are neither null nor unparsed. None: all of them.
    pub valid: Option<NullBuffer>,
    pub nulls: u64,
    /// Text that is no number.
    pub unparsed: u64,
}

impl Floats {
    /// None for storages that hold no numbers (nested, binary, temporal).
    pub(crate) fn of(array: &ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Float64 => {
                let values = array.as_primitive::<Float64Type>();
                Some(Self {
                    values: values.values().clone(),
                    valid: values
                        .nulls()
                        .filter(|nulls| nulls.null_count() > 0)
                        .cloned(),
                    nulls: values.null_count() as u64,
                    unparsed: 0,
                })
            }
            kind if kind.is_numeric() || *kind == DataType::Boolean => {
                Self::of(&cast(array, &DataType::Float64).ok()?)
            }
            DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Dictionary(_, _) => Some(Self::parsed(&Codes::of(array)?)),
            DataType::Null => Some(Self {
                values: vec![f64::NAN; array.len()].into(),
                valid: Some(NullBuffer::new_null(array.len())),
                nulls: array.len() as u64,
                unparsed: 0,
            }),
            _ => None,
        }
    }

    /// Numbers written as text; each distinct text is parsed once.
    fn parsed(column: &Codes) -> Self {
        let numbers: Vec<Option<f64>> = (0..column.values())
            .map(|code| column.value(code).trim().parse().ok())
            .collect();
        let mut unparsed = 0;
        let (mut values, mut valid) = (
            Vec::with_capacity(column.codes.len()),
            Vec::with_capacity(column.codes.len()),
        );
        for (row, &code) in column.codes.iter().enumerate() {
            let null = column
                .nulls
                .as_ref()
                .is_some_and(|nulls| nulls.is_null(row));
            let number = if null {
                None
            } else {
                numbers.get(code as usize).copied().flatten()
            };
            unparsed += u64::from(!null && number.is_none());
            values.push(number.unwrap_or(f64::NAN));
            valid.push(number.is_some());
        }
        let nulls = column.nulls.as_ref().map_or(0, NullBuffer::null_count) as u64;
        Self {
            values: values.into(),
            valid: Some(valid.into()),
            nulls,
            unparsed,
        }
    }

    /// The value of a row that is neither null nor unparsed; may be NaN.
    #[inline]
    pub(crate) fn present(&self, row: usize) -> Option<f64> {
        match &self.valid {
            Some(valid) if valid.is_null(row) => None,
            _ => self.values.get(row).copied(),
        }
    }

    /// The value of a row if it is finite.
    #[inline]
    pub(crate) fn finite(&self, row: usize) -> Option<f64> {
        self.present(row).filter(|value| value.is_finite())
    }
}

/// A column as codes into a list of texts.
#[derive(Debug)]
pub(crate) struct Codes {
    /// Undefined in null rows, and there possibly beyond the list.
    pub codes: ScalarBuffer<u32>,
    pub nulls: Option<NullBuffer>,
    values: StringArray,
}

impl Codes {
    /// None for storages without a sensible text form (nested, binary).
    pub(crate) fn of(array: &ArrayRef) -> Option<Self> {
        match array.data_type() {
            DataType::Dictionary(key, _) => match **key {
                DataType::Int8 => Self::of_dictionary::<Int8Type>(array),
                DataType::Int16 => Self::of_dictionary::<Int16Type>(array),
                DataType::Int32 => Self::of_dictionary::<Int32Type>(array),
                DataType::Int64 => Self::of_dictionary::<Int64Type>(array),
                DataType::UInt8 => Self::of_dictionary::<UInt8Type>(array),
                DataType::UInt16 => Self::of_dictionary::<UInt16Type>(array),
                DataType::UInt32 => Self::of_dictionary::<UInt32Type>(array),
                DataType::UInt64 => Self::of_dictionary::<UInt64Type>(array),
                _ => None,
            },
            DataType::Utf8 => {
                let texts = array.as_string::<i32>();
                Some(Self::encode(
                    texts.nulls(),
                    texts.len(),
                    |row| texts.value(row),
                    |text| text.to_owned(),
                ))
            }
            kind if kind.is_integer() => {
                let wide = cast(array, &DataType::Int64).ok()?;
                // Unsigned values beyond Int64 would become null: take text.
                if wide.null_count() > array.null_count() {
                    return Self::of(&cast(array, &DataType::Utf8).ok()?);
                }
                let values = wide.as_primitive::<Int64Type>();
                Some(Self::encode(
                    values.nulls(),
                    values.len(),
                    |row| values.value(row),
                    |value| value.to_string(),
                ))
            }
            kind if kind.is_floating() => {
                // 1.0 and 1 are the same category: a feed that gains a null
                // turns integers into floats.
                let wide = cast(array, &DataType::Float64).ok()?;
                let values = wide.as_primitive::<Float64Type>();
                let bits = |row| (values.value(row) + 0.0).to_bits();
                Some(Self::encode(values.nulls(), values.len(), bits, |bits| {
                    f64::from_bits(bits).to_string()
                }))
            }
            kind if kind.is_nested()
                || matches!(kind, DataType::Binary | DataType::LargeBinary) =>
            {
                None
            }
            _ => Self::of(&cast(array, &DataType::Utf8).ok()?),
        }
    }

    fn of_dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef) -> Option<Self> {
        let dictionary = array.as_dictionary::<K>();
        let values = cast(dictionary.values(), &DataType::Utf8).ok()?;
        let texts = values.as_string::<i32>().clone();
        // A dictionary may spell a null as a key to a null value.
        let nulls = if texts.null_count() > 0 {
            dictionary.logical_nulls()
        } else {
            dictionary.nulls().cloned()
        };
        Some(Self {
            codes: codes_of_keys(dictionary)?,
            nulls: nulls.filter(|nulls| nulls.null_count() > 0),
            values: texts,
        })
    }

    fn encode<V: Copy + Eq + std::hash::Hash>(
        nulls: Option<&NullBuffer>,
        rows: usize,
        value: impl Fn(usize) -> V,
        text: impl Fn(V) -> String,
    ) -> Self {
        let mut known: HashMap<V, u32> = HashMap::new();
        let mut order = vec![];
        let codes = (0..rows).map(|row| {
            if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                return 0;
            }
            let value = value(row);
            *known.entry(value).or_insert_with(|| {
                order.push(value);
                order.len() as u32 - 1
            })
        });
        let codes: Vec<u32> = codes.collect();
        let values = StringArray::from_iter_values(order.into_iter().map(text));
        Self {
            codes: codes.into(),
            nulls: nulls.filter(|nulls| nulls.null_count() > 0).cloned(),
            values,
        }
    }

    /// Number of texts in the list.
    pub(crate) fn values(&self) -> usize {
        self.values.len()
    }

    /// A text of the list; empty beyond its end.
    pub(crate) fn value(&self, code: usize) -> &str {
        if code < self.values.len() && self.values.is_valid(code) {
            self.values.value(code)
        } else {
            ""
        }
    }

    pub(crate) fn texts(&self) -> &StringArray {
        &self.values
    }
}

/// Keys as unsigned 32-bit numbers. Those of 32 bits are so already, because
/// no valid key is negative, and are not copied.
fn codes_of_keys<K: ArrowDictionaryKeyType>(
    dictionary: &DictionaryArray<K>,
) -> Option<ScalarBuffer<u32>> {
    let keys = dictionary.keys();
    if size_of::<K::Native>() == size_of::<u32>() {
        return Some(keys.values().inner().clone().into());
    }
    let keys: ArrayRef = std::sync::Arc::new(keys.clone());
    let keys = cast(&keys, &DataType::UInt32).ok()?;
    Some(keys.as_primitive::<UInt32Type>().values().clone())
}

/// A column as microseconds since 1970-01-01T00:00Z, with the rows that hold
/// none. None for storages that are no instants.
pub(crate) fn timestamps(array: &ArrayRef) -> Option<(ScalarBuffer<i64>, Option<NullBuffer>)> {
    let kind = array.data_type();
    let textual = matches!(
        kind,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _)
    );
    if !textual
        && !matches!(
            kind,
            DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64
        )
    {
        return None;
    }
    let plain = if matches!(kind, DataType::Dictionary(_, _)) {
        cast(array, &DataType::Utf8).ok()?
    } else {
        array.clone()
    };
    let instants = cast(&plain, &DataType::Timestamp(TimeUnit::Microsecond, None)).ok()?;
    let values = instants.as_primitive::<TimestampMicrosecondType>();
    Some((
        values.values().clone(),
        values
            .nulls()
            .filter(|nulls| nulls.null_count() > 0)
            .cloned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{BooleanArray, Date32Array, Float64Array, Int64Array, UInt64Array};
    use std::sync::Arc;

    fn texts(codes: &Codes) -> Vec<&str> {
        codes
            .codes
            .iter()
            .map(|&code| codes.value(code as usize))
            .collect()
    }

    #[test]
    fn numbers_that_come_as_text_are_read() {
        let array: ArrayRef = Arc::new(StringArray::from(vec![
            Some(" 1.5 "),
            Some("n/a"),
            None,
            Some("2"),
        ]));
        let floats = Floats::of(&array).unwrap();
        assert_eq!((floats.nulls, floats.unparsed), (1, 1));
        assert_eq!(
            (0..4)
                .filter_map(|row| floats.finite(row))
                .collect::<Vec<_>>(),
            [1.5, 2.0]
        );
    }

    #[test]
    fn a_category_is_the_same_in_every_storage() {
        let integers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 1]));
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.0, 1.0]));
        assert_eq!(texts(&Codes::of(&integers).unwrap()), ["1", "2", "1"]);
        assert_eq!(texts(&Codes::of(&floats).unwrap()), ["1", "2", "1"]);
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true, false]));
        assert_eq!(texts(&Codes::of(&flags).unwrap()), ["true", "false"]);
        let huge: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX]));
        assert_eq!(texts(&Codes::of(&huge).unwrap()), ["18446744073709551615"]);
    }

    #[test]
    fn dates_and_text_become_instants() {
        let dates: ArrayRef = Arc::new(Date32Array::from(vec![1]));
        assert_eq!(timestamps(&dates).unwrap().0[0], 86_400_000_000);
        let text: ArrayRef = Arc::new(StringArray::from(vec!["1970-01-01 00:00:01", "never"]));
        let (values, nulls) = timestamps(&text).unwrap();
        assert_eq!((values[0], nulls.unwrap().null_count()), (1_000_000, 1));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        assert!(timestamps(&numbers).is_none());
    }
}
