//! [`Bare`]: a VM with its libraries and without a mod, and a few of them that are made ahead.

use mlua::{Lua, LuaOptions, Table};
use parking_lot::Mutex;

use super::flavour::environment;
use super::{bounds, sandbox};

/// VMs that are kept ready. Two: a mod and its user often switch together.
const READY_MAX: usize = 2;

/// A VM with its libraries, sandboxed, that belongs to no mod yet.
pub(super) struct Bare {
    pub(super) lua: Lua,
    /// What the engine itself offers.
    pub(super) globals: Table,
    /// An empty table for the globals of a mod.
    pub(super) env: Table,
}

/// VMs that are made ahead, so that a reload does not wait for them.
#[derive(Default)]
pub(super) struct Ready(Mutex<Vec<Bare>>);

impl Bare {
    /// # Errors
    /// Out of memory.
    pub(super) fn new(bounds: &[u8]) -> mlua::Result<Bare> {
        let options = LuaOptions::new().catch_rust_panics(false);
        let lua = Lua::new_with(sandbox::libraries(), options)?;
        let globals = lua.globals();
        bounds::install(&lua, &globals, bounds)?;
        let env = environment(&lua)?;
        Ok(Bare { lua, globals, env })
    }
}

impl Ready {
    /// A VM, made now if none is ready.
    ///
    /// # Errors
    /// Out of memory.
    pub(super) fn take(&self, bounds: &[u8]) -> mlua::Result<Bare> {
        let ready = self.0.lock().pop();
        ready.map_or_else(|| Bare::new(bounds), Ok)
    }

    /// Makes VMs until enough are ready; a failure leaves it for later.
    pub(super) fn fill(&self, bounds: &[u8]) {
        while self.0.lock().len() < READY_MAX {
            let Ok(bare) = Bare::new(bounds) else { return };
            self.0.lock().push(bare);
        }
    }
}
