//! What holds for any file.

mod support;

use arrow_select::concat::concat_batches;
use driftguard_data::ReadRequest;
use proptest::prelude::*;
use support::{Folder, all_columns, csv, everything, open, table};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Tasks and batches yield every row once and in order, however the rows
    /// lie in files and row groups.
    #[test]
    fn every_row_comes_once_and_in_order(
        sizes in prop::collection::vec((1_usize..6_000, 1_usize..3_000), 1..4),
        batch_rows in 1_usize..5_000,
    ) {
        let folder = Folder::new();
        let (mut from, mut files) = (0, Vec::new());
        for (rows, group) in &sizes {
            let part = table(from, from + rows, 20);
            files.push(folder.parquet(&format!("{from}.parquet"), &part, *group));
            from += rows;
        }
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let source = open(&files).unwrap();
        prop_assert_eq!(source.rows(), Some(from as u64));
        let request = ReadRequest { batch_rows, ..all_columns(&source) };
        let found = everything(&source, &request).unwrap();
        let wanted = table(0, from, 20);
        prop_assert_eq!(found.columns(), wanted.columns());
    }

    /// Rows that were skipped are the rows of a full read: a pilot is the
    /// concatenation of slices of it, in every format.
    #[test]
    fn skipping_equals_slicing(rows in 1_usize..9_000, group in 1_usize..4_000, limit in 1_usize..2_000, form in 0_u8..4) {
        let folder = Folder::new();
        let whole = table(0, rows, 11);
        let part = whole.slice(0, rows / 2);
        let rest = whole.slice(rows / 2, rows - rows / 2);
        let file = match form {
            0 => folder.parquet("a.parquet", &whole, group),
            1 => folder.text("a.csv", csv(&whole, true)),
            2 => folder.arrow_file("a.arrow", &[part, rest]),
            _ => folder.arrow_stream("a.arrows", &[part, rest]),
        };
        let source = open(&[&file]).unwrap();
        let pilot = source.pilot(limit).unwrap();
        prop_assert!(pilot.num_rows() <= limit);
        prop_assert!(pilot.num_rows() == rows || pilot.num_rows() + 8 > limit);
        let positions = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(pilot.column(0));
        let slices: Vec<_> = positions.values().iter().map(|row| whole.slice(*row as usize, 1)).collect();
        let wanted = concat_batches(&whole.schema(), &slices).unwrap();
        // A short file may not show a fraction: its types are its own.
        prop_assert_eq!(pilot.column(0), wanted.column(0));
        prop_assert_eq!(pilot.column(2), wanted.column(2));
        prop_assert_eq!(&pilot, &open(&[&file]).unwrap().pilot(limit).unwrap());
    }

    /// Bytes changed or cut off anywhere give an error or other values, never
    /// a panic and never fewer rows than promised.
    #[test]
    fn damage_is_an_error_and_not_a_panic(
        form in 0_u8..4,
        cut in prop::option::of(0.0..1.0_f64),
        changes in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 0..4),
    ) {
        let folder = Folder::new();
        let rows = table(0, 3_000, 11);
        let file = match form {
            0 => folder.parquet("a", &rows, 1_000),
            1 => folder.text("a", csv(&rows, true)),
            2 => folder.arrow_file("a", &[rows.clone(), rows]),
            _ => folder.arrow_stream("a", &[rows.clone(), rows]),
        };
        let mut bytes = std::fs::read(&file).unwrap();
        for (place, byte) in changes {
            let at = (bytes.len() as f64 * place) as usize;
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate((bytes.len() as f64 * cut) as usize);
        }
        std::fs::write(&file, bytes).unwrap();
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let outcome = std::panic::catch_unwind(|| {
            let source = open(&[&file])?;
            source.pilot(100)?;
            let found = everything(&source, &all_columns(&source))?;
            Ok::<_, driftguard_data::DataError>(source.rows() == Some(found.num_rows() as u64))
        });
        std::panic::set_hook(quiet);
        match outcome {
            Ok(Ok(whole)) => prop_assert!(whole, "rows were lost"),
            Ok(Err(error)) => prop_assert!(!error.to_string().is_empty()),
            Err(_) => prop_assert!(false, "a panic came through"),
        }
    }
}
