//! Repeats of whole rows, and of each id column.

use driftguard_sdk::prelude::{Batch, Column, Error, Role};
use serde::{Deserialize, Serialize};

use crate::sample::RepeatSample;

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

/// Repeats in some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Columns of the frame that this side has, in the frame's order; empty
    /// before the first batch.
    pub columns: Vec<String>,
    /// Whole rows, over these columns.
    pub rows: RepeatSample,
    /// Values of each id column of the frame, without nulls.
    pub ids: Vec<RepeatSample>,
}

impl Profile {
    /// The profile of no rows.
    pub fn new(frame: &Frame) -> Self {
        Self {
            ids: vec![RepeatSample::default(); frame.ids.len()],
            ..Self::default()
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
        self.rows.merge(&other.rows);
        for (mine, theirs) in self.ids.iter_mut().zip(&other.ids) {
            mine.merge(theirs);
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
        self.rows.validate("rows")?;
        for (name, sample) in frame.ids.iter().zip(&self.ids) {
            sample.validate(&format!("id column `{name}`"))?;
        }
        Ok(())
    }
}

/// Adds the hashes of rows that hold a value. `bits` has one bit for each row,
/// least significant first; none: all of them do.
fn add_valid(sample: &mut RepeatSample, hashes: &[u64], bits: Option<&[u8]>) {
    for (row, hash) in hashes.iter().enumerate() {
        let byte = bits.map_or(Some(&u8::MAX), |bits| bits.get(row / 8));
        if byte.is_some_and(|byte| byte >> (row % 8) & 1 == 1) {
            sample.insert(*hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::tests::of;

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
        let mut sample = RepeatSample::default();
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
            profile.ids[0] = of(hashes.to_vec());
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

        let short = Profile::default();
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
    }
}
