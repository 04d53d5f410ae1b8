//! The functions that the host offers, behind their capabilities and phases.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mlua::{Lua, Table};

use crate::lua::host::{Call, HostFunction, HostFunctions, Phase};
use crate::lua::inner::Inner;
use crate::lua::raw::make_handle;
use crate::value::Value;

use super::{Answer, Arguments, native_function, out_of_memory};

/// The host's functions as Lua functions, by path.
pub(super) fn functions(
    lua: &Lua,
    inner: &Arc<Inner>,
    host: &HostFunctions,
) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (path, function) in &host.functions {
        let (name, function) = (path.clone(), function.clone());
        let native = native_function(lua, inner, move |lua, inner, arguments| {
            call(lua, inner, arguments, &name, &function)
        })?;
        table.raw_set(&**path, native)?;
    }
    Ok(table)
}

fn call(
    lua: &Lua,
    inner: &Inner,
    arguments: &Arguments,
    name: &str,
    function: &HostFunction,
) -> Answer {
    check_capability(inner, name, function)?;
    if function.phase == Phase::Runtime {
        inner.must_run(name)?;
    }
    let values = arguments.values(lua, 0, name)?;
    let value = run(inner, name, function, &values)?;
    if let Err(why) = value.check() {
        value.take_apart();
        return Err(format!(
            "{name}: the game's answer can't cross because it {why}"
        ));
    }
    if value.is_nil() {
        Ok(Vec::new())
    } else {
        Ok(vec![make_handle(lua, &value).map_err(out_of_memory)?])
    }
}

/// Refuses functions whose capability the mod was not granted.
fn check_capability(inner: &Inner, name: &str, function: &HostFunction) -> Result<(), String> {
    match function.capability.as_deref() {
        Some(capability) if !inner.capabilities.contains(capability) => Err(format!(
            "{name} needs the capability \"{capability}\": add it to [capabilities] required in mod.toml, and the game must grant it"
        )),
        _ => Ok(()),
    }
}

/// Runs the host's code. A panic in it is one failed call, not the end of the game.
fn run(
    inner: &Inner,
    name: &str,
    function: &HostFunction,
    values: &[Value],
) -> Result<Value, String> {
    let mut call = Call {
        mod_id: &inner.mod_id,
        generation: inner.generation,
        lent: inner.outside.lent(),
    };
    match catch_unwind(AssertUnwindSafe(|| (function.body)(&mut call, values))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("{name}: {}", error.0)),
        Err(_) => Err(format!(
            "{name} failed inside the game (it panicked); tell the game's makers"
        )),
    }
}
