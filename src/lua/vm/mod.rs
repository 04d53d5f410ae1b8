//! [`Vm`]: one sandboxed Lua VM, which runs one generation of one mod.

mod call;
mod carry;
mod inspect;
mod loan;
mod migrate;
mod objects;
mod outcome;
mod registrations;
mod remake;
// LuaJIT itself loses some bytes where memory ends, and its builds for tests abort for that.
#[cfg(all(test, not(feature = "luajit")))]
mod starving_tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use crate::mod_id::ModId;
use crate::problem::{Code, Problem};
use crate::value::Value;

use super::FunctionRef;
use super::carry::Origins;
use super::chunk::load_bytecode;
use super::compile::{Bytecode, Scripts};
use super::fault::Fault;
use super::flavour::set_read_only;
use super::inner::Inner;
use super::ledger::{Hook, Ledger};
use super::limits::{Interrupt, Watchdog};
use super::modules::LoadedModules;
use super::outside::AssetView;
use super::raw::{self, Nearby, RawVm};
use super::tally::{CallCounts, Pace};

use self::loan::Standing;
use self::objects::Told;

pub(super) use self::call::Crossed;
pub(super) use self::carry::Carry;

pub(crate) use self::migrate::MigrateError;
pub(crate) use self::registrations::Gone;

/// What the engine takes for "as much memory as there is".
const NO_MEMORY_LIMIT: usize = 0;

/// One sandboxed Lua VM, which runs one generation of one mod.
///
/// It starts *staged*: functions that change the game are refused. [`Vm::set_running`] ends that. A VM
/// that was stopped for a broken limit is *latched*: every further call answers [`Stopped`](super::FaultKind::Stopped).
///
/// What every call reads stands first and together: a dispatch to many VMs is bound by memory.
#[repr(C, align(64))]
pub struct Vm {
    raw: RawVm,
    interrupt: Arc<Interrupt>,
    watchdog: Arc<Watchdog>,
    standing: Standing,
    pace: Pace,
    nearby: Nearby,
    inner: Arc<Inner>,
    entry: Arc<str>,
    parts: Parts,
    /// What was there when the code had been loaded, once it is known.
    origins: Mutex<Option<Origins>>,
    /// What the host has said of its objects, for the carry.
    told: Mutex<Told>,
    /// The bytes that it held when that was asked last.
    memory_bytes: AtomicUsize,
    /// The memory limit, while it is lifted.
    lifted_limit: AtomicUsize,
    lua: mlua::Lua,
}

/// What Lunation's own work in a VM may take above the limit of the mod, in bytes: a mod that has filled its
/// memory can still be told of its config, be looked at and captured, and so be mended.
const RESERVE_BYTES: usize = 64 << 20;

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
    /// What the carry asks of the prelude.
    pub(super) carry: Carry,
    /// The host objects that live, by their keys, weakly.
    pub(super) objects: mlua::Table,
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
        Ok(Vm {
            raw,
            interrupt,
            watchdog,
            standing: Standing::default(),
            pace: Pace::default(),
            nearby: Nearby::default(),
            inner,
            entry,
            parts,
            origins: Mutex::default(),
            told: Mutex::default(),
            memory_bytes: AtomicUsize::new(0),
            lifted_limit: AtomicUsize::new(NO_MEMORY_LIMIT),
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

    /// Ends or begins the time in which functions that change the game may be called. When it begins, so do
    /// [`Vm::call_counts`]: what was called while staging is no part of them.
    pub fn set_running(&self, is_running: bool) {
        if is_running {
            self.interrupt.tally.clear(&self.pace);
        }
        self.inner.is_running.store(is_running, Ordering::Release);
    }

    /// How the calls into it went.
    pub fn call_counts(&self) -> CallCounts {
        self.interrupt.tally.counts(&self.pace)
    }

    /// How many calls into the VM there were so far: as long as it is the same number, no code of the mod has run.
    pub(crate) fn calls(&self) -> u64 {
        self.interrupt.tally.calls(&self.pace)
    }

    /// Whether the VM was stopped for good.
    pub fn is_latched(&self) -> bool {
        self.standing.is_latched()
    }

    /// The version of the state that it holds: the number of the newest migration that the state has had.
    pub fn state_version(&self) -> u32 {
        self.inner.state_version.load(Ordering::Acquire)
    }

    /// Notes that the state that comes in has had more migrations than the code knows.
    pub fn set_state_version(&self, version: u32) {
        self.inner.state_version.store(version, Ordering::Release);
    }

    /// What this generation has registered.
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.inner.ledger.lock()
    }

    /// What `require` has loaded and missed.
    pub fn loaded_modules(&self) -> LoadedModules {
        self.inner.modules.lock().loaded.clone()
    }

    /// The same, to look at before the VM runs again.
    pub fn look_at_modules(&self) -> MappedMutexGuard<'_, LoadedModules> {
        MutexGuard::map(self.inner.modules.lock(), |modules| &mut modules.loaded)
    }

    /// The scripts that the VM can reach.
    pub fn scripts(&self) -> BTreeMap<ModId, Arc<Scripts>> {
        self.inner.modules.lock().scripts().1.clone()
    }

    /// Says, once the VM has been dropped, whether its memory is still there.
    pub(crate) fn witness(&self) -> impl Fn() -> bool + Send + use<> {
        let lua = self.lua.weak();
        move || lua.try_upgrade().is_some()
    }

    /// Bounds the bytes that the VM may hold; the bound before.
    ///
    /// # Errors
    /// The engine can't.
    pub(super) fn set_memory_limit(&self, bytes: usize) -> mlua::Result<usize> {
        self.lua.set_memory_limit(bytes)
    }

    /// Does `work` of Lunation's own, which runs no code of the mod, with memory that the mod does not have.
    fn with_reserve<R>(&self, work: impl FnOnce() -> R) -> R {
        // Where there is no limit that can be set, there is none that could be in the way.
        let limit = self.lua.set_memory_limit(0).unwrap_or(0);
        if limit > 0 {
            let _ = self.lua.set_memory_limit(limit + RESERVE_BYTES);
        }
        let result = work();
        if limit > 0 {
            let _ = self.lua.set_memory_limit(limit);
        }
        result
    }

    /// Bytes that the VM holds; while another thread has it, those that it held before.
    pub fn memory_bytes(&self) -> usize {
        if !self.standing.is_lent() {
            let bytes = self.lua.used_memory();
            self.memory_bytes.store(bytes, Ordering::Relaxed);
        }
        self.memory_bytes.load(Ordering::Relaxed)
    }

    /// Runs the entry script: the mod's top-level code.
    ///
    /// # Errors
    /// The problem that keeps the mod from loading.
    pub fn run_entry(&self) -> Result<(), Problem> {
        let (bytecode, place, key) = self
            .find_entry()
            .map_err(|problem| problem.of(self.mod_id()))?;
        self.load_entry(&bytecode, &place, &key)
            .and_then(|entry| self.call_once(&entry, &[], self.load_limit()))
            .map(|_| ())
            .map_err(|fault| fault.problem(self.mod_id(), "while loading"))
    }

    /// The code of the entry script, its place, and its name as a module.
    fn find_entry(&self) -> Result<(Bytecode, String, String), Problem> {
        let mut modules = self.inner.modules.lock();
        let found = modules.entry(&self.entry).ok_or_else(|| {
            let because = format!("has no entry script {}", self.entry);
            Problem::error(Code::MISSING_ENTRY, because)
                .hint("create the file, or name another one with `entry` in mod.toml")
        })?;
        let (bytecode, place) = modules.load(&found).map_err(|problem| *problem)?;
        Ok((bytecode, place, found.key))
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
        let set = self.with_reserve(|| {
            raw::make_handle(&self.lua, value).and_then(|value| config.raw_set(key, value))
        });
        set_read_only(config, true);
        set.map_err(|_| self.out_of_memory())
    }

    /// Updates the handle of an asset, if the mod has asked for one.
    pub fn touch_asset(&self, path: &str, view: AssetView) {
        self.with_reserve(|| {
            if let Ok(Some(handle)) = self.parts.assets.raw_get::<Option<mlua::Table>>(path) {
                let _ = handle.raw_set("version", view.version);
                let _ = handle.raw_set("size", view.size);
            }
        });
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

    /// How long top-level code may run.
    fn load_limit(&self) -> Duration {
        Duration::from_millis(self.inner.limits.load_time)
    }

    /// How long a handler or a hook may run.
    fn handler_limit(&self) -> Duration {
        Duration::from_millis(self.inner.limits.handler_time)
    }

    /// Loads the entry script as a function without arguments.
    fn load_entry(&self, bytecode: &[u8], place: &str, key: &str) -> Result<mlua::Function, Fault> {
        let chunk = load_bytecode(&self.lua, &self.parts.env, bytecode, place);
        chunk
            .and_then(|chunk| self.parts.carry.entry(chunk, key))
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
