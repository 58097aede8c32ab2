//! A batch that several plugins read: columns with what was computed of them.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use arrow_array::{ArrayRef, RecordBatch};
use driftguard_verdict::{Kind, Role};

use crate::budget::{MAX_KEPT_BINS, MAX_KEPT_HISTOGRAMS, MAX_KEPT_ROW_BINS};
use crate::kernels::{self, BinIndex, Finite, Moments, RunSummary};
use crate::view::{Codes, Floats};

/// What a plugin is told about a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name, as in the data.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How it is treated.
    pub kind: Kind,
    /// The Arrow type on this side, in words.
    pub storage: String,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// Length of one embedding, otherwise 0.
    pub dimension: u32,
}

/// A histogram with the edges it was made for.
type KeptHistogram = (Arc<BinIndex>, Arc<Vec<u64>>);

/// The bin of every row with the edges it was found for.
type KeptRowBins = (Arc<BinIndex>, Arc<Vec<u8>>);

/// One column of a batch. Views and kernel answers are made on first use and
/// shared by all plugins that ask.
#[derive(Debug)]
pub struct BatchColumn {
    pub(crate) info: ColumnInfo,
    pub(crate) array: ArrayRef,
    floats: OnceLock<Option<Floats>>,
    finite: OnceLock<Option<Finite>>,
    codes: OnceLock<Option<Codes>>,
    code_counts: OnceLock<Option<Vec<u64>>>,
    moments: OnceLock<Option<Moments>>,
    runs: OnceLock<Option<RunSummary>>,
    histograms: Mutex<Vec<KeptHistogram>>,
    row_bins: Mutex<Vec<KeptRowBins>>,
}

impl BatchColumn {
    /// A column as a plugin will see it.
    pub fn new(info: ColumnInfo, array: ArrayRef) -> Arc<Self> {
        Arc::new(Self {
            info,
            array,
            floats: OnceLock::new(),
            finite: OnceLock::new(),
            codes: OnceLock::new(),
            code_counts: OnceLock::new(),
            moments: OnceLock::new(),
            runs: OnceLock::new(),
            histograms: Mutex::new(vec![]),
            row_bins: Mutex::new(vec![]),
        })
    }

    pub(crate) fn floats(&self) -> Option<&Floats> {
        self.floats.get_or_init(|| Floats::of(&self.array)).as_ref()
    }

    pub(crate) fn finite(&self) -> Option<&Finite> {
        self.finite
            .get_or_init(|| self.floats().map(Finite::of))
            .as_ref()
    }

    pub(crate) fn codes(&self) -> Option<&Codes> {
        self.codes.get_or_init(|| Codes::of(&self.array)).as_ref()
    }

    pub(crate) fn code_counts(&self) -> Option<&[u64]> {
        self.code_counts
            .get_or_init(|| Some(kernels::count_codes(self.codes()?)))
            .as_deref()
    }

    pub(crate) fn moments(&self) -> Option<&Moments> {
        self.moments
            .get_or_init(|| Some(kernels::summarise_floats(self.finite()?)))
            .as_ref()
    }

    pub(crate) fn runs(&self) -> Option<&RunSummary> {
        let make = || match self.info.kind {
            Kind::Numeric => self.floats().map(kernels::runs_of_floats),
            _ => self.codes().map(kernels::runs_of_codes),
        };
        self.runs.get_or_init(make).as_ref()
    }

    pub(crate) fn histogram(&self, index: &Arc<BinIndex>) -> Option<Arc<Vec<u64>>> {
        let mut known = self
            .histograms
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counts)) = known
            .iter()
            .find(|(other, _)| other.edges() == index.edges())
        {
            return Some(counts.clone());
        }
        let counts = Arc::new(match self.known_row_bins(index) {
            Some(codes) => kernels::count_bins(&codes, index.bins()),
            None => kernels::histogram(self.finite()?, index),
        });
        // A plugin chooses the edges: what is kept for the others is bounded.
        let kept: usize = known.iter().map(|(_, counts)| counts.len()).sum();
        if known.len() < MAX_KEPT_HISTOGRAMS && kept + counts.len() <= MAX_KEPT_BINS {
            known.push((index.clone(), counts.clone()));
        }
        Some(counts)
    }

    /// The bin of every row; the index has at most
    /// [`kernels::MAX_BIN_EDGES`] edges.
    pub(crate) fn row_bins(&self, index: &Arc<BinIndex>) -> Option<Arc<Vec<u8>>> {
        if let Some(codes) = self.known_row_bins(index) {
            return Some(codes);
        }
        let codes = Arc::new(kernels::bins(self.floats()?, self.finite()?, index));
        let mut known = self.row_bins.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MAX_KEPT_ROW_BINS {
            known.push((index.clone(), codes.clone()));
        }
        Some(codes)
    }

    fn known_row_bins(&self, index: &BinIndex) -> Option<Arc<Vec<u8>>> {
        let known = self.row_bins.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |kept: &&KeptRowBins| kept.0.edges() == index.edges();
        known.iter().find(same).map(|(_, codes)| codes.clone())
    }
}

/// Some rows of one side, at most [`crate::budget::MAX_BATCH_ROWS`].
#[derive(Debug)]
pub struct SharedBatch {
    pub(crate) first_row: u64,
    pub(crate) rows: usize,
    columns: Vec<Arc<BatchColumn>>,
    row_keys: OnceLock<Vec<(u64, u32)>>,
}

impl SharedBatch {
    /// A batch whose first row has this position in the stream of its side.
    /// `infos` describe the batch's columns, in the same order.
    pub fn new(first_row: u64, batch: &RecordBatch, infos: &[ColumnInfo]) -> Self {
        let columns = infos.iter().zip(batch.columns());
        Self {
            first_row,
            rows: batch.num_rows(),
            columns: columns
                .map(|(info, array)| BatchColumn::new(info.clone(), array.clone()))
                .collect(),
            row_keys: OnceLock::new(),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn column(&self, position: usize) -> Option<&Arc<BatchColumn>> {
        self.columns.get(position)
    }

    pub(crate) fn row_keys(&self) -> &[(u64, u32)] {
        self.row_keys
            .get_or_init(|| kernels::row_keys(self.first_row, self.rows))
    }
}

/// A batch as it is lent for one call. The host holds it for as long as the
/// call lasts; a plugin's handle only points to it.
#[derive(Debug)]
pub struct Loan {
    batch: Arc<SharedBatch>,
    granted: Arc<[usize]>,
}

impl Loan {
    pub(crate) fn new(batch: &Arc<SharedBatch>, granted: &Arc<[usize]>) -> Arc<Self> {
        Arc::new(Self {
            batch: batch.clone(),
            granted: granted.clone(),
        })
    }

    pub(crate) fn batch(&self) -> &SharedBatch {
        &self.batch
    }

    /// Number of granted columns.
    pub(crate) fn width(&self) -> usize {
        self.granted.len()
    }

    /// The granted column at this position.
    pub(crate) fn column(&self, position: u32) -> Option<&Arc<BatchColumn>> {
        self.batch.column(*self.granted.get(position as usize)?)
    }

    /// All granted columns.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Arc<BatchColumn>> {
        self.granted
            .iter()
            .filter_map(|&position| self.batch.column(position))
    }
}

/// A batch as one plugin sees it: only the granted columns, and dead once the
/// call is over. This is the choke point of the grant: no other way leads from
/// a plugin to a column. A handle that a plugin keeps holds no rows.
#[derive(Debug)]
pub struct BatchView(Weak<Loan>);

impl BatchView {
    pub(crate) fn new(loan: &Arc<Loan>) -> Self {
        Self(Arc::downgrade(loan))
    }

    /// What was lent, while the call lasts.
    pub(crate) fn loan(&self) -> Option<Arc<Loan>> {
        self.0.upgrade()
    }
}
