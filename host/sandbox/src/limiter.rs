//! Memory of one store: the sum over all its memories and tables.

use wasmtime::ResourceLimiter;

use crate::budget::{MAX_INSTANCES, MAX_MEMORIES, MAX_TABLE_ELEMENTS, MAX_TABLES};

/// Bytes charged for one table element.
const ELEMENT: usize = 16;

/// Counts memory and remembers what was refused, because the trap that follows
/// a refusal only says "unreachable".
#[derive(Debug)]
pub(crate) struct Limiter {
    limit: usize,
    used: usize,
    /// What the store would have used, at the last refusal of this call.
    pub(crate) refused: Option<usize>,
}

impl Limiter {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            refused: None,
        }
    }

    fn grow(&mut self, more: usize) -> bool {
        let wanted = self.used.saturating_add(more);
        let fits = wanted <= self.limit;
        if fits {
            self.used = wanted;
        } else {
            self.refused = Some(wanted);
        }
        fits
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.grow(desired.saturating_sub(current)))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > MAX_TABLE_ELEMENTS || maximum.is_some_and(|maximum| desired > maximum) {
            self.refused.get_or_insert(desired.saturating_mul(ELEMENT));
            return Ok(false);
        }
        Ok(self.grow(desired.saturating_sub(current).saturating_mul(ELEMENT)))
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn tables(&self) -> usize {
        MAX_TABLES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_share_one_limit() {
        let mut limiter = Limiter::new(1000);
        assert!(limiter.memory_growing(0, 600, None).unwrap());
        assert!(!limiter.memory_growing(0, 600, None).unwrap());
        assert_eq!(limiter.refused, Some(1200));
        assert!(limiter.memory_growing(600, 1000, None).unwrap());
    }

    #[test]
    fn tables_are_charged() {
        let mut limiter = Limiter::new(1000);
        assert!(!limiter.table_growing(0, 100, None).unwrap());
        assert!(limiter.table_growing(0, 10, None).unwrap());
        assert!(
            !limiter
                .table_growing(0, MAX_TABLE_ELEMENTS + 1, None)
                .unwrap()
        );
    }
}
