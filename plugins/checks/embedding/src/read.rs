//! Vectors out of a batch, in windows that one call may carry.

use driftguard_sdk::bindings::driftguard::check::data::DataError;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::thinned::row_level;

use crate::frame::Frame;
use crate::profile::Profile;

/// Rows asked for at once.
const WINDOW: u32 = 2048;
/// From this level on so few rows are wanted that each is asked for by itself.
const SPARSE: u8 = 1;
/// Most vectors of a sample that the frame is made of.
const FIT_ROWS: u32 = 4096;

/// Adds the vectors of column 0.
///
/// # Errors
/// What the host says of the column.
pub fn update(profile: &mut Profile, frame: &Frame, batch: &Batch) -> Result<(), Error> {
    let first = batch.first_row();
    let mut start = 0;
    while start < batch.rows() {
        let count = WINDOW.min(batch.rows() - start);
        if profile.vectors.floor() < SPARSE {
            windows(
                batch,
                frame.dimension(),
                start,
                count,
                &mut |row, vector| {
                    profile.add(frame, first + u64::from(row), vector);
                },
            )?;
        } else {
            sparse(profile, frame, batch, start, count)?;
        }
        start += count;
    }
    Ok(())
}

fn sparse(
    profile: &mut Profile,
    frame: &Frame,
    batch: &Batch,
    start: u32,
    count: u32,
) -> Result<(), Error> {
    let first = batch.first_row();
    let nulls = batch.validity(0, start, count)?;
    for row in start..start + count {
        let valid = nulls
            .as_ref()
            .is_none_or(|bitmap| bit(&bitmap.bits, row - start));
        if !valid {
            continue;
        }
        let position = first + u64::from(row);
        if profile.vectors.takes(row_level(position)) {
            windows(batch, frame.dimension(), row, 1, &mut |_, vector| {
                profile.add(frame, position, vector);
            })?;
        } else {
            profile.vectors.note_dropped(1);
        }
    }
    Ok(())
}

/// Vectors of a sample, flat: at most [`FIT_ROWS`], evenly spaced.
///
/// # Errors
/// What the host says of the column.
pub fn sample(batch: &Batch, dimension: usize) -> Result<Vec<f32>, Error> {
    let step = batch.rows().div_ceil(FIT_ROWS).max(1);
    let mut vectors = vec![];
    let mut take = |_: u32, vector: &[f32]| vectors.extend_from_slice(vector);
    if step == 1 {
        windows(batch, dimension, 0, batch.rows(), &mut take)?;
    } else {
        for row in (0..batch.rows()).step_by(step as usize) {
            windows(batch, dimension, row, 1, &mut take)?;
        }
    }
    Ok(vectors)
}

/// Calls `take` with the row and the vector of each that is not null. A window
/// that is larger than the host carries is cut in halves; a single vector that
/// is, is left out.
fn windows(
    batch: &Batch,
    dimension: usize,
    start: u32,
    count: u32,
    take: &mut impl FnMut(u32, &[f32]),
) -> Result<(), Error> {
    if dimension == 0 || count == 0 {
        return Ok(());
    }
    let floats = match batch.embedding(0, start, count) {
        Ok(floats) => floats,
        Err(DataError::TooLarge(_)) if count > 1 => {
            windows(batch, dimension, start, count / 2, take)?;
            return windows(batch, dimension, start + count / 2, count - count / 2, take);
        }
        Err(DataError::TooLarge(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let nulls = batch.validity(0, start, count)?;
    for (place, vector) in (0_u32..).zip(floats.chunks_exact(dimension)) {
        if nulls.as_ref().is_none_or(|bitmap| bit(&bitmap.bits, place)) {
            take(start + place, vector);
        }
    }
    Ok(())
}

fn bit(bits: &[u8], place: u32) -> bool {
    bits.get(place as usize / 8)
        .is_none_or(|byte| byte >> (place % 8) & 1 == 1)
}
