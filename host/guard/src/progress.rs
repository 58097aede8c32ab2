//! How a run tells how far it is.

/// Called from several threads.
pub trait Progress: Sync {
    /// Rows to read in all, if known.
    fn begin(&self, rows: Option<u64>);
    /// Rows read since the last call.
    fn advance(&self, rows: u64);
    /// Nothing more will be read.
    fn finish(&self);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}
