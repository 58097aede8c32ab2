//! Codes out of a batch, of the rows that may be kept.

use driftguard_distribution::coded::read::{codes, coding};
use driftguard_sdk::prelude::{Batch, Column, Error};

use crate::frame::{ColumnFrame, Frame, MISSING, MOST_COLUMNS};
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
