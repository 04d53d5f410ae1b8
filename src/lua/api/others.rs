//! What reaches other mods: events and exports. All of it goes by way of [`Outside`](crate::lua::Outside).

use std::sync::Arc;

use mlua::Lua;

use crate::lua::inner::{Home, Inner};
use crate::lua::link::Link;
use crate::lua::outside::Member;
use crate::lua::raw::{crossing, make_handle};

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
        let link = Arc::new(Link::new(at_home.clone(), id, function));
        let bound = at_length(lua, &at_home, link.clone())
            .and_then(|at_length| crossing(lua, &link, &at_length));
        Ok(vec![mlua::Value::Function(bound.map_err(out_of_memory)?)])
    })
}

/// What the function behind a link does with all that is out of the ordinary: values that are no scalars, errors, and
/// mods that do not run. The link itself, as the argument, asks for the answer of a call that was made.
fn at_length(lua: &Lua, home: &Home, link: Arc<Link>) -> mlua::Result<mlua::Function> {
    let who = format!("{}.{}", link.id, link.function);
    native_function(lua, home, move |lua, inner, arguments| {
        let answer = is_link(arguments.get(0), &link).then(|| link.take_answer());
        let results = match answer.flatten() {
            Some(answer) => answer?,
            None => {
                let values = arguments.values(lua, 0, &who)?;
                inner
                    .outside
                    .call(inner.caller(), &link.id, &link.function, &values)?
            }
        };
        let results = results.iter();
        results
            .map(|value| make_handle(lua, value).map_err(out_of_memory))
            .collect()
    })
}

fn is_link(value: &mlua::Value, link: &Arc<Link>) -> bool {
    let address = Arc::as_ptr(link).cast();
    matches!(value, mlua::Value::LightUserData(it) if it.0.cast_const() == address)
}
