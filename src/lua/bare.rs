//! [`Bare`]: a VM with its libraries and the API, which belongs to no mod yet.

use mlua::{Lua, LuaOptions, Table};

use super::chunk::load_bytecode;
use super::compile::{Bytecode, compile_own};
use super::flavour::{FLAVOUR, environment};
use super::host::HostFunctions;
use super::inner::Home;
use super::ledger::Hook;
use super::raw::objects::make_kinds;
use super::raw::settle_collector;
use super::vm::{Carry, Parts};
use super::{api, bounds, sandbox};

/// A VM with its libraries and the API, sandboxed, that belongs to no mod yet.
pub(super) struct Bare {
    pub(super) lua: Lua,
    /// What the engine itself offers.
    pub(super) globals: Table,
    pub(super) parts: Parts,
    /// Where the functions of the API will find what they share with the VM.
    pub(super) home: Home,
}

/// What all VMs are made from.
pub(super) struct Code {
    bounds: Bytecode,
    names: Bytecode,
    prelude: Bytecode,
    pub(super) host: HostFunctions,
}

impl Code {
    /// # Errors
    /// Never: the sources are part of the program.
    pub(super) fn compile(host: HostFunctions) -> std::io::Result<Code> {
        let own = |source: &str, place| {
            compile_own(source.as_bytes(), place)
                .map_err(|problem| std::io::Error::other(problem.to_string()))
        };
        Ok(Code {
            bounds: bounds::compile()?,
            names: own(include_str!("names.lua"), "lunation/names.lua")?,
            prelude: own(include_str!("prelude.lua"), "lunation/prelude.lua")?,
            host,
        })
    }
}

impl Bare {
    /// # Errors
    /// Out of memory.
    pub(super) fn new(code: &Code) -> mlua::Result<Bare> {
        let options = LuaOptions::new().catch_rust_panics(false);
        let lua = Lua::new_with(sandbox::libraries(), options)?;
        // It would go over the growing heap again and again, and find next to nothing.
        lua.gc_stop();
        let globals = lua.globals();
        bounds::install(&lua, &globals, &code.bounds)?;
        let builtins = lua.create_sequence_from(sandbox::BUILTINS.iter().copied())?;
        let libraries = sandbox::LIBRARIES.iter().map(|(library, _)| *library);
        let libraries = lua.create_sequence_from(libraries)?;
        let given = load_bytecode(&lua, &globals, &code.names, "lunation/names.lua")?.call((
            globals.clone(),
            &builtins,
            libraries,
        ))?;
        let env = environment(&lua)?;
        let home = Home::default();
        let parts = run_prelude(&lua, code, &home, &globals, env, given, builtins)?;
        settle_collector(&lua)?;
        Ok(Bare {
            lua,
            globals,
            parts,
            home,
        })
    }
}

/// Runs the prelude, which builds what a mod sees.
fn run_prelude(
    lua: &Lua,
    code: &Code,
    home: &Home,
    globals: &Table,
    env: Table,
    given: Table,
    builtins: Table,
) -> mlua::Result<Parts> {
    let (kinds, objects) = make_kinds(lua)?;
    let about = lua.create_table()?;
    about.raw_set("version", FLAVOUR)?;
    about.raw_set("read_only", cfg!(feature = "luau"))?;
    about.raw_set("tail_calls", !cfg!(feature = "luau"))?;
    let hooks = lua.create_sequence_from(Hook::ALL.map(Hook::name))?;
    about.raw_set("hooks", hooks)?;
    about.raw_set("globals", globals)?;
    about.raw_set("env", &env)?;
    about.raw_set("given", given)?;
    about.raw_set("kinds", kinds)?;
    let native = api::native(lua, home, &code.host)?;
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
    let prelude = load_bytecode(lua, globals, &code.prelude, "lunation/prelude.lua")?;
    let (api, config, assets, names, carry) = prelude.call((native, builtins, libraries, about))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_in_each_vm_compiles() {
        Code::compile(HostFunctions::default()).unwrap();
    }
}
