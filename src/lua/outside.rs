//! [`Outside`]: what a VM can ask of the world around it, and the words for it.

use std::sync::Arc;

use crate::mod_id::ModId;
use crate::problem::Place;
use crate::value::Value;

use super::FunctionRef;
use super::across::Across;
use super::fault::Fault;
use super::raw::Lent;
use super::vm::Vm;

/// What a mod sees of one of its assets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetView {
    /// Counts the contents that this asset has had, from 1.
    pub version: u64,
    /// Bytes.
    pub size: u64,
}

/// What a VM can ask of the world around it. The manager implements it.
pub trait Outside: Send + Sync {
    /// Queues an event for the other mods and the host.
    ///
    /// # Errors
    /// The queue is full, or has enough of this mod.
    fn emit(&self, from: Caller<'_>, event: &str, payload: Value) -> Result<(), String>;

    /// Whether the mod `id`, or one that provides `id`, is there.
    fn is_present(&self, id: &ModId) -> bool;

    /// What `name` is among the exports of `id`.
    fn member(&self, caller: Caller<'_>, id: &ModId, name: &str) -> Member;

    /// Calls an exported function of another mod.
    ///
    /// # Errors
    /// Why the call failed, in words for the caller.
    fn call(
        &self,
        caller: Caller<'_>,
        id: &ModId,
        function: &str,
        arguments: &[Value],
    ) -> Result<Vec<Value>, String>;

    /// What all calls from mod to mod share. Its epoch changes whenever [`Outside::way`] may answer otherwise.
    fn across(&self) -> &Across;

    /// Where a call of an exported function goes, if it is there.
    fn way(&self, caller: Caller<'_>, id: &ModId, function: &str)
    -> Option<(Arc<Vm>, FunctionRef)>;

    /// Hears how a call of `function` went wrong; the words for the caller.
    fn fault_across(&self, vm: &Vm, function: &str, fault: Fault) -> String;

    /// Takes a log line.
    fn log(&self, line: LogLine);

    /// The host's clock, in ticks.
    fn tick(&self) -> u64;

    /// Hears that a running mod has changed its handlers or timers.
    fn registrations_changed(&self, id: &ModId);

    /// The content of the asset at `path`, relative to the mods folder.
    ///
    /// # Errors
    /// It can't be read.
    fn read_asset(&self, path: &str) -> Result<Vec<u8>, String>;

    /// The game, if it is lent.
    fn lent(&self) -> &Lent;
}

/// Who calls another mod, or sends it an event.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The mod.
    pub mod_id: &'a ModId,
    /// Its generation.
    pub generation: u64,
    /// Whether its VM is being staged: then it sees the VMs that are staged with it.
    pub is_staged: bool,
}

/// What a name is among the exports of a mod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// Used for an exported function.
    Function,
    /// Used for a name that the running mod does not export.
    Absent,
    /// Used while the mod itself is not up: it loads later in the same group, or was stopped.
    Down,
}

/// How serious a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LogLevel {
    /// Used for what only the mod's author wants to see.
    Debug,
    /// Used by `print` too.
    Info,
    /// Used for what is surely not meant.
    Warn,
    /// Used for what does not work.
    Error,
}

/// One line that a mod logged.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    /// The mod.
    pub mod_id: ModId,
    /// How serious it is.
    pub level: LogLevel,
    /// One line, at most 4 KiB.
    pub text: String,
    /// Where the mod logged it.
    pub place: Option<Place>,
}
