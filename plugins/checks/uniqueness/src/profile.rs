//! Repeats of whole rows, and of each id column.

use driftguard_sdk::prelude::{Batch, Column, Error, Role};
use driftguard_statistics::{DistinctSample, StateError};
use serde::{Deserialize, Serialize};

/// The reference's columns: what makes a row equal to another on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Names of all columns.
    pub columns: Vec<String>,
    /// Names of the id columns.
    pub ids: Vec<String>,
}

impl Frame {
    /// The frame of these columns.
    pub fn new(columns: &[Column]) -> Self {
        let names = |columns: &mut dyn Iterator<Item = &Column>| -> Vec<String> {
            columns.map(|column| column.name.clone()).collect()
        };
        Self {
            columns: names(&mut columns.iter()),
            ids: names(&mut columns.iter().filter(|column| column.role == Role::Id)),
        }
    }
}

/// Distinct hashes kept.
pub const KEPT: usize = 4096;

/// Repeats in some rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Columns of the frame that this side has, in the frame's order; empty
    /// before the first batch.
    pub columns: Vec<String>,
    /// Whole rows, over these columns.
    pub rows: DistinctSample,
    /// Values of each id column of the frame, without nulls.
    pub ids: Vec<DistinctSample>,
}

impl Default for Profile {
    fn default() -> Self {
        Self::new(&Frame::default())
    }
}

impl Profile {
    /// The profile of no rows.
    pub fn new(frame: &Frame) -> Self {
        Self {
            columns: vec![],
            rows: DistinctSample::new(KEPT),
            ids: vec![DistinctSample::new(KEPT); frame.ids.len()],
        }
    }

    /// Adds one batch.
    ///
    /// # Errors
    /// Those of the host's kernels, and of [`Self::add`].
    pub fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        let here = batch.columns();
        let index = |name: &String| -> Option<u32> {
            u32::try_from(here.iter().position(|column| column.name == *name)?).ok()
        };
        let present: Vec<String> = frame
            .columns
            .iter()
            .filter(|name| index(name).is_some())
            .cloned()
            .collect();
        let indexes: Vec<u32> = present.iter().filter_map(index).collect();
        if indexes.is_empty() {
            return Ok(());
        }
        self.add(&present, &batch.row_hashes(&indexes)?)?;
        for (name, sample) in frame.ids.iter().zip(&mut self.ids) {
            if let Some(column) = index(name) {
                let valid = batch.validity(column, 0, batch.rows())?;
                let bits = valid.as_ref().map(|bitmap| bitmap.bits.as_slice());
                add_valid(sample, &batch.row_hashes(&[column])?, bits);
            }
        }
        Ok(())
    }

    /// Adds the hashes of one batch's rows over these columns.
    ///
    /// # Errors
    /// [`Error::Data`] if the columns are not those of the batches before.
    pub fn add(&mut self, columns: &[String], hashes: &[u64]) -> Result<(), Error> {
        if self.columns.is_empty() {
            self.columns = columns.to_vec();
        } else if self.columns != columns {
            return Err(Error::Data(
                "the batches of one side have different columns; give one side files of one schema"
                    .into(),
            ));
        }
        self.rows.insert_all(hashes);
        Ok(())
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for other columns, or a state that rows cannot produce.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        self.validate(frame)?;
        other.validate(frame)?;
        if self.columns.is_empty() {
            self.columns = other.columns.clone();
        } else if !other.columns.is_empty() && self.columns != other.columns {
            return Err(Error::State(
                "cannot merge uniqueness profiles of different columns".into(),
            ));
        }
        self.rows.merge(&other.rows).map_err(refused)?;
        for (mine, theirs) in self.ids.iter_mut().zip(&other.ids) {
            mine.merge(theirs).map_err(refused)?;
        }
        Ok(())
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] if it does not fit the frame or itself.
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        if self.ids.len() != frame.ids.len() {
            return Err(Error::State(format!(
                "the profile has {} id columns, its frame {}; rebuild it from the data",
                self.ids.len(),
                frame.ids.len()
            )));
        }
        let samples = self.ids.iter().chain([&self.rows]);
        samples.into_iter().try_for_each(sound)
    }
}

fn refused(error: StateError) -> Error {
    Error::State(format!("{error}; rebuild it from the data"))
}

fn sound(sample: &DistinctSample) -> Result<(), Error> {
    sample.validate().map_err(refused)?;
    match sample.k() {
        KEPT => Ok(()),
        other => Err(Error::State(format!(
            "a sample of the profile keeps {other} hashes, this check {KEPT}; rebuild it from the data"
        ))),
    }
}

/// Adds the hashes of rows that hold a value. `bits` has one bit for each row,
/// least significant first; none: all of them do.
fn add_valid(sample: &mut DistinctSample, hashes: &[u64], bits: Option<&[u8]>) {
    let valid = |row: usize| {
        let byte = bits.map_or(Some(&u8::MAX), |bits| bits.get(row / 8));
        byte.is_some_and(|byte| byte >> (row % 8) & 1 == 1)
    };
    let rows = hashes.iter().enumerate().filter(|(row, _)| valid(*row));
    let hashes: Vec<u64> = rows.map(|(_, hash)| *hash).collect();
    sample.insert_all(&hashes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hashes: &[u64]) -> DistinctSample {
        let mut sample = DistinctSample::new(KEPT);
        sample.insert_all(hashes);
        sample
    }

    fn frame() -> Frame {
        Frame {
            columns: vec!["a".into(), "key".into()],
            ids: vec!["key".into()],
        }
    }

    #[test]
    fn the_frame_knows_the_ids() {
        let column = |name: &str, role| Column {
            name: name.into(),
            role,
            kind: driftguard_sdk::prelude::Kind::Categorical,
            storage: "Utf8".into(),
            nullable: false,
            dimension: 0,
        };
        let columns = [column("a", Role::Feature), column("key", Role::Id)];
        assert_eq!(Frame::new(&columns), frame());
    }

    #[test]
    fn nulls_are_no_repeats() {
        let mut sample = DistinctSample::new(KEPT);
        add_valid(
            &mut sample,
            &[1, 2, 3, 3, 3, 3, 3, 3, 9, 9],
            Some(&[0b11, 0b10]),
        );
        assert_eq!(sample.rows(), 3);
        assert_eq!(sample.repeated_share(3), Some(0.0));
        add_valid(&mut sample, &[1, 1], None);
        assert_eq!(sample.rows(), 5);
        // A bitmap that is too short holds no values there.
        add_valid(&mut sample, &[7; 9], Some(&[0]));
        assert_eq!(sample.rows(), 5);
    }

    #[test]
    fn merge_and_what_it_refuses() {
        let names = ["a".to_owned(), "key".to_owned()];
        let side = |hashes: &[u64]| {
            let mut profile = Profile::new(&frame());
            profile.add(&names, hashes).unwrap();
            profile.ids[0] = of(hashes);
            profile
        };
        let mut merged = side(&[1, 2]);
        merged.merge(&side(&[2, 3]), &frame()).unwrap();
        assert_eq!(merged, side(&[1, 2, 2, 3]));
        let mut from_nothing = Profile::new(&frame());
        from_nothing.merge(&side(&[1, 2]), &frame()).unwrap();
        from_nothing
            .merge(&Profile::new(&frame()), &frame())
            .unwrap();
        assert_eq!(from_nothing, side(&[1, 2]));

        let short = Profile::new(&Frame::default());
        assert!(matches!(
            merged.merge(&short, &frame()),
            Err(Error::State(_))
        ));
        let mut other = Profile::new(&frame());
        other.add(&names[..1], &[1]).unwrap();
        assert!(matches!(
            merged.merge(&other, &frame()),
            Err(Error::State(_))
        ));
        assert!(matches!(other.add(&names, &[1]), Err(Error::Data(_))));
        let mut few = side(&[1]);
        few.rows = DistinctSample::new(7);
        assert!(matches!(few.validate(&frame()), Err(Error::State(_))));
    }
}
