//! Rows of a batch, offered to a thinned sample: many at once while most are
//! wanted, then one by one.

use driftguard_sdk::bindings::driftguard::check::data::DataError;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::Thinned;
use driftguard_statistics::thinned::{Additive, row_level};

/// How rows are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Rows at once.
    pub window: u32,
    /// From this level of the sample on so few rows are wanted that each is
    /// asked for by itself.
    pub sparse: u8,
}

/// Goes through column 0 of a batch. `sample` is the profile's sample; `read`
/// adds the values of so many rows from this one on that are not null.
///
/// # Errors
/// What the host says of the column, and those of `read`.
pub fn offer<P, T: Additive>(
    batch: &Batch,
    profile: &mut P,
    sample: fn(&mut P) -> &mut Thinned<T>,
    pace: Pace,
    mut read: impl FnMut(&mut P, u32, u32) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut start = 0;
    while start < batch.rows() {
        let count = pace.window.min(batch.rows() - start);
        if sample(profile).floor() < pace.sparse {
            read(profile, start, count)?;
        } else {
            one_by_one(batch, profile, sample, (start, count), &mut read)?;
        }
        start += count;
    }
    Ok(())
}

fn one_by_one<P, T: Additive>(
    batch: &Batch,
    profile: &mut P,
    sample: fn(&mut P) -> &mut Thinned<T>,
    (start, count): (u32, u32),
    read: &mut impl FnMut(&mut P, u32, u32) -> Result<(), Error>,
) -> Result<(), Error> {
    let nulls = batch.validity(0, start, count)?;
    for place in 0..count {
        let valid = nulls
            .as_ref()
            .is_none_or(|bitmap| bitmap.bit(place as usize).unwrap_or(true));
        if !valid {
            continue;
        }
        let row = start + place;
        let sample = sample(profile);
        if sample.takes(row_level(batch.first_row() + u64::from(row))) {
            read(profile, row, 1)?;
        } else {
            sample.note_dropped(1);
        }
    }
    Ok(())
}

/// Asks for rows, in halves where they are more than one call carries; a single
/// row that is, is left out.
///
/// # Errors
/// What the host says of the column, and those of `take`.
pub fn carried<R>(
    start: u32,
    count: u32,
    ask: &impl Fn(u32, u32) -> Result<R, DataError>,
    take: &mut impl FnMut(u32, u32, R) -> Result<(), Error>,
) -> Result<(), Error> {
    match ask(start, count) {
        Ok(reply) => take(start, count, reply),
        Err(DataError::TooLarge(_)) if count > 1 => {
            carried(start, count / 2, ask, take)?;
            carried(start + count / 2, count - count / 2, ask, take)
        }
        Err(DataError::TooLarge(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host that carries three rows at once, and row 6 not at all.
    #[test]
    fn what_is_too_large_comes_in_halves_and_one_row_too_large_is_left_out() {
        let ask = |start: u32, count: u32| {
            let held = start..start + count;
            match count > 3 || held.contains(&6) {
                true => Err(DataError::TooLarge(16 << 20)),
                false => Ok(held.collect::<Vec<u32>>()),
            }
        };
        let mut rows = vec![];
        let mut take = |start: u32, count: u32, reply: Vec<u32>| {
            assert_eq!((start, count), (reply[0], reply.len() as u32));
            rows.extend(reply);
            Ok(())
        };
        carried(0, 10, &ask, &mut take).unwrap();
        assert_eq!(rows, [0, 1, 2, 3, 4, 5, 7, 8, 9]);
    }
}
