//! Vectors out of a batch, in windows that one call may carry.

use driftguard_distribution::offer::{Pace, carried, offer};
use driftguard_sdk::prelude::{Batch, Error};

use crate::frame::Frame;
use crate::profile::Profile;

/// How rows are asked for.
const PACE: Pace = Pace {
    window: 2048,
    sparse: 1,
};
/// Most vectors of a sample that the frame is made of.
const FIT_ROWS: u32 = 4096;

/// Adds the vectors of column 0.
///
/// # Errors
/// What the host says of the column.
pub fn update(profile: &mut Profile, frame: &Frame, batch: &Batch) -> Result<(), Error> {
    let (first, dimension) = (batch.first_row(), frame.dimension());
    offer(
        batch,
        profile,
        |profile| &mut profile.vectors,
        PACE,
        |profile, start, count| {
            windows(batch, dimension, start, count, &mut |row, vector| {
                profile.add(frame, first + u64::from(row), vector);
            })
        },
    )
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

/// Calls `take` with the row and the vector of each that is not null.
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
    let ask = |start, count| batch.embedding(0, start, count);
    carried(start, count, &ask, &mut |start, count, floats| {
        let nulls = batch.validity(0, start, count)?;
        let vectors = floats.chunks_exact(dimension).enumerate();
        for ((place, vector), row) in vectors.zip(start..) {
            let valid = nulls
                .as_ref()
                .is_none_or(|bitmap| bitmap.bit(place).unwrap_or(true));
            if valid {
                take(row, vector);
            }
        }
        Ok(())
    })
}
