//! The engine profile, and the clock that ends calls which run too long.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Cache, CacheConfig, Config, WasmBacktraceDetails};

use crate::bindings;
use crate::budget::{TICK, WASM_STACK_BYTES};
use crate::error::SandboxError;
use crate::store::StoreData;

/// What may differ between engines.
#[derive(Debug, Clone, Default)]
pub struct EngineOptions {
    /// Folder of the compiled-code cache; None: no cache. It must belong to
    /// this user alone: what lies there is run.
    pub cache: Option<PathBuf>,
    /// Meter instructions, for budgets with fuel.
    pub metered: bool,
}

/// Compiles plugins and makes stores. One for a process is enough.
pub struct Engine {
    pub(crate) inner: wasmtime::Engine,
    pub(crate) linker: Linker<StoreData>,
    pub(crate) metered: bool,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("metered", &self.metered)
            .finish_non_exhaustive()
    }
}

/// Every setting of the engine that decides what a plugin can do. Features are
/// set one by one because the defaults of wasmtime 48 include proposals that
/// are young or that the limiter does not see.
fn profile(options: &EngineOptions) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .consume_fuel(options.metered)
        .max_wasm_stack(WASM_STACK_BYTES)
        // The default reads an environment variable: a hidden input.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .wasm_backtrace_max_frames(NonZeroUsize::new(20))
        // Where in the module an instruction came from is shown nowhere, and
        // is a tenth of what is read for each plugin at each start.
        .generate_address_map(false)
        // Same answer on every processor.
        .wasm_relaxed_simd(false)
        .wasm_simd(true)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_tail_call(true)
        .wasm_extended_const(true)
        .wasm_multi_memory(true)
        .wasm_memory64(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false);
    // Only Windows unwinds by it; debuggers of the host could use it.
    #[cfg(unix)]
    config.native_unwind_info(false);
    config
}

impl Engine {
    /// An engine, with its clock running.
    ///
    /// # Errors
    /// [`SandboxError::Engine`] if this machine cannot run it.
    pub fn new(options: &EngineOptions) -> Result<Self, SandboxError> {
        let mut config = profile(options);
        if let Some(folder) = &options.cache {
            let mut cache = CacheConfig::new();
            cache.with_directory(folder);
            // Files that are used often would be packed again, harder: a second
            // of work in the middle of some run, for files that few will miss.
            cache.with_optimized_compression_usage_counter_threshold(u64::MAX);
            // A cache that cannot be used costs time and nothing else.
            config.cache(Cache::new(cache).ok());
        }
        let inner = wasmtime::Engine::new(&config).map_err(SandboxError::Engine)?;
        let mut linker = Linker::new(&inner);
        bindings::Plugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |data| data)
            .map_err(SandboxError::Engine)?;
        start_clock(&inner);
        Ok(Self {
            inner,
            linker,
            metered: options.metered,
        })
    }
}

/// Ticks until the engine is gone. Ticks are fine and deadlines are many of
/// them, because the counter belongs to the whole engine: a store that times
/// out must not end the others.
fn start_clock(engine: &wasmtime::Engine) {
    let weak = engine.weak();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(TICK);
            match weak.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    });
}

/// Ticks after which a call of this length has certainly had its time.
pub(crate) fn ticks(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis() / TICK.as_millis())
        .unwrap_or(u64::MAX / 2)
        .min(u64::MAX / 2)
        + 1
}
