//! What a mod registers: handlers, timers, exports and hooks. All of it lands in the generation's ledger.

use std::sync::Arc;

use mlua::Lua;

use crate::lua::FunctionRef;
use crate::lua::inner::Inner;
use crate::lua::ledger::{Hook, Listener, Timer};

use super::{Answer, Arguments, keep, out_of_memory};

/// The furthest that a timer can be set, in ticks.
const TICKS_MAX: f64 = 9.0e15;

pub(super) fn on(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let event = arguments.name(0, "mod.on", "the name of an event")?;
    let function = arguments.function(1, "mod.on")?;
    let priority = priority(arguments)?;
    let count = inner.ledger.lock().listeners.len();
    has_room(inner, count, "mod.on", "handlers")
        .map_err(|full| full + "; is it registering in a loop?")?;
    let function = keep(lua, function)?;
    let handle = listen(inner, event.into(), priority, function);
    inner.registrations_changed();
    Ok(vec![mlua::Value::Integer(handle as i64)])
}

/// The priority among the options of `mod.on`; 0 if it names none.
fn priority(arguments: &Arguments) -> Result<i32, String> {
    match arguments.get(2) {
        mlua::Value::Nil => Ok(0),
        mlua::Value::Table(options) => {
            let priority = options.raw_get::<Option<f64>>("priority").ok().flatten();
            Ok(priority.unwrap_or(0.0) as i32)
        }
        _ => Err(arguments.wrong(2, "mod.on", "a table such as {priority = 10}")),
    }
}

/// Writes a listener into the ledger; its handle.
fn listen(inner: &Inner, event: Arc<str>, priority: i32, function: FunctionRef) -> u64 {
    let mut ledger = inner.ledger.lock();
    ledger.last_handle += 1;
    let handle = ledger.last_handle;
    ledger.listeners.push(Listener {
        handle,
        event,
        priority,
        function,
    });
    handle
}

pub(super) fn off(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let handle = arguments
        .number(0)
        .ok_or_else(|| arguments.wrong(0, "mod.off", "a handle that mod.on gave"))?;
    let was_there = stop_listening(inner, handle);
    inner.registrations_changed();
    Ok(vec![mlua::Value::Boolean(was_there)])
}

/// Takes a listener out of the ledger; whether it was there.
fn stop_listening(inner: &Inner, handle: f64) -> bool {
    let listeners = &mut inner.ledger.lock().listeners;
    let count = listeners.len();
    listeners.retain(|listener| listener.handle as f64 != handle);
    listeners.len() != count
}

pub(super) fn after(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    set_timer(lua, inner, arguments, "mod.after", |_| None)
}

pub(super) fn every(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    set_timer(lua, inner, arguments, "mod.every", Some)
}

/// Sets a timer. `period` tells from the ticks until its first run how many lie between later ones.
fn set_timer(
    lua: &Lua,
    inner: &Inner,
    arguments: &Arguments,
    who: &str,
    period: fn(u64) -> Option<u64>,
) -> Answer {
    let ticks = arguments.number(0).filter(|n| (1.0..TICKS_MAX).contains(n));
    let ticks =
        ticks.ok_or_else(|| arguments.wrong(0, who, "a number of ticks, 1 or more"))? as u64;
    let name = arguments.name(1, who, "the name of the timer")?;
    let function = arguments.function(2, who)?;
    // A timer of the same name is replaced: that needs no room.
    let others = {
        let timers = &inner.ledger.lock().timers;
        timers.len() - usize::from(timers.contains_key(name.as_str()))
    };
    has_room(inner, others, who, "timers")?;
    let timer = Timer {
        due: inner.outside.tick() + ticks,
        every: period(ticks),
        function: keep(lua, function)?,
    };
    inner.ledger.lock().timers.insert(name.into(), timer);
    inner.registrations_changed();
    Ok(Vec::new())
}

pub(super) fn cancel(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "mod.cancel", "the name of a timer")?;
    let was_there = inner.ledger.lock().timers.remove(name.as_str()).is_some();
    inner.registrations_changed();
    Ok(vec![mlua::Value::Boolean(was_there)])
}

pub(super) fn export(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::Table(table) = arguments.get(0) else {
        return Err(arguments.wrong(0, "mod.export", "a table of functions"));
    };
    let mut exports = Vec::new();
    for entry in table.pairs::<mlua::Value, mlua::Value>() {
        let (key, value) = entry.map_err(out_of_memory)?;
        let (mlua::Value::String(name), mlua::Value::Function(function)) = (&key, &value) else {
            let name = key.to_string().unwrap_or_default();
            return Err(format!(
                "mod.export: `{name}` is a {}; export functions, by name",
                value.type_name()
            ));
        };
        if exports.len() >= inner.limits.handlers {
            return Err(format!(
                "mod.export: more than {} functions (limits.handlers)",
                inner.limits.handlers
            ));
        }
        exports.push((Arc::from(name.to_string_lossy()), keep(lua, function)?));
    }
    inner.ledger.lock().exports = exports.into_iter().collect();
    Ok(Vec::new())
}

pub(super) fn hook(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "mod", "a hook")?;
    let who = format!("mod.{name}");
    let hook = Hook::ALL
        .into_iter()
        .find(|hook| hook.name() == name)
        .ok_or("no such hook")?;
    // The prelude puts the name before what the mod gave, so the mod's first argument is the second here.
    let mlua::Value::Function(function) = arguments.get(1) else {
        return Err(format!(
            "{who}: argument 1 must be a function, not {}",
            arguments.get(1).type_name()
        ));
    };
    let count = inner.ledger.lock().hooks.len();
    has_room(inner, count, &who, "hooks")?;
    let function = keep(lua, function)?;
    inner.ledger.lock().hooks.push((hook, function));
    Ok(Vec::new())
}

/// Refuses one more of what the mod has `count` of already, when that is too many.
fn has_room(inner: &Inner, count: usize, who: &str, what: &str) -> Result<(), String> {
    let limit = inner.limits.handlers;
    if count < limit {
        return Ok(());
    }
    Err(format!(
        "{who}: this mod has {limit} {what} already (limits.handlers)"
    ))
}
