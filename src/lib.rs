//! Lunation: a Lua modding framework for games, where a reload is a transaction.
//!
//! A game owns one [`ModManager`], gives it events, and calls [`ModManager::pump`] once a frame. Whoever
//! saves a file of a mod sees it live in the running game, with the state of the mod still there.
//!
//! ```
//! use std::time::Duration;
//! use lunation::{ModManager, Phase};
//!
//! struct World { coins: f64 }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let mods_folder = folder.path().join("mods");
//! # std::fs::create_dir_all(mods_folder.join("taxes/scripts"))?;
//! # std::fs::write(mods_folder.join("taxes/mod.toml"), "id = 'taxes'\nversion = '1.0.0'")?;
//! # std::fs::write(mods_folder.join("taxes/scripts/main.lua"), "
//! #     mod.state.days = 0
//! #     mod.on('day', function(event)
//! #         mod.state.days = mod.state.days + 1
//! #         game.earn(10)
//! #     end)
//! # ")?;
//! let mut world = World { coins: 0.0 };
//! let mut mods = ModManager::builder(mods_folder)
//!     .namespace("game", |api| {
//!         api.function("earn", Phase::Runtime, None, |call, (coins,): (f64,)| {
//!             call.host::<World>()?.coins += coins;
//!             Ok(())
//!         });
//!     })
//!     .build()?;
//! for problem in mods.load() {
//!     eprintln!("{problem}"); // one bad mod never stops the rest
//! }
//!
//! // Once a frame. The world is lent to the mods meanwhile, so their functions capture nothing.
//! let reports = mods.with(&mut world, |mods| {
//!     mods.dispatch("day", &());
//!     mods.pump(Duration::from_millis(2))
//! });
//! for report in reports {
//!     println!("{report}");
//! }
//!
//! // mods/taxes/scripts/main.lua: `mod.on("day", function() … game.earn(10) end)`
//! assert_eq!(world.coins, 10.0);
//! assert_eq!(mods.state(&"taxes".parse()?, "days")?.as_f64(), Some(1.0));
//! # Ok(())
//! # }
//! ```
//!
//! # How an edit becomes a reload
//!
//! A manifest is resolved; a change becomes a reload; disk and Lua are the edges; the manager acts; the
//! doors speak. Each arrow is a type, and each step either decides or does:
//!
//! ```text
//! disk::watch FileEvent → change::settle → disk ModFiles → change::classify Change
//!     → reload::queue ReloadRequest → reload::plan ReloadPlan
//!     → manager::stage Staged → manager::commit → ReloadReport
//! ```
//!
//! # What it promises
//!
//! 1. A broken edit can't hurt a running mod: new code is loaded beside the old, and the switch can't fail.
//! 2. A reload is a transaction: all mods that one change affects switch together, or none does.
//! 3. State survives, or the report says what did not, by its path.
//! 4. A save is a reload that waits: one image of `mod.state` and one rule serve both.
//! 5. What a generation registers goes with it.
//! 6. No mod can stop the game: everything that it does has a limit.
//! 7. The files on disk win, whatever events are lost; unchanged content is never reloaded.
//! 8. Every answer explains itself.
//!
//! The modules below are for those who want a part of it alone, and for tools; a game finds what it needs
//! in the root of the crate.

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

// What stands around everything that is kept on disk.
mod envelope;

// How long things took, in a fixed size.
mod histogram;

// Shared by the rooms that read what people write.
mod near;
mod toml_reader;

// Decisions: pure; no disk, no clock, no Lua.
pub mod change;
pub mod config;
pub mod import;
pub mod manifest;
pub mod profile;
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

pub use change::Kind;
pub use config::ConfigValues;
pub use lua::{
    ApiBuilder, Borrowed, Call, Holding, HostError, LogLevel, LogLine, ObjectBuilder, Phase,
};
pub use manager::{
    BadSave, Bisection, Builder, Dispatched, Error, Generation, Grant, Health, Leaving,
    LedgerEntry, Left, LogEntry, MigrationRun, MigrationTrial, ModGrants, ModManager, ModStatus,
    Onto, Save, SaveFile, SaveNeeds, SavedMod, SavedState, ScriptBuilder, ScriptChange,
    ScriptReloader, ScriptStats, StateSize, Status, Subscription, Trial, TrialVerdict, Until,
    audit_log_of, read_audit_log,
};
pub use manifest::Manifest;
pub use mod_id::{InvalidModId, ModId};
pub use problem::{Code, Place, Problem, Severity};
pub use profile::{InvalidProfileName, Lock, Profile, ProfileName};
pub use reload::{ModEvent, ModReport, Outcome, ReloadPlan, ReloadReport, Step};
pub use resolve::Resolution;
pub use settings::Settings;
pub use value::{HostObject, Object, ObjectId, Value};

// The code of the guide compiles.
#[cfg(doctest)]
#[doc = include_str!("../docs/guides/embed.md")]
struct EmbedGuide;
