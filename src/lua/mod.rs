//! Lua: the only room that names mlua. One sandboxed VM a mod, its limits, its API, and the carry of its
//! state.
//!
//! An [`Engine`] holds what all VMs share: the watchdog, the prelude, the host's functions. It makes a
//! [`Vm`] for each generation of each mod from the mod's compiled scripts ([`Scripts`]). What a VM wants of
//! the rest of the world, it asks of [`Outside`], which the manager implements. What a generation has
//! registered is in its [`Ledger`], and goes with it.

mod api;
pub mod carry;
mod compile;
mod engine;
mod fault;
mod hints;
#[cfg(not(feature = "luau"))]
mod hook;
mod host;
mod ledger;
mod limits;
mod modules;
mod outside;
mod raw;
mod sandbox;
#[cfg(test)]
mod tests;
mod vm;

pub use compile::{Bytecode, Cache, Scripts, check_syntax, compile, is_script};
pub use engine::{Engine, FLAVOUR};
pub use fault::{Fault, FaultKind};
pub use host::{
    ApiBuilder, Call, FromValues, HostError, HostFunction, HostFunctions, HostRegistry, IntoValues,
    Phase,
};
pub use ledger::{Handler, Hook, Ledger, Timer};
pub use modules::LoadedModules;
pub use outside::{AssetView, Caller, LogLevel, LogLine, Member, Outside};
pub use raw::{Borrowed, Lent};
pub use vm::{Birth, Vm};

/// A function of a mod, kept in its VM's registry. Only the VM that made it can use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionRef(std::os::raw::c_int);
