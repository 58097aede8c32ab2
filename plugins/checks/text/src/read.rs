//! Texts out of a batch, in windows that one call may carry.

use driftguard_distribution::offer::{Pace, carried, offer};
use driftguard_sdk::prelude::{Batch, Error};

use crate::frame::Frame;
use crate::profile::Profile;

/// How rows are asked for.
const PACE: Pace = Pace {
    window: 4096,
    sparse: 2,
};
/// Most texts of a sample that the frame is made of.
const FIT_TEXTS: u32 = 8_192;

/// Adds the texts of column 0.
///
/// # Errors
/// What the host says of the column.
pub fn update(profile: &mut Profile, frame: &Frame, batch: &Batch) -> Result<(), Error> {
    let first = batch.first_row();
    offer(
        batch,
        profile,
        |profile| &mut profile.texts,
        PACE,
        |profile, start, count| {
            windows(batch, start, count, &mut |row, text| {
                profile.add(frame, first + u64::from(row), text);
            })
        },
    )
}

/// Texts of a sample: at most [`FIT_TEXTS`], evenly spaced.
///
/// # Errors
/// What the host says of the column.
pub fn sample(batch: &Batch) -> Result<Vec<String>, Error> {
    let step = batch.rows().div_ceil(FIT_TEXTS).max(1);
    let mut texts = vec![];
    if step == 1 {
        let mut start = 0;
        while start < batch.rows() {
            let count = PACE.window.min(batch.rows() - start);
            windows(batch, start, count, &mut |_, text| {
                texts.push(text.to_owned())
            })?;
            start += count;
        }
    } else {
        for row in (0..batch.rows()).step_by(step as usize) {
            windows(batch, row, 1, &mut |_, text| texts.push(text.to_owned()))?;
        }
    }
    Ok(texts)
}

/// Calls `take` with the row and text of each value that is not null.
fn windows(
    batch: &Batch,
    start: u32,
    count: u32,
    take: &mut impl FnMut(u32, &str),
) -> Result<(), Error> {
    let ask = |start, count| batch.strings(0, start, count);
    carried(start, count, &ask, &mut |start, count, strings| {
        let nulls = batch.validity(0, start, count)?;
        for (place, row) in (0..strings.count()).zip(start..) {
            let valid = nulls
                .as_ref()
                .is_none_or(|bitmap| bitmap.bit(place).unwrap_or(true));
            if valid {
                take(row, strings.text(place).unwrap_or_default());
            }
        }
        Ok(())
    })
}
