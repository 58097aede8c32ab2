//! What belongs to one store: the batches it was lent, and what it has spent.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wasmtime::Trap;
use wasmtime::component::{Resource, ResourceTable};

use crate::batch::{BatchColumn, BatchView, Loan};
use crate::bindings::driftguard::check::data;
use crate::budget::{
    Budget, MAX_INDEX_BYTES, MAX_KEPT_BATCHES, MAX_KERNEL_ITEMS, MAX_LOG_BYTES, MAX_LOG_LINES,
};
use crate::kernels::BinIndex;
use crate::limiter::Limiter;
use crate::output::clean;

/// What a host function answers: an error of the engine ends the call, an
/// error of the data goes to the plugin.
pub(crate) type Answer<T> = wasmtime::Result<Result<T, data::DataError>>;

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
    /// Bytes of one answer.
    pub(crate) traffic: u64,
    /// Bytes of the last answer of this call that was refused for its size.
    pub(crate) too_large: Option<u64>,
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
            too_large: None,
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
        self.too_large = None;
        self.limiter.refused = None;
    }

    /// What was lent under this handle; None once its call is over.
    pub(crate) fn loan(&self, handle: &Resource<BatchView>) -> wasmtime::Result<Option<Arc<Loan>>> {
        Ok(self.table.get(handle)?.loan())
    }

    /// The chosen columns, no more than were granted: a list that repeats one
    /// a million times would keep the host busy in a single call.
    pub(crate) fn chosen(
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
    pub(crate) fn ask<T>(
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
        if let Err(data::DataError::TooLarge(bytes)) = &result {
            self.too_large = Some(*bytes);
        }
        self.kernel_time += started.elapsed();
        Ok(result)
    }

    /// Kernels are outside the reach of the engine's clock, so that their work
    /// is measured, and the time looked at, before each of them.
    pub(crate) fn charge(&mut self, values: u64) -> wasmtime::Result<()> {
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
    pub(crate) fn items(&mut self, what: &str, count: usize) -> Answer<()> {
        self.charge(count as u64)?;
        if count > MAX_KERNEL_ITEMS {
            let text = format!("{count} {what}; the limit is {MAX_KERNEL_ITEMS}");
            return Ok(Err(data::DataError::BadArgument(text)));
        }
        Ok(Ok(()))
    }

    pub(crate) fn index(&mut self, edges: Vec<f64>) -> Option<Arc<BinIndex>> {
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

    /// An error line of the plugin.
    pub(crate) fn keep_error(&mut self, line: &str) {
        // The last line matters most: it is the words of a panic.
        self.errors.truncate(MAX_LOG_LINES - 1);
        self.errors.push(clean(line, MAX_LOG_BYTES));
        // Who still finds words has got over a refusal of memory.
        self.limiter.refused = None;
    }

    /// The whole answer must fit in one call's traffic.
    pub(crate) fn fits(&mut self, bytes: u64) -> Result<(), data::DataError> {
        if bytes > self.traffic {
            self.too_large = Some(bytes);
            Err(data::DataError::TooLarge(bytes))
        } else {
            Ok(())
        }
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
            data.keep_error(&line.to_string());
        }
        assert_eq!(data.errors.len(), MAX_LOG_LINES);
        assert_eq!(data.errors.last().map(String::as_str), Some("999"));
    }
}
