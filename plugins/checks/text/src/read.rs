//! Texts out of a batch, in windows that one call may carry.

use driftguard_sdk::bindings::driftguard::check::data::{DataError, Strings};
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::thinned::row_level;

use crate::frame::Frame;
use crate::profile::Profile;

/// Rows asked for at once.
const WINDOW: u32 = 4096;
/// From this level on so few rows are wanted that each is asked for by itself.
const SPARSE: u8 = 2;
/// Most texts of a sample that the frame is made of.
const FIT_TEXTS: u32 = 8_192;

/// Adds the texts of column 0.
///
/// # Errors
/// What the host says of the column.
pub fn update(profile: &mut Profile, frame: &Frame, batch: &Batch) -> Result<(), Error> {
    let first = batch.first_row();
    let mut start = 0;
    while start < batch.rows() {
        let count = WINDOW.min(batch.rows() - start);
        if profile.texts.floor() < SPARSE {
            windows(batch, start, count, &mut |row, text| {
                profile.add(frame, first + u64::from(row), text);
            })?;
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
        if profile.texts.takes(row_level(position)) {
            windows(batch, row, 1, &mut |_, text| {
                profile.add(frame, position, text);
            })?;
        } else {
            profile.texts.note_dropped(1);
        }
    }
    Ok(())
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
            let count = WINDOW.min(batch.rows() - start);
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

/// Calls `take` with the row and text of each value that is not null. A window
/// that is larger than the host carries is cut in halves; a single text that
/// is, is left out.
fn windows(
    batch: &Batch,
    start: u32,
    count: u32,
    take: &mut impl FnMut(u32, &str),
) -> Result<(), Error> {
    let strings = match batch.strings(0, start, count) {
        Ok(strings) => strings,
        Err(DataError::TooLarge(_)) if count > 1 => {
            windows(batch, start, count / 2, take)?;
            return windows(batch, start + count / 2, count - count / 2, take);
        }
        Err(DataError::TooLarge(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let nulls = batch.validity(0, start, count)?;
    for (place, text) in texts(&strings).enumerate() {
        let place = place as u32;
        if nulls.as_ref().is_none_or(|bitmap| bit(&bitmap.bits, place)) {
            take(start + place, text);
        }
    }
    Ok(())
}

fn texts(strings: &Strings) -> impl Iterator<Item = &str> {
    let ends = strings.offsets.iter().skip(1);
    strings.offsets.iter().zip(ends).map(|(start, end)| {
        let bytes = strings.bytes.get(*start as usize..*end as usize);
        std::str::from_utf8(bytes.unwrap_or_default()).unwrap_or_default()
    })
}

fn bit(bits: &[u8], place: u32) -> bool {
    bits.get(place as usize / 8)
        .is_none_or(|byte| byte >> (place % 8) & 1 == 1)
}
