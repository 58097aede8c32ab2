//! Rows out of a batch.

use driftguard_sdk::bindings::driftguard::check::data::DataError;
use driftguard_sdk::prelude::{Batch, Column, Error};
use driftguard_statistics::thinned::row_level;

use crate::frame::Frame;
use crate::profile::Profile;

/// Rows asked for at once.
const WINDOW: u32 = 8192;
/// Most rows of a sample that the frame is made of.
const FIT_ROWS: u32 = 8192;

/// The frame of a sample.
///
/// # Errors
/// What the host says of its columns.
pub fn fit(columns: &[Column], sample: &Batch, share: f64) -> Result<Frame, Error> {
    let here = sample.columns();
    let rows = sample.rows().min(FIT_ROWS);
    let mut values = vec![];
    for column in columns {
        if let Some(place) = here.iter().position(|other| other.name == column.name) {
            let floats = sample.floats(place as u32, 0, rows)?;
            values.push((column.name.clone(), floats));
        }
    }
    Ok(Frame::of_columns(&values, share))
}

/// Adds the rows of a batch.
///
/// # Errors
/// What the host says of its columns.
pub fn update(profile: &mut Profile, frame: &Frame, batch: &Batch) -> Result<(), Error> {
    if !frame.usable() {
        profile.rows.note_dropped(batch.rows().into());
        return Ok(());
    }
    let here = batch.columns();
    let places: Vec<u32> = frame
        .columns
        .iter()
        .filter_map(|column| here.iter().position(|other| other.name == column.name))
        .filter_map(|place| u32::try_from(place).ok())
        .collect();
    if places.len() < frame.columns.len() {
        profile.lacking = true;
        profile.rows.note_dropped(batch.rows().into());
        return Ok(());
    }
    let mut start = 0;
    while start < batch.rows() {
        let count = WINDOW.min(batch.rows() - start);
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(places.len());
        for place in &places {
            match batch.floats(*place, start, count) {
                Ok(floats) => columns.push(floats),
                Err(DataError::WrongKind(_)) => {
                    profile.lacking = true;
                    profile.rows.note_dropped((batch.rows() - start).into());
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        let first = batch.first_row() + u64::from(start);
        for row in 0..count {
            let position = first + u64::from(row);
            if profile.rows.takes(row_level(position)) {
                let value =
                    |column: &Vec<f64>| column.get(row as usize).copied().unwrap_or(f64::NAN);
                profile.add(frame, position, columns.iter().map(value));
            } else {
                profile.rows.note_dropped(1);
            }
        }
        start += count;
    }
    Ok(())
}
