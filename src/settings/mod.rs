//! [`Settings`]: what `lunation.toml` says; every limit has its reason here, and its default beside it in
//! `defaults.rs`.
//!
//! The types are the description of the file: `json_schema` is generated from them, docs and ranges
//! included.

mod defaults;
mod names;
mod parse;
mod range;
#[cfg(feature = "schema")]
mod schema;

use serde::Serialize;

pub(crate) use names::{CARRY, ON_UNCARRYABLE};
#[cfg(feature = "schema")]
pub(crate) use range::Range;
pub(crate) use range::{AUDIT_BYTES_MAX, DELAY_MS};
#[cfg(feature = "schema")]
pub use schema::json_schema;

/// The settings of a mods folder. [`Settings::default`] is what an absent `lunation.toml` means.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Settings {
    /// How changes are noticed and reloaded.
    pub hot_reload: HotReload,
    /// What one mod may use.
    pub limits: Limits,
    /// The audit log, where the host wants one.
    pub audit: Audit,
}

/// `[hot_reload]`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct HotReload {
    /// Whether changes are applied at all.
    pub enabled: bool,
    /// Whether the mods folder is watched; otherwise the host asks with `check_updates`.
    pub watch_mod_directory: bool,
    /// Whether folders below a mod's own are watched and read.
    pub watch_subdirectories: bool,
    /// Whether symbolic links are followed, inside the mods folder only.
    pub follow_symlinks: bool,
    /// How long to wait for a burst of changes to end.
    pub debounce: Debounce,
    /// Milliseconds: the quiet time of `fixed`; the longest wait of `settle` for a file that is still open.
    #[cfg_attr(feature = "schema", schemars(transform = range::DELAY_MS.in_schema()))]
    pub debounce_delay: u64,
    /// Milliseconds: the shortest quiet time of `adaptive`.
    #[cfg_attr(feature = "schema", schemars(transform = range::DELAY_MS.in_schema()))]
    pub debounce_min: u64,
    /// Milliseconds: the longest quiet time of `adaptive`, and the longest wait of every strategy.
    #[cfg_attr(feature = "schema", schemars(transform = range::DELAY_MS.in_schema()))]
    pub debounce_max: u64,
    /// Bytes of one asset. 10 MiB: more is streamed content, which a game loads by other ways.
    #[cfg_attr(feature = "schema", schemars(transform = range::FILE_BYTES.in_schema()))]
    pub max_file_size: u64,
    /// Bytes of one script. 256 KiB: compiling hostile source costs 500 × its size in memory.
    #[cfg_attr(feature = "schema", schemars(transform = range::SCRIPT_BYTES.in_schema()))]
    pub max_script_size: u64,
    /// Extensions that are scripts, config or data; everything else in a mod is an asset.
    #[cfg_attr(feature = "schema", schemars(transform = schema::extensions))]
    pub supported_extensions: Vec<String>,
    /// Whether bytecode is kept from one run to the next, where the host has a folder for it.
    pub bytecode_on_disk: bool,
    /// Which versions a reload may bring.
    pub version_policy: VersionPolicy,
    /// `[hot_reload.ignore_patterns]`: globs on the path relative to the mods folder or any part of its end.
    #[cfg_attr(feature = "schema", schemars(with = "schema::IgnorePatterns"))]
    pub ignore_patterns: Vec<String>,
    /// `[hot_reload.reload_queue]`
    pub reload_queue: ReloadQueue,
    /// `[hot_reload.retry]`
    pub retry: Retry,
    /// `[hot_reload.breaker]`
    pub breaker: Breaker,
    /// `[hot_reload.probation]`
    pub probation: Probation,
    /// `[hot_reload.quarantine]`
    pub quarantine: Quarantine,
    /// `[hot_reload.state_management]`
    pub state_management: StateManagement,
    /// `[hot_reload.dependencies]`
    pub dependencies: Dependencies,
}

/// How long to wait for a burst of changes to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Debounce {
    /// Used where the system says when a file is complete: it is read at once; one that is still open waits.
    Settle,
    /// Used where a constant quiet time is wanted.
    Fixed,
    /// Used where bursts differ much: the quiet time follows the rate of changes.
    Adaptive,
}

/// Which versions a reload may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum VersionPolicy {
    /// Used while developing: the files on disk win, whatever their version.
    Any,
    /// Used on servers: a mod whose version went down is kept as it runs.
    Newer,
}

/// `[hot_reload.reload_queue]`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct ReloadQueue {
    /// Requests kept; above it the queue collapses into one rescan, so that nothing is lost.
    #[cfg_attr(feature = "schema", schemars(transform = range::PENDING.in_schema()))]
    pub max_pending_reloads: usize,
    /// Seconds that one transaction may take.
    #[cfg_attr(feature = "schema", schemars(transform = range::SECONDS.in_schema()))]
    pub reload_timeout: u64,
    /// Whether priorities count; otherwise strictly oldest first.
    pub priority_handling: bool,
}

/// `[hot_reload.retry]`: for causes that may pass by themselves: an unreadable or half-written file.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Retry {
    /// How the delay grows.
    pub strategy: RetryStrategy,
    /// Milliseconds before the first retry.
    #[cfg_attr(feature = "schema", schemars(transform = range::RETRY_MS.in_schema()))]
    pub initial_delay: u64,
    /// Factor between two delays (`exponential`).
    #[cfg_attr(feature = "schema", schemars(transform = range::MULTIPLIER.in_schema()))]
    pub multiplier: f64,
    /// Milliseconds between two delays (`linear`).
    #[cfg_attr(feature = "schema", schemars(transform = range::RETRY_MS.in_schema()))]
    pub increment: u64,
    /// Milliseconds: the longest delay.
    #[cfg_attr(feature = "schema", schemars(transform = range::RETRY_MS.in_schema()))]
    pub max_delay: u64,
    /// Retries of one content of one file.
    #[cfg_attr(feature = "schema", schemars(transform = range::COUNT.in_schema()))]
    pub max_retries: u32,
}

/// How the delay between retries grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum RetryStrategy {
    /// Used by default: each delay is `multiplier` times the one before.
    Exponential,
    /// Used where a steady rhythm is wanted: each delay is `increment` longer.
    Linear,
}

/// `[hot_reload.breaker]`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Breaker {
    /// Failed reloads of one mod in a row before its automatic reloads pause.
    #[cfg_attr(feature = "schema", schemars(transform = range::COUNT_FROM_1.in_schema()))]
    pub threshold: u32,
    /// Seconds of the pause.
    #[cfg_attr(feature = "schema", schemars(transform = range::SECONDS.in_schema()))]
    pub cool_down: u64,
}

/// `[hot_reload.probation]`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Probation {
    /// Dispatches after a switch during which a new generation is on probation.
    #[cfg_attr(feature = "schema", schemars(transform = range::COUNT.in_schema()))]
    pub dispatches: u32,
    /// The number of errors in that time that sends the mod back to the generation before.
    #[cfg_attr(feature = "schema", schemars(transform = range::COUNT.in_schema()))]
    pub max_errors: u32,
}

/// `[hot_reload.quarantine]`: for a mod that breaks its limits at run time, outside of its probation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Quarantine {
    /// Broken limits within the window that stop a mod; each one before begins it anew. 3: one may be bad luck
    /// of the moment, two a coincidence. 1 stops at once.
    #[cfg_attr(feature = "schema", schemars(transform = range::COUNT_FROM_1.in_schema()))]
    pub strikes: u32,
    /// Seconds after which a broken limit is forgotten. A minute: each costs the game one `handler_time`.
    #[cfg_attr(feature = "schema", schemars(transform = range::SECONDS.in_schema()))]
    pub window: u64,
}

/// `[hot_reload.state_management]`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct StateManagement {
    /// Whether a reload carries state at all.
    pub preserve_state: bool,
    /// What a reload carries.
    pub carry: Carry,
    /// What happens to a value that can't be carried.
    pub on_uncarryable: OnUncarryable,
    /// The encoding of images. Only `native`.
    pub state_serialization: StateSerialization,
    /// Compression of images on disk.
    pub state_compression: StateCompression,
    /// Bytes of one mod's image.
    #[cfg_attr(feature = "schema", schemars(transform = range::STATE_BYTES.in_schema()))]
    pub max_state_size: u64,
    /// Generations kept per mod.
    #[cfg_attr(feature = "schema", schemars(transform = range::HISTORY.in_schema()))]
    pub history: usize,
    /// Bytes that all kept generations may take together, in memory and again on disk. 64 MiB: ten of a
    /// hundred mods with some 50 KiB of state each; beyond it the oldest of the mod that takes most goes.
    #[cfg_attr(feature = "schema", schemars(transform = range::HISTORY_BYTES.in_schema()))]
    pub history_bytes: u64,
    /// Seconds between checkpoints: all states, written to disk beside the game; 0 for none.
    #[cfg_attr(feature = "schema", schemars(transform = range::CHECKPOINT_SECONDS.in_schema()))]
    pub checkpoint_interval: u64,
}

/// What a reload carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Carry {
    /// Used by default: every named slot.
    All,
    /// Used by mods that want a cold start of everything but `mod.state`.
    State,
}

/// What happens to a value that can't be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum OnUncarryable {
    /// Used by default: the reload is refused and names the value's path.
    Refuse,
    /// Used where losing such values is fine: dropped and named.
    Drop,
    /// Used for values that go away by themselves, such as running coroutines: the reload waits.
    Drain,
}

/// The encoding of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum StateSerialization {
    /// Used always: Lunation's own image format.
    Native,
}

/// Compression of images on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum StateCompression {
    /// Used by default.
    None,
    /// Used where other tools should read the file.
    Gzip,
    /// Used where size matters.
    Zstd,
}

/// `[hot_reload.dependencies]`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Dependencies {
    /// Whether a mod that nobody asked for may run because another one needs it.
    pub auto_resolve: bool,
    /// Whether versions are compared with requirements.
    pub validate_versions: bool,
    /// Whether resolutions are cached.
    pub cache_resolutions: bool,
    /// The longest chain of dependencies. 64: real packs pass 10.
    #[cfg_attr(feature = "schema", schemars(transform = range::DEPTH.in_schema()))]
    pub max_dependency_depth: usize,
}

/// `[limits]`, per mod.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Limits {
    /// Bytes of one VM. 32 MiB also bounds the longest builtin that can't be interrupted, to some 18 ms.
    #[cfg_attr(feature = "schema", schemars(transform = range::MEMORY_BYTES.in_schema()))]
    pub memory: usize,
    /// Milliseconds for the top-level code of one mod.
    #[cfg_attr(feature = "schema", schemars(transform = range::TIME_MS.in_schema()))]
    pub load_time: u64,
    /// Milliseconds for one handler call.
    #[cfg_attr(feature = "schema", schemars(transform = range::TIME_MS.in_schema()))]
    pub handler_time: u64,
    /// Handlers of one mod; its hooks have the same limit. 1,024: more are made in a loop.
    #[cfg_attr(feature = "schema", schemars(transform = range::HANDLERS.in_schema()))]
    pub handlers: usize,
    /// Timers and tasks of one mod together. 1,024, as for handlers.
    #[cfg_attr(feature = "schema", schemars(transform = range::HANDLERS.in_schema()))]
    pub timers: usize,
    /// Functions that one mod exports. 1,024: far beyond what anybody documents.
    #[cfg_attr(feature = "schema", schemars(transform = range::HANDLERS.in_schema()))]
    pub exports: usize,
    /// Names that one mod gives with `mod.register`. 4,096: a name for each class of a large mod.
    #[cfg_attr(feature = "schema", schemars(transform = range::HANDLERS.in_schema()))]
    pub names: usize,
    /// Events of one mod that wait to be delivered. 1,000: a tenth of what may wait of all mods together, so
    /// that one of them can't take the room of the others.
    #[cfg_attr(feature = "schema", schemars(transform = range::COUNT_FROM_1.in_schema()))]
    pub queued_events: usize,
    /// Bytes of their payloads together. 8 MiB: they lie outside of the memory limit of the mod.
    #[cfg_attr(feature = "schema", schemars(transform = range::FILE_BYTES.in_schema()))]
    pub queued_bytes: usize,
    /// How deep calls across mods may nest. 32: what goes deeper is a circle.
    #[cfg_attr(feature = "schema", schemars(transform = range::CALL_DEPTH.in_schema()))]
    pub call_depth: usize,
    /// Log lines of one mod in one second.
    #[cfg_attr(feature = "schema", schemars(transform = range::LOG_LINES.in_schema()))]
    pub log_lines_per_second: u32,
    /// Bytes of the log lines of one mod in one second. 64 KiB: some 300 bytes a line, where one line may
    /// have 4 KiB.
    #[cfg_attr(feature = "schema", schemars(transform = range::FILE_BYTES.in_schema()))]
    pub log_bytes_per_second: u64,
    /// Different problems of one mod that are kept of one event, one load, or for one subscriber; the same
    /// one again is only counted. 100: nobody reads more.
    #[cfg_attr(feature = "schema", schemars(transform = range::COUNT_FROM_1.in_schema()))]
    pub problems: usize,
}

/// `[audit]`
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(default, deny_unknown_fields)
)]
pub struct Audit {
    /// Bytes of the file; a full one is kept until the next is full. 8 MiB: some 20,000 lines, or years of play.
    #[cfg_attr(feature = "schema", schemars(transform = range::AUDIT_BYTES.in_schema()))]
    pub max_bytes: u64,
}

#[cfg(test)]
mod tests;
