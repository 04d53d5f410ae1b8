//! [`Bare`]: a VM with its libraries and without a mod, and a few of them that are made ahead.

use mlua::{Lua, LuaOptions, Table};
use parking_lot::Mutex;

use super::chunk::load_bytecode;
use super::compile::{Bytecode, compile_own};
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
    /// The names of what Lua itself brings along, by value.
    pub(super) given: Table,
}

/// The code that runs in each VM before the prelude.
pub(super) struct Code {
    bounds: Bytecode,
    names: Bytecode,
}

impl Code {
    /// # Errors
    /// Never: the sources are part of the program.
    pub(super) fn compile() -> std::io::Result<Code> {
        let names = compile_own(include_bytes!("names.lua"), "lunation/names.lua");
        Ok(Code {
            bounds: bounds::compile()?,
            names: names.map_err(|problem| std::io::Error::other(problem.to_string()))?,
        })
    }
}

/// VMs that are made ahead, so that a reload does not wait for them.
#[derive(Default)]
pub(super) struct Ready(Mutex<Vec<Bare>>);

impl Bare {
    /// # Errors
    /// Out of memory.
    pub(super) fn new(code: &Code) -> mlua::Result<Bare> {
        let options = LuaOptions::new().catch_rust_panics(false);
        let lua = Lua::new_with(sandbox::libraries(), options)?;
        let globals = lua.globals();
        bounds::install(&lua, &globals, &code.bounds)?;
        let builtins = lua.create_sequence_from(sandbox::BUILTINS.iter().copied())?;
        let libraries = sandbox::LIBRARIES.iter().map(|(library, _)| *library);
        let libraries = lua.create_sequence_from(libraries)?;
        let given = load_bytecode(&lua, &globals, &code.names, "lunation/names.lua")?.call((
            globals.clone(),
            builtins,
            libraries,
        ))?;
        let env = environment(&lua)?;
        Ok(Bare {
            lua,
            globals,
            env,
            given,
        })
    }
}

impl Ready {
    /// A VM, made now if none is ready.
    ///
    /// # Errors
    /// Out of memory.
    pub(super) fn take(&self, code: &Code) -> mlua::Result<Bare> {
        let ready = self.0.lock().pop();
        ready.map_or_else(|| Bare::new(code), Ok)
    }

    /// Makes VMs until enough are ready; a failure leaves it for later.
    pub(super) fn fill(&self, code: &Code) {
        while self.0.lock().len() < READY_MAX {
            let Ok(bare) = Bare::new(code) else { return };
            self.0.lock().push(bare);
        }
    }
}
