//! Codes out of a batch.

use std::collections::BTreeMap;

use driftguard_sdk::bindings::driftguard::check::data::{DataError, Dictionary};
use driftguard_sdk::prelude::{Batch, Error, Kind};
use driftguard_statistics::value_hash;

use super::{Coding, MISSING};

/// The coding of a column, from the first `rows` of a sample.
///
/// # Errors
/// What the host says of the column.
pub fn coding(kind: Kind, sample: &Batch, place: u32, rows: u32) -> Result<Coding, Error> {
    if kind == Kind::Numeric {
        return Ok(Coding::of_numbers(sample.floats(place, 0, rows)?));
    }
    let counts = sample.categories(place, &[], 65_536)?;
    let values = counts.others.iter();
    Ok(Coding::of_categories(
        values
            .map(|count| (value_hash(&count.value), count.rows))
            .collect(),
    ))
}

/// Codes of the wanted rows of a window; None if the column cannot be read as
/// the reference's was.
///
/// # Errors
/// What the host says of the column otherwise.
pub fn codes(
    coding: &Coding,
    batch: &Batch,
    place: u32,
    (start, count): (u32, u32),
    wanted: &[u32],
) -> Result<Option<Vec<u8>>, Error> {
    let refused = |error: DataError| match error {
        // Values so long that they are not carried are no categories.
        DataError::WrongKind(_) | DataError::TooLarge(_) => Ok(None),
        other => Err(other.into()),
    };
    if coding.ordered() {
        return match batch.floats(place, start, count) {
            Ok(floats) => {
                let value = |row: &u32| floats.get(*row as usize).copied().unwrap_or(f64::NAN);
                Ok(Some(
                    wanted.iter().map(|row| coding.number(value(row))).collect(),
                ))
            }
            Err(error) => refused(error),
        };
    }
    match batch.dictionary(place, start, count) {
        Ok(dictionary) => Ok(Some(categories(coding, &dictionary, wanted))),
        Err(error) => refused(error),
    }
}

fn categories(coding: &Coding, dictionary: &Dictionary, wanted: &[u32]) -> Vec<u8> {
    let mut known: BTreeMap<u32, u8> = BTreeMap::new();
    let text = |code: u32| dictionary.values.text(code as usize);
    let mut of = |row: &u32| -> u8 {
        let Some(code) = dictionary.codes.get(*row as usize).copied() else {
            return MISSING;
        };
        *known
            .entry(code)
            .or_insert_with(|| text(code).map_or(MISSING, |text| coding.category(text)))
    };
    wanted.iter().map(&mut of).collect()
}
