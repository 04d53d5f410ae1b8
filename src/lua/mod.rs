//! Lua: the only room that names mlua. One sandboxed VM a mod, its limits, its API, and the carry of its
//! state.
//!
//! An [`Engine`] holds what all VMs share: the watchdog, the prelude, the host's functions. It makes a
//! [`Vm`] for each generation of each mod from the mod's compiled scripts ([`Scripts`]). What a VM wants of
//! the rest of the world, it asks of [`Outside`], which the manager implements. What a generation has
//! registered is in its [`Ledger`], and goes with it.

mod across;
#[cfg(test)]
mod alone;
mod api;
mod bare;
mod birth;
mod bounds;
pub mod carry;
mod chunk;
mod code;
mod codec;
mod compile;
mod engine;
mod fault;
mod flavour;
mod hints;
#[cfg(not(feature = "luau"))]
mod hook;
mod host;
mod inner;
mod ledger;
mod limits;
mod link;
mod modules;
#[cfg(test)]
mod object_tests;
mod outline;
mod outside;
mod raw;
mod ready;
mod sandbox;
mod tally;
#[cfg(test)]
mod tests;
mod vm;

pub use across::Across;
pub use birth::Birth;
pub use codec::ObjectBuilder;
pub use compile::{Bytecode, Cache, Scripts, compile, engine_stamp};
pub use engine::Engine;
pub(crate) use engine::OVERHEAD_BYTES;
pub use fault::{Fault, FaultKind};
pub use flavour::FLAVOUR;
pub use host::{ApiBuilder, Call, FromValues, HostError, HostRegistry, IntoValues, Phase};
pub use ledger::{Due, Holding, Hook, Ledger, Listener, Timer};
pub use limits::Busy;
pub use modules::LoadedModules;
pub use outside::{AssetView, Caller, LogLevel, LogLine, Member, Outside};
pub use raw::{Borrowed, Lent};
pub use tally::CallCounts;
pub use vm::Vm;
pub(crate) use vm::{Gone, MigrateError};

/// A function of a mod, kept in its VM's registry. Only the VM that made it can use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionRef(std::os::raw::c_int);
