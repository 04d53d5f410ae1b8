//! The functions that the host offers, behind their capabilities and phases.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mlua::{IntoLua, Lua, Table};

use crate::lua::host::{HostFunction, HostRegistry, Phase};
use crate::lua::inner::{Home, Inner};
use crate::lua::raw::make_handle;
use crate::value::Value;

use super::{Answer, Arguments, native_function, out_of_memory, string};

/// The host's functions as Lua functions, in tables by the parts of their paths; among them, as names, the
/// functions of `mod` that the host offers under other names.
pub(super) fn functions(lua: &Lua, home: &Home, host: &HostRegistry) -> mlua::Result<Table> {
    let root = lua.create_table()?;
    let plain = host
        .functions
        .iter()
        .filter(|(path, _)| !path.contains(':'));
    for (path, function) in plain {
        let native = host_function(lua, home, path, function)?;
        place(lua, &root, path, native)?;
    }
    for (path, function) in &host.aliases {
        place(lua, &root, path, *function)?;
    }
    Ok(root)
}

/// The methods of the host's objects as Lua functions, by kind and name.
pub(super) fn objects(lua: &Lua, home: &Home, host: &HostRegistry) -> mlua::Result<Table> {
    let kinds = lua.create_table()?;
    for kind in host.objects.keys() {
        kinds.raw_set(&**kind, lua.create_table()?)?;
    }
    for (path, function) in &host.functions {
        if let Some((kind, method)) = path.split_once(':') {
            let methods: Table = kinds.raw_get(kind)?;
            methods.raw_set(method, host_function(lua, home, path, function)?)?;
        }
    }
    Ok(kinds)
}

/// Puts `value` where `path` says, below `root`, in tables that are made on the way.
fn place(lua: &Lua, root: &Table, path: &str, value: impl IntoLua) -> mlua::Result<()> {
    let mut at = root.clone();
    let mut rest = path;
    while let Some((name, below)) = rest.split_once('.') {
        let next: Option<Table> = at.raw_get(name)?;
        at = match next {
            Some(next) => next,
            None => {
                let next = lua.create_table()?;
                at.raw_set(name, &next)?;
                next
            }
        };
        rest = below;
    }
    at.raw_set(rest, value)
}

fn host_function(
    lua: &Lua,
    home: &Home,
    path: &Arc<str>,
    function: &HostFunction,
) -> mlua::Result<mlua::Function> {
    let (name, function) = (path.clone(), function.clone());
    native_function(lua, home, move |lua, inner, arguments| {
        call(lua, inner, arguments, &name, &function)
    })
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
    if value.is_nil() {
        Ok(Vec::new())
    } else {
        Ok(vec![make_handle(lua, &value).map_err(out_of_memory)?])
    }
}

/// An object as text: its kind and its number.
pub(super) fn describe(lua: &Lua, _: &Inner, arguments: &Arguments) -> Answer {
    let objects = arguments.values(lua, 0, "tostring")?;
    let text = match objects.first() {
        Some(Value::Object(object)) => object.to_string(),
        _ => return Err(arguments.wrong(0, "tostring", "an object of the game")),
    };
    Ok(vec![string(lua, text.as_bytes())?])
}

/// Refuses functions whose capability the mod was not granted.
fn check_capability(inner: &Inner, name: &str, function: &HostFunction) -> Result<(), String> {
    match function.capability.as_deref() {
        None => Ok(()),
        Some(capability) if inner.granted.contains(capability) => Ok(()),
        Some(capability) if inner.denied.contains(capability) => Err(format!(
            "{name} needs the capability \"{capability}\", which the game did not grant: do without it, or ask the game's makers"
        )),
        Some(capability) => Err(format!(
            "{name} needs the capability \"{capability}\", which mod.toml does not ask for: add it to [capabilities], and the game must grant it"
        )),
    }
}

/// Runs the host's code. A panic in it is one failed call, not the end of the game.
fn run(
    inner: &Inner,
    name: &str,
    function: &HostFunction,
    values: &[Value],
) -> Result<Value, String> {
    let mut call = inner.host_call();
    match catch_unwind(AssertUnwindSafe(|| (function.body)(&mut call, values))) {
        Ok(Ok(value)) => match inner.host.check_value(&value) {
            Ok(()) => Ok(value),
            Err(why) => {
                value.take_apart();
                Err(format!(
                    "{name}: the game's answer can't cross because it {why}"
                ))
            }
        },
        Ok(Err(error)) => Err(format!("{name}: {}", error.0)),
        Err(_) => Err(format!(
            "{name} failed inside the game (it panicked); tell the game's makers"
        )),
    }
}
