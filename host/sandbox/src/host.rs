//! What the linker offers a plugin: batches it was lent, and a log.

use std::sync::Arc;
use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};
use wasmtime::component::Resource;

use crate::batch::{BatchColumn, BatchView};
use crate::bindings::driftguard::check::{data, log, types};
use crate::convert;
use crate::kernels::{self, MAX_BIN_EDGES, MAX_SAMPLE};
use crate::store::{Answer, StoreData};
use crate::view::timestamps;

fn wrong_kind(column: &BatchColumn, wanted: &str) -> data::DataError {
    data::DataError::WrongKind(format!(
        "column `{}` is {}, not {wanted}",
        column.info.name, column.info.storage
    ))
}

fn unordered_edges() -> data::DataError {
    data::DataError::BadArgument("edges must be finite and strictly rising".into())
}

/// The rows asked for, if they are in the batch.
fn window(
    column: &BatchColumn,
    start: u32,
    count: u32,
) -> Result<std::ops::Range<usize>, data::DataError> {
    let rows = column.array.len();
    let (start, end) = (start as usize, start as usize + count as usize);
    if end > rows {
        return Err(data::DataError::OutOfRange(format!(
            "rows {start} to {end} of a batch of {rows}"
        )));
    }
    Ok(start..end)
}

impl types::Host for StoreData {}
impl data::Host for StoreData {}

impl log::Host for StoreData {
    fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        if level == log::Level::Error {
            self.keep_error(&message);
        }
        Ok(())
    }
}

impl data::HostBatch for StoreData {
    fn rows(&mut self, this: Resource<BatchView>) -> wasmtime::Result<u32> {
        Ok(self.loan(&this)?.map_or(0, |loan| loan.batch().rows as u32))
    }

    fn first_row(&mut self, this: Resource<BatchView>) -> wasmtime::Result<u64> {
        Ok(self.loan(&this)?.map_or(0, |loan| loan.batch().first_row))
    }

    fn columns(&mut self, this: Resource<BatchView>) -> wasmtime::Result<Vec<data::Column>> {
        let Some(loan) = self.loan(&this)? else {
            return Ok(vec![]);
        };
        Ok(loan
            .columns()
            .map(|column| convert::column(&column.info))
            .collect())
    }

    fn validity(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<Option<data::Bitmap>> {
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            let nulls = column
                .array
                .logical_nulls()
                .map(|nulls| nulls.slice(rows.start, rows.len()));
            Ok(nulls
                .filter(|nulls| nulls.null_count() > 0)
                .map(|nulls| convert::bitmap(nulls.inner())))
        })
    }

    fn floats(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<Vec<f64>> {
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            let floats = column
                .floats()
                .ok_or_else(|| wrong_kind(column, "numeric"))?;
            Ok(rows
                .map(|row| floats.present(row).unwrap_or(f64::NAN))
                .collect())
        })
    }

    fn integers(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<Vec<i64>> {
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            convert::integers(&column.array.slice(rows.start, rows.len()))
                .ok_or_else(|| wrong_kind(column, "integer"))
        })
    }

    fn booleans(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<data::Bitmap> {
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            convert::booleans(&column.array.slice(rows.start, rows.len()))
                .ok_or_else(|| wrong_kind(column, "boolean"))
        })
    }

    fn strings(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<data::Strings> {
        let traffic = self.traffic;
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            convert::strings(&column.array.slice(rows.start, rows.len()), traffic)
                .unwrap_or_else(|| Err(wrong_kind(column, "text")))
        })
    }

    fn dictionary(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<data::Dictionary> {
        let traffic = self.traffic;
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            let codes = column
                .codes()
                .ok_or_else(|| wrong_kind(column, "categorical"))?;
            convert::dictionary(codes, rows, traffic)
        })
    }

    fn timestamps(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<Vec<i64>> {
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            let slice = column.array.slice(rows.start, rows.len());
            let (values, nulls) =
                timestamps(&slice).ok_or_else(|| wrong_kind(column, "a timestamp"))?;
            let null = |row: usize| nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
            Ok(values
                .iter()
                .enumerate()
                .map(|(row, &value)| if null(row) { 0 } else { value })
                .collect())
        })
    }

    fn embedding(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        start: u32,
        count: u32,
    ) -> Answer<Vec<f32>> {
        let traffic = self.traffic;
        self.ask(&this, column, |column| {
            let rows = window(column, start, count)?;
            convert::embedding(
                &column.array.slice(rows.start, rows.len()),
                column.info.dimension,
                traffic,
            )
            .unwrap_or_else(|| Err(wrong_kind(column, "an embedding")))
        })
    }

    fn ipc(&mut self, this: Resource<BatchView>, columns: Vec<u32>) -> Answer<Vec<u8>> {
        let chosen = match self.chosen(&this, &columns)? {
            Ok((_, chosen)) => chosen,
            Err(error) => return Ok(Err(error)),
        };
        let values: usize = chosen.iter().map(|column| column.array.len()).sum();
        self.charge(values as u64)?;
        let bytes: u64 = chosen
            .iter()
            .map(|column| column.array.get_array_memory_size() as u64)
            .sum();
        if let Err(error) = self.fits(bytes) {
            return Ok(Err(error));
        }
        let fields: Vec<Field> = chosen
            .iter()
            .map(|column| Field::new(&column.info.name, column.array.data_type().clone(), true))
            .collect();
        let arrays = chosen.iter().map(|column| column.array.clone()).collect();
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .and_then(|batch| convert::ipc(&batch))
            .map_err(|error| data::DataError::BadArgument(error.to_string())))
    }

    fn summary(&mut self, this: Resource<BatchView>, column: u32) -> Answer<data::Summary> {
        self.ask(&this, column, |column| Ok(convert::summary(column)))
    }

    fn histogram(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        edges: Vec<f64>,
    ) -> Answer<Vec<u64>> {
        if let Err(error) = self.items("edges", edges.len())? {
            return Ok(Err(error));
        }
        let Some(index) = self.index(edges) else {
            return Ok(Err(unordered_edges()));
        };
        self.ask(&this, column, |column| {
            let counts = column
                .histogram(&index)
                .ok_or_else(|| wrong_kind(column, "numeric"))?;
            Ok(counts.to_vec())
        })
    }

    fn bins(&mut self, this: Resource<BatchView>, column: u32, edges: Vec<f64>) -> Answer<Vec<u8>> {
        if let Err(error) = self.items("edges", edges.len())? {
            return Ok(Err(error));
        }
        if edges.len() > MAX_BIN_EDGES {
            let text = format!(
                "{} edges for the bin of each row; the limit is {MAX_BIN_EDGES}",
                edges.len()
            );
            return Ok(Err(data::DataError::BadArgument(text)));
        }
        let Some(index) = self.index(edges) else {
            return Ok(Err(unordered_edges()));
        };
        self.ask(&this, column, |column| {
            let codes = column
                .row_bins(&index)
                .ok_or_else(|| wrong_kind(column, "numeric"))?;
            Ok(codes.to_vec())
        })
    }

    fn categories(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        known: Vec<String>,
        limit: u32,
    ) -> Answer<data::CategoryCounts> {
        if let Err(error) = self.items("known values", known.len())? {
            return Ok(Err(error));
        }
        let traffic = self.traffic;
        self.ask(&this, column, |column| {
            let missing = || wrong_kind(column, "categorical");
            let codes = column.codes().ok_or_else(missing)?;
            let counts = column.code_counts().ok_or_else(missing)?;
            let answer = kernels::count_categories(codes, counts, &known, limit as usize);
            convert::category_counts(answer, traffic)
        })
    }

    fn runs(&mut self, this: Resource<BatchView>, column: u32) -> Answer<data::Runs> {
        self.ask(&this, column, |column| {
            column
                .runs()
                .map(convert::runs)
                .ok_or_else(|| wrong_kind(column, "numeric or categorical"))
        })
    }

    fn sample(
        &mut self,
        this: Resource<BatchView>,
        column: u32,
        limit: u32,
        below: u64,
    ) -> Answer<Vec<data::Sampled>> {
        if limit as usize > MAX_SAMPLE {
            let text = format!("a sample of {limit} rows; the limit is {MAX_SAMPLE}");
            return Ok(Err(data::DataError::BadArgument(text)));
        }
        let Some(loan) = self.loan(&this)? else {
            return Ok(Err(data::DataError::NoSuchColumn(column)));
        };
        self.ask(&this, column, |column| {
            let floats = column
                .floats()
                .ok_or_else(|| wrong_kind(column, "numeric"))?;
            let batch = loan.batch();
            let rows = kernels::sample(
                floats,
                batch.row_keys(),
                batch.first_row,
                limit as usize,
                below,
            );
            Ok(rows
                .into_iter()
                .map(|(key, value)| data::Sampled { key, value })
                .collect())
        })
    }

    fn row_hashes(&mut self, this: Resource<BatchView>, columns: Vec<u32>) -> Answer<Vec<u64>> {
        let started = Instant::now();
        let (loan, chosen) = match self.chosen(&this, &columns)? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let mut hashes = vec![0; loan.batch().rows];
        for column in chosen {
            self.charge(column.array.len() as u64)?;
            kernels::fold_row_hashes(&mut hashes, &column.array);
        }
        kernels::finish_row_hashes(&mut hashes);
        self.kernel_time += started.elapsed();
        Ok(Ok(hashes))
    }

    fn drop(&mut self, this: Resource<BatchView>) -> wasmtime::Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}
