//! What the linker offers a plugin: batches it was lent, and a log.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};
use wasmtime::Trap;
use wasmtime::component::{Resource, ResourceTable};

use crate::batch::{BatchColumn, BatchView, Loan};
use crate::bindings::driftguard::check::{data, log, types};
use crate::budget::{
    Budget, MAX_INDEX_BYTES, MAX_KEPT_BATCHES, MAX_KERNEL_ITEMS, MAX_LOG_BYTES, MAX_LOG_LINES,
};
use crate::convert;
use crate::kernels::{self, BinIndex, MAX_SAMPLE};
use crate::limiter::Limiter;
use crate::output::clean;
use crate::view::timestamps;

type Answer<T> = wasmtime::Result<Result<T, data::DataError>>;

/// What belongs to one store.
#[derive(Debug)]
pub(crate) struct StoreData {
    pub(crate) table: ResourceTable,
    pub(crate) limiter: Limiter,
    /// Error lines of the current call, for the words of a panic.
    pub(crate) errors: Vec<String>,
    /// When the current call must be over, kernels included.
    deadline: Option<Instant>,
    /// Values that kernels touched in this call, and the limit.
    pub(crate) kernel_values: u64,
    kernel_limit: u64,
    traffic: u64,
    pub(crate) kernel_time: Duration,
    indexes: HashMap<Vec<u64>, Arc<BinIndex>>,
    index_bytes: usize,
}

/// The kernel budget is spent: ends the call. Typed, so that the session can
/// tell it from every other trap.
#[derive(Debug, thiserror::Error)]
#[error("kernel work exceeds the limit of one call")]
pub(crate) struct KernelBudgetSpent;

impl StoreData {
    pub(crate) fn new(budget: &Budget) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_KEPT_BATCHES);
        Self {
            table,
            limiter: Limiter::new(budget.memory),
            errors: vec![],
            deadline: None,
            kernel_values: 0,
            kernel_limit: budget.kernel_values,
            traffic: budget.traffic as u64,
            kernel_time: Duration::ZERO,
            indexes: HashMap::new(),
            index_bytes: 0,
        }
    }

    /// What belongs to one call starts again.
    pub(crate) fn begin_call(&mut self, limit: Duration) {
        self.deadline = Instant::now().checked_add(limit);
        self.kernel_values = 0;
        self.errors.clear();
        self.limiter.refused = None;
    }

    /// What was lent under this handle; None once its call is over.
    fn loan(&self, handle: &Resource<BatchView>) -> wasmtime::Result<Option<Arc<Loan>>> {
        Ok(self.table.get(handle)?.loan())
    }

    /// The chosen columns, no more than were granted: a list that repeats one
    /// a million times would keep the host busy in a single call.
    fn chosen(
        &self,
        handle: &Resource<BatchView>,
        columns: &[u32],
    ) -> Answer<(Arc<Loan>, Vec<Arc<BatchColumn>>)> {
        let Some(loan) = self.loan(handle)? else {
            let first = columns.first().copied().unwrap_or(0);
            return Ok(Err(data::DataError::NoSuchColumn(first)));
        };
        if columns.len() > loan.width() {
            let text = format!("{} columns of {}", columns.len(), loan.width());
            return Ok(Err(data::DataError::BadArgument(text)));
        }
        let find = |&column: &u32| {
            loan.column(column)
                .cloned()
                .ok_or(data::DataError::NoSuchColumn(column))
        };
        let found: Result<Vec<_>, _> = columns.iter().map(find).collect();
        Ok(found.map(|found| (loan, found)))
    }

    /// Charges the work, then answers from the column.
    fn ask<T>(
        &mut self,
        handle: &Resource<BatchView>,
        column: u32,
        answer: impl FnOnce(&Arc<BatchColumn>) -> Result<T, data::DataError>,
    ) -> Answer<T> {
        let started = Instant::now();
        let found = self
            .loan(handle)?
            .and_then(|loan| loan.column(column).cloned());
        let Some(found) = found else {
            return Ok(Err(data::DataError::NoSuchColumn(column)));
        };
        self.charge(found.array.len() as u64)?;
        let result = answer(&found);
        self.kernel_time += started.elapsed();
        Ok(result)
    }

    /// Kernels are outside the reach of the engine's clock, so that their work
    /// is measured, and the time looked at, before each of them.
    fn charge(&mut self, values: u64) -> wasmtime::Result<()> {
        self.kernel_values = self.kernel_values.saturating_add(values);
        if self.kernel_values > self.kernel_limit {
            return Err(KernelBudgetSpent.into());
        }
        if self.deadline.is_some_and(|end| Instant::now() >= end) {
            return Err(Trap::Interrupt.into());
        }
        Ok(())
    }

    /// Edges or known values of one kernel: charged, and not too many.
    fn items(&mut self, what: &str, count: usize) -> Answer<()> {
        self.charge(count as u64)?;
        if count > MAX_KERNEL_ITEMS {
            let text = format!("{count} {what}; the limit is {MAX_KERNEL_ITEMS}");
            return Ok(Err(data::DataError::BadArgument(text)));
        }
        Ok(Ok(()))
    }

    fn index(&mut self, edges: Vec<f64>) -> Option<Arc<BinIndex>> {
        let key: Vec<u64> = edges.iter().map(|edge| edge.to_bits()).collect();
        if let Some(known) = self.indexes.get(&key) {
            return Some(known.clone());
        }
        let made = Arc::new(BinIndex::new(edges)?);
        let bytes = made.bytes() + size_of_val(key.as_slice());
        if self.index_bytes + bytes <= MAX_INDEX_BYTES {
            self.index_bytes += bytes;
            self.indexes.insert(key, made.clone());
        }
        Some(made)
    }

    /// The whole answer must fit in one call's traffic.
    fn fits(&self, bytes: u64) -> Result<(), data::DataError> {
        if bytes > self.traffic {
            Err(data::DataError::TooLarge(bytes))
        } else {
            Ok(())
        }
    }
}

fn wrong_kind(column: &BatchColumn, wanted: &str) -> data::DataError {
    data::DataError::WrongKind(format!(
        "column `{}` is {}, not {wanted}",
        column.info.name, column.info.storage
    ))
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
            // The last line matters most: it is the words of a panic.
            self.errors.truncate(MAX_LOG_LINES - 1);
            self.errors.push(clean(&message, MAX_LOG_BYTES));
            // Who still finds words has got over a refusal of memory.
            self.limiter.refused = None;
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
            return Ok(Err(data::DataError::BadArgument(
                "edges must be finite and strictly rising".into(),
            )));
        };
        self.ask(&this, column, |column| {
            let counts = column
                .histogram(&index)
                .ok_or_else(|| wrong_kind(column, "numeric"))?;
            Ok(counts.to_vec())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_looks_at_the_clock() {
        let mut data = StoreData::new(&Budget::default());
        data.begin_call(Duration::from_secs(3600));
        assert!(data.charge(1).is_ok());
        data.begin_call(Duration::ZERO);
        let error = data.charge(1).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Trap::Interrupt));
    }

    #[test]
    fn indexes_are_kept_within_their_bytes() {
        let mut data = StoreData::new(&Budget::default());
        let edges = |turn: usize| (0..60_000).map(|edge| (edge + turn) as f64).collect();
        for turn in 0..200 {
            assert!(data.index(edges(turn)).is_some());
        }
        assert!(data.index_bytes <= MAX_INDEX_BYTES);
        assert!(
            (100..200).contains(&data.indexes.len()),
            "{}",
            data.indexes.len()
        );
    }

    #[test]
    fn the_last_error_line_is_kept() {
        let mut data = StoreData::new(&Budget::default());
        for line in 0..1000 {
            log::Host::log(&mut data, log::Level::Error, line.to_string()).unwrap();
        }
        assert_eq!(data.errors.len(), MAX_LOG_LINES);
        assert_eq!(data.errors.last().map(String::as_str), Some("999"));
    }
}
