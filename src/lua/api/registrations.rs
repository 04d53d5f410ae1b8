//! What a mod registers: handlers, timers, tasks, exports and hooks. All of it lands in the generation's ledger.

use std::sync::Arc;

use mlua::Lua;

use crate::lua::inner::Inner;
use crate::lua::ledger::{Hook, Ledger, Listener, Timer};
use crate::problem::one_line_of;

use super::arguments::NAME_BYTES_MAX;
use super::{Answer, Arguments, keep, out_of_memory};

/// The furthest that a timer can be set, in ticks.
const TICKS_MAX: f64 = 9.0e15;

pub(super) fn on(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let event = arguments.name(0, "mod.on", "the name of an event")?;
    let function = arguments.function(1, "mod.on")?;
    let priority = priority(arguments)?;
    let handle = listen(lua, inner, &event, priority, function, Listeners::OfEvents)
        .map_err(|full| full + "; is it registering in a loop?")?;
    inner.registrations_changed();
    Ok(vec![mlua::Value::Integer(handle as i64)])
}

/// A list of listeners in the ledger.
#[derive(Clone, Copy)]
enum Listeners {
    /// Used for `mod.on`.
    OfEvents,
    /// Used for `mod.on_save` and the like.
    OfHooks,
}

impl Listeners {
    fn of(self, ledger: &mut Ledger) -> &mut Vec<Listener> {
        match self {
            Listeners::OfEvents => &mut ledger.listeners,
            Listeners::OfHooks => &mut ledger.hooks,
        }
    }
}

/// Writes a listener into the ledger; its handle. One that came over from the generation before, and that
/// the new code now registers by itself, is that one.
fn listen(
    lua: &Lua,
    inner: &Inner,
    event: &str,
    priority: i32,
    function: &mlua::Function,
    which: Listeners,
) -> Result<u64, String> {
    let mut ledger = inner.ledger.lock();
    let list = which.of(&mut ledger);
    let same = place_of_same(lua, inner, list, event, function);
    if same.is_none() {
        // What came over may be registered anew: it needs no room of its own.
        let count = list.iter().filter(|it| !it.came_over).count();
        match which {
            Listeners::OfEvents => has_room(inner, count, "mod.on", "handlers")?,
            Listeners::OfHooks => has_room(inner, count, &format!("mod.{event}"), "hooks")?,
        }
    }
    let kept = keep(lua, function)?;
    if let Some(same) = same.and_then(|place| list.get_mut(place)) {
        same.came_over = false;
        (same.priority, same.function) = (priority, kept);
        return Ok(same.handle);
    }
    let listener = ledger.listener(event.into(), priority, kept);
    let handle = listener.handle;
    which.of(&mut ledger).push(listener);
    Ok(handle)
}

/// Where among `list` the same listener is that came over from the generation before, if one did.
fn place_of_same(
    lua: &Lua,
    inner: &Inner,
    list: &[Listener],
    event: &str,
    function: &mlua::Function,
) -> Option<usize> {
    let may_be = |it: &Listener| it.came_over && *it.event == *event;
    if !list.iter().any(may_be) {
        return None;
    }
    let name = inner.code().name_of(lua, event, function);
    let has_name = |it: &Listener| it.key.as_ref().is_some_and(|key| key.name == name);
    list.iter().position(|it| may_be(it) && has_name(it))
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
    listeners.retain(|listener| !listener.has_handle(handle));
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
    let timer = NewTimer {
        ticks,
        every: period(ticks),
        is_task: false,
    };
    timer.put(lua, inner, name, function, who)?;
    Ok(Vec::new())
}

/// The prelude gives the name, the step, the data, and the function that runs a step. The answer is whether
/// the task came over from the generation before: it goes on with its data then.
pub(super) fn task(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let who = "mod.task";
    let name = arguments.name(0, who, "the name of the task")?;
    arguments.function(1, who)?;
    if !matches!(arguments.get(2), mlua::Value::Table(_) | mlua::Value::Nil) {
        return Err(arguments.wrong(2, who, "a table, or nothing"));
    }
    let runner = arguments.function(3, who)?;
    let task = NewTimer {
        ticks: 1,
        every: Some(1),
        is_task: true,
    };
    let goes_on = task.put(lua, inner, name, runner, who)?;
    Ok(vec![mlua::Value::Boolean(goes_on)])
}

/// A timer or task that is to be set.
struct NewTimer {
    /// Ticks until its first run.
    ticks: u64,
    every: Option<u64>,
    is_task: bool,
}

impl NewTimer {
    /// Sets it; whether it is one that came over from the generation before, which keeps its time.
    fn put(
        self,
        lua: &Lua,
        inner: &Inner,
        name: String,
        function: &mlua::Function,
        who: &str,
    ) -> Result<bool, String> {
        let mut ledger = inner.ledger.lock();
        let timers = &mut ledger.timers;
        let known = timers.get(name.as_str());
        // A timer of the same name is replaced: that needs no room.
        let others = timers.len() - usize::from(known.is_some());
        has_room(inner, others, who, "timers and tasks")?;
        let goes_on = known.filter(|it| it.came_over && it.is_task == self.is_task);
        let (due, goes_on) = match goes_on {
            Some(known) => (known.due, true),
            None => (inner.outside.tick() + self.ticks, false),
        };
        let timer = Timer {
            due,
            every: self.every,
            function: keep(lua, function)?,
            is_task: self.is_task,
            came_over: false,
        };
        timers.insert(name.into(), timer);
        drop(ledger);
        inner.registrations_changed();
        Ok(goes_on)
    }
}

pub(super) fn cancel(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "mod.cancel", "the name of a timer or task")?;
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
            let name = match &key {
                mlua::Value::String(name) => one_line_of(&name.as_bytes()),
                key => format!("a key that is a {}", key.type_name()),
            };
            return Err(format!(
                "mod.export: `{name}` is a {}; export functions, by name",
                value.type_name()
            ));
        };
        let name = name
            .to_str()
            .ok()
            .filter(|name| name.len() <= NAME_BYTES_MAX);
        let name = name.ok_or_else(|| {
            format!("mod.export: a name must be UTF-8 of at most {NAME_BYTES_MAX} bytes")
        })?;
        if exports.len() >= inner.limits.handlers {
            return Err(format!(
                "mod.export: more than {} functions (limits.handlers)",
                inner.limits.handlers
            ));
        }
        exports.push((Arc::from(&*name), keep(lua, function)?));
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
    listen(lua, inner, hook.name(), 0, function, Listeners::OfHooks)?;
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
