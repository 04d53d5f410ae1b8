//! [`Settings`]: what `lunation.toml` says; every limit has its default and its reason here.

use serde::Serialize;

/// The settings of a mods folder. [`Settings::default`] is what an absent `lunation.toml` means.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Settings {
    /// How changes are noticed and reloaded.
    pub hot_reload: HotReload,
    /// What one mod may use.
    pub limits: Limits,
}

/// `[hot_reload]`
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    pub debounce_delay: u64,
    /// Milliseconds: the shortest quiet time of `adaptive`.
    pub debounce_min: u64,
    /// Milliseconds: the longest quiet time of `adaptive`, and the longest wait of every strategy.
    pub debounce_max: u64,
    /// Bytes of one asset. 10 MiB: more is streamed content, which a game loads by other ways.
    pub max_file_size: u64,
    /// Bytes of one script. 256 KiB: compiling hostile source costs 500 × its size in memory.
    pub max_script_size: u64,
    /// Extensions that are scripts, config or data; everything else in a mod is an asset.
    pub supported_extensions: Vec<String>,
    /// Which versions a reload may bring.
    pub version_policy: VersionPolicy,
    /// `[hot_reload.ignore_patterns]`: globs on the path relative to the mods folder or any part of its end.
    pub ignore_patterns: Vec<String>,
    /// `[hot_reload.reload_queue]`
    pub reload_queue: ReloadQueue,
    /// `[hot_reload.retry]`
    pub retry: Retry,
    /// `[hot_reload.breaker]`
    pub breaker: Breaker,
    /// `[hot_reload.probation]`
    pub probation: Probation,
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
pub struct ReloadQueue {
    /// Requests kept; above it the queue collapses into one rescan, so that nothing is lost.
    pub max_pending_reloads: usize,
    /// Seconds that one transaction may take.
    pub reload_timeout: u64,
    /// Whether priorities count; otherwise strictly oldest first.
    pub priority_handling: bool,
}

/// `[hot_reload.retry]`: for causes that may pass by themselves: an unreadable or half-written file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Retry {
    /// How the delay grows.
    pub strategy: RetryStrategy,
    /// Milliseconds before the first retry.
    pub initial_delay: u64,
    /// Factor between two delays (`exponential`).
    pub multiplier: f64,
    /// Milliseconds between two delays (`linear`).
    pub increment: u64,
    /// Milliseconds: the longest delay.
    pub max_delay: u64,
    /// Retries of one content of one file.
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
pub struct Breaker {
    /// Failed reloads of one mod in a row before its automatic reloads pause.
    pub threshold: u32,
    /// Seconds of the pause.
    pub cool_down: u64,
}

/// `[hot_reload.probation]`
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probation {
    /// Dispatches after a switch during which a new generation is on probation.
    pub dispatches: u32,
    /// The number of errors in that time that sends the mod back to the generation before.
    pub max_errors: u32,
}

/// `[hot_reload.state_management]`
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    pub max_state_size: u64,
    /// Generations kept per mod.
    pub history: usize,
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
pub struct Dependencies {
    /// Whether a manifest edit re-resolves by itself.
    pub auto_resolve: bool,
    /// Whether versions are compared with requirements.
    pub validate_versions: bool,
    /// Whether resolutions are cached.
    pub cache_resolutions: bool,
    /// The longest chain of dependencies. 64: real packs pass 10.
    pub max_dependency_depth: usize,
}

/// `[limits]`, per mod.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Bytes of one VM. 32 MiB also bounds the longest builtin that can't be interrupted, to some 18 ms.
    pub memory: usize,
    /// Milliseconds for the top-level code of one mod.
    pub load_time: u64,
    /// Milliseconds for one handler call.
    pub handler_time: u64,
    /// Handlers of one mod; timers have the same limit.
    pub handlers: usize,
    /// Log lines of one mod in one second.
    pub log_lines_per_second: u32,
}

impl Default for HotReload {
    fn default() -> Self {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        HotReload {
            enabled: true,
            watch_mod_directory: true,
            watch_subdirectories: true,
            follow_symlinks: false,
            debounce: Debounce::Settle,
            debounce_delay: 100,
            debounce_min: 20,
            debounce_max: 2000,
            max_file_size: 10 * 1024 * 1024,
            max_script_size: 256 * 1024,
            supported_extensions: owned(&["lua", "luau", "toml", "json", "wasm"]),
            version_policy: VersionPolicy::Any,
            ignore_patterns: owned(&[
                "*.tmp", "*.bak", "*.swp", "*~", "4913", ".git/*", "target/*", "*.log",
            ]),
            reload_queue: ReloadQueue {
                max_pending_reloads: 100,
                reload_timeout: 30,
                priority_handling: true,
            },
            retry: Retry {
                strategy: RetryStrategy::Exponential,
                initial_delay: 100,
                multiplier: 2.0,
                increment: 1000,
                max_delay: 30_000,
                max_retries: 5,
            },
            breaker: Breaker {
                threshold: 5,
                cool_down: 30,
            },
            probation: Probation {
                dispatches: 60,
                max_errors: 3,
            },
            state_management: StateManagement {
                preserve_state: true,
                carry: Carry::All,
                on_uncarryable: OnUncarryable::Refuse,
                state_serialization: StateSerialization::Native,
                state_compression: StateCompression::None,
                max_state_size: 1024 * 1024,
                history: 10,
            },
            dependencies: Dependencies {
                auto_resolve: true,
                validate_versions: true,
                cache_resolutions: true,
                max_dependency_depth: 64,
            },
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory: 32 * 1024 * 1024,
            load_time: 1000,
            handler_time: 50,
            handlers: 1024,
            log_lines_per_second: 200,
        }
    }
}
