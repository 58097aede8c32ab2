//! One hash for each row over several columns. The hash of a value does not
//! depend on its storage: 7 as Int32, Int64 or Float64 is the same value, a
//! dictionary entry equals the plain text.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use multiversion::multiversion;

use super::{mix, text_hash};
use crate::view::{Codes, Floats, timestamps};

const NULL: u64 = 0x6e75_6c6c_6e75_6c6c;
/// Integers up to here are floats without loss.
const EXACT: i64 = 1 << 53;

/// Folds one column into the rows' hashes. A nested column contributes only
/// which of its rows are null.
pub(crate) fn fold_row_hashes(hashes: &mut [u64], array: &ArrayRef) {
    match array.data_type() {
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>();
            fold(hashes, |row| {
                if values.is_null(row) {
                    NULL
                } else {
                    integer_hash(values.value(row))
                }
            });
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Boolean => {
            fold_codes(hashes, array)
        }
        DataType::Dictionary(_, _) => fold_codes(hashes, array),
        kind if kind.is_temporal() => {
            if let Some((values, nulls)) = timestamps(array) {
                fold(hashes, |row| {
                    let null = nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
                    if null {
                        NULL
                    } else {
                        values.get(row).map_or(NULL, |&value| mix(value as u64))
                    }
                });
            }
        }
        _ => match Floats::of(array) {
            Some(floats) if floats.valid.is_none() => {
                fold_floats(hashes, &floats.values);
            }
            Some(floats) => fold(hashes, |row| floats.present(row).map_or(NULL, float_hash)),
            None => fold(hashes, |row| if array.is_null(row) { NULL } else { 0 }),
        },
    }
}

/// Scrambles the folded hashes once more, so that every bit depends on all.
pub(crate) fn finish_row_hashes(hashes: &mut [u64]) {
    for hash in hashes {
        *hash = mix(*hash);
    }
}

fn fold(hashes: &mut [u64], value: impl Fn(usize) -> u64) {
    let rows = 0..hashes.len();
    fold_values(hashes, rows.map(value));
}

/// One value for each row, in order.
#[inline]
fn fold_values(hashes: &mut [u64], values: impl Iterator<Item = u64>) {
    for (hash, value) in hashes.iter_mut().zip(values) {
        *hash = (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

/// Three multiplications of 64 bits a value: registers that hold eight of them
/// are worth the choice.
#[multiversion(targets("x86_64+avx512f+avx512dq"))]
fn fold_floats(hashes: &mut [u64], values: &[f64]) {
    fold_values(hashes, values.iter().map(|value| float_hash(*value)));
}

fn fold_codes(hashes: &mut [u64], array: &ArrayRef) {
    match array.data_type() {
        // Plain text is hashed directly: it may be free text, all different.
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            fold(hashes, |row| {
                if values.is_null(row) {
                    NULL
                } else {
                    text_hash(values.value(row).as_bytes())
                }
            });
        }
        _ => {
            let Some(codes) = Codes::of(array) else {
                return;
            };
            let of_value: Vec<u64> = (0..codes.values())
                .map(|code| text_hash(codes.value(code).as_bytes()))
                .collect();
            let Some(nulls) = &codes.nulls else {
                let of_code = |code: &u32| of_value.get(*code as usize).copied().unwrap_or(NULL);
                return fold_values(hashes, codes.codes.iter().map(of_code));
            };
            fold(hashes, |row| {
                let null = nulls.is_null(row);
                let code = codes
                    .codes
                    .get(row)
                    .map_or(usize::MAX, |&code| code as usize);
                if null {
                    NULL
                } else {
                    of_value.get(code).copied().unwrap_or(NULL)
                }
            });
        }
    }
}

fn float_hash(value: f64) -> u64 {
    // The cheap half of a mix: the fold multiplies, the finish scrambles.
    let bits = if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        (value + 0.0).to_bits()
    };
    bits ^ (bits >> 32)
}

fn integer_hash(value: i64) -> u64 {
    if (-EXACT..=EXACT).contains(&value) {
        float_hash(value as f64)
    } else {
        mix(value as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::types::Int32Type;
    use arrow_array::{DictionaryArray, Float64Array, Int32Array, Int64Array, StringArray};
    use std::sync::Arc;

    fn hashes(columns: &[ArrayRef]) -> Vec<u64> {
        let mut out = vec![0; columns[0].len()];
        for column in columns {
            fold_row_hashes(&mut out, column);
        }
        finish_row_hashes(&mut out);
        out
    }

    #[test]
    fn storage_does_not_matter() {
        let plain: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]));
        let coded: ArrayRef = Arc::new(
            vec![Some("a"), None, Some("b")]
                .into_iter()
                .collect::<DictionaryArray<Int32Type>>(),
        );
        assert_eq!(hashes(&[plain]), hashes(&[coded]));
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![Some(1.0), None, Some(-3.0)]));
        let integers: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(-3)]));
        let wide: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(-3)]));
        assert_eq!(hashes(std::slice::from_ref(&floats)), hashes(&[integers]));
        assert_eq!(hashes(&[floats]), hashes(&[wide]));
    }

    #[test]
    fn neighbouring_large_ids_differ() {
        let ids: ArrayRef = Arc::new(Int64Array::from(vec![
            i64::MAX,
            i64::MAX - 1,
            EXACT + 1,
            EXACT,
        ]));
        let mut got = hashes(&[ids]);
        got.sort_unstable();
        got.dedup();
        assert_eq!(got.len(), 4);
    }

    #[test]
    fn the_order_of_columns_matters() {
        let a: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        let b: ArrayRef = Arc::new(Int32Array::from(vec![2]));
        assert_ne!(hashes(&[a.clone(), b.clone()]), hashes(&[b, a]));
    }
}
