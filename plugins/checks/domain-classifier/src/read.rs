//! Codes out of a batch, of the rows that may be kept.

use std::collections::BTreeMap;

use driftguard_sdk::bindings::driftguard::check::data::{DataError, Dictionary};
use driftguard_sdk::prelude::{Batch, Column, Error, Kind};
use driftguard_statistics::value_hash;

use crate::frame::{Coding, ColumnFrame, Frame, MISSING, MOST_COLUMNS};
use crate::profile::Profile;

/// Rows asked for at once.
const WINDOW: u32 = 16_384;
/// Most rows of a sample that the frame is made of.
const FIT_ROWS: u32 = 16_384;

/// The frame of a sample.
///
/// # Errors
/// What the host says of its columns.
pub fn fit(columns: &[Column], sample: &Batch) -> Result<Frame, Error> {
    let here = sample.columns();
    let mut frame = Frame::default();
    for column in columns {
        let Some(place) = here.iter().position(|other| other.name == column.name) else {
            continue;
        };
        if frame.columns.len() == MOST_COLUMNS {
            frame.left_out += 1;
            continue;
        }
        let rows = sample.rows().min(FIT_ROWS);
        frame.columns.push(ColumnFrame {
            name: column.name.clone(),
            coding: coding(column.kind, sample, place as u32, rows)?,
        });
    }
    Ok(frame)
}

fn coding(kind: Kind, sample: &Batch, place: u32, rows: u32) -> Result<Coding, Error> {
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

/// Adds the rows of a batch.
///
/// # Errors
/// What the host says of its columns.
pub fn update(profile: &mut Profile, frame: &Frame, batch: &Batch) -> Result<(), Error> {
    let here = batch.columns();
    let places: Vec<Option<u32>> = frame
        .columns
        .iter()
        .map(|column| {
            let place = here.iter().position(|other| other.name == column.name);
            place.and_then(|place| u32::try_from(place).ok())
        })
        .collect();
    let mut present: Vec<bool> = places.iter().map(Option::is_some).collect();
    let mut start = 0;
    while start < batch.rows() {
        let count = WINDOW.min(batch.rows() - start);
        window(profile, frame, batch, (start, count), &places, &mut present)?;
        start += count;
    }
    profile.note_columns(&present);
    Ok(())
}

fn window(
    profile: &mut Profile,
    frame: &Frame,
    batch: &Batch,
    (start, count): (u32, u32),
    places: &[Option<u32>],
    present: &mut [bool],
) -> Result<(), Error> {
    let first = batch.first_row() + u64::from(start);
    let wanted: Vec<u32> = (0..count)
        .filter(|row| profile.takes(first + u64::from(*row)))
        .collect();
    let mut rows: Vec<Vec<u8>> = wanted
        .iter()
        .map(|_| Vec::with_capacity(places.len()))
        .collect();
    // Even where no row is wanted: whether columns can be read must not depend
    // on how rows were cut.
    let asked = if wanted.is_empty() {
        count.min(1)
    } else {
        count
    };
    for ((column, place), present) in frame.columns.iter().zip(places).zip(present) {
        let codes = match place {
            Some(place) => codes(&column.coding, batch, *place, (start, asked), &wanted)?,
            None => None,
        };
        *present &= codes.is_some();
        let codes = codes.unwrap_or_else(|| vec![MISSING; wanted.len()]);
        rows.iter_mut()
            .zip(codes)
            .for_each(|(row, code)| row.push(code));
    }
    for (row, codes) in wanted.iter().zip(rows) {
        let position = first + u64::from(*row);
        if profile.takes(position) {
            profile.add(position, codes);
        } else {
            profile.rows.note_dropped(1);
        }
    }
    profile
        .rows
        .note_dropped(u64::from(count) - wanted.len() as u64);
    Ok(())
}

/// Codes of the wanted rows; None if the column cannot be read as the
/// reference's was.
fn codes(
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
