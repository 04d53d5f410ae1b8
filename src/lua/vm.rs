//! [`Vm`]: one sandboxed Lua VM, which runs one generation of one mod.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::mod_id::ModId;
use crate::problem::{Code, Place, Problem};
use crate::settings::Limits;
use crate::value::Value;

use super::compile::{Scripts, chunk_name};
use super::fault::{Fault, FaultKind};
use super::ledger::{Hook, Ledger};
use super::limits::{Interrupt, Watchdog};
use super::modules::{LoadedModules, Modules};
use super::outside::{AssetView, Outside};
use super::raw::{self, RawVm, Status};
use super::{FunctionRef, carry};

/// Everything that a new VM is told.
pub struct Birth {
    /// The mod.
    pub mod_id: ModId,
    /// Its version.
    pub version: semver::Version,
    /// The generation that this VM will be if it is committed.
    pub generation: u64,
    /// The entry script, relative to the mod.
    pub entry: Arc<str>,
    /// The scripts of the mod and of its dependencies.
    pub scripts: BTreeMap<ModId, Arc<Scripts>>,
    /// The dependencies that the manifest lists, present or not.
    pub dependencies: BTreeSet<ModId>,
    /// The effective config values.
    pub config: Vec<(String, Value)>,
    /// The assets; shared with the manager, which updates it.
    pub assets: Arc<Mutex<BTreeMap<Arc<str>, AssetView>>>,
    /// What the host granted.
    pub capabilities: BTreeSet<String>,
    /// What the mod may use.
    pub limits: Limits,
}

/// What the functions of a VM's API share with its [`Vm`]; never the VM itself, or it could not be freed.
pub(super) struct Inner {
    pub(super) mod_id: ModId,
    pub(super) generation: u64,
    pub(super) limits: Limits,
    pub(super) capabilities: BTreeSet<String>,
    pub(super) dependencies: BTreeSet<ModId>,
    pub(super) assets: Arc<Mutex<BTreeMap<Arc<str>, AssetView>>>,
    pub(super) is_running: AtomicBool,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) modules: Mutex<Modules>,
    pub(super) outside: Arc<dyn Outside>,
}

/// One sandboxed Lua VM, which runs one generation of one mod.
///
/// It starts *staged*: functions that change the game are refused. [`Vm::set_running`] ends that. A VM
/// that was stopped for a broken limit is *latched*: every further call answers [`FaultKind::Stopped`].
pub struct Vm {
    inner: Arc<Inner>,
    raw: RawVm,
    interrupt: Arc<Interrupt>,
    watchdog: Arc<Watchdog>,
    is_latched: AtomicBool,
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
            inner,
            raw,
            interrupt,
            watchdog,
            is_latched,
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
        let mod_id = self.mod_id();
        let loaded = {
            let mut modules = self.inner.modules.lock();
            modules.entry(&self.entry).map(|found| modules.load(&found))
        };
        let Some(loaded) = loaded else {
            let problem = Problem::error(
                Code::MISSING_ENTRY,
                format!("has no entry script {}", self.entry),
            );
            return Err(problem
                .of(mod_id)
                .hint("create the file, or name another one with `entry` in mod.toml"));
        };
        let (bytecode, place) = loaded.map_err(|problem| problem.of(mod_id))?;
        let limit = Duration::from_millis(self.inner.limits.load_time);
        self.load_chunk(&bytecode, &place)
            .and_then(|chunk| self.call(chunk, &[Value::from("main")], limit))
            .map(|_| ())
            .map_err(|fault| fault.problem(mod_id, "while loading"))
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
        if self.is_latched() {
            return Err(self.fault(FaultKind::Stopped, "stopped earlier"));
        }
        let timed = self.watchdog.time(&self.interrupt, limit);
        let result = self.raw.call(
            function,
            |raw, state| raw::push_arguments(raw, state, arguments),
            |state, status| self.finish(state, status, limit),
        );
        drop(timed);
        result.unwrap_or_else(|| Err(self.fault(FaultKind::TooDeep, "calls nested too deep")))
    }

    /// Calls every function registered for `hook`, in order.
    ///
    /// # Errors
    /// The first problem; the functions after it are not called.
    pub fn run_hook(&self, hook: Hook, arguments: &[Value]) -> Result<(), Fault> {
        let functions = self.ledger().hooks(hook);
        let limit = Duration::from_millis(self.inner.limits.handler_time);
        functions
            .into_iter()
            .try_for_each(|function| self.call(function, arguments, limit).map(|_| ()))
    }

    /// Runs `code` in the mod's environment: an expression, or statements with `return`.
    ///
    /// # Errors
    /// How it went wrong, a syntax error too.
    pub fn eval(&self, code: &str) -> Result<Vec<Value>, Fault> {
        let load = |source: String| {
            let chunk = self
                .lua
                .load(source)
                .set_name("=eval")
                .set_mode(mlua::chunk::ChunkMode::Text);
            chunk
                .set_environment(self.parts.env.clone())
                .into_function()
        };
        let function = load(format!("return {code}\n")).or_else(|_| load(code.to_owned()));
        let function = function.map_err(|error| Fault::raised(&error.to_string()))?;
        let kept = RawVm::keep(&self.lua, &function).map_err(|_| self.out_of_memory())?;
        let result = self.call(
            kept,
            &[],
            Duration::from_millis(self.inner.limits.handler_time),
        );
        self.raw.release(kept);
        result
    }

    /// Shows the value at `path` below `mod.state`: `enemies[3].name`, or all of it for an empty path.
    ///
    /// # Errors
    /// A path that is not one, or a value that is too deep to show.
    pub fn state_at(&self, path: &str) -> Result<Value, Fault> {
        let failed = |error: mlua::Error| Fault::raised(&error.to_string());
        let mut at: mlua::Value = self.parts.api.raw_get("state").map_err(failed)?;
        for key in split_path(path) {
            let mlua::Value::Table(table) = &at else {
                return Ok(Value::Nil);
            };
            at = match key.parse::<f64>() {
                Ok(n) if key.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                    table.raw_get(n)
                }
                _ => table.raw_get(key),
            }
            .map_err(failed)?;
        }
        self.show(&at)
    }

    /// Reads `value` out of the VM.
    fn show(&self, value: &mlua::Value) -> Result<Value, Fault> {
        raw::read_handle(&self.lua, value)
            .map_err(|_| self.out_of_memory())?
            .map_err(|why| Fault::raised(&format!("the value can't be shown because it {why}")))
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
            let _ = handle.raw_set("version", view.version as f64);
            let _ = handle.raw_set("size", view.size as f64);
        }
    }

    /// Calls every `mod.on_asset` function with the path and its handle.
    ///
    /// # Errors
    /// The first problem.
    pub fn run_asset_hook(&self, path: &str) -> Result<(), Fault> {
        let functions = self.ledger().hooks(Hook::Asset);
        let limit = Duration::from_millis(self.inner.limits.handler_time);
        functions.into_iter().try_for_each(|function| {
            let bound = self
                .bind_asset(function, path)
                .map_err(|_| self.out_of_memory())?;
            let result = self.call(bound, &[], limit);
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

    /// Loads a chunk with the mod's environment.
    fn load_chunk(&self, bytecode: &[u8], place: &str) -> Result<FunctionRef, Fault> {
        let function = load_bytecode(&self.lua, &self.parts.env, bytecode, place);
        function
            .and_then(|f| RawVm::keep(&self.lua, &f))
            .map_err(|_| self.out_of_memory())
    }

    fn finish(
        &self,
        state: *mut mlua::ffi::lua_State,
        status: Status,
        limit: Duration,
    ) -> Result<Vec<Value>, Fault> {
        if self.interrupt.has_tripped() {
            self.latch();
            let place = self
                .interrupt
                .tripped_at()
                .map(|(file, line)| Place::line(file, line));
            return Err(Fault {
                kind: FaultKind::OverTime(limit),
                message: "over its time limit".into(),
                place,
            });
        }
        match status {
            Status::Returned(0) => Ok(Vec::new()),
            Status::Returned(count) => raw::read_results(&self.raw, state, count)
                .map_err(|why| Fault::raised(&format!("a result can't cross because it {why}"))),
            Status::Yielded => Err(Fault::raised(
                "called coroutine.yield outside of a coroutine of its own",
            )),
            Status::Failed => Err(self.error_of(state)),
            Status::OutOfMemory => {
                self.latch();
                Err(self.out_of_memory())
            }
        }
    }

    /// The error on top of `state`, in words. No code of the mod runs for it: no `__tostring`.
    fn error_of(&self, state: *mut mlua::ffi::lua_State) -> Fault {
        let (error, place) = raw::take_error(&self.lua, state);
        let text = match error {
            Ok(mlua::Value::String(text)) => text.to_string_lossy(),
            Ok(mlua::Value::Error(error)) => text_of_error(&error),
            Ok(mlua::Value::Table(table)) => ["message", "msg", "error"]
                .iter()
                .find_map(|key| table.raw_get::<Option<String>>(*key).ok().flatten())
                .unwrap_or_else(|| {
                    "an error value that is a table, without a message field".into()
                }),
            Ok(mlua::Value::Nil) => "an error value that is nil".into(),
            Ok(other) => format!("an error value that is a {}", other.type_name()),
            Err(_) => return self.out_of_memory(),
        };
        let fault = Fault::raised(&text);
        let place = fault
            .place
            .clone()
            .or_else(|| place.map(|(file, line)| Place::line(file, line)));
        Fault { place, ..fault }
    }

    fn latch(&self) {
        self.is_latched.store(true, Ordering::Release);
        self.interrupt.disarm();
    }

    fn out_of_memory(&self) -> Fault {
        self.latch();
        self.fault(FaultKind::OutOfMemory, "not enough memory")
    }

    fn fault(&self, kind: FaultKind, message: &str) -> Fault {
        Fault {
            kind,
            message: message.into(),
            place: None,
        }
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

/// The innermost cause of an error that came through mlua, without tracebacks.
fn text_of_error(error: &mlua::Error) -> String {
    match error {
        mlua::Error::CallbackError { cause, .. } => text_of_error(cause),
        mlua::Error::RuntimeError(text) | mlua::Error::MemoryError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Loads `bytecode` as a function with the environment `env`.
pub(super) fn load_bytecode(
    lua: &mlua::Lua,
    env: &mlua::Table,
    bytecode: &[u8],
    place: &str,
) -> mlua::Result<mlua::Function> {
    // Luau would look up `a.b` of globals once, while loading, in an environment that is marked safe, and
    // never again: a global of the mod that is set later would keep its old value for other files. So the
    // mark is off while loading; it is on again for running, where it makes builtins fast.
    set_safe(env, false);
    let chunk = lua
        .load(bytecode)
        .set_name(chunk_name(place))
        .set_mode(mlua::chunk::ChunkMode::Binary);
    let function = chunk.set_environment(env.clone()).into_function();
    set_safe(env, true);
    function
}

#[cfg(feature = "luau")]
fn set_safe(env: &mlua::Table, is_safe: bool) {
    env.set_safeenv(is_safe);
}

#[cfg(not(feature = "luau"))]
fn set_safe(_: &mlua::Table, _: bool) {}

#[cfg(feature = "luau")]
fn set_read_only(table: &mlua::Table, is_read_only: bool) {
    table.set_readonly(is_read_only);
}

#[cfg(not(feature = "luau"))]
fn set_read_only(_: &mlua::Table, _: bool) {}

/// `enemies[3].name` → `enemies`, `3`, `name`.
fn split_path(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', '[', ']'])
        .map(|part| part.trim_matches('"'))
        .filter(|part| !part.is_empty())
}
