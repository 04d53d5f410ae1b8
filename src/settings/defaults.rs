//! The defaults of every setting; the reasons stand at the fields.

use super::*;

impl Default for HotReload {
    fn default() -> Self {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        HotReload {
            enabled: true,
            watch_mod_directory: true,
            watch_subdirectories: true,
            follow_symlinks: false,
            // Only the host names a folder; whoever mistrusts it can do without.
            bytecode_on_disk: true,
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
            reload_queue: ReloadQueue::default(),
            retry: Retry::default(),
            breaker: Breaker::default(),
            probation: Probation::default(),
            quarantine: Quarantine::default(),
            state_management: StateManagement::default(),
            dependencies: Dependencies::default(),
        }
    }
}

impl Default for ReloadQueue {
    fn default() -> Self {
        ReloadQueue {
            max_pending_reloads: 100,
            reload_timeout: 30,
            priority_handling: true,
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            strategy: RetryStrategy::Exponential,
            initial_delay: 100,
            multiplier: 2.0,
            increment: 1000,
            max_delay: 30_000,
            max_retries: 5,
        }
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker {
            threshold: 5,
            cool_down: 30,
        }
    }
}

impl Default for Probation {
    fn default() -> Self {
        Probation {
            dispatches: 60,
            max_errors: 3,
        }
    }
}

impl Default for Quarantine {
    fn default() -> Self {
        Quarantine {
            strikes: 3,
            window: 60,
        }
    }
}

impl Default for StateManagement {
    fn default() -> Self {
        StateManagement {
            preserve_state: true,
            carry: Carry::All,
            on_uncarryable: OnUncarryable::Refuse,
            state_serialization: StateSerialization::Native,
            state_compression: StateCompression::None,
            max_state_size: 1024 * 1024,
            history: 10,
            history_bytes: 64 * 1024 * 1024,
            checkpoint_interval: 0,
        }
    }
}

impl Default for Dependencies {
    fn default() -> Self {
        Dependencies {
            auto_resolve: true,
            validate_versions: true,
            cache_resolutions: true,
            max_dependency_depth: 64,
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
            timers: 1024,
            exports: 1024,
            names: 4096,
            queued_events: 1000,
            queued_bytes: 8 * 1024 * 1024,
            call_depth: 32,
            log_lines_per_second: 200,
            log_bytes_per_second: 64 * 1024,
            problems: 100,
        }
    }
}

impl Default for Audit {
    fn default() -> Self {
        Audit {
            max_bytes: 8 * 1024 * 1024,
        }
    }
}
