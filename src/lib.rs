//! Lunation: a Lua modding framework for games, where a reload is a transaction.
//!
//! A manifest is resolved; a change becomes a reload; disk and Lua are the edges; the manager acts; the
//! doors speak.

#[cfg(all(feature = "luau", panic = "abort"))]
compile_error!(
    "Luau raises its errors as C++ exceptions through Rust frames: build with `panic = \"unwind\"`, or with the feature `lua54`"
);
#[cfg(any(
    all(feature = "luau", feature = "lua54"),
    all(feature = "luau", feature = "luajit"),
    all(feature = "lua54", feature = "luajit"),
))]
compile_error!(
    "exactly one Lua flavour: choose one of the features `luau`, `lua54`, `luajit` (with `default-features = false`)"
);
#[cfg(not(any(feature = "luau", feature = "lua54", feature = "luajit")))]
compile_error!(
    "no Lua flavour: choose one of the features `luau` (the default), `lua54`, `luajit`"
);

// Words: leaves, no behaviour of their own.
pub mod files;
pub mod mod_id;
pub mod problem;
pub mod settings;
pub mod state;
pub mod value;

// Shared by the rooms that read what people write.
mod near;
mod toml_reader;

// Decisions: pure; no disk, no clock, no Lua.
pub mod change;
pub mod config;
pub mod manifest;
pub mod reload;
pub mod resolve;

// Edges: each the only place for one outside thing.
pub mod disk;
pub mod lua;

// The one who acts.
pub mod manager;

// The doors: the only places that speak to people or programs.
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod demo;
#[cfg(feature = "cli")]
pub mod protocol;

pub use lua::{ApiBuilder, Borrowed, Call, HostError, LogLevel, LogLine, Phase};
pub use manager::{
    Builder, Dispatched, Error, Generation, Grant, LogEntry, ModManager, ModStatus, Status,
    Subscription, Until,
};
pub use mod_id::{InvalidModId, ModId};
pub use problem::{Place, Problem, Severity};
pub use reload::{ModEvent, ReloadPlan, ReloadReport};
pub use settings::Settings;
pub use value::Value;
