//! Every limit of the sandbox, in one file.

use std::time::Duration;

/// Largest plugin file. Compiling is not protected by the engine, so size is.
/// Python plugins are about 18 MB.
pub const MAX_WASM_BYTES: usize = 64 << 20;
/// Rows of one batch: 64k is where transport is cheapest.
pub const MAX_BATCH_ROWS: usize = 65_536;
/// Most rows the sample for `fit` may have.
pub const MAX_FIT_ROWS: usize = 65_536;
/// Stack of WebAssembly code, half the engine's default thread stack.
pub const WASM_STACK_BYTES: usize = 512 << 10;
/// Period of the clock that ends calls that run too long.
pub const TICK: Duration = Duration::from_millis(10);
/// Instances, tables and memories of one plugin; Python plugins are many
/// modules linked together.
pub const MAX_INSTANCES: usize = 200;
/// See [`MAX_INSTANCES`].
pub const MAX_TABLES: usize = 64;
/// See [`MAX_INSTANCES`].
pub const MAX_MEMORIES: usize = 32;
/// Elements of one table.
pub const MAX_TABLE_ELEMENTS: usize = 200_000;
/// Handles a plugin may hold at once: a batch, and a profile for each of 10,000
/// columns on each side.
pub const MAX_HANDLES: usize = 25_000;
/// Batches that a plugin may keep beyond the call they were lent for. Such a
/// handle is dead and small, and still a leak.
pub const MAX_KEPT_BATCHES: usize = 4_096;
/// Edges of one histogram, or known values of one count of categories.
pub const MAX_KERNEL_ITEMS: usize = 65_536;
/// Bytes of the bin indexes kept of one store: an index of 110 edges takes
/// some 10 kB, and a plugin has one for each column.
pub const MAX_INDEX_BYTES: usize = 160 << 20;
/// Histograms kept of one column of one batch, for other plugins that ask.
pub const MAX_KEPT_HISTOGRAMS: usize = 8;
/// Bins of all of them together.
pub const MAX_KEPT_BINS: usize = 4_096;
/// Lists of the bin of every row that are kept of one column of one batch, a
/// byte for each row: for other plugins that ask.
pub const MAX_KEPT_ROW_BINS: usize = 2;
/// Error lines kept of one call, and the bytes of each.
pub const MAX_LOG_LINES: usize = 64;
/// See [`MAX_LOG_LINES`].
pub const MAX_LOG_BYTES: usize = 1_024;
/// Bytes of a name, a metric or a label in an answer.
pub const MAX_NAME_BYTES: usize = 256;
/// Bytes of a message or a summary in an answer.
pub const MAX_TEXT_BYTES: usize = 4_096;
/// Labels of one evidence table.
pub const MAX_EVIDENCE_ROWS: usize = 256;
/// Tables of one finding.
pub const MAX_EVIDENCE_TABLES: usize = 8;
/// Settings, roles, kinds or references of one descriptor.
pub const MAX_DESCRIPTOR_ITEMS: usize = 128;

/// What one plugin may spend.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Bytes of all linear memories and tables of one store. Setting:
    /// `memory-mib`.
    pub memory: usize,
    /// Wall clock of one call, kernels included. Setting: `call-seconds`.
    pub call: Duration,
    /// Instructions of one store, roughly; None: not metered. Costs as much as
    /// the deadline does, and is the same on every machine. Setting: `fuel`.
    pub fuel: Option<u64>,
    /// Bytes the plugin may make the host copy in one call. Setting:
    /// `traffic-mib`.
    pub traffic: usize,
    /// Values that kernels may touch in one call. Setting: `kernel-values`.
    pub kernel_values: u64,
    /// Bytes of one frame or profile. Setting: `output-kib`.
    pub state: usize,
    /// Findings of one comparison. Setting: `findings`.
    pub findings: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            memory: 256 << 20,
            call: Duration::from_secs(10),
            fuel: None,
            traffic: 16 << 20,
            // 256 passes over a batch of 1,000 columns.
            kernel_values: 1 << 34,
            state: 16 << 20,
            findings: 10_000,
        }
    }
}
