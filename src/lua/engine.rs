//! [`Engine`]: what all VMs of a manager share, and the making of a VM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};

use parking_lot::Mutex;

use crate::problem::{self, Problem};
use crate::value::Value;

use super::bare::{Bare, Code};
use super::birth::Birth;
use super::flavour::set_read_only;
use super::host::HostRegistry;
use super::inner::Inner;
use super::ledger::Ledger;
use super::limits::{Busy, Watchdog};
use super::modules::Modules;
use super::outside::Outside;
use super::raw::make_handle;
use super::ready::Ready;
use super::vm::Vm;

/// Room that the prelude and the API take of a VM's memory limit, in bytes: the limit is the mod's own.
pub(crate) const OVERHEAD_BYTES: usize = 1024 * 1024;

/// What all VMs of a manager share.
pub struct Engine {
    watchdog: Arc<Watchdog>,
    ready: Ready,
}

impl Engine {
    /// An engine that offers `host` to its mods.
    ///
    /// # Errors
    /// The system can't start a thread.
    pub fn new(host: HostRegistry) -> std::io::Result<Engine> {
        Ok(Engine {
            watchdog: Arc::new(Watchdog::start()?),
            ready: Ready::start(Code::compile(Arc::new(host))?)?,
        })
    }

    /// Every capability that some function of the host needs.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        self.ready.code().host.capabilities()
    }

    /// Refuses a value that is too large to cross, or has objects that mods could do nothing with; completes
    /// "it …".
    pub(crate) fn check_value(&self, value: &Value) -> Result<(), String> {
        self.ready.code().host.check_value(value)
    }

    /// Says that many calls follow, until the answer is dropped.
    pub fn busy(&self) -> Busy {
        self.watchdog.busy()
    }

    /// Has VMs made ahead, so that the next reload does not wait for them.
    pub fn make_ready(&self) {
        self.ready.refill();
    }

    /// Says that so many VMs will be asked for, one soon after the other: they are made ahead, beside.
    pub fn expect(&self, count: usize) {
        self.ready.expect(count);
    }

    /// Makes a VM, staged, that has not run any code of the mod yet.
    ///
    /// # Errors
    /// The memory limit is too small for a VM.
    pub fn vm(&self, birth: Birth, outside: Arc<dyn Outside>) -> Result<Vm, Problem> {
        let mod_id = birth.mod_id.clone();
        self.try_vm(birth, outside).map_err(|error| {
            let because = format!(
                "can't get a Lua VM: {}",
                error.to_string().lines().next().unwrap_or_default()
            );
            Problem::error(problem::Code::MEMORY_LIMIT, because)
                .of(&mod_id)
                .hint("raise limits.memory in lunation.toml; 2 MiB is the least that makes sense")
        })
    }

    fn try_vm(&self, birth: Birth, outside: Arc<dyn Outside>) -> mlua::Result<Vm> {
        let Bare {
            lua,
            globals,
            parts,
            home,
        } = self.ready.take()?;
        let memory = birth.limits.memory.saturating_add(OVERHEAD_BYTES);
        let own = birth.scripts.get(&birth.mod_id);
        let interrupt = self.watchdog.interrupt();
        let inner = Arc::new(Inner {
            folder: own
                .map(|scripts| scripts.folder.clone())
                .unwrap_or_default(),
            modules: Mutex::new(Modules::new(
                birth.mod_id.clone(),
                birth.scripts,
                birth.dependencies.clone(),
            )),
            mod_id: birth.mod_id,
            generation: birth.generation,
            limits: birth.limits,
            granted: birth.granted,
            denied: birth.denied,
            dependencies: birth.dependencies,
            assets: birth.assets,
            is_running: AtomicBool::new(false),
            state_version: AtomicU32::new(birth.state_version),
            ledger: Mutex::new(Ledger::default()),
            outside,
            interrupt: interrupt.clone(),
            host: self.ready.code().host.clone(),
        });
        home.get_or_init(|| inner.clone());
        let math: mlua::Table = globals.raw_get("math")?;
        let seed: mlua::Function = math.raw_get("randomseed")?;
        seed.call::<()>(birth.random_seed)?;
        let (items, entries) = birth.state_room;
        let state = lua.create_table_with_capacity(items, entries)?;
        parts.api.raw_set("id", inner.mod_id.as_str())?;
        parts.api.raw_set("version", birth.version.to_string())?;
        parts.api.raw_set("generation", inner.generation)?;
        parts.api.raw_set("state", state)?;
        for (key, value) in &birth.config {
            parts
                .config
                .raw_set(key.as_str(), make_handle(&lua, value)?)?;
        }
        set_read_only(&parts.config, true);
        interrupt.install(&lua)?;
        let vm = Vm::new(
            lua,
            inner,
            parts,
            interrupt,
            self.watchdog.clone(),
            birth.entry,
        )?;
        vm.set_memory_limit(memory)?;
        Ok(vm)
    }
}
