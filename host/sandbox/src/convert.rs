//! Values on their way into a plugin.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use driftguard_verdict::{Kind, Role};

use crate::batch::{BatchColumn, ColumnInfo};
use crate::bindings::driftguard::check::data;
use crate::budget::MAX_NAME_BYTES;
use crate::kernels::{CategoryCounts, RunSummary};
use crate::output::clean;
use crate::view::Codes;

pub(crate) fn column(info: &ColumnInfo) -> data::Column {
    data::Column {
        name: clean(&info.name, MAX_NAME_BYTES),
        role: role(info.role),
        kind: kind(info.kind),
        storage: clean(&info.storage, MAX_NAME_BYTES),
        nullable: info.nullable,
        dimension: info.dimension,
    }
}

fn role(role: Role) -> data::Role {
    match role {
        Role::Feature => data::Role::Feature,
        Role::Prediction => data::Role::Prediction,
        Role::Score => data::Role::Score,
        Role::Label => data::Role::Label,
        Role::Timestamp => data::Role::Timestamp,
        Role::Id => data::Role::Id,
        Role::Segment => data::Role::Segment,
        Role::Text => data::Role::Text,
        Role::Embedding => data::Role::Embedding,
        Role::Weight => data::Role::Weight,
        Role::Ignore => data::Role::Ignore,
    }
}

fn kind(kind: Kind) -> data::Kind {
    match kind {
        Kind::Numeric => data::Kind::Numeric,
        Kind::Categorical => data::Kind::Categorical,
        Kind::Text => data::Kind::Text,
        Kind::Timestamp => data::Kind::Timestamp,
        Kind::Embedding => data::Kind::Embedding,
        Kind::Other => data::Kind::Other,
    }
}

pub(crate) fn bitmap(bits: &BooleanBuffer) -> data::Bitmap {
    data::Bitmap {
        rows: bits.len() as u32,
        bits: bits.sliced().as_slice().to_vec(),
    }
}

pub(crate) fn integers(array: &ArrayRef) -> Option<Vec<i64>> {
    if !array.data_type().is_integer() && *array.data_type() != DataType::Boolean {
        return None;
    }
    let wide = cast(array, &DataType::Int64).ok()?;
    let values = wide.as_primitive::<Int64Type>();
    Some(
        (0..values.len())
            .map(|row| {
                if values.is_null(row) {
                    0
                } else {
                    values.value(row)
                }
            })
            .collect(),
    )
}

pub(crate) fn booleans(array: &ArrayRef) -> Option<data::Bitmap> {
    array.as_boolean_opt().map(|values| bitmap(values.values()))
}

/// None if the column holds no text.
pub(crate) fn strings(
    array: &ArrayRef,
    traffic: u64,
) -> Option<Result<data::Strings, data::DataError>> {
    if !matches!(
        array.data_type(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _)
    ) {
        return None;
    }
    // Before anything is copied: a dictionary may hold one long text for all rows.
    let total: u64 = text_lengths(array).iter().map(|length| length + 4).sum();
    if total > traffic {
        return Some(Err(data::DataError::TooLarge(total)));
    }
    let plain = cast(array, &DataType::Utf8).ok()?;
    Some(texts(plain.as_string::<i32>(), traffic))
}

/// Bytes of the text in each row; 0 for nulls.
fn text_lengths(array: &ArrayRef) -> Vec<u64> {
    fn lengths<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Vec<u64> {
        texts
            .map(|text| text.map_or(0, |text| text.len() as u64))
            .collect()
    }
    match array.data_type() {
        DataType::Utf8 => lengths(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => lengths(array.as_string::<i64>().iter()),
        DataType::Utf8View => lengths(array.as_string_view().iter()),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let of_value = text_lengths(dictionary.values());
            if of_value.is_empty() {
                return vec![0; array.len()];
            }
            let of_row = |(row, key): (usize, &usize)| {
                let length = of_value.get(*key).filter(|_| array.is_valid(row));
                length.copied().unwrap_or(0)
            };
            let keys = dictionary.normalized_keys();
            keys.iter().enumerate().map(of_row).collect()
        }
        _ => vec![0; array.len()],
    }
}

fn texts(
    values: &arrow_array::StringArray,
    traffic: u64,
) -> Result<data::Strings, data::DataError> {
    let total: u64 = values
        .iter()
        .map(|text| text.map_or(4, |text| text.len() as u64 + 4))
        .sum();
    if total > traffic {
        return Err(data::DataError::TooLarge(total));
    }
    let mut out = data::Strings {
        offsets: vec![0],
        bytes: vec![],
    };
    for text in values.iter() {
        out.bytes.extend_from_slice(text.unwrap_or("").as_bytes());
        out.offsets.push(out.bytes.len() as u32);
    }
    Ok(out)
}

pub(crate) fn dictionary(
    codes: &Codes,
    rows: std::ops::Range<usize>,
    traffic: u64,
) -> Result<data::Dictionary, data::DataError> {
    let null = |row: usize| codes.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
    let window = rows.map(|row| {
        if null(row) {
            u32::MAX
        } else {
            codes.codes.get(row).copied().unwrap_or(u32::MAX)
        }
    });
    Ok(data::Dictionary {
        codes: window.collect(),
        values: texts(codes.texts(), traffic)?,
    })
}

/// None if the column holds no vectors of this dimension.
pub(crate) fn embedding(
    array: &ArrayRef,
    dimension: u32,
    traffic: u64,
) -> Option<Result<Vec<f32>, data::DataError>> {
    let dimension = dimension as usize;
    let bytes = (array.len() * dimension * size_of::<f32>()) as u64;
    if bytes > traffic {
        return Some(Err(data::DataError::TooLarge(bytes)));
    }
    let row = |row: usize| -> Option<ArrayRef> {
        match array.data_type() {
            DataType::FixedSizeList(_, _) => Some(array.as_fixed_size_list().value(row)),
            DataType::List(_) => Some(array.as_list::<i32>().value(row)),
            DataType::LargeList(_) => Some(array.as_list::<i64>().value(row)),
            _ => None,
        }
    };
    let mut out = Vec::with_capacity(array.len() * dimension);
    for position in 0..array.len() {
        if array.is_null(position) {
            out.extend(std::iter::repeat_n(f32::NAN, dimension));
            continue;
        }
        let floats = cast(&row(position)?, &DataType::Float32).ok()?;
        let values = floats.as_primitive::<Float32Type>();
        let value = |i: usize| {
            if i < values.len() && values.is_valid(i) {
                values.value(i)
            } else {
                f32::NAN
            }
        };
        out.extend((0..dimension).map(value));
    }
    Some(Ok(out))
}

pub(crate) fn ipc(batch: &RecordBatch) -> Result<Vec<u8>, ArrowError> {
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(vec![], &batch.schema())?;
    writer.write(batch)?;
    writer.finish()?;
    writer.into_inner()
}

/// Counts of every column; moments of numeric ones.
pub(crate) fn summary(column: &Arc<BatchColumn>) -> data::Summary {
    let rows = column.array.len() as u64;
    let numeric = (column.info.kind == Kind::Numeric)
        .then(|| column.floats().zip(column.moments()))
        .flatten();
    if let Some((floats, moments)) = numeric {
        return data::Summary {
            rows,
            nulls: floats.nulls,
            unparsed: floats.unparsed,
            nans: moments.nans,
            positive_infinities: moments.positive_infinities,
            negative_infinities: moments.negative_infinities,
            zeros: moments.zeros,
            empty: 0,
            finite: moments.finite,
            min: moments.min,
            max: moments.max,
            mean: moments.mean,
            m2: moments.m2,
        };
    }
    let nulls = column.array.logical_null_count() as u64;
    let unparsed = if column.info.kind == Kind::Numeric {
        rows - nulls
    } else {
        0
    };
    data::Summary {
        rows,
        nulls,
        unparsed,
        nans: 0,
        positive_infinities: 0,
        negative_infinities: 0,
        zeros: 0,
        empty: empty_texts(column),
        finite: rows - nulls - unparsed,
        min: f64::NAN,
        max: f64::NAN,
        mean: f64::NAN,
        m2: f64::NAN,
    }
}

/// Rows whose text is empty or white space. Free text is not put into a
/// dictionary for it.
fn empty_texts(column: &Arc<BatchColumn>) -> u64 {
    match column.array.data_type() {
        DataType::Utf8 => {
            let values = column.array.as_string::<i32>();
            values
                .iter()
                .flatten()
                .filter(|text| text.trim().is_empty())
                .count() as u64
        }
        DataType::Dictionary(_, _) | DataType::LargeUtf8 | DataType::Utf8View => {
            let (Some(codes), Some(counts)) = (column.codes(), column.code_counts()) else {
                return 0;
            };
            let blank = |code: &usize| codes.value(*code).trim().is_empty();
            (0..codes.values())
                .filter(blank)
                .filter_map(|code| counts.get(code))
                .sum()
        }
        _ => 0,
    }
}

pub(crate) fn category_counts(
    answer: CategoryCounts,
    traffic: u64,
) -> Result<data::CategoryCounts, data::DataError> {
    let bytes: u64 = answer
        .others
        .iter()
        .map(|(value, _)| value.len() as u64 + 16)
        .sum();
    if bytes > traffic {
        return Err(data::DataError::TooLarge(bytes));
    }
    let others = answer
        .others
        .into_iter()
        .map(|(value, rows)| data::ValueCount { value, rows });
    Ok(data::CategoryCounts {
        known: answer.known,
        other: answer.other,
        nulls: answer.nulls,
        others: others.collect(),
    })
}

pub(crate) fn runs(runs: &RunSummary) -> data::Runs {
    data::Runs {
        rows: runs.rows,
        first: runs.first.clone(),
        first_length: runs.first_length,
        last: runs.last.clone(),
        last_length: runs.last_length,
        longest: runs.longest.clone(),
        longest_length: runs.longest_length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int32Type;
    use arrow_array::{DictionaryArray, Int32Array, StringArray};

    #[test]
    fn one_long_text_for_all_rows_is_refused_before_it_is_copied() {
        let text = "x".repeat(1 << 20);
        let values = Arc::new(StringArray::from(vec![text]));
        let keys = Int32Array::from(vec![0; 60_000]);
        let array: ArrayRef = Arc::new(DictionaryArray::new(keys, values));
        let answer = strings(&array, 16 << 20).unwrap();
        let wanted = 60_000 * ((1 << 20) + 4);
        assert_eq!(answer, Err(data::DataError::TooLarge(wanted)));
    }

    #[test]
    fn every_storage_of_text_reads_the_same() {
        let rows = [Some("a"), None, Some("")];
        let plain: ArrayRef = Arc::new(StringArray::from(rows.to_vec()));
        let coded: ArrayRef = Arc::new(rows.into_iter().collect::<DictionaryArray<Int32Type>>());
        let wide = cast(&plain, &DataType::LargeUtf8).unwrap();
        let view = cast(&plain, &DataType::Utf8View).unwrap();
        for array in [plain, coded, wide, view] {
            let got = strings(&array, 100).unwrap().unwrap();
            assert_eq!((got.offsets, got.bytes), (vec![0, 1, 1, 1], b"a".to_vec()));
        }
        let nulls: ArrayRef = Arc::new(
            [None::<&str>; 2]
                .into_iter()
                .collect::<DictionaryArray<Int32Type>>(),
        );
        assert_eq!(strings(&nulls, 100).unwrap().unwrap().offsets, [0, 0, 0]);
    }
}
