//! What reaches other mods: events and exports. All of it goes by way of [`Outside`](crate::lua::Outside).

use mlua::Lua;

use crate::lua::inner::{Home, Inner};
use crate::lua::outside::Member;
use crate::lua::raw::make_handle;
use crate::mod_id::ModId;
use crate::value::Value;

use super::{Answer, Arguments, native_function, out_of_memory};

pub(super) fn emit(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let event = arguments.name(0, "mod.emit", "the name of an event")?;
    if event.contains(':') {
        return Err(format!(
            "mod.emit: \"{event}\" has a colon; the event is sent as \"{}:name\" by itself",
            inner.mod_id
        ));
    }
    inner.must_run("mod.emit")?;
    let payload = arguments
        .values(lua, 1, "mod.emit")?
        .into_iter()
        .next()
        .unwrap_or_default();
    let event = format!("{}:{event}", inner.mod_id);
    inner.outside.emit(inner.caller(), &event, payload)?;
    Ok(Vec::new())
}

pub(super) fn import(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let id = arguments.mod_id(0, "mod.import")?;
    if !inner.dependencies.contains(&id) {
        return Err(format!(
            "mod.import: {id} is not in [dependencies] of {}'s mod.toml; add `{id} = \"*\"`",
            inner.mod_id
        ));
    }
    let is_present = inner.outside.is_present(&id);
    if is_present {
        inner.ledger.lock().imports.insert(id);
    }
    Ok(vec![mlua::Value::Boolean(is_present)])
}

pub(super) fn member(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let id = arguments.mod_id(0, "mod.import")?;
    let mlua::Value::String(name) = arguments.get(1) else {
        return Ok(vec![mlua::Value::Boolean(false)]);
    };
    let Ok(name) = name.to_str() else {
        return Ok(vec![mlua::Value::Boolean(false)]);
    };
    let member = inner.outside.member(inner.caller(), &id, &name);
    // A member that is down is told so when it is called, not when it is looked up.
    Ok(vec![mlua::Value::Boolean(member != Member::Absent)])
}

/// What makes a function that calls one of another mod: whom it calls is read once, not at each call.
pub(super) fn binding(lua: &Lua, home: &Home) -> mlua::Result<mlua::Function> {
    let at_home = home.clone();
    native_function(lua, home, move |lua, _, arguments| {
        let id = arguments.mod_id(0, "mod.import")?;
        let function = arguments.name(1, "mod.import", "the name of a function")?;
        let who = format!("{id}.{function}");
        let bound = native_function(lua, &at_home, move |lua, inner, arguments| {
            let values = arguments.values(lua, 0, &who)?;
            call(lua, inner, &id, &function, &values)
        });
        Ok(vec![mlua::Value::Function(bound.map_err(out_of_memory)?)])
    })
}

fn call(lua: &Lua, inner: &Inner, id: &ModId, function: &str, values: &[Value]) -> Answer {
    let results = inner.outside.call(inner.caller(), id, function, values)?;
    results
        .iter()
        .map(|value| make_handle(lua, value).map_err(out_of_memory))
        .collect()
}
