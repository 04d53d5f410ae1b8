//! [`Engine`]: what all VMs of a manager share, and the making of a VM.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;

use crate::problem::{Code, Problem};

use super::birth::Birth;
use super::chunk::load_bytecode;
use super::compile::Bytecode;
use super::flavour::{FLAVOUR, environment, set_read_only};
use super::host::{HostFunctions, HostRegistry};
use super::inner::Inner;
use super::ledger::{Hook, Ledger};
use super::limits::{Busy, Watchdog};
use super::modules::Modules;
use super::outside::Outside;
use super::raw::make_handle;
use super::vm::{Parts, Vm};
use super::{api, bounds, sandbox};

/// Room that the prelude and the API take of a VM's memory limit, in bytes: the limit is the mod's own.
const OVERHEAD_BYTES: usize = 1024 * 1024;

/// What all VMs of a manager share.
pub struct Engine {
    watchdog: Arc<Watchdog>,
    bounds: Bytecode,
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
            bounds: bounds::compile()?,
            prelude: compile_prelude()?,
            host: Arc::new(host),
        })
    }

    /// Says that many calls follow, until the answer is dropped.
    pub fn busy(&self) -> Busy {
        self.watchdog.busy()
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
        let options = mlua::LuaOptions::new().catch_rust_panics(false);
        let lua = mlua::Lua::new_with(sandbox::libraries(), options)?;
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
            capabilities: birth.capabilities,
            dependencies: birth.dependencies,
            assets: birth.assets,
            is_running: AtomicBool::new(false),
            ledger: Mutex::new(Ledger::default()),
            outside,
        });
        let math: mlua::Table = lua.globals().raw_get("math")?;
        let seed: mlua::Function = math.raw_get("randomseed")?;
        seed.call::<()>(birth.random_seed)?;
        let (items, entries) = birth.state_room;
        let state = lua.create_table_with_capacity(items, entries)?;
        let parts = self.run_prelude(&lua, &inner, &birth.version.to_string(), state)?;
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
        vm.lua().set_memory_limit(memory)?;
        Ok(vm)
    }

    fn run_prelude(
        &self,
        lua: &mlua::Lua,
        inner: &Arc<Inner>,
        version: &str,
        state: mlua::Table,
    ) -> mlua::Result<Parts> {
        let globals = lua.globals();
        bounds::install(lua, &globals, &self.bounds)?;
        let env = environment(lua)?;
        let native = api::native(lua, inner, &self.host)?;
        let about = lua.create_table()?;
        about.raw_set("globals", globals.clone())?;
        about.raw_set("env", env.clone())?;
        about.raw_set("id", inner.mod_id.as_str())?;
        about.raw_set("version", FLAVOUR)?;
        about.raw_set("mod_version", version)?;
        about.raw_set("generation", inner.generation)?;
        about.raw_set("state", state)?;
        about.raw_set("read_only", cfg!(feature = "luau"))?;
        about.raw_set("tail_calls", !cfg!(feature = "luau"))?;
        about.raw_set(
            "hooks",
            lua.create_sequence_from(Hook::ALL.map(Hook::name))?,
        )?;
        let builtins = lua.create_sequence_from(sandbox::BUILTINS.iter().copied())?;
        let libraries = lua.create_table()?;
        for (library, members) in sandbox::LIBRARIES {
            libraries.raw_set(*library, lua.create_sequence_from(members.iter().copied())?)?;
        }
        let prelude = load_bytecode(lua, &globals, &self.prelude, "lunation/prelude.lua")?;
        let (api, config, assets, names) = prelude.call((native, builtins, libraries, about))?;
        Ok(Parts {
            env,
            api,
            config,
            assets,
            names,
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
