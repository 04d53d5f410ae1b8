//! [`Engine`]: what all VMs of a manager share, and the making of a VM.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};

use parking_lot::Mutex;

use crate::problem::{Code, Problem};
use crate::value::Value;

use super::bare::{self, Bare, Ready};
use super::birth::Birth;
use super::chunk::load_bytecode;
use super::compile::Bytecode;
use super::flavour::{FLAVOUR, set_read_only};
use super::host::{HostFunctions, HostRegistry};
use super::inner::Inner;
use super::ledger::{Hook, Ledger};
use super::limits::{Busy, Watchdog};
use super::modules::Modules;
use super::outside::Outside;
use super::raw::make_handle;
use super::raw::objects::make_kinds;
use super::vm::{Carry, Parts, Vm};
use super::{api, sandbox};

/// Room that the prelude and the API take of a VM's memory limit, in bytes: the limit is the mod's own.
pub(crate) const OVERHEAD_BYTES: usize = 1024 * 1024;

/// What all VMs of a manager share.
pub struct Engine {
    watchdog: Arc<Watchdog>,
    bare: bare::Code,
    ready: Ready,
    prelude: Bytecode,
    host: HostFunctions,
}

impl Engine {
    /// An engine that offers `host` to its mods.
    ///
    /// # Errors
    /// The system can't start the watchdog's thread.
    pub fn new(host: HostRegistry) -> std::io::Result<Engine> {
        Ok(Engine {
            watchdog: Arc::new(Watchdog::start()?),
            bare: bare::Code::compile()?,
            ready: Ready::default(),
            prelude: compile_prelude()?,
            host: Arc::new(host),
        })
    }

    /// Every capability that some function of the host needs.
    pub fn capabilities(&self) -> impl Iterator<Item = &str> {
        self.host.capabilities()
    }

    /// Refuses a value that is too large to cross, or has objects that mods could do nothing with; completes
    /// "it …".
    pub(crate) fn check_value(&self, value: &Value) -> Result<(), String> {
        self.host.check_value(value)
    }

    /// Says that many calls follow, until the answer is dropped.
    pub fn busy(&self) -> Busy {
        self.watchdog.busy()
    }

    /// Makes VMs ahead, so that the next reload does not wait for them. It can run on any thread.
    pub fn make_ready(&self) {
        self.ready.fill(&self.bare);
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
            Problem::error(Code::MEMORY_LIMIT, because)
                .of(&mod_id)
                .hint("raise limits.memory in lunation.toml; 2 MiB is the least that makes sense")
        })
    }

    fn try_vm(&self, birth: Birth, outside: Arc<dyn Outside>) -> mlua::Result<Vm> {
        let Bare {
            lua,
            globals,
            env,
            given,
        } = self.ready.take(&self.bare)?;
        let memory = birth.limits.memory.saturating_add(OVERHEAD_BYTES);
        let own = birth.scripts.get(&birth.mod_id);
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
            host: self.host.clone(),
        });
        let math: mlua::Table = globals.raw_get("math")?;
        let seed: mlua::Function = math.raw_get("randomseed")?;
        seed.call::<()>(birth.random_seed)?;
        let (items, entries) = birth.state_room;
        let state = lua.create_table_with_capacity(items, entries)?;
        let about = self.about(&lua, &inner, &birth.version.to_string(), state)?;
        about.raw_set("globals", globals.clone())?;
        about.raw_set("env", env.clone())?;
        about.raw_set("given", given)?;
        let parts = self.run_prelude(&lua, &inner, &globals, env, about)?;
        for (key, value) in &birth.config {
            parts
                .config
                .raw_set(key.as_str(), make_handle(&lua, value)?)?;
        }
        set_read_only(&parts.config, true);
        let interrupt = self.watchdog.interrupt();
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

    /// What the prelude is told.
    fn about(
        &self,
        lua: &mlua::Lua,
        inner: &Inner,
        version: &str,
        state: mlua::Table,
    ) -> mlua::Result<mlua::Table> {
        let about = lua.create_table()?;
        about.raw_set("id", inner.mod_id.as_str())?;
        about.raw_set("version", FLAVOUR)?;
        about.raw_set("mod_version", version)?;
        about.raw_set("generation", inner.generation)?;
        about.raw_set("state", state)?;
        about.raw_set("read_only", cfg!(feature = "luau"))?;
        about.raw_set("tail_calls", !cfg!(feature = "luau"))?;
        let hooks = lua.create_sequence_from(Hook::ALL.map(Hook::name))?;
        about.raw_set("hooks", hooks)?;
        Ok(about)
    }

    fn run_prelude(
        &self,
        lua: &mlua::Lua,
        inner: &Arc<Inner>,
        globals: &mlua::Table,
        env: mlua::Table,
        about: mlua::Table,
    ) -> mlua::Result<Parts> {
        let (kinds, objects) = make_kinds(lua)?;
        about.raw_set("kinds", kinds)?;
        let native = api::native(lua, inner)?;
        let builtins = lua.create_sequence_from(sandbox::BUILTINS.iter().copied())?;
        let libraries = lua.create_table()?;
        for (library, members) in sandbox::LIBRARIES {
            // Libraries that are read-only are shared as they are: nobody asks for their members.
            let members = if cfg!(feature = "luau") {
                &[][..]
            } else {
                members
            };
            libraries.raw_set(*library, lua.create_sequence_from(members.iter().copied())?)?;
        }
        let prelude = load_bytecode(lua, globals, &self.prelude, "lunation/prelude.lua")?;
        let (api, config, assets, names, carry) =
            prelude.call((native, builtins, libraries, about))?;
        Ok(Parts {
            env,
            api,
            config,
            assets,
            names,
            carry: Carry(carry),
            objects,
        })
    }
}

fn compile_prelude() -> std::io::Result<Bytecode> {
    let source = include_str!("prelude.lua");
    super::compile::compile_own(source.as_bytes(), "lunation/prelude.lua")
        .map_err(|problem| std::io::Error::other(problem.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prelude_compiles() {
        compile_prelude().unwrap();
    }
}
