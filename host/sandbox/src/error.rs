//! Every way a plugin can fail, each with the limit, the actual value and the
//! setting to change.

use thiserror::Error;

/// What a plugin did, or why it was not run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The engine cannot be set up on this machine.
    #[error("the WebAssembly engine cannot be set up: {0:#}")]
    Engine(#[source] wasmtime::Error),
    /// The file is larger than a plugin may be.
    #[error(
        "plugin {origin} has {actual} bytes, the limit is {limit}; build it with optimisation and without debug information"
    )]
    TooLarge {
        /// Where it came from.
        origin: String,
        /// Its size.
        actual: usize,
        /// The limit.
        limit: usize,
    },
    /// The file is no WebAssembly component.
    #[error(
        "plugin {origin} is not a WebAssembly component: {found}; build it with the driftguard SDK and turn the module into a component"
    )]
    NotAComponent {
        /// Where it came from.
        origin: String,
        /// What it is instead.
        found: String,
    },
    /// It wants something that this host does not offer.
    #[error(
        "plugin {origin} imports `{import}`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment"
    )]
    ForbiddenImport {
        /// Where it came from.
        origin: String,
        /// The import.
        import: String,
    },
    /// It is a component for another world.
    #[error("plugin {origin} is not made for the world driftguard:check@0.1.0/plugin: {detail}")]
    OtherWorld {
        /// Where it came from.
        origin: String,
        /// What does not fit.
        detail: String,
    },
    /// The component does not compile.
    #[error("plugin {origin} cannot be compiled: {detail}")]
    Compile {
        /// Where it came from.
        origin: String,
        /// What the compiler said.
        detail: String,
    },
    /// What it says about itself is not usable.
    #[error("plugin {origin} describes itself wrongly: {detail}")]
    BadDescriptor {
        /// Where it came from.
        origin: String,
        /// What is wrong.
        detail: String,
    },
    /// A call ran longer than its budget.
    #[error(
        "check `{check}` was stopped in `{call}`: it ran longer than {limit_seconds} s; raise `call-seconds` in [checks.{check}.budget] if that is too little"
    )]
    TimedOut {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// The limit.
        limit_seconds: f64,
    },
    /// It used up its fuel.
    #[error(
        "check `{check}` was stopped in `{call}`: it used up its fuel of {limit}; raise `fuel` in [checks.{check}.budget] if that is too little"
    )]
    OutOfFuel {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// The limit.
        limit: u64,
    },
    /// It asked for more memory than its budget.
    #[error(
        "check `{check}` failed in `{call}`: it wanted {wanted} bytes of memory, the limit is {limit}; raise `memory-mib` in [checks.{check}.budget] if that is too little"
    )]
    OutOfMemory {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// What it would have had in all.
        wanted: usize,
        /// The limit.
        limit: usize,
    },
    /// It made kernels work beyond its budget.
    #[error(
        "check `{check}` was stopped in `{call}`: host kernels touched {actual} values for it, the limit of one call is {limit}; raise `kernel-values` in [checks.{check}.budget] if that is too little"
    )]
    KernelWork {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// Values asked for.
        actual: u64,
        /// The limit.
        limit: u64,
    },
    /// It keeps the batches that it is lent.
    #[error(
        "check `{check}` was stopped in `{call}`: it keeps {limit} batches that it was lent, the most there may be; drop each before the call returns"
    )]
    TooManyBatches {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A frame or a profile is larger than its budget.
    #[error(
        "check `{check}` returned {actual} bytes from `{call}`, the limit is {limit}; raise `output-kib` in [checks.{check}.budget] if that is too little"
    )]
    StateTooLarge {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// Bytes of the state.
        actual: usize,
        /// The limit.
        limit: usize,
    },
    /// More findings than one comparison may return.
    #[error(
        "check `{check}` returned {actual} findings from `{call}`, the limit is {limit}; raise `findings` in [checks.{check}.budget] if that is too little"
    )]
    TooManyFindings {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// Findings returned.
        actual: usize,
        /// The limit.
        limit: usize,
    },
    /// It panicked, and said why.
    #[error("check `{check}` panicked in `{call}`: {message}")]
    Panicked {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// Its last error line.
        message: String,
    },
    /// It trapped.
    #[error("check `{check}` trapped in `{call}`: {trap}")]
    Trapped {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// The kind of trap.
        trap: String,
    },
    /// What it returned, or passed to the host, could not be read: malformed,
    /// or more bytes than one call may carry.
    #[error(
        "check `{check}` was stopped in `{call}`: what it handed to the host cannot be read, or is more than the {limit} bytes of one call (`traffic-mib` in [checks.{check}.budget]): {detail}"
    )]
    Unreadable {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// Traffic limit in bytes.
        limit: usize,
        /// What the engine said.
        detail: String,
    },
    /// What it returned is well formed and not acceptable.
    #[error("check `{check}` returned an unacceptable answer from `{call}`: {detail}")]
    BadAnswer {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// Field, limit and actual value.
        detail: String,
    },
    /// It says that it cannot do its work.
    #[error("check `{check}` reports in `{call}`: {message}")]
    Refused {
        /// The check.
        check: String,
        /// The function.
        call: &'static str,
        /// Its reason.
        message: String,
    },
    /// A store that failed once is not used again.
    #[error("check `{check}` failed before and is not called again")]
    Poisoned {
        /// The check.
        check: String,
    },
}

impl SandboxError {
    /// The same error under the id that the policy knows the check by. Before
    /// a plugin has described itself, errors name where it came from.
    #[must_use]
    pub fn of_check(mut self, id: &str) -> Self {
        match &mut self {
            Self::TimedOut { check, .. }
            | Self::OutOfFuel { check, .. }
            | Self::OutOfMemory { check, .. }
            | Self::KernelWork { check, .. }
            | Self::TooManyBatches { check, .. }
            | Self::StateTooLarge { check, .. }
            | Self::TooManyFindings { check, .. }
            | Self::Panicked { check, .. }
            | Self::Trapped { check, .. }
            | Self::Unreadable { check, .. }
            | Self::BadAnswer { check, .. }
            | Self::Refused { check, .. }
            | Self::Poisoned { check } => id.clone_into(check),
            Self::Engine(_)
            | Self::TooLarge { .. }
            | Self::NotAComponent { .. }
            | Self::ForbiddenImport { .. }
            | Self::OtherWorld { .. }
            | Self::Compile { .. }
            | Self::BadDescriptor { .. } => {}
        }
        self
    }
}
