//! The functions behind `mod`, `require`, `print` and the host's namespaces.
//!
//! Each answers `true, results…` or `false, message`; the prelude raises the message at the line of the mod
//! that called. Nothing in here holds the VM, or the VM could not be freed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mlua::{Lua, MultiValue, Table};

use crate::mod_id::ModId;
use crate::problem::{Place, one_line};
use crate::value::Value;

use super::FunctionRef;
use super::host::{Call, HostFunction, HostFunctions, Phase};
use super::ledger::{Handler, Hook, Timer};
use super::outside::{Caller, LogLevel, LogLine, Member};
use super::raw::{RawVm, make_handle, read_handle};
use super::vm::{Inner, load_bytecode};

/// The longest name of an event, timer or export, in bytes.
const NAME_BYTES_MAX: usize = 128;

/// The furthest that a timer can be set, in ticks.
const TICKS_MAX: f64 = 9.0e15;

/// What a native function answers: results, or a message for the mod's author.
type Answer = Result<Vec<mlua::Value>, String>;

/// The table of native functions for one VM.
pub(super) fn native(lua: &Lua, inner: &Arc<Inner>, host: &HostFunctions) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    let add = |name: &str, f: fn(&Lua, &Inner, &Arguments) -> Answer| {
        table.raw_set(name, native_function(lua, inner, f)?)
    };
    add("resolve", resolve)?;
    add("load", load)?;
    add("on", on)?;
    add("off", off)?;
    add("emit", emit)?;
    add("after", |lua, inner, arguments| {
        timer(lua, inner, arguments, "after")
    })?;
    add("every", |lua, inner, arguments| {
        timer(lua, inner, arguments, "every")
    })?;
    add("cancel", cancel)?;
    add("export", export)?;
    add("import", import)?;
    add("member", member)?;
    add("call", call)?;
    add("asset", asset)?;
    add("read_asset", read_asset)?;
    add("hook", hook)?;
    add("log", log)?;
    table.raw_set("host", host_functions(lua, inner, host)?)?;
    let aliases = lua.create_table()?;
    for (path, function) in &host.aliases {
        aliases.raw_set(&**path, *function)?;
    }
    table.raw_set("aliases", aliases)?;
    table.raw_set(
        "namespaces",
        lua.create_sequence_from(host.namespaces.iter().map(|n| n.to_string()))?,
    )?;
    Ok(table)
}

fn native_function(
    lua: &Lua,
    inner: &Arc<Inner>,
    f: impl Fn(&Lua, &Inner, &Arguments) -> Answer + Send + Sync + 'static,
) -> mlua::Result<mlua::Function> {
    let inner = inner.clone();
    lua.create_function(move |lua, values: MultiValue| {
        let (ok, mut results) = match f(lua, &inner, &Arguments(values)) {
            Ok(results) => (true, results),
            Err(message) => (
                false,
                vec![mlua::Value::String(lua.create_string(one_line(&message))?)],
            ),
        };
        results.insert(0, mlua::Value::Boolean(ok));
        Ok(MultiValue::from_vec(results))
    })
}

/// The arguments of a native function, read with messages that name the function.
struct Arguments(MultiValue);

impl Arguments {
    fn get(&self, index: usize) -> &mlua::Value {
        self.0.get(index).unwrap_or(&mlua::Value::Nil)
    }

    fn wrong(&self, index: usize, who: &str, wanted: &str) -> String {
        format!(
            "{who}: argument {} must be {wanted}, not {}",
            index + 1,
            self.get(index).type_name()
        )
    }

    /// A short text, such as the name of an event.
    fn name(&self, index: usize, who: &str, wanted: &str) -> Result<String, String> {
        let mlua::Value::String(text) = self.get(index) else {
            return Err(self.wrong(index, who, wanted));
        };
        let text = text
            .to_str()
            .map_err(|_| format!("{who}: {wanted} must be UTF-8"))?;
        if text.is_empty() || text.len() > NAME_BYTES_MAX {
            return Err(format!(
                "{who}: {wanted} must have 1 to {NAME_BYTES_MAX} bytes"
            ));
        }
        Ok(text.to_owned())
    }

    fn function(&self, index: usize, who: &str) -> Result<&mlua::Function, String> {
        match self.get(index) {
            mlua::Value::Function(function) => Ok(function),
            _ => Err(self.wrong(index, who, "a function")),
        }
    }

    fn number(&self, index: usize) -> Option<f64> {
        match self.get(index) {
            mlua::Value::Integer(n) => Some(*n as f64),
            mlua::Value::Number(n) => Some(*n),
            _ => None,
        }
    }

    fn mod_id(&self, index: usize, who: &str) -> Result<ModId, String> {
        let text = self.name(index, who, "the id of a mod")?;
        text.parse()
            .map_err(|why| format!("{who}: the id \"{text}\" is refused because it {why}"))
    }

    fn values(&self, lua: &Lua, from: usize, who: &str) -> Result<Vec<Value>, String> {
        let read = |value| match read_handle(lua, value) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(why)) => Err(format!("{who}: an argument can't cross because it {why}")),
            Err(_) => Err("not enough memory".into()),
        };
        self.0.iter().skip(from).map(read).collect()
    }
}

fn keep(lua: &Lua, function: &mlua::Function) -> Result<FunctionRef, String> {
    RawVm::keep(lua, function).map_err(|_| "not enough memory".into())
}

fn string(lua: &Lua, text: &[u8]) -> Result<mlua::Value, String> {
    lua.create_string(text)
        .map(mlua::Value::String)
        .map_err(|_| "not enough memory".into())
}

/// Text of an error that came through mlua.
fn memory(_: mlua::Error) -> String {
    "not enough memory".into()
}

fn resolve(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "require", "a module name")?;
    let mut modules = inner.modules.lock();
    // Level 1 is the prelude's `require`, level 2 the chunk that called it.
    let source = lua
        .inspect_stack(2, |debug| debug.source().short_src.map(|s| s.into_owned()))
        .flatten();
    let asker = modules.owner_of_chunk(source.as_deref().unwrap_or_default());
    let found = modules.resolve(&name, &asker)?;
    Ok(vec![string(lua, found.key.as_bytes())?])
}

fn load(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let key = arguments.name(0, "require", "a module name")?;
    let mlua::Value::Table(env) = arguments.get(1) else {
        return Err(arguments.wrong(1, "require", "the environment"));
    };
    let (bytecode, place) = {
        let mut modules = inner.modules.lock();
        let found = modules.resolve(&key, &inner.mod_id)?;
        modules
            .load(&found)
            .map_err(|problem| problem.to_string())?
    };
    let chunk = load_bytecode(lua, env, &bytecode, &place).map_err(memory)?;
    Ok(vec![mlua::Value::Function(chunk)])
}

fn on(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let event = arguments.name(0, "mod.on", "the name of an event")?;
    let function = arguments.function(1, "mod.on")?;
    let priority = match arguments.get(2) {
        mlua::Value::Nil => 0.0,
        mlua::Value::Table(options) => options
            .raw_get::<Option<f64>>("priority")
            .ok()
            .flatten()
            .unwrap_or(0.0),
        _ => return Err(arguments.wrong(2, "mod.on", "a table such as {priority = 10}")),
    };
    let limit = inner.limits.handlers;
    if inner.ledger.lock().handlers.len() >= limit {
        return Err(format!(
            "mod.on: this mod has {limit} handlers already (limits.handlers); is it registering in a loop?"
        ));
    }
    let function = keep(lua, function)?;
    let handle = {
        let mut ledger = inner.ledger.lock();
        ledger.last_handle += 1;
        let handle = ledger.last_handle;
        ledger.handlers.push(Handler {
            handle,
            event: event.into(),
            priority: priority as i32,
            function,
        });
        handle
    };
    inner.changed();
    Ok(vec![mlua::Value::Number(handle as f64)])
}

fn off(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let handle = arguments
        .number(0)
        .ok_or_else(|| arguments.wrong(0, "mod.off", "a handle that mod.on gave"))?;
    let before = {
        let mut ledger = inner.ledger.lock();
        let before = ledger.handlers.len();
        ledger
            .handlers
            .retain(|handler| handler.handle as f64 != handle);
        before != ledger.handlers.len()
    };
    inner.changed();
    Ok(vec![mlua::Value::Boolean(before)])
}

fn emit(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
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
    inner
        .outside
        .emit(&inner.mod_id, &format!("{}:{event}", inner.mod_id), payload)?;
    Ok(Vec::new())
}

fn timer(lua: &Lua, inner: &Inner, arguments: &Arguments, kind: &str) -> Answer {
    let who = format!("mod.{kind}");
    let ticks = arguments.number(0).filter(|n| (1.0..TICKS_MAX).contains(n));
    let ticks =
        ticks.ok_or_else(|| arguments.wrong(0, &who, "a number of ticks, 1 or more"))? as u64;
    let name = arguments.name(1, &who, "the name of the timer")?;
    let function = arguments.function(2, &who)?;
    let limit = inner.limits.handlers;
    let is_new = !inner.ledger.lock().timers.contains_key(name.as_str());
    if is_new && inner.ledger.lock().timers.len() >= limit {
        return Err(format!(
            "{who}: this mod has {limit} timers already (limits.handlers)"
        ));
    }
    let function = keep(lua, function)?;
    let due = inner.outside.tick() + ticks;
    let every = (kind == "every").then_some(ticks);
    inner.ledger.lock().timers.insert(
        name.into(),
        Timer {
            due,
            every,
            function,
        },
    );
    inner.changed();
    Ok(Vec::new())
}

fn cancel(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "mod.cancel", "the name of a timer")?;
    let was_there = inner.ledger.lock().timers.remove(name.as_str()).is_some();
    inner.changed();
    Ok(vec![mlua::Value::Boolean(was_there)])
}

fn export(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::Table(table) = arguments.get(0) else {
        return Err(arguments.wrong(0, "mod.export", "a table of functions"));
    };
    let mut exports = Vec::new();
    for entry in table.pairs::<mlua::Value, mlua::Value>() {
        let (key, value) = entry.map_err(memory)?;
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

fn import(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let id = arguments.mod_id(0, "mod.import")?;
    if !inner.dependencies.contains(&id) {
        return Err(format!(
            "mod.import: {id} is not in [dependencies] of {}'s mod.toml; add `{id} = \"*\"`",
            inner.mod_id
        ));
    }
    Ok(vec![mlua::Value::Boolean(inner.outside.is_present(&id))])
}

fn member(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let id = arguments.mod_id(0, "mod.import")?;
    let mlua::Value::String(name) = arguments.get(1) else {
        return Ok(vec![mlua::Value::Boolean(false)]);
    };
    // A member that is down is told so when it is called, not when it is looked up.
    let is_there = inner
        .outside
        .member(inner.caller(), &id, &name.to_string_lossy())
        != Member::Absent;
    Ok(vec![mlua::Value::Boolean(is_there)])
}

fn call(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let id = arguments.mod_id(0, "mod.import")?;
    let function = arguments.name(1, "mod.import", "the name of a function")?;
    let who = format!("{id}.{function}");
    let values = arguments.values(lua, 2, &who)?;
    let results = inner
        .outside
        .call(inner.caller(), &id, &function, &values)?;
    results
        .iter()
        .map(|value| make_handle(lua, value).map_err(memory))
        .collect()
}

fn asset(_: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::String(path) = arguments.get(0) else {
        return Err(arguments.wrong(
            0,
            "mod.asset",
            "the path of a file, such as \"assets/icon.png\"",
        ));
    };
    let view = inner
        .assets
        .lock()
        .get(path.to_string_lossy().as_str())
        .copied();
    Ok(view.map_or(vec![mlua::Value::Nil], |view| {
        vec![
            mlua::Value::Number(view.version as f64),
            mlua::Value::Number(view.size as f64),
        ]
    }))
}

fn read_asset(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let mlua::Value::String(path) = arguments.get(0) else {
        return Err("read: call it with a colon, `asset:read()`".into());
    };
    let path = path.to_string_lossy();
    if !inner.assets.lock().contains_key(path.as_str()) {
        return Err(format!("the asset {path} is not there any more"));
    }
    let content = inner.outside.read_asset(&inner.mod_id, &path)?;
    Ok(vec![string(lua, &content)?])
}

fn hook(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let name = arguments.name(0, "mod", "a hook")?;
    let who = format!("mod.{name}");
    let hook = Hook::ALL
        .into_iter()
        .find(|hook| hook.name() == name)
        .ok_or("no such hook")?;
    let mlua::Value::Function(function) = arguments.get(1) else {
        return Err(format!(
            "{who}: argument 1 must be a function, not {}",
            arguments.get(1).type_name()
        ));
    };
    if inner.ledger.lock().hooks.len() >= inner.limits.handlers {
        return Err(format!(
            "{who}: this mod has {} hooks already (limits.handlers)",
            inner.limits.handlers
        ));
    }
    let function = keep(lua, function)?;
    inner.ledger.lock().hooks.push((hook, function));
    Ok(Vec::new())
}

fn log(lua: &Lua, inner: &Inner, arguments: &Arguments) -> Answer {
    let level = match arguments.get(0) {
        mlua::Value::String(level) if level == "debug" => LogLevel::Debug,
        mlua::Value::String(level) if level == "warn" => LogLevel::Warn,
        mlua::Value::String(level) if level == "error" => LogLevel::Error,
        _ => LogLevel::Info,
    };
    let mlua::Value::String(text) = arguments.get(1) else {
        return Ok(Vec::new());
    };
    // Level 1 is the prelude's function, level 2 the mod's line.
    let place = lua.inspect_stack(2, |debug| {
        let file = debug.source().short_src?.into_owned();
        Some(Place {
            file: file.into(),
            line: debug.current_line().and_then(|n| n.try_into().ok()),
            column: None,
        })
    });
    let text = one_line(&text.to_string_lossy());
    inner.outside.log(LogLine {
        mod_id: inner.mod_id.clone(),
        level,
        text,
        place: place.flatten(),
    });
    Ok(Vec::new())
}

fn host_functions(lua: &Lua, inner: &Arc<Inner>, host: &HostFunctions) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (path, function) in &host.functions {
        let (name, function) = (path.clone(), function.clone());
        let native = native_function(lua, inner, move |lua, inner, arguments| {
            call_host(lua, inner, arguments, &name, &function)
        })?;
        table.raw_set(&**path, native)?;
    }
    Ok(table)
}

fn call_host(
    lua: &Lua,
    inner: &Inner,
    arguments: &Arguments,
    name: &str,
    function: &HostFunction,
) -> Answer {
    if let Some(capability) = function
        .capability
        .as_deref()
        .filter(|c| !inner.capabilities.contains(*c))
    {
        return Err(format!(
            "{name} needs the capability \"{capability}\": add it to [capabilities] required in mod.toml, and the game must grant it"
        ));
    }
    if function.phase == Phase::Runtime {
        inner.must_run(name)?;
    }
    let values = arguments.values(lua, 0, name)?;
    let mut call = Call {
        mod_id: &inner.mod_id,
        generation: inner.generation,
        lent: inner.outside.lent(),
    };
    let result = catch_unwind(AssertUnwindSafe(|| (function.body)(&mut call, &values)));
    let value = match result {
        Ok(Ok(value)) => value,
        Ok(Err(error)) => return Err(format!("{name}: {}", error.0)),
        Err(_) => {
            return Err(format!(
                "{name} failed inside the game (it panicked); tell the game's makers"
            ));
        }
    };
    if value.is_nil() {
        Ok(Vec::new())
    } else {
        Ok(vec![make_handle(lua, &value).map_err(memory)?])
    }
}

impl Inner {
    /// Refuses effects while the VM is staged.
    fn must_run(&self, who: &str) -> Result<(), String> {
        if self.is_running.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(format!(
            "{who} changes the game and can't be used while the mod loads; call it from a handler, such as mod.on(\"mod_loaded\", …)"
        ))
    }

    fn caller(&self) -> Caller<'_> {
        Caller {
            mod_id: &self.mod_id,
            is_staged: !self.is_running.load(Ordering::Acquire),
        }
    }

    fn changed(&self) {
        if self.is_running.load(Ordering::Acquire) {
            self.outside.registrations_changed(&self.mod_id);
        }
    }
}
