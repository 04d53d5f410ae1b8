//! What a mod registers: handlers, timers, tasks, exports and hooks. All of it lands in the generation's ledger.

use std::sync::Arc;

use mlua::Lua;

use crate::lua::fault::kind_of;
use crate::lua::inner::Inner;
use crate::lua::ledger::{Hook, Ledger, Listener, Timer};
use crate::settings::Limits;

use super::arguments::short_text;
use super::{Answer, Arguments, keep, out_of_memory};

/// The furthest that a timer can be set, in ticks.
const TICKS_MAX: f64 = 9.0e15;

/// The highest priority of a handler, and, negative, the lowest.
const PRIORITY_MAX: f64 = 1_000_000.0;

pub(super) fn on(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let event = arguments.name(0, "mod.on", "the name of an event")?;
    let function = arguments.function(1, "mod.on")?;
    let priority = priority(arguments)?;
    let handle = listen(lua, inner, &event, priority, function, Listeners::OfEvents)?;
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
    // While the ledger is locked nothing is asked of the VM: a finaliser of the mod might register something.
    let name = name_of_what_came_over(lua, inner, event, function, which);
    let kept = keep(lua, function)?;
    let mut ledger = inner.ledger.lock();
    let list = which.of(&mut ledger);
    let is_same = |it: &Listener| {
        let key = it.key.as_ref();
        it.came_over && *it.event == *event && key.map(|key| &key.name) == name.as_ref()
    };
    if let Some(same) = list.iter_mut().find(|it| is_same(it)) {
        same.came_over = false;
        same.priority = priority;
        let before = std::mem::replace(&mut same.function, kept);
        let handle = same.handle;
        ledger.let_go(before);
        return Ok(handle);
    }
    // What came over may be registered anew: it needs no room of its own.
    let count = list.iter().filter(|it| !it.came_over).count();
    let room = match which {
        Listeners::OfEvents => has_room(inner, count, "mod.on", HANDLERS),
        Listeners::OfHooks => has_room(inner, count, &format!("mod.{event}"), HOOKS),
    };
    if let Err(full) = room {
        ledger.let_go(kept);
        return Err(full);
    }
    let listener = ledger.listener(event.into(), priority, kept);
    let handle = listener.handle;
    which.of(&mut ledger).push(listener);
    Ok(handle)
}

/// What a function is called for `event`, if a listener to that came over from the generation before.
fn name_of_what_came_over(
    lua: &Lua,
    inner: &Inner,
    event: &str,
    function: &mlua::Function,
    which: Listeners,
) -> Option<Arc<str>> {
    let mut ledger = inner.ledger.lock();
    let may_be = |it: &Listener| it.came_over && *it.event == *event;
    let has_come = which.of(&mut ledger).iter().any(may_be);
    drop(ledger);
    has_come.then(|| inner.code().name_of(lua, event, function))
}

/// The priority among the options of `mod.on`; 0 if it names none.
fn priority(arguments: &Arguments) -> Result<i32, String> {
    let options = match arguments.get(2) {
        mlua::Value::Nil => return Ok(0),
        mlua::Value::Table(options) => options,
        _ => return Err(arguments.wrong(2, "mod.on", "a table such as {priority = 10}")),
    };
    let mut priority = 0;
    for entry in options.pairs::<mlua::Value, mlua::Value>() {
        let (key, value) = entry.map_err(out_of_memory)?;
        match &key {
            mlua::Value::String(name) if name == "priority" => priority = whole(&value)?,
            _ => return Err("mod.on: the only option is `priority`".into()),
        }
    }
    Ok(priority)
}

/// A priority, which is a whole number within reason.
fn whole(value: &mlua::Value) -> Result<i32, String> {
    let number = match value {
        mlua::Value::Integer(n) => *n as f64,
        mlua::Value::Number(n) => *n,
        _ => f64::NAN,
    };
    let is_one = number.fract() == 0.0 && number.abs() <= PRIORITY_MAX;
    is_one.then_some(number as i32).ok_or_else(|| {
        let max = PRIORITY_MAX;
        format!("mod.on: options.priority must be a whole number from -{max} to {max}")
    })
}

pub(super) fn off(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let handle = arguments
        .number(0)
        .ok_or_else(|| arguments.wrong(0, "mod.off", "a handle that mod.on gave"))?;
    let was_there = inner.ledger.lock().remove_listener(handle);
    inner.registrations_changed();
    Ok(vec![mlua::Value::Boolean(was_there)])
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
    let ticks = arguments.number(0);
    let ticks = ticks.ok_or_else(|| arguments.wrong(0, who, "a number of ticks, 1 or more"))?;
    if !(1.0..TICKS_MAX).contains(&ticks) {
        let wanted = format!("{who}: argument 1 must be a number of ticks from 1 to {TICKS_MAX:e}");
        return Err(match ticks.abs() < 2.0 * TICKS_MAX {
            true => format!("{wanted}, not {ticks}"),
            false => format!("{wanted}, not {ticks:e}"),
        });
    }
    let ticks = ticks as u64;
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
        let function = keep(lua, function)?;
        let now = inner.outside.tick();
        let mut ledger = inner.ledger.lock();
        let known = ledger.timers.get(name.as_str());
        // A timer of the same name is replaced: that needs no room.
        let others = ledger.timers.len() - usize::from(known.is_some());
        let goes_on = known.filter(|it| it.came_over && it.is_task == self.is_task);
        let (due, goes_on) = match goes_on {
            Some(known) => (known.due, true),
            None => (now + self.ticks, false),
        };
        if let Err(full) = has_room(inner, others, who, TIMERS) {
            ledger.let_go(function);
            return Err(full);
        }
        let timer = Timer {
            due,
            every: self.every,
            function,
            is_task: self.is_task,
            came_over: false,
        };
        ledger.put_timer(name.into(), timer);
        drop(ledger);
        inner.registrations_changed();
        Ok(goes_on)
    }
}

pub(super) fn cancel(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "mod.cancel", "the name of a timer or task")?;
    let was_there = inner.ledger.lock().remove_timer(&name);
    inner.registrations_changed();
    Ok(vec![mlua::Value::Boolean(was_there)])
}

pub(super) fn export(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::Table(table) = arguments.get(0) else {
        return Err(arguments.wrong(0, "mod.export", "a table of functions"));
    };
    let mut functions = Vec::new();
    for entry in table.pairs::<mlua::Value, mlua::Value>() {
        let (key, value) = entry.map_err(out_of_memory)?;
        let mlua::Value::String(name) = &key else {
            return Err(format!(
                "mod.export: a key is a {}; export functions, by name",
                kind_of(&key)
            ));
        };
        let name = short_text(name, "mod.export", "the name of a function")?;
        let mlua::Value::Function(function) = value else {
            return Err(format!(
                "mod.export: `{name}` is a {}; export functions, by name",
                kind_of(&value)
            ));
        };
        has_room(inner, functions.len(), "mod.export", EXPORTS)?;
        functions.push((name.into(), function));
    }
    let kept = functions
        .into_iter()
        .map(|(name, function)| Ok((name, keep(lua, &function)?)));
    let exports = kept.collect::<Result<_, String>>()?;
    inner.ledger.lock().put_exports(exports);
    inner.outside.across().renew();
    Ok(Vec::new())
}

/// The prelude gives the name; the value that it stands for stays on its side.
pub(super) fn register(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let who = "mod.register";
    let name = arguments.name(0, who, "a name")?;
    let names = &mut inner.ledger.lock().names;
    if !names.contains(name.as_str()) {
        has_room(inner, names.len(), who, NAMES)?;
        names.insert(name.into());
    }
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
            kind_of(arguments.get(1))
        ));
    };
    listen(lua, inner, hook.name(), 0, function, Listeners::OfHooks)?;
    Ok(Vec::new())
}

/// Something that a mod registers: what messages call it, the setting that limits it, and that limit.
type Limited = (&'static str, &'static str, fn(&Limits) -> usize);

const HANDLERS: Limited = ("handlers", "handlers", |limits| limits.handlers);
const HOOKS: Limited = ("hooks", "handlers", |limits| limits.handlers);
const TIMERS: Limited = ("timers and tasks", "timers", |limits| limits.timers);
const EXPORTS: Limited = ("exported functions", "exports", |limits| limits.exports);
const NAMES: Limited = ("registered names", "names", |limits| limits.names);

/// Refuses one more of what the mod has `count` of already, when that is too many.
fn has_room(
    inner: &Inner,
    count: usize,
    who: &str,
    (what, setting, limit_of): Limited,
) -> Result<(), String> {
    let limit = limit_of(&inner.limits);
    if count < limit {
        return Ok(());
    }
    Err(format!(
        "{who}: a mod has at most {limit} {what} (limits.{setting} in lunation.toml); is it registering in a loop?"
    ))
}
