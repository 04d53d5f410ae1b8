//! [`Vm`]: one sandboxed Lua VM, which runs one generation of one mod.

mod inspect;
mod outcome;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::MutexGuard;

use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::value::Value;

use super::chunk::load_bytecode;
use super::compile::Bytecode;
use super::fault::{Fault, FaultKind};
use super::flavour::set_read_only;
use super::inner::Inner;
use super::ledger::{Hook, Ledger};
use super::limits::{Interrupt, Watchdog};
use super::modules::LoadedModules;
use super::outside::AssetView;
use super::raw::{self, Callee, PINNED_MAX, RawVm};
use super::{FunctionRef, carry};

/// One sandboxed Lua VM, which runs one generation of one mod.
///
/// It starts *staged*: functions that change the game are refused. [`Vm::set_running`] ends that. A VM
/// that was stopped for a broken limit is *latched*: every further call answers [`FaultKind::Stopped`].
///
/// What every call reads stands first and together: a dispatch to many VMs is bound by memory.
#[repr(C, align(64))]
pub struct Vm {
    raw: RawVm,
    interrupt: Arc<Interrupt>,
    watchdog: Arc<Watchdog>,
    is_latched: AtomicBool,
    inner: Arc<Inner>,
    entry: Arc<str>,
    parts: Parts,
    lua: mlua::Lua,
}

/// What the prelude gives back.
pub(super) struct Parts {
    /// The environment of the mod's chunks.
    pub(super) env: mlua::Table,
    /// The table behind `mod`, with the field `state`.
    pub(super) api: mlua::Table,
    /// The config values that mods see.
    pub(super) config: mlua::Table,
    /// Asset handles, by path.
    pub(super) assets: mlua::Table,
    /// What `mod.register` named.
    pub(super) names: mlua::Table,
}

impl Vm {
    pub(super) fn new(
        lua: mlua::Lua,
        inner: Arc<Inner>,
        parts: Parts,
        interrupt: Arc<Interrupt>,
        watchdog: Arc<Watchdog>,
        entry: Arc<str>,
    ) -> mlua::Result<Vm> {
        let raw = RawVm::new(&lua)?;
        let is_latched = AtomicBool::new(false);
        Ok(Vm {
            raw,
            interrupt,
            watchdog,
            is_latched,
            inner,
            entry,
            parts,
            lua,
        })
    }

    /// The mod.
    pub fn mod_id(&self) -> &ModId {
        &self.inner.mod_id
    }

    /// The generation.
    pub fn generation(&self) -> u64 {
        self.inner.generation
    }

    /// Ends or begins the time in which functions that change the game may be called.
    pub fn set_running(&self, is_running: bool) {
        self.inner.is_running.store(is_running, Ordering::Release);
    }

    /// Whether the VM was stopped for good.
    pub fn is_latched(&self) -> bool {
        self.is_latched.load(Ordering::Acquire)
    }

    /// What this generation has registered.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.inner.ledger.lock()
    }

    /// What `require` has loaded and missed.
    pub fn loaded_modules(&self) -> LoadedModules {
        self.inner.modules.lock().loaded.clone()
    }

    /// Bytes that the VM holds.
    pub fn memory_bytes(&self) -> usize {
        self.lua.used_memory()
    }

    /// The VM itself, for the carry.
    pub(crate) fn lua(&self) -> &mlua::Lua {
        &self.lua
    }

    /// The named slots that are carried: today `state`.
    pub(crate) fn slots(&self) -> Vec<carry::Slot> {
        vec![carry::Slot {
            name: "state".into(),
            holder: self.parts.api.clone(),
            key: "state".into(),
        }]
    }

    /// How many items and entries `mod.state` has room for. A new VM whose table gets this room before its
    /// code runs is filled twice as fast.
    pub fn state_room(&self) -> (usize, usize) {
        let room = |slot| carry::room(&self.lua, &slot).ok();
        self.slots()
            .into_iter()
            .next()
            .and_then(room)
            .unwrap_or_default()
    }

    /// What `mod.register` named, by name.
    pub(crate) fn names_by_name(&self) -> &mlua::Table {
        &self.parts.names
    }

    /// The names that `mod.register` gave, by what they name. `None` if memory is out.
    pub(crate) fn names_by_value(&self) -> Option<mlua::Table> {
        let names = self.lua.create_table().ok()?;
        for entry in self.parts.names.pairs::<mlua::Value, mlua::Value>() {
            let (name, value) = entry.ok()?;
            names.raw_set(value, name).ok()?;
        }
        Some(names)
    }

    /// Runs the entry script: the mod's top-level code.
    ///
    /// # Errors
    /// The problem that keeps the mod from loading.
    pub fn run_entry(&self) -> Result<(), Problem> {
        let (bytecode, place) = self
            .find_entry()
            .map_err(|problem| problem.of(self.mod_id()))?;
        let limit = Duration::from_millis(self.inner.limits.load_time);
        self.load_chunk(&bytecode, &place)
            .and_then(|chunk| self.call(chunk, &[Value::from("main")], limit))
            .map(|_| ())
            .map_err(|fault| fault.problem(self.mod_id(), "while loading"))
    }

    /// The code of the entry script, and its place.
    fn find_entry(&self) -> Result<(Bytecode, String), Problem> {
        let mut modules = self.inner.modules.lock();
        let found = modules.entry(&self.entry).ok_or_else(|| {
            let because = format!("has no entry script {}", self.entry);
            Problem::error(Code::MISSING_ENTRY, because)
                .hint("create the file, or name another one with `entry` in mod.toml")
        })?;
        modules.load(&found).map_err(|problem| *problem)
    }

    /// Calls `function` with `arguments`, within `limit`.
    ///
    /// # Errors
    /// How the call went wrong.
    pub fn call(
        &self,
        function: FunctionRef,
        arguments: &[Value],
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        self.call_callee(Callee { function, slot: 0 }, arguments, limit)
    }

    /// Calls the listener at `place` of the ledger, whose function is `function`. As [`Vm::call`], but
    /// faster for the first few after [`Vm::pin_listeners`].
    ///
    /// # Errors
    /// How the call went wrong.
    pub fn call_listener(
        &self,
        place: usize,
        function: FunctionRef,
        arguments: &[Value],
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        let slot = if place < PINNED_MAX {
            place as u8 + 1
        } else {
            0
        };
        self.call_callee(Callee { function, slot }, arguments, limit)
    }

    /// Lays the functions of the first listeners of the ledger ready.
    pub fn pin_listeners(&self) {
        let ledger = self.inner.ledger.lock();
        self.raw
            .pin(ledger.listeners.iter().map(|listener| listener.function));
    }

    fn call_callee(
        &self,
        callee: Callee,
        arguments: &[Value],
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        let too_deep = || outcome::fault(FaultKind::TooDeep, "calls nested too deep");
        if self.is_latched() {
            return Err(outcome::fault(FaultKind::Stopped, "stopped earlier"));
        }
        let timed = self
            .watchdog
            .time(&self.interrupt, limit)
            .ok_or_else(too_deep)?;
        let result = self.raw.call(
            callee,
            |raw, state| raw::push_arguments(raw, state, arguments),
            |state, status| self.finish(state, status, limit),
        );
        drop(timed);
        result.unwrap_or_else(|| Err(too_deep()))
    }

    /// Calls every function registered for `hook`, in order.
    ///
    /// # Errors
    /// The first problem; the functions after it are not called.
    pub fn run_hook(&self, hook: Hook, arguments: &[Value]) -> Result<(), Fault> {
        let functions = self.ledger().hooks(hook);
        functions.into_iter().try_for_each(|function| {
            self.call(function, arguments, self.handler_limit())
                .map(|_| ())
        })
    }

    /// Sets one config value that the mod sees.
    ///
    /// # Errors
    /// Out of memory.
    pub fn set_config(&self, key: &str, value: &Value) -> Result<(), Fault> {
        let config = &self.parts.config;
        set_read_only(config, false);
        let set = raw::make_handle(&self.lua, value).and_then(|value| config.raw_set(key, value));
        set_read_only(config, true);
        set.map_err(|_| self.out_of_memory())
    }

    /// Updates the handle of an asset, if the mod has asked for one.
    pub fn touch_asset(&self, path: &str, view: AssetView) {
        if let Ok(Some(handle)) = self.parts.assets.raw_get::<Option<mlua::Table>>(path) {
            let _ = handle.raw_set("version", view.version);
            let _ = handle.raw_set("size", view.size);
        }
    }

    /// Calls every `mod.on_asset` function with the path and its handle.
    ///
    /// # Errors
    /// The first problem.
    pub fn run_asset_hook(&self, path: &str) -> Result<(), Fault> {
        let functions = self.ledger().hooks(Hook::Asset);
        functions.into_iter().try_for_each(|function| {
            let bound = self
                .bind_asset(function, path)
                .map_err(|_| self.out_of_memory())?;
            let result = self.call(bound, &[], self.handler_limit());
            self.raw.release(bound);
            result.map(|_| ())
        })
    }

    /// `function` with the path and the handle of an asset as its arguments.
    fn bind_asset(&self, function: FunctionRef, path: &str) -> mlua::Result<FunctionRef> {
        let asset: mlua::Function = self.parts.api.raw_get("asset")?;
        let handle: mlua::Value = asset.call(path)?;
        let bound = raw::function_handle(&self.lua, function)?.bind((path, handle))?;
        RawVm::keep(&self.lua, &bound)
    }

    /// How long a handler or a hook may run.
    fn handler_limit(&self) -> Duration {
        Duration::from_millis(self.inner.limits.handler_time)
    }

    /// Loads a chunk with the mod's environment.
    fn load_chunk(&self, bytecode: &[u8], place: &str) -> Result<FunctionRef, Fault> {
        let function = load_bytecode(&self.lua, &self.parts.env, bytecode, place);
        function
            .and_then(|f| RawVm::keep(&self.lua, &f))
            .map_err(|_| self.out_of_memory())
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        self.interrupt.detach();
    }
}

impl std::fmt::Debug for Vm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vm({} gen {})", self.mod_id(), self.generation())
    }
}
